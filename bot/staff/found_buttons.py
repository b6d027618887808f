"""Buttons about links that captures name: `n:<verb>:<link>`, and `n:p:<minute>:<link>` for the next page of /found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from bot.languages import Language
from bot.reports.found_links import FoundState
from bot.staff.buttons import pack, unpack
from bot.texts import Texts

PREFIX: Final = "n:"
_LAST: Final = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp()) // 60
_PAGE: Final = "p"


class Verb(StrEnum):
    """What a button does."""

    TAKE = "t"
    DECLINE = "d"
    RETURN = "r"


OFFERED: Final = {FoundState.PROPOSED: (Verb.TAKE, Verb.DECLINE), FoundState.DECLINED: (Verb.RETURN,)}
"""What can be done with a link by how it stands; with any other nothing."""


@dataclass(frozen=True, slots=True)
class FoundPress:
    """A press of such a button."""

    verb: Verb
    found_id: UUID


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A press of › under the list: from which link on."""

    at: datetime
    found_id: UUID


def read(text: str) -> FoundPress | FoundPage | None:
    """Read a button's callback data; None when it is none of these."""
    try:
        verb, *others, packed = text.removeprefix(PREFIX).split(":")
        if verb == _PAGE:
            [minute] = others
            since = int(minute, 16)
            return FoundPage(datetime.fromtimestamp(60 * since, UTC), unpack(packed)) if 0 <= since <= _LAST else None
        return None if others else FoundPress(Verb(verb), unpack(packed))
    except ValueError:
        return None


def next_page(at: datetime, found_id: UUID) -> list[list[dict[str, Any]]]:
    """Make the button that goes on from a link."""
    return [[{"text": "›", "callback_data": f"{PREFIX}{_PAGE}:{int(at.timestamp()) // 60:x}:{pack(found_id)}"}]]


def row(texts: Texts, language: Language, place: int, found_id: UUID, state: FoundState) -> list[dict[str, Any]]:
    """Make the buttons of one link of a message; `place` is its number there."""
    return [
        {
            "text": texts.plain(language, f"desk.found_button.{verb.name.lower()}", place=place),
            "callback_data": f"{PREFIX}{verb.value}:{pack(found_id)}",
        }
        for verb in OFFERED.get(state, ())
    ]
