"""The rows of a workbook (.xlsx): its first sheet, as words. Nothing is evaluated, and nothing is believed.

The file may come from anywhere: it is read as a stream, counted as it is unpacked, and a DOCTYPE ends the reading.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any, Final
from xml.parsers import expat

from bot.links.lists import UnreadableList

MAGIC: Final = b"PK\x03\x04"
UNPACKED_MOST: Final = 48 << 20
"""Bytes that all that is read of one workbook may come to: what an honest one of 25,000 rows needs, four times over."""
CELLS_MOST: Final = 64
"""Cells of a row that are looked at."""
CELL_MOST: Final = 4096
"""Characters of a cell that are looked at."""
ELEMENTS_MOST: Final = 1_500_000
"""Elements of XML that are walked through, some seconds of work: twice those of an honest one of 25,000 rows."""
PARTS_MOST: Final = 2_000
"""Files in the file."""
_PIECE: Final = 1 << 16
_SPACE: Final = "\n"
"""Stands between the namespace of a name and the name; no namespace holds it."""


def workbook_rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Give the rows that hold something, each with its number as Excel shows it. Raises UnreadableList."""
    try:
        if data.count(b"PK\x01\x02") > PARTS_MOST:
            raise UnreadableList
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            unpacked = _Unpacked(book)
            sheet, strings = _parts(unpacked)
            texts = _strings(unpacked, strings) if strings else []
            yield from _rows(unpacked, sheet, texts)
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, OSError) as error:
        raise UnreadableList from error
    except (LookupError, ValueError, NotImplementedError, RuntimeError) as error:
        # A part or a text that is not there, a number that is none, a way of packing that nobody knows, a password.
        raise UnreadableList from error


class _Unpacked:
    """The parts of a workbook, unpacked piece by piece within what all of them may come to."""

    def __init__(self, book: zipfile.ZipFile) -> None:
        self._book, self._left = book, UNPACKED_MOST
        self.elements = 0

    def has(self, name: str) -> bool:
        return name in self._book.namelist()

    def pieces(self, name: str) -> Iterator[bytes]:
        if self._book.getinfo(name).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # Excel packs by no other way, and those cannot be unpacked piece by piece.
            raise UnreadableList
        with self._book.open(name) as part:
            while piece := part.read(_PIECE):
                self._left -= len(piece)
                if self._left < 0:
                    raise UnreadableList
                yield piece


class _Walker:
    """Walks through a part's XML and tells of each element's beginning and end, by local names."""

    def __init__(
        self,
        unpacked: _Unpacked,
        part: str,
        begins: Callable[[str, dict[str, str]], None],
        ends: Callable[[str, str], None] = lambda _, __: None,
    ) -> None:
        """`ends` is told the element's name and the words in it since the last beginning or end."""
        self._unpacked, self._part = unpacked, part
        self._begins, self._ends = begins, ends
        self._words: list[str] = []
        self._length = 0
        self._parser = expat.ParserCreate(namespace_separator=_SPACE)
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = _refuse
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def steps(self) -> Iterator[None]:
        """Walk piece by piece: between the steps what was found can be taken."""
        for piece in self._unpacked.pieces(self._part):
            self._parser.Parse(piece, False)
            yield
        self._parser.Parse(b"", True)
        yield

    def walk(self) -> None:
        """Walk to the end."""
        for _ in self.steps():
            pass

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._unpacked.elements += 1
        if self._unpacked.elements > ELEMENTS_MOST:
            raise UnreadableList
        self._words, self._length = [], 0
        self._begins(name.rpartition(_SPACE)[2], attributes)

    def _end(self, name: str) -> None:
        words = "".join(self._words)
        self._words, self._length = [], 0
        self._ends(name.rpartition(_SPACE)[2], words)

    def _characters(self, words: str) -> None:
        if self._length < CELL_MOST:
            self._words.append(words[: CELL_MOST - self._length])
            self._length += len(words)


def _refuse(*_: Any) -> None:
    raise UnreadableList


def _parts(unpacked: _Unpacked) -> tuple[str, str | None]:
    """Give the names of the first visible sheet's part, and of the one that holds the texts, if there is one."""
    sheets: list[str] = []

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet" and attributes.get("state", "visible") == "visible":
            sheets.extend(value for key, value in attributes.items() if key.endswith(f"{_SPACE}id"))

    targets: dict[str, tuple[str, str]] = {}

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            kind = attributes["Type"].rpartition("/")[2]
            targets[attributes["Id"]] = kind, _part(attributes["Target"])

    _Walker(unpacked, "xl/workbook.xml", sheet).walk()
    _Walker(unpacked, "xl/_rels/workbook.xml.rels", relation).walk()
    strings = next((target for kind, target in targets.values() if kind == "sharedStrings"), None)
    first = next((targets[sheet][1] for sheet in sheets if targets[sheet][0] == "worksheet"), None)
    if first is None:
        raise UnreadableList
    return first, strings if strings and unpacked.has(strings) else None


def _part(target: str) -> str:
    """Give the name of a part from where a relation of the workbook points to."""
    return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)


def _strings(unpacked: _Unpacked, part: str) -> list[str]:
    """Give the workbook's texts, in their order; how a text reads aloud (`rPh`) is no part of it."""
    texts: list[str] = []
    pieces: list[str] = []
    aside: list[bool] = []

    def begins(name: str, _: dict[str, str]) -> None:
        if name == "si":
            pieces.clear()
        elif name == "rPh":
            aside.append(True)

    def ends(name: str, words: str) -> None:
        if name == "t" and not aside:
            pieces.append(words)
        elif name == "rPh":
            aside.clear()
        elif name == "si":
            texts.append("".join(pieces)[:CELL_MOST])

    _Walker(unpacked, part, begins, ends).walk()
    return texts


def _rows(unpacked: _Unpacked, part: str, texts: list[str]) -> Iterator[tuple[int, list[str]]]:
    found: list[tuple[int, list[str]]] = []
    row = _Row(texts, found)
    for _ in _Walker(unpacked, part, row.begins, row.ends).steps():
        yield from found
        found.clear()


class _Row:
    """The row that is being read, and those that are whole."""

    def __init__(self, texts: list[str], found: list[tuple[int, list[str]]]) -> None:
        self._texts, self._found = texts, found
        self._number, self._column, self._kind = 0, 0, ""
        self._cells: dict[int, str] = {}
        self._words: list[str] = []

    def begins(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self._number = int(attributes.get("r", self._number + 1))
            self._cells, self._column = {}, 0
        elif name == "c":
            place = attributes.get("r", "").rstrip("0123456789")
            self._column = _column(place) if place else self._column + 1
            self._kind, self._words = attributes.get("t", "n"), []

    def ends(self, name: str, words: str) -> None:
        if name in ("v", "t"):
            # A text of a cell's own may stand in pieces; of a formula its last result is read.
            self._words.append(words)
        elif name == "c" and 0 < self._column <= CELLS_MOST:
            words = "".join(self._words)
            self._cells[self._column] = self._texts[int(words)] if self._kind == "s" and words else words
        elif name == "row" and any(self._cells.values()):
            last = max(self._cells)
            self._found.append((self._number, [self._cells.get(place, "") for place in range(1, last + 1)]))


def _column(letters: str) -> int:
    """Give the number of a column, 1 for A; 0 for what is none."""
    number = 0
    for letter in letters[:4]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number if letters.isascii() and letters.isupper() else 0
