"""Inline buttons of batches: `m:<batch>:<verb>`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from bot.languages import Language
from bot.staff.buttons import pack, unpack
from bot.texts import Texts

PREFIX: Final = "m:"


class Verb(StrEnum):
    """What a batch's button does."""

    MARK = "y"
    DROP = "n"


@dataclass(frozen=True, slots=True)
class BatchPress:
    """A press of a batch's button."""

    batch_id: UUID
    verb: Verb


def read(text: str) -> BatchPress | None:
    """Read a button's callback data; None when it is no batch's."""
    try:
        packed, verb = text.removeprefix(PREFIX).split(":")
        return BatchPress(unpack(packed), Verb(verb))
    except ValueError:
        return None


def rows(texts: Texts, language: Language, batch_id: UUID) -> list[list[dict[str, Any]]]:
    """Make the buttons under the question whether to mark a batch."""
    return [
        [
            {
                "text": texts.plain(language, f"desk.batch_button.{verb.name.lower()}"),
                "callback_data": f"{PREFIX}{pack(batch_id)}:{verb.value}",
            }
            for verb in Verb
        ]
    ]
