"""Links of map services: is it one, and which point does it name?

The pin that a link names goes before the middle of the view; an address or a name without coordinates, and short links,
need the network: None.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

Pair = tuple[float, float]
"""Latitude and longitude in degrees, as the link has them (maybe out of range)."""

_NUMBER = r"([+-]?\d{1,3}(?:\.\d{1,20})?)"
_PAIR = re.compile(rf"{_NUMBER}[,; ]\s?{_NUMBER}(?![\d.])")
_URL = re.compile(r"(?:https?://)?(?=[a-z0-9.-]{4,253}[/?])[^\s<>\"«»]{4,2000}", re.IGNORECASE)
_GOOGLE = re.compile(r"(?:(?:www|maps|m)\.)?google\.(?:com?\.)?[a-z]{2,3}")
_YANDEX = re.compile(r"(?:(?:www|maps|m|n\.maps)\.)?yandex\.(?:com?\.)?[a-z]{2,3}|ya\.ru")
_2GIS = re.compile(r"(?:[a-z0-9-]+\.)?2gis\.(?:com|[a-z]{2})")
_SHORT = re.compile(
    r"maps\.app\.goo\.gl/.|goo\.gl/maps/|g\.co/maps|go\.2gis\.com/|maps\.apple/p/|maps\.apple\.com/p/|waze\.com/ul/h"
)
_NAMED = re.compile(r"google|goo\.gl|g\.co|yandex|ya\.ru|2gis|apple|osm\.org|openstreetmap|waze")
"""What stands in every link of these services, once it is folded: looking whatever the case takes ten times as long.

Most links are none, and are not taken to pieces.
"""
_GOOGLE_PIN = re.compile(rf"!3d{_NUMBER}!4d{_NUMBER}")
_GOOGLE_END = re.compile(rf"!1d{_NUMBER}!2d{_NUMBER}")
_SHORT_LINK_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_~"


@dataclass(frozen=True, slots=True)
class _Map:
    """A link in pieces: `host` without `www.`, `path` and arguments decoded, `fragment` without `#`."""

    host: str
    path: str
    args: dict[str, str]
    fragment: str

    def first(self, *names: str, east_first: bool = False) -> Pair | None:
        """The first of these arguments that is a pair of numbers."""
        for name in names:
            pair = _pair(self.args.get(name, ""), east_first=east_first)
            if pair:
                return pair
        return None


def map_link(text: str) -> str | None:
    """The first link of a map service in a text, as it stands there, or None."""
    if not _NAMED.search(text.casefold()):
        return None
    return next((url for url in _URL.findall(text[:4096]) if _service(url)), None)


def read_map(url: str) -> Pair | None:
    """Latitude and longitude that a link of a map service names, or None if only the network would tell."""
    service = _service(url)
    return service[0](service[1]) if service else None


def typed_place(url: str) -> str:
    """The words that a link of Google's map looks for: they may be coordinates in degrees, minutes and seconds."""
    named = re.search(r"/(?:place|search)/([^/@?]+)|[?&]q=([^&#]+)", url)
    return unquote((named[1] or named[2]).replace("+", " ")) if named else ""


def _service(url: str) -> tuple[Callable[[_Map], Pair | None], _Map] | None:
    if not _NAMED.search(url.casefold()):
        return None
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        host = (parts.hostname or "").removeprefix("www.")
        args = dict(parse_qsl(parts.query, keep_blank_values=True)[::-1])  # the first of several counts
    except ValueError:
        return None
    seen = _Map(host, unquote(parts.path), args, unquote(parts.fragment))
    in_maps = host.startswith(("maps.", "n.maps.")) or re.match(r"/(?:[a-z]{2}/)?(?:web-)?maps(?:/|$)", seen.path)
    if _SHORT.match(host + parts.path):
        return (lambda _: None), seen
    if _GOOGLE.fullmatch(host):
        return (_google, seen) if in_maps else None
    if _YANDEX.fullmatch(host):
        return (_yandex, seen) if in_maps else None
    if _2GIS.fullmatch(host):
        return _2gis, seen
    return (_OTHERS[host], seen) if host in _OTHERS else None


def _google(seen: _Map) -> Pair | None:
    pins = _GOOGLE_PIN.findall(seen.path) or [(lat, lon) for lon, lat in _GOOGLE_END.findall(seen.path)]
    if pins:
        return float(pins[-1][0]), float(pins[-1][1])
    named = seen.first("q", "query", "destination", "daddr")
    if named:
        return named
    before, _, view = seen.path.partition("/@")
    for segment in reversed(before.split("/")):  # of a route, where it ends
        pair = _pair(segment.replace("+", " "), whole=True)
        if pair:
            return pair
    return _pair(view) or seen.first("ll", "center", "cbll", "viewpoint", "sll")


def _yandex(seen: _Map) -> Pair | None:
    pin = seen.first("whatshere[point]", "poi[point]", "pt", east_first=True)
    if pin:
        return pin
    stops = [_pair(stop) for stop in seen.args.get("rtext", "").split("~")]
    if stops and stops[-1]:
        return stops[-1]
    return seen.first("text") or seen.first("ll", "sll", east_first=True)


def _2gis(seen: _Map) -> Pair | None:
    for piece in re.findall(r"/(?:geo|firm|to|points)/([^?]*)", seen.path)[-1:]:
        pairs = [_pair(part, east_first=True) for part in re.split(r"[/|]", piece)]
        pairs = [pair for pair in pairs if pair]
        if pairs:
            return pairs[-1]
    center = re.search(r"center/([^/]+)", seen.path + "/" + seen.args.get("queryState", ""))
    return seen.first("m", east_first=True) or (_pair(center[1], east_first=True) if center else None)


def _apple(seen: _Map) -> Pair | None:
    return seen.first("coordinate", "daddr", "q", "ll", "address", "center", "sll", "near")


def _osm(seen: _Map) -> Pair | None:
    if seen.path.startswith("/go/"):
        return _short_osm(seen.path.split("/")[2])
    for north, east in (("mlat", "mlon"), ("lat", "lon")):
        pair = _pair(f"{seen.args.get(north, '')},{seen.args.get(east, '')}", whole=True)
        if pair:
            return pair
    stop = _pair(seen.args.get("route", "").split(";")[-1]) or seen.first("to")
    view = re.search(rf"map=\d+(?:\.\d+)?/{_NUMBER}/{_NUMBER}", seen.fragment)
    return stop or ((float(view[1]), float(view[2])) if view else None)


def _short_osm(code: str) -> Pair | None:
    """Short links of OpenStreetMap say the place: each letter is three bits of longitude and latitude, in turn.

    Source: openstreetmap-website, `lib/short_link.rb`. Hyphens and `=` at the end only say the zoom.
    """
    letters = code.replace("@", "~").rstrip("-=")
    if not letters or len(letters) > 10 or any(letter not in _SHORT_LINK_LETTERS for letter in letters):
        return None
    east = north = 0
    for letter in letters:
        bits = _SHORT_LINK_LETTERS.index(letter)
        for shift in (5, 3, 1):
            east = east << 1 | bits >> shift & 1
            north = north << 1 | bits >> (shift - 1) & 1
    steps = 2 ** (3 * len(letters))
    return north * 180 / steps - 90, east * 360 / steps - 180


def _waze(seen: _Map) -> Pair | None:
    return seen.first("ll", "latlng") or _pair(seen.args.get("to", "").removeprefix("ll."))


def _pair(text: str, *, east_first: bool = False, whole: bool = False) -> Pair | None:
    """`42.9,71.3`, also after `loc:` and before a name in brackets."""
    text = text.strip().removeprefix("loc:")
    found = _PAIR.fullmatch(text) if whole else _PAIR.match(text)
    if found is None:
        return None
    first, second = float(found[1]), float(found[2])
    return (second, first) if east_first else (first, second)


_OTHERS: dict[str, Callable[[_Map], Pair | None]] = {
    "maps.apple.com": _apple,
    "openstreetmap.org": _osm,
    "osm.org": _osm,
    "waze.com": _waze,
    "ul.waze.com": _waze,
}
