"""What a register is written by: XLSX, CSV, JSON. Links stand there as words: a click would take an officer there."""

from __future__ import annotations

import csv
import json
import textwrap
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

from bot.reports.register_template import Cell, Column

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


WRITERS: Final[dict[str, Callable[[Path, list[Column], list[str]], Writer]]] = {
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
