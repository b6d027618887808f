"""Inline buttons of placements: `q:<verb>:<placement>`, and of their list `q:p:<page>:<what is looked for>`."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from bot.languages import Language
from bot.texts import Texts

PREFIX: Final = "q:"
BYTES_MOST: Final = 64
"""Of a button's data, as Telegram has it."""
PAGES_MOST: Final = 100_000


class Verb(StrEnum):
    """What a button does."""

    PAGE = "p"
    DRAW = "d"
    ASK_CLOSE = "x"
    CLOSE = "c"
    KEEP = "k"


@dataclass(frozen=True, slots=True)
class Leaf:
    """Which page of a list is wanted, counted from 0."""

    page: int
    sought: str


@dataclass(frozen=True, slots=True)
class Press:
    """What is wanted of one placement."""

    verb: Verb
    placement: UUID


def read(text: str) -> Leaf | Press | None:
    """Read a button's callback data; None when it is none of these."""
    try:
        verb, _, rest = text.removeprefix(PREFIX).partition(":")
        if verb == Verb.PAGE:
            page, _, sought = rest.partition(":")
            return Leaf(int(page), sought) if 0 <= int(page) < PAGES_MOST else None
        return Press(Verb(verb), UUID(bytes=base64.urlsafe_b64decode(f"{rest}==")))
    except (ValueError, binascii.Error):
        return None


def packed(placement: UUID) -> str:
    """Write a placement's id as short as it goes."""
    return base64.urlsafe_b64encode(placement.bytes).decode().rstrip("=")


def of_list(leaf: Leaf, pages: int) -> list[list[dict[str, Any]]]:
    """Make the buttons under a page; none where what is looked for has no room in one."""
    sides = [("‹", leaf.page - 1)] if leaf.page > 0 else []
    sides += [("›", leaf.page + 1)] if leaf.page + 1 < pages else []
    row = [{"text": text, "callback_data": f"{PREFIX}{Verb.PAGE}:{page}:{leaf.sought}"} for text, page in sides]
    fits = all(len(button["callback_data"].encode()) <= BYTES_MOST for button in row)
    return [row] if row and fits else []


def of_one(texts: Texts, language: Language, placement: UUID, *verbs: Verb) -> list[list[dict[str, Any]]]:
    """Make the buttons under one placement."""
    row = [
        {
            "text": texts.plain(language, f"desk.placement_button.{verb.name.lower()}"),
            "callback_data": f"{PREFIX}{verb}:{packed(placement)}",
        }
        for verb in verbs
    ]
    return [row] if row else []
