"""A table of placements as an office has it: CSV of any sort, or an Excel workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from bot.links.lists import EmptyList, UnreadableList, decoded
from bot.links.sheets import Row
from bot.links.workbooks import MAGIC, workbook_rows
from bot.qr.errors import PlacementRefused
from bot.qr.wish import Wish

BYTES_MOST: Final = 32 * 1024 * 1024
ROWS_MOST: Final = 100_000
"""Rows of one file, beside its heads."""
DELIMITERS: Final = ",;\t|"
HEADS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("name", "название", "место", "атауы", "орны"),
    "district": ("district", "район", "аудан"),
    "surface": ("surface", "поверхность", "вид", "түрі"),
    "languages": ("language", "languages", "язык", "языки", "тіл", "тілі"),
    "campaign": ("campaign", "кампания", "науқан"),
}
"""How the columns may be called, in any order."""
OPTIONAL: Final = frozenset({"district"})


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose columns are known; its rows are still to be checked."""

    rows: list[Row]
    places: Mapping[str, int]
    """In which cell each column stands."""
    width: int
    """How many heads there are."""

    def wish(self, row: Row) -> Wish:
        """Give what a row asks for; raise PlacementRefused."""
        if any(row.cells[self.width :]):
            raise PlacementRefused(
                f"{len(row.cells)} cells where there are {self.width} heads: what holds a separator wants quotes."
            )
        if any(place >= len(row.cells) for column, place in self.places.items() if column not in OPTIONAL):
            raise PlacementRefused(
                f"{len(row.cells)} cells where there are {self.width} heads: some are missing, "
                "or a quotation mark opens there and is not closed."
            )
        cells = {column: row.cells[place] if place < len(row.cells) else "" for column, place in self.places.items()}
        return Wish(**cells)


def read_table(path: Path) -> Table:
    """Read a file; raise PlacementRefused when it is no such table."""
    rows = _rows(path)
    if rows[0].cells[0].lower().startswith("sep="):
        rows = rows[1:]
    heads, *rows = rows or [Row(1, [])]
    places = _places(heads)
    if not rows:
        raise PlacementRefused(f"{path.name}: there are no rows under the heads.")
    if len(rows) > ROWS_MOST:
        raise PlacementRefused(f"{path.name}: more than {ROWS_MOST:,} rows; divide it.")
    return Table(rows, places, len(heads.cells))


def _rows(path: Path) -> list[Row]:
    try:
        with path.open("rb") as file:
            data = file.read(BYTES_MOST + 1)
    except OSError as error:
        raise PlacementRefused(f"{path}: {error.strerror}.") from error
    if len(data) > BYTES_MOST:
        raise PlacementRefused(f"{path.name}: more than {BYTES_MOST >> 20} MB; divide it.")
    try:
        found = workbook_rows(data) if data.startswith(MAGIC) else _text_rows(decoded(data))
        cleaned = ((number, [" ".join(cell.split()) for cell in raw]) for number, raw in found)
        some = (Row(number, cells) for number, cells in cleaned if any(cells))
        # The heads, perhaps Excel's `sep=;`, and one more than is taken.
        rows = list(islice(some, ROWS_MOST + 3))
    except EmptyList:
        rows = []
    except UnreadableList:
        raise PlacementRefused(f"{path.name}: neither a CSV (UTF-8 or Windows-1251) nor an Excel workbook.") from None
    if not rows:
        raise PlacementRefused(f"{path.name}: it is empty.")
    return rows


def _text_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    # Heads hold none of these, so the first line tells what stands between cells.
    first = next((line for line in text.splitlines() if line.strip(DELIMITERS + " ")), "")
    first = first.removeprefix("sep=") or ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=first.count))
    begins = 1
    try:
        for cells in reader:
            # Where the row begins: a cell in quotes may go on over lines.
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error:
        raise PlacementRefused(
            f"Line {begins}: it cannot be read. Perhaps a quotation mark opens there and is not closed."
        ) from None


def _places(heads: Row) -> dict[str, int]:
    """Find in which place each column stands."""
    known = {head: column for column, names in HEADS.items() for head in names}
    places: dict[str, int] = {}
    for place, cell in enumerate(heads.cells):
        column = known.get(cell.strip().lower())
        if column in places:
            raise PlacementRefused(f"Line {heads.number}: the column “{cell}” is there twice.")
        if column:
            places[column] = place
    missing = [HEADS[column][0] for column in HEADS if column not in places and column not in OPTIONAL]
    if missing:
        there = ", ".join(f"“{cell}”" for cell in heads.cells[:10] if cell) or "none"
        raise PlacementRefused(
            f"Line {heads.number}: the columns name, district, surface, language and campaign are wanted; "
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing. Those there are: {there}."
        )
    return places
