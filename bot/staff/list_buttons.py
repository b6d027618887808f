"""Buttons of work lists: `l:<list>:<b or f>:<minute>:<row>:<officer>:<level>`, at most 64 bytes: all a page needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from bot.reports.lists import Key, ListName, Page
from bot.reports.priority import Level
from bot.staff.buttons import pack, unpack
from bot.telegram.actors import LARGEST

PREFIX: Final = "l:"
_LAST: Final = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp()) // 60


@dataclass(frozen=True, slots=True)
class Leaf:
    """A press of ‹ or ›: which page of whose list is wanted."""

    which: ListName
    back: bool
    key: Key
    officer: int
    """Whose list it is; 0 where that does not matter."""


def data(leaf: Leaf) -> str:
    """Write a button's callback data."""
    minute, way = int(leaf.key.opened_at.timestamp()) // 60, "b" if leaf.back else "f"
    return f"{PREFIX}{leaf.which.value}:{way}:{minute:x}:{pack(leaf.key.id)}:{leaf.officer:x}:{leaf.key.priority}"


def read(text: str) -> Leaf | None:
    """Read a button's callback data; None when it is no list's."""
    try:
        which, way, minute, packed, officer, level = text.removeprefix(PREFIX).split(":")
        since, whose = int(minute, 16), int(officer, 16)
        if way not in ("b", "f") or not 0 <= since <= _LAST or not 0 <= whose <= LARGEST:
            return None
        key = Key(datetime.fromtimestamp(60 * since, UTC), unpack(packed), Level(int(level)))
        return Leaf(ListName(which), way == "b", key, whose)
    except ValueError:
        return None


def rows(which: ListName, page: Page, officer: int) -> list[list[dict[str, Any]]]:
    """Make the buttons under a page, as far as there is something on that side."""
    whose = officer if which is ListName.MINE else 0
    sides = []
    if page.before:
        sides.append({"text": "‹", "callback_data": data(Leaf(which, True, page.rows[0].key, whose))})
    if page.after:
        sides.append({"text": "›", "callback_data": data(Leaf(which, False, page.rows[-1].key, whose))})
    return [sides] if sides else []
