"""Links among the lines that a program read off a wall: it overlooks thin strokes, and tears lines in two."""

import re
from collections.abc import Iterator, Sequence

from bot.links.finding import find
from bot.links.link import Link

_SHORT = 200
_AT_ALONE = re.compile(r"@ +(?=[A-Za-z])")
_TELEGRAM = re.compile(r"^[TТ][FГTТ](?= ?[:.\-])", re.MULTILINE)  # «ТГ:», by who knows only Latin letters
# `name_shop` whose low line was not seen.
_TORN = re.compile(r"([@/:] ?[A-Za-z][A-Za-z0-9_.]*[A-Za-z0-9]) ([A-Za-z0-9_]{1,30})$", re.MULTILINE)


def painted_links(lines: Sequence[str]) -> list[Link]:
    """What the lines name as they stand, else what may have been meant; a name with its second half if it has one."""
    found = list[Link]()
    for text in _readings(lines):
        links = find(text)
        found = [_whole(link, links) for link in found] or links
    return found


def _whole(link: Link, others: list[Link]) -> Link:
    return next((other for other in others if other.url.startswith(f"{link.url}_")), link)


def _readings(lines: Sequence[str]) -> Iterator[str]:
    text = "\n".join(lines)
    yield text
    closed = _TELEGRAM.sub("TG", _AT_ALONE.sub("@", text))
    beside = " ".join(closed.split("\n"))
    for whole in (closed, beside) if len(beside) <= _SHORT else (closed,):
        yield whole
        yield _TORN.sub(r"\1_\2", whole)
