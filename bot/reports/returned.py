"""A list that an officer sends: its links, each once, and what the system in which they are blocked says of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bot.links import EmptyList, Link, UnreadableList
from bot.links.lists import links_of, says_more
from bot.links.sheets import Row, read_rows
from bot.reports.returned_template import ReturnedWords

__all__ = ["EmptyList", "Read", "UnreadableList", "read"]

HEADING_AMONG: Final = 15
"""Rows at the top of a form in which its heading is looked for."""
LINES_NAMED: Final = 10
ANSWERS_NAMED: Final = 3
ANSWER_MOST: Final = 40
"""Characters of an answer that are shown."""


@dataclass(slots=True)
class Read:
    """What a list holds."""

    closed: dict[str, bool] = field(default_factory=dict)
    """Each link by its canonical address, and whether access to it is closed; the last row about it counts."""
    bad: int = 0
    bad_lines: list[int] = field(default_factory=list)
    """Rows without a link, the first of them by their numbers."""
    others: list[str] = field(default_factory=list)
    """The first few answers that mean something else."""
    cut: bool = False
    """There were more rows than are read."""
    unsure: bool = False
    """Something stands beside the links, and nothing is known to say what became of them."""


def read(data: bytes, words: ReturnedWords, *, with_answers: bool) -> Read:
    """Read a list. Without `with_answers` all of its links count, whatever stands beside them.

    Raises EmptyList, UnreadableList.
    """
    rows, cut = read_rows(data)
    # A title above a table stands alone in its row, and names no column.
    filled = 2 if any(sum(map(bool, row.cells)) > 1 for row in rows) else 1
    likely = max(rows[:HEADING_AMONG], key=lambda row: _headings(row, words, filled))
    heading = likely if _headings(likely, words, filled) else None
    links_in = _column(heading, words.heads_links) if heading else None
    answers_in = _column(heading, words.heads_answers) if heading and with_answers else None
    found = Read(cut=cut)
    if heading:
        # What stands above it is the form's title.
        rows = [row for row in rows if row.number > heading.number]
    for row in rows:
        _take(found, row, words, links_in, answers_in)
    if with_answers and answers_in is None:
        found.unsure = any(_says_more(row, links_in) for row in rows)
    return found


def _take(found: Read, row: Row, words: ReturnedWords, links_in: int | None, answers_in: int | None) -> None:
    links = _links(row, links_in)
    if not links:
        found.bad += 1
        if len(found.bad_lines) < LINES_NAMED:
            found.bad_lines.append(row.number)
        return
    answer = row.cells[answers_in] if answers_in is not None and answers_in < len(row.cells) else ""
    closed = answers_in is None or words.means_closed(answer)
    if answer and not closed and len(found.others) < ANSWERS_NAMED and answer[:ANSWER_MOST] not in found.others:
        found.others.append(answer[:ANSWER_MOST])
    for link in links:
        found.closed[link.url] = closed


def _says_more(row: Row, links_in: int | None) -> bool:
    if len(row.cells) == 1:
        return says_more(row.cells[0])
    return sum(map(bool, row.cells)) > len(_links(row, links_in))


def _links(row: Row, links_in: int | None) -> list[Link]:
    cells = row.cells if links_in is None else row.cells[links_in : links_in + 1]
    found = {link.url: link for cell in cells for link in links_of(cell) if not link.refused}
    return list(found.values())


def _headings(row: Row, words: ReturnedWords, filled: int) -> int:
    """Count which of the two columns a row names, if so many of its cells are filled and none with a link."""
    if sum(map(bool, row.cells)) < filled or _links(row, None):
        return 0
    return any(map(words.heads_links, row.cells)) + any(map(words.heads_answers, row.cells))


def _column(heading: Row, is_it: Callable[[str], bool]) -> int | None:
    return next((place for place, cell in enumerate(heading.cells) if is_it(cell)), None)
