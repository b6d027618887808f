"""Links in running text, as Telegram's clients highlight them, and what they overlook.

Handles are taken as Telegram takes them, but not the beginning of a longer name (`@ivan.petrov` is of another network).
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from bot.links import platforms, telegram
from bot.links.addresses import PATH, addresses
from bot.links.link import Link
from bot.links.reading import canonical

_SHORT_TEXT = 200
_HANDLE = re.compile(r"(?<![\w@])@[A-Za-z0-9_]{3,32}(?!\w|@|\.[A-Za-z0-9])")
_Place = tuple[int, int, Link | None]


def find(text: str) -> list[Link]:
    """All links and @handles in a text, in order, each resource once. Never raises; linear in time."""
    whole = telegram.plain(text.strip()) if len(text) < _SHORT_TEXT else None
    if whole is not None:
        return [whole]
    if "." not in text and "@" not in text and ":" not in text:
        return []
    places = list(_app_links(text))
    rest = _without(text, places)
    places += addresses(rest)
    places += (
        (found.start(), found.end(), telegram.handle(found[0])) for found in _HANDLE.finditer(_without(text, places))
    )
    places.sort(key=lambda place: place[0])
    return list(dict.fromkeys(link for _, _, link in places if link is not None))


def find_all(texts: Iterable[str], hrefs: Iterable[str] = ()) -> list[Link]:
    """The links of several texts, then those of exact addresses (behind words, on buttons), each resource once."""
    found: dict[Link, None] = {}
    for text in texts:
        found.update(dict.fromkeys(find(text)))
    found.update(dict.fromkeys(link for link in map(canonical, hrefs) if link is not None))
    return list(found)


def _app_links(text: str) -> Iterator[_Place]:
    for found in _app_link().finditer(text) if ":" in text else ():
        link = canonical(found[0].rstrip(".:;,('?!`)"))
        if link is not None:
            yield found.start(), found.end(), link


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
