"""Links in running text, as Telegram's clients highlight them, and what they overlook.

Handles are taken as Telegram takes them, but not the beginning of a longer name (`@ivan.petrov` is of another network).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

from bot.links import guessing, platforms, telegram
from bot.links.addresses import PATH, addresses
from bot.links.handles import named_handles
from bot.links.link import Link
from bot.links.reading import canonical

_SHORT_TEXT = 200
_HANDLE = re.compile(r"(?<![\w@])@[A-Za-z0-9_]{3,32}(?!\w|@|\.[A-Za-z0-9])")
# What no client highlights and any browser opens: a slash is missing, the host is escaped (`https://t%2Eme/name`).
_OF_BROWSERS = re.compile(
    r"\bhttps?:/(?:(?=[^/\s])|/(?=[^\s/?#@<>\"\[]{0,250}%[0-9A-F]{2}))[^\s@<>\"«»]{1,4096}", re.IGNORECASE
)
_BAD_ENDS = ".:;,('?!`)"
_Place = tuple[int, int, Link | None]


def find(text: str) -> list[Link]:
    """All links and @handles in a text, in order, each resource once; then those that are only `guessed`.

    Never raises; linear in time.
    """
    whole = telegram.plain(text.strip()) if len(text) < _SHORT_TEXT else None
    if whole is not None:
        return [whole]
    mended = guessing.mended(text)
    found, rest = _found(mended)
    if mended != text:
        plainly = set(_found(text)[0])
        found = [link if link in plainly else replace(link, guessed=True) for link in found]
    undisguised = guessing.undisguised(rest)
    if undisguised != rest:
        found += [replace(link, guessed=True) for link in _found(undisguised)[0]]
    imitated = (canonical(address.rstrip(".?")) for address in guessing.imitated(mended))
    found += [replace(link, guessed=True) for link in imitated if link is not None]
    return _each_once(found)


def find_all(texts: Iterable[str], hrefs: Iterable[str] = ()) -> list[Link]:
    """The links of several texts, then those of exact addresses (behind words, on buttons), each resource once."""
    found = [link for text in texts for link in find(text)]
    return _each_once([*found, *(link for link in map(canonical, hrefs) if link is not None)])


def _each_once(links: list[Link]) -> list[Link]:
    """Each resource once: as sure as it was read anywhere, the sure ones first."""
    sure = [link for link in links if not link.guessed]
    return list(dict.fromkeys([*sure, *links]))


def _found(text: str) -> tuple[list[Link], str]:
    """The links of a text as they stand, those of handles named by their network guessed; and what is left of it."""
    places: list[_Place] = list(_app_links(text)) if ":" in text else []
    rest = _without(text, places)
    named: list[_Place] = [(start, end, replace(link, guessed=True)) for start, end, link in named_handles(rest)]
    if "." in text:
        places += _unless_named(addresses(rest), named)
    rest = _without(text, places)
    places += [place for place in named if rest[place[0]] == text[place[0]]]  # not what stands inside an address
    rest = _without(text, places)
    places += ((found.start(), found.end(), telegram.handle(found[0])) for found in _HANDLE.finditer(rest))
    places.sort(key=lambda place: place[0])
    return [link for _, _, link in places if link is not None], _without(text, places)


def _unless_named(places: Iterable[_Place], named: list[_Place]) -> Iterator[_Place]:
    """Addresses; one that may as well be the handle beside its network's name («инста name.shop») is a guess too."""
    starts = {end: start for start, end, _ in named}
    for start, end, link in places:
        yield start, end, replace(link, guessed=True) if link and starts.get(end, end) < start else link


def _app_links(text: str) -> Iterator[_Place]:
    for found in _app_link().finditer(text):
        link = canonical(found[0].rstrip(_BAD_ENDS))
        if link is not None:
            yield found.start(), found.end(), link
    for found in _OF_BROWSERS.finditer(text):
        yield found.start(), found.end(), canonical(found[0].rstrip(_BAD_ENDS))


@cache
def _app_link() -> re.Pattern[str]:
    """`tg://…`, `viber://…`; Telegram also opens `tg:resolve?…`."""
    schemes = "|".join(re.escape(scheme) for scheme in sorted(platforms.app_schemes(), reverse=True))
    path = rf"[A-Za-z0-9_.\-]{{1,253}}(?:{PATH})?"
    return re.compile(rf"(?i:tg:(?://)?|\b(?:{schemes})://){path}")


def _without(text: str, places: list[_Place]) -> str:
    """The text with what is found already blotted out (and every position as it was)."""
    pieces, end = [], 0
    for start, stop, _ in sorted(places, key=lambda place: place[0]):
        pieces += [text[end:start], "/" * (stop - max(start, end))]
        end = max(end, stop)
    return "".join([*pieces, text[end:]])
