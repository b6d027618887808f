"""The figures of a period as text in columns, JSON, CSV or a workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any, Final

import orjson

from bot.papers.figure_tables import Cell, FigureTable
from bot.papers.figure_words import FigureWords, day
from bot.papers.numbers import grouped
from bot.reports.figures import Figures, Statistics

FORMATS: Final = ("text", "json", "csv", "xlsx")
SHEET_NAME: Final = 31
"""Characters of a sheet's name that Excel takes."""


def as_text(shown: Sequence[FigureTable], words: FigureWords) -> str:
    """Give tables as text in columns."""
    return "\n\n".join(_columns(table, words) for table in shown) + "\n"


def as_json(statistics: Statistics) -> str:
    """Give all figures as JSON, for other programs: codes instead of names, minutes instead of times."""
    named = {
        name: _plain(figures)
        for name, figures in (
            ("this", statistics.this),
            ("before", statistics.before),
            ("year_ago", statistics.year_ago),
        )
    }
    document = named | {"districts": statistics.districts}
    return orjson.dumps(document, default=_minutes, option=orjson.OPT_INDENT_2).decode() + "\n"


def as_csv(shown: Sequence[FigureTable]) -> bytes:
    """Give tables one under another as Excel opens them here: semicolons, and a mark of the encoding."""
    written = io.StringIO(newline="")
    rows = csv.writer(written, delimiter=";")
    for number, table in enumerate(shown):
        if number:
            rows.writerow([])
        rows.writerow(table.heads)
        rows.writerows([_csv_cell(cell) for cell in row] for row in table.rows)
    return written.getvalue().encode("utf-8-sig")


def as_workbook(shown: Sequence[FigureTable], about: str) -> bytes:
    """Give tables as a workbook, a sheet for each; `about` stands above each table."""
    # Only here: the bot itself writes no workbook.
    from xlsxwriter import Workbook  # type: ignore[import-untyped]

    written = io.BytesIO()
    with Workbook(written, {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False}) as book:
        heading = {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}
        first, other = book.add_format(heading), book.add_format(heading | {"align": "right"})
        title = book.add_format({"bold": True, "font_size": 13})
        formats = {
            date: book.add_format({"num_format": "dd.mm.yyyy", "align": "left"}),
            int: book.add_format({"num_format": "#,##0"}),
            float: book.add_format({"num_format": "0%"}),
            timedelta: book.add_format({"num_format": "[h]:mm"}),
        }
        for table in shown:
            sheet = book.add_worksheet(table.title[:SHEET_NAME])
            sheet.write_string(0, 0, table.title, title)
            sheet.write_string(1, 0, about)
            for column, head in enumerate(table.heads):
                sheet.write_string(3, column, head, other if column else first)
            for number, row in enumerate(table.rows, 4):
                for column, cell in enumerate(row):
                    _write(sheet, number, column, cell, formats)
            widest = max((len(str(row[0])) for row in table.rows), default=0)
            sheet.set_column(0, 0, max(14, min(widest, 60) + 2))
            sheet.set_column(1, len(table.heads) - 1, 16)
            sheet.freeze_panes(4, 1)
            sheet.repeat_rows(3)
            sheet.set_paper(9)
            sheet.fit_to_pages(1, 0)
    return written.getvalue()


def _write(sheet: Any, row: int, column: int, cell: Cell, formats: dict[type, Any]) -> None:
    if cell is None:
        return
    if isinstance(cell, str):
        sheet.write_string(row, column, cell)
    elif isinstance(cell, date | timedelta):
        sheet.write_datetime(row, column, cell, formats[type(cell)])
    else:
        sheet.write_number(row, column, cell, formats[type(cell)])


def _columns(table: FigureTable, words: FigureWords) -> str:
    rows = [table.heads, *([_shown(cell, words) for cell in row] for row in table.rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(table.heads))]
    lines = [table.title]
    for row in rows:
        first, *others = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        lines.append("  ".join([first.strip().ljust(widths[0]), *others]).rstrip())
    return "\n".join(lines)


def _shown(cell: Cell, words: FigureWords) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, int):
        return grouped(cell)
    if isinstance(cell, timedelta):
        return words.time(cell)
    return day(cell) if isinstance(cell, date) else words.share(cell)


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, timedelta):
        minutes = round(cell.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02}"
    if isinstance(cell, float):
        return f"{cell:.3f}".replace(".", ",")
    if isinstance(cell, date):
        return day(cell)
    text = str(cell)
    # Excel would take a name that begins so for a formula.
    return f"'{text}" if isinstance(cell, str) and text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _plain(figures: Figures) -> dict[str, Any]:
    share = {"share_acted": figures.reports.share_acted, "real": figures.reports.real}
    written = asdict(figures)
    written["reports"] |= share
    return written


def _minutes(value: Any) -> int:
    if isinstance(value, timedelta):
        return round(value.total_seconds() / 60)
    raise TypeError
