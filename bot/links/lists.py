"""Files with lists of links (.txt, .csv), as people export them from anywhere."""

import codecs
import re
from dataclasses import dataclass

from bot.links.finding import find
from bot.links.link import Link

MAX_LINES = 1000
_CELLS = re.compile(r"[;,\t|]|\s+")
_WORD = re.compile(r"[^\W\d_]{2}")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class EmptyList(Exception):
    """The file has no text in it."""


class UnreadableList(Exception):
    """The file is not a text: it is binary, or in an encoding that is not UTF-8, UTF-16 or Windows-1251."""


@dataclass(frozen=True, slots=True)
class ListFile:
    """What a list holds: its links, each once, and how many of its lines were read, were too many, or had no link."""

    links: tuple[Link, ...]
    lines_read: int
    lines_skipped: int
    lines_without_link: int


def read_list(data: bytes) -> ListFile:
    """Read a list, at most 1,000 lines with something in them. Raises EmptyList, UnreadableList."""
    text = decoded(data)
    lines = [line for line in text.splitlines() if line.strip(" \t;,\"'")]
    if not lines:
        raise EmptyList
    links: dict[Link, None] = {}
    without = 0
    for line in lines[:MAX_LINES]:
        found = links_of(line)
        links.update(dict.fromkeys(found))
        without += not found
    read = min(len(lines), MAX_LINES)
    return ListFile(tuple(links), read, len(lines) - read, without)


def links_of(line: str) -> list[Link]:
    """Give the links of a line, each once: a separator glued to an address (`t.me/a;t.me/b`) is no part of it.

    What would only be guessed is none: nobody confirms a thousand lines.
    """
    found: dict[Link, None] = {}
    for cell in _CELLS.split(line):
        found.update(dict.fromkeys(link for link in find(cell.strip("\"'")) if not link.guessed))
    return list(found)


def says_more(line: str) -> bool:
    """Tell whether words stand in a line beside its links: what they say of these nobody knows."""
    parts = _CELLS.split(line)
    return any(_WORD.search(part) and not links_of(part) for part in parts) and bool(links_of(line))


def decoded(data: bytes) -> str:
    """Read a file's bytes as the text that they are. Raises EmptyList, UnreadableList."""
    if not data.strip(b" \t\r\n\x00"):
        raise EmptyList
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _checked(data, encoding)
    if b"\x00" in data:
        return _checked(data, "utf-16-le" if data[1::2].count(0) >= data[::2].count(0) else "utf-16-be")
    try:
        return _checked(data, "utf-8")
    except UnreadableList:
        return _checked(data, "cp1251")


def _checked(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableList from error
    if _CONTROL.search(text) or (encoding.startswith("utf-16") and not _looks_like_writing(text)):
        raise UnreadableList
    return text


def _looks_like_writing(text: str) -> bool:
    """Bytes of a program read as UTF-16 are letters of all the world's scripts; a list has at least some Latin ones."""
    return 2 * sum(char < "\u2000" for char in text) >= len(text)
