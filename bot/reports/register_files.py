"""The register as a file: what stands in its cells, and that it is there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from bot.languages import Language
from bot.reports.link_words import platform_name, thing_name
from bot.reports.register import NotRegistered, Row
from bot.reports.register_template import Cell, Column
from bot.reports.register_writers import WRITERS, Writer
from bot.texts import Texts

FORMATS: Final = tuple(WRITERS)
XLSX_ROWS: Final = (1 << 20) - 1
"""Rows that Excel opens, below the heading."""


async def write(
    path: Path, form: str, columns: list[Column], language: Language, texts: Texts, rows: AsyncIterator[Row]
) -> int:
    """Write rows into a new file and give how many there were; see `opened`."""
    with opened(path, form, columns, language, texts) as book:
        async for row in rows:
            book.take(row)
    return book.count


@contextmanager
def opened(path: Path, form: str, columns: list[Column], language: Language, texts: Texts) -> Iterator[Book]:
    """Give a book that takes rows; a file of its owner's alone stands at `path` once the block has ended well.

    Nothing half-written stays. Raises NotRegistered.
    """
    with _new_file(path) as half:
        writer = WRITERS[form](half, columns, [column.heading(language) for column in columns])
        yield Book(writer, XLSX_ROWS if form == "xlsx" else None, columns, language, texts, coded=form == "json")
        writer.close()


class Book:
    """Takes the register's rows, one after another."""

    def __init__(
        self,
        writer: Writer,
        most: int | None,
        columns: list[Column],
        language: Language,
        texts: Texts,
        *,
        coded: bool = False,
    ) -> None:
        """`coded`: platforms, what stands there and how it stands by their codes, for other programs."""
        self._writer, self._most, self._coded = writer, most, coded
        self._columns, self._language, self._texts = columns, language, texts
        self.count = 0

    def take(self, row: Row) -> None:
        """Take a row; raise NotRegistered when it is one more than the file may hold."""
        self.count += 1
        if self._most is not None and self.count > self._most:
            raise NotRegistered(f"Excel opens no more than {self._most} rows: ask for fewer days, or for csv.")
        self._writer.row([self._cell(column.field, row) for column in self._columns])

    def _cell(self, field: Cell, row: Row) -> Any:
        if field is Cell.PLATFORM and not self._coded:
            return platform_name(row.platform, self._language)
        if field is Cell.WHAT and not self._coded:
            return thing_name(self._texts, self._language, row.what)
        if field is Cell.STATUS and self._coded:
            return row.status
        return _cell(field, row, self.count, self._language, self._texts)


@contextmanager
def _new_file(path: Path) -> Iterator[Path]:
    """Give where to write what will be at `path` once the block has ended well."""
    if path.exists():
        raise NotRegistered(f"{path} is there already: name a file that is not.")
    if not path.parent.is_dir():
        raise NotRegistered(f"There is no folder {path.parent}: make it first.")
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    half = Path(name)
    try:
        yield half
        half.rename(path)
    finally:
        half.unlink(missing_ok=True)


def _cell(field: Cell, row: Row, position: int, language: Language, texts: Texts) -> Any:
    match field:
        case Cell.POSITION:
            return position
        case Cell.LINK:
            return row.link
        case Cell.PLATFORM:
            return row.platform
        case Cell.WHAT:
            return row.what
        case Cell.FIRST_REPORTED:
            return row.first_reported.replace(tzinfo=None) if row.first_reported else None
        case Cell.TIMES_REPORTED:
            return row.times_reported
        case Cell.STATUS:
            return _status(row.status, language, texts)
        case Cell.DECIDED:
            return row.decided.replace(tzinfo=None) if row.decided else None
        case Cell.NUMBER:
            return row.numbers[0] if row.numbers else None
        case Cell.NUMBERS:
            return ", ".join(f"№ {number}" for number in row.numbers)


def _status(status: str, language: Language, texts: Texts) -> str:
    name = f"desk.done.{status}"
    return texts.plain(language, name if texts.has(language, name) else f"desk.status.{status}")
