"""Coordinates as people type them, and the map links they send instead.

Notations: decimal degrees (with point or comma), degrees and minutes, degrees, minutes and seconds, with letters or
words for the hemisphere in Russian, Kazakh and English, and `geo:` addresses (RFC 5870).
"""

import re
from dataclasses import dataclass

from bot.areas.geometry import KAZAKHSTAN
from bot.links.maps import map_link, read_map, typed_place


class PointOutOfRange(ValueError):
    """Latitude is from -90 to 90 and longitude from -180 to 180 degrees, minutes and seconds are below 60."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place: WGS 84 degrees, kept to six decimals (about 10 cm). Raises PointOutOfRange."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise PointOutOfRange
        object.__setattr__(self, "latitude", round(self.latitude, 6) + 0.0)  # + 0.0: no minus zero
        object.__setattr__(self, "longitude", round(self.longitude, 6) + 0.0)

    def __str__(self) -> str:
        """As it is typed into any map: `42.900000, 71.366600`."""
        return f"{self.latitude:.6f}, {self.longitude:.6f}"


@dataclass(frozen=True, slots=True)
class ShortMapLink:
    """A map link that says its place only to who opens it: kept as text."""

    url: str


def in_kazakhstan(point: Point) -> bool:
    """Whether a point lies in the country's bounding box (parts of its neighbours do, too)."""
    return _is_inside(point.latitude, point.longitude)


def is_map_link(text: str) -> bool:
    """Whether the text is or has a link of a map service: then it names a place, not a resource."""
    return map_link(text) is not None


def read_map_link(text: str) -> Point | ShortMapLink | None:
    """The place that the first map link in a text names; None: there is no map link. Raises PointOutOfRange."""
    url = map_link(text)
    if url is None:
        return None
    point = read_point(place) if "°" in (place := typed_place(url)) else None
    if point is not None:
        return point
    pair = read_map(url)
    return Point(*pair) if pair else ShortMapLink(url)


def read_point(text: str) -> Point | None:
    """The point whose coordinates a text is or has; None: no coordinates. Raises PointOutOfRange.

    Without letters the order is latitude, longitude; if only the other order lies in Kazakhstan, it is that. Numbers
    that may be anything (prices, flats, hours) count only if they lie in Kazakhstan.
    """
    if not _TWO_NUMBERS.search(text):
        return None
    text = _LABEL.sub("", _SPACES.sub(" ", text[:4096].translate(_SAME)).strip(" .()[]{}"))
    if geo := _GEO.match(text):
        inside = _GEO_QUERY.search(text) or geo
        return Point(float(inside[1]), float(inside[2]))
    if bare := _BARE.fullmatch(text):
        first, between, second = (group for group in bare.groups() if group is not None)
        if not between.strip() and not _decimals(first + second):
            return None  # «42 71» is a house and a flat
        sure = min(_decimals(first), _decimals(second)) >= (1 if between.strip() and "," not in first else 3)
        return _in_order(_number(first), _number(second), sure=sure)
    for pattern in (_LETTERS_BEFORE, _LETTERS_AFTER):
        if (marked := pattern.search(text)) and (point := _from_marks(marked, whole=marked[0] == text)):
            return point
    if within := _WITHIN.search(text):
        first, second = (group for group in within.groups() if group is not None)
        return _in_order(_number(first), _number(second), sure=True)
    return None


_SAME = {
    ord(char): same
    for chars, same in (("′’‘`´ʹʼ", "'"), ("″”“„˝", '"'), ("º˚", "°"), ("−–—", "-"), ("\u00a0", " "))
    for char in chars
}
_TWO_NUMBERS = re.compile(r"\d\D+\d")
_SPACES = re.compile(r"\s+")
_LABEL = re.compile(r"(?i)^(?:координат\w{0,4}|gps|coordinates|точка)[ :=-]{0,3}")
_GEO = re.compile(r"(?i)geo:(-?\d{1,3}(?:\.\d{1,17})?),(-?\d{1,3}(?:\.\d{1,17})?)(?![\d.])")
_GEO_QUERY = re.compile(r"[?&]q=(-?\d{1,3}\.\d{1,17}),(-?\d{1,3}\.\d{1,17})")
_POINTED, _COMMAED = r"[+-]?\d{1,3}(?:\.\d{1,17})?", r"[+-]?\d{1,3},\d{1,17}"
_BARE = re.compile(rf"({_POINTED})( ?[,;/|] ?| )({_POINTED})|({_COMMAED})( ?[;/|] ?|,? )({_COMMAED})")
_WITHIN = re.compile(
    r"(?<![\w.,])([+-]?\d{1,3}\.\d{3,17})(?: ?[,;] ?| )([+-]?\d{1,3}\.\d{3,17})(?![\d.]*\d)"
    r"|(?<![\w.,])([+-]?\d{1,3},\d{4,17})(?: ?; ?|,? )([+-]?\d{1,3},\d{4,17})(?![\d,]*\d)"
)
# What says which number it is: (north or east, south or west) for latitude and for longitude.
_LATITUDE = (
    r"с\.? ?ш\b\.?|с\.? ?е\b\.?|северн\w{2,3} широт\w|солтүстік ендік\w{0,4}|n(?:orth)?|с"
    r"|lat(?:itude)?|широта|ендік",
    r"ю\.? ?ш\b\.?|о\.? ?е\b\.?|южн\w{2,3} широт\w|оңтүстік ендік\w{0,4}|s(?:outh)?|ю",
)
_LONGITUDE = (
    r"в\.? ?д\b\.?|ш\.? ?б\b\.?|восточн\w{2,3} долгот\w|шығыс бойлық\w{0,4}|e(?:ast)?|в"
    r"|lon(?:g(?:itude)?)?|lng|долгота|бойлық",
    r"з\.? ?д\b\.?|б\.? ?б\b\.?|западн\w{2,3} долгот\w|батыс бойлық\w{0,4}|w(?:est)?|з",
)
_MARKS = "|".join((*_LATITUDE, *_LONGITUDE))


def _value(index: int) -> str:
    """A pattern for degrees, perhaps with minutes and seconds."""
    return (
        rf"(?P<minus{index}>-?)\+?(?P<degrees{index}>\d{{1,3}}(?P<tenths{index}>[.,]\d{{1,17}})?)"
        rf"(?P<sign{index}> ?(?:°|градус\w{{0,3}}|град\.?|deg))?"
        # what has a fraction has nothing below it
        rf"(?(tenths{index})|(?: ?(?P<minutes{index}>\d{{1,2}}(?P<parts{index}>[.,]\d{{1,15}})?)(?! ?°)"
        rf" ?(?:'(?!')|минут\w?|мин\.?)?"
        rf"(?(parts{index})|(?: ?(?P<seconds{index}>\d{{1,2}}(?:[.,]\d{{1,12}})?) ?(?:\"|''|секунд\w?|сек\.?)?)?))?)"
    )


_BETWEEN = r"(?: ?[,;/] ?| )?"
_LETTERS_BEFORE = re.compile(
    rf"(?i)(?<!\w)(?P<mark1>{_MARKS})[ :=]{{0,3}}{_value(1)}{_BETWEEN}"
    rf"(?P<mark2>{_MARKS})[ :=]{{0,3}}{_value(2)}(?!\w)"
)
_LETTERS_AFTER = re.compile(
    rf"(?i)(?<![\w.,]){_value(1)}(?: ?(?P<mark1>{_MARKS})(?!\w))?{_BETWEEN}{_value(2)}(?: ?(?P<mark2>{_MARKS}))?(?!\w)"
)


def _from_marks(found: re.Match[str], *, whole: bool) -> Point | None:
    """The point of two numbers with degree signs or letters; `whole`: there are no other words around them."""
    part = found.groupdict()
    values, axes = [], []
    for index in "12":
        mark = part[f"mark{index}"] or ""
        if not mark and not part[f"sign{index}"]:
            return None
        south = any(re.fullmatch(pattern, mark, re.IGNORECASE) for pattern in (_LATITUDE[1], _LONGITUDE[1]))
        value = _degrees(part, index)
        values.append(-value if south or part[f"minus{index}"] else value)
        axes.append(next((axis for axis in (_LATITUDE, _LONGITUDE) if _is_mark(axis, mark)), None))
    exact = "°" in found[0] or all(_decimals(part[f"degrees{index}"]) > 2 for index in "12")
    if axes[0] and axes[0] is axes[1]:
        return None
    if not any(axes):
        return _in_order(values[0], values[1], sure=exact)
    if axes[0] is _LONGITUDE or axes[1] is _LATITUDE:
        values.reverse()
    # «в 5 с 10» are letters, too: one-letter words of Russian need a degree sign or many digits, or to lie here
    clear = exact or (whole and (found[0].isascii() or bool(part["minutes1"])))
    return Point(*values) if clear or (whole and _is_inside(*values)) else None


def _degrees(part: dict[str, str | None], index: str) -> float:
    degrees, minutes, seconds = (_number(part[f"{name}{index}"] or "0") for name in ("degrees", "minutes", "seconds"))
    if minutes >= 60 or seconds >= 60:
        raise PointOutOfRange
    return degrees + minutes / 60 + seconds / 3600


def _is_mark(axis: tuple[str, str], mark: str) -> bool:
    return any(re.fullmatch(pattern, mark, re.IGNORECASE) for pattern in axis)


def _in_order(first: float, second: float, *, sure: bool) -> Point | None:
    """Latitude and longitude, or the other way round if only so it lies in Kazakhstan."""
    if not _is_inside(first, second) and _is_inside(second, first):
        first, second = second, first
    is_nowhere = abs(first) > 90 and abs(second) > 180
    return Point(first, second) if sure or is_nowhere or _is_inside(first, second) else None


def _is_inside(latitude: float, longitude: float) -> bool:
    south, north, west, east = KAZAKHSTAN
    return south <= latitude <= north and west <= longitude <= east


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _decimals(text: str) -> int:
    return len(text.replace(",", ".").partition(".")[2])
