"""The register as a file: XLSX, CSV or JSON. Links stand there as words: a click would take an officer there."""

from __future__ import annotations

import csv
import json
import os
import tempfile
import textwrap
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

from bot.languages import Language
from bot.reports.link_words import platform_name, thing_name
from bot.reports.register import NotRegistered, Row
from bot.reports.register_template import Cell, Column
from bot.texts import Texts

FORMATS: Final = ("xlsx", "csv", "json")
XLSX_ROWS: Final = (1 << 20) - 1
"""Rows that Excel opens, below the heading."""
LINE: Final = 15
"""Points of a line of the heading."""
WIDTHS: Final = {
    Cell.LINK: 48,
    Cell.TIMES_REPORTED: 30,
    Cell.NUMBERS: 22,
    Cell.STATUS: 26,
    Cell.FIRST_REPORTED: 18,
    Cell.DECIDED: 18,
}


class Writer(Protocol):
    """Takes rows of cells, one after another."""

    def row(self, cells: Sequence[Any]) -> None:
        """Take one row."""
        ...

    def close(self) -> None:
        """Finish the file."""
        ...


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
        writer = _WRITERS[form](half, columns, [column.heading(language) for column in columns])
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
            return row.first_reported.replace(tzinfo=None)
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


class _Xlsx:
    def __init__(self, path: Path, columns: list[Column], headings: list[str]) -> None:
        # Only here: the bot itself writes no workbook.
        from xlsxwriter import Workbook  # type: ignore[import-untyped]

        self._book = Workbook(path, {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False})
        self._day = self._book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
        bold = self._book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._sheet, self._next = self._book.add_worksheet(), 1
        wide = [WIDTHS.get(column.field, 14) for column in columns]
        # In bold fewer letters go into a line, and no program makes the row higher by itself.
        lines = max(
            (len(textwrap.wrap(each, width - 2)) for each, width in zip(headings, wide, strict=True)), default=1
        )
        self._sheet.set_row(0, LINE * lines)
        for position, heading in enumerate(headings):
            self._sheet.set_column(position, position, wide[position])
            self._sheet.write_string(0, position, heading, bold)
        self._sheet.freeze_panes(1, 0)
        self._sheet.repeat_rows(0)
        self._sheet.set_landscape()
        self._sheet.fit_to_pages(1, 0)

    def row(self, cells: Sequence[Any]) -> None:
        for position, cell in enumerate(cells):
            if isinstance(cell, datetime):
                self._sheet.write_datetime(self._next, position, cell, self._day)
            else:
                self._sheet.write(self._next, position, cell)
        self._next += 1

    def close(self) -> None:
        self._book.close()


class _Csv:
    def __init__(self, path: Path, _: list[Column], headings: list[str]) -> None:
        # With a mark of its encoding and semicolons: so Excel opens it here by a double click.
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._csv = csv.writer(self._file, delimiter=";")
        self._csv.writerow(headings)

    def row(self, cells: Sequence[Any]) -> None:
        self._csv.writerow([_harmless(_words(cell)) for cell in cells])

    def close(self) -> None:
        self._file.close()


class _Json:
    """A list of objects by the names of the columns' fields: for other programs, so without headings."""

    def __init__(self, path: Path, columns: list[Column], _: list[str]) -> None:
        self._file = path.open("w", encoding="utf-8")
        self._names, self._comma = [column.field.value for column in columns], ""
        self._file.write("[")

    def row(self, cells: Sequence[Any]) -> None:
        row = {
            name: cell.isoformat() if isinstance(cell, datetime) else cell
            for name, cell in zip(self._names, cells, strict=True)
        }
        self._file.write(f"{self._comma}\n{json.dumps(row, ensure_ascii=False)}")
        self._comma = ","

    def close(self) -> None:
        self._file.write("\n]\n")
        self._file.close()


_WRITERS: Final[dict[str, Callable[[Path, list[Column], list[str]], Writer]]] = {
    "xlsx": _Xlsx,
    "csv": _Csv,
    "json": _Json,
}


def _words(cell: Any) -> str:
    if cell is None:
        return ""
    return f"{cell:%d.%m.%Y %H:%M}" if isinstance(cell, datetime) else str(cell)


def _harmless(cell: str) -> str:
    """Have Excel take as words what it would take for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
