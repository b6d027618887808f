"""The rows of a file that an officer sends: .txt, .csv or .xlsx, told by what is in it and not by its name."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from bot.links.lists import EmptyList, UnreadableList, decoded
from bot.links.workbooks import CELL_MOST, CELLS_MOST, MAGIC, workbook_rows

ROWS_MOST: Final = 25_000
"""Rows of a file that are read: a register has 20,000 at most."""
_DELIMITERS: Final = ";\t,|"
_QUOTED: Final = re.compile(r'"[^"]*"')


@dataclass(frozen=True, slots=True)
class Row:
    """A row that holds something."""

    number: int
    """As the file counts: its line, or its row in Excel."""
    cells: list[str]


def read_rows(data: bytes) -> tuple[list[Row], bool]:
    """Give the rows of a file, and whether there were more than are read. Raises EmptyList, UnreadableList."""
    found = workbook_rows(data) if data.startswith(MAGIC) else _text_rows(decoded(data))
    rows = [
        Row(number, cells)
        for number, raw in islice(found, ROWS_MOST + 1)
        if any(cells := [" ".join(cell.split()) for cell in raw])
    ]
    if not rows:
        raise EmptyList
    return rows[:ROWS_MOST], len(rows) > ROWS_MOST


def _text_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    lines = text.splitlines()
    delimiter = _delimiter(lines)
    if delimiter is None:
        yield from ((number, [line[:CELL_MOST]]) for number, line in enumerate(lines, 1) if line.strip())
        return
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, [cell[:CELL_MOST] for cell in cells[:CELLS_MOST]]
    except csv.Error as error:
        raise UnreadableList from error


def _delimiter(lines: list[str]) -> str | None:
    """Give what stands between the cells of a table; None of a mere list.

    It is what the most lines have in the same number: a comma in one address makes no table of a list.
    """
    # What stands in quotes divides nothing: «"Отказано; письмо 5"» is one cell.
    some = [_QUOTED.sub("", line) for line in lines[:50] if line.strip()]
    for delimiter in _DELIMITERS:
        counts = [line.count(delimiter) for line in some]
        usual = max(set(counts), key=counts.count, default=0)
        if usual and counts.count(usual) * 2 > len(counts):
            return delimiter
    return None
