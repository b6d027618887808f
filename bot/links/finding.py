"""Links in running text, as Telegram's clients highlight them, and what they overlook.

Handles are taken as Telegram takes them, but not the beginning of a longer name (`@ivan.petrov` is of another network).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

from bot.links import guessing, platforms, telegram
from bot.links.addresses import PATH, addresses, without_signs
from bot.links.handles import named_handles
from bot.links.link import Link
from bot.links.reading import canonical
from bot.links.traced import Traced

_SHORT_TEXT = 200
_HANDLE = re.compile(r"(?<![\w@])@[A-Za-z0-9_]{3,32}(?!\w|@|\.[A-Za-z0-9])")
# What no client highlights and any browser opens: a slash is missing, the host is escaped (`https://t%2Eme/name`).
_OF_BROWSERS = re.compile(
    r"\bhttps?:/(?:(?=[^/\s])|/(?=[^\s/?#@<>\"\[]{0,250}%[0-9A-F]{2}))[^\s@<>\"«»]{1,4096}", re.IGNORECASE
)
_ASCII = re.compile(r"[\x00-\x7f]*")
_BAD_ENDS = ".:;,('?!`)"
_Place = tuple[int, int, Link | None]
Place = tuple[int, int, Link]
"""Where a link stands in a text, from and to before, and the link."""


def find(text: str) -> list[Link]:
    """All links and @handles in a text, in order, each resource once; then those that are only `guessed`.

    Never raises; linear in time.
    """
    return each_once([link for _, _, link in places(text)])


def places(text: str) -> list[Place]:
    """Where in a text its links stand, those read plainly first: every time that a link is there, not once each."""
    whole = telegram.plain(text.strip()) if len(text) < _SHORT_TEXT else None
    if whole is not None:
        start = len(text) - len(text.lstrip())
        return [(start, start + len(text.strip()), whole)]
    mended = guessing.mended(Traced(text))
    found, rest = _found(mended.text)
    if mended.text != text:
        plainly = {link for _, _, link in _found(text)[0]}
        found = [place if place[2] in plainly else _guess(place) for place in found]
    found = [(*mended.span(start, end), link) for start, end, link in found]
    undisguised = guessing.undisguised(mended.blotted(rest))
    if undisguised.text != rest:
        found += [
            (*undisguised.span(start, end), replace(link, guessed=True))
            for start, end, link in _found(undisguised.text)[0]
        ]
    for start, end, address in guessing.imitated(mended.text):
        link = canonical(address)
        if link is not None:
            found.append((*mended.span(start, end), replace(link, guessed=True)))
    return found


def _guess(place: Place) -> Place:
    start, end, link = place
    return start, end, replace(link, guessed=True)


def find_all(texts: Iterable[str], hrefs: Iterable[str] = ()) -> list[Link]:
    """The links of several texts, then those of exact addresses (behind words, on buttons), each resource once."""
    found = [link for text in texts for link in find(text)]
    return each_once([*found, *(link for link in map(canonical, hrefs) if link is not None)])


def each_once(links: list[Link]) -> list[Link]:
    """Each resource once: as sure as it was read anywhere, the sure ones first."""
    sure = [link for link in links if not link.guessed]
    return list(dict.fromkeys([*sure, *links]))


def _found(text: str) -> tuple[list[Place], str]:
    """The links of a text as they stand, those of handles named by their network guessed; and what is left of it."""
    spots: list[_Place] = list(_app_links(text)) if ":" in text else []
    rest = _without(text, spots)
    named: list[_Place] = [(start, end, replace(link, guessed=True)) for start, end, link in named_handles(rest)]
    if "." in text:
        spots += _unless_named(addresses(rest), named)
    rest = _without(text, spots)
    # not what stands inside an address
    spots += [(start, end, link) for start, end, link in named if rest[start:end] == text[start:end]]
    rest = _without(text, spots)
    spots += ((found.start(), found.end(), telegram.handle(found[0])) for found in _HANDLE.finditer(rest))
    spots.sort(key=lambda spot: spot[0])
    return [(start, end, link) for start, end, link in spots if link is not None], _without(text, spots)


def _unless_named(spots: Iterable[_Place], named: list[_Place]) -> Iterator[_Place]:
    """Addresses, but for what is a handle beside its network's name: «инста: name.shop» is one thing."""
    starts = {end: start for start, closed, _ in named for end in (closed, closed - 1)}  # a quote may close it
    for start, end, link in spots:
        if starts.get(end, end) >= start:
            yield start, end, link


def _app_links(text: str) -> Iterator[_Place]:
    for found in _app_link().finditer(text):
        address = without_signs(found[0].rstrip(_BAD_ENDS))
        link = canonical(address)
        if link is None and not address.isascii():
            address = _ASCII.match(address)[0]  # type: ignore[index]
            link = canonical(address)
        if link is not None:
            yield found.start(), found.start() + len(address), link
    for found in _OF_BROWSERS.finditer(text):
        address = found[0].rstrip(_BAD_ENDS)
        yield found.start(), found.start() + len(address), canonical(address)


@cache
def _app_link() -> re.Pattern[str]:
    """`tg://…`, `viber://…`; Telegram also opens `tg:resolve?…`."""
    schemes = "|".join(re.escape(scheme) for scheme in sorted(platforms.app_schemes(), reverse=True))
    path = rf"[A-Za-z0-9_.\-]{{1,253}}(?:{PATH})?"
    return re.compile(rf"(?i:tg:/{{0,3}}|\b(?:{schemes})://){path}")


def _without(text: str, spots: list[_Place]) -> str:
    """The text with what is found already blotted out (and every position as it was)."""
    pieces, end = [], 0
    for start, stop, _ in sorted(spots, key=lambda spot: spot[0]):
        pieces += [text[end:start], "/" * (stop - max(start, end))]
        end = max(end, stop)
    return "".join([*pieces, text[end:]])
