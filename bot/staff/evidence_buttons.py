"""Buttons of a case file that is being put together: `e:<report>:<which pieces there are>:<language>:<ticked>:<verb>`.

At most 64 bytes: all that the next press needs, so that no row is kept of what nobody has asked for yet.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from bot.languages import Language
from bot.staff.buttons import pack, unpack

PREFIX: Final = "e:"
MOST: Final = 90
"""Pieces that can be ticked: a message takes 100 buttons, and these bits fit into one's data."""


class Verb(StrEnum):
    """What a button does."""

    SHOW = "s"
    """Shows the choice as the button has it."""
    MAKE = "m"


@dataclass(frozen=True, slots=True)
class Choice:
    """What is ticked, and what a press does with it."""

    report_id: UUID
    digest: str
    """Of the pieces that there were: bits count only among these."""
    language: Language
    ticked: int
    """A bit for each piece, the first the lowest."""
    verb: Verb = Verb.SHOW

    def has(self, place: int) -> bool:
        """Tell whether the piece at this place, counted from 0, is ticked."""
        return bool(self.ticked >> place & 1)


def data(choice: Choice) -> str:
    """Write a button's callback data."""
    report = pack(choice.report_id)
    return f"{PREFIX}{report}:{choice.digest}:{choice.language}:{choice.ticked:x}:{choice.verb}"


def read(text: str) -> Choice | None:
    """Read a button's callback data; None when it is no case file's."""
    try:
        packed, digest, language, ticked, verb = text.removeprefix(PREFIX).split(":")
        bits = int(ticked, 16)
        if not 0 <= bits < 1 << MOST:
            return None
        return Choice(unpack(packed), digest, Language(language), bits, Verb(verb))
    except ValueError:
        return None


def rows(choice: Choice, labels: list[str], make: str) -> list[list[dict[str, Any]]]:
    """Make the buttons: two pieces a row, each ticked or not, and below them the one that makes the file."""
    pieces = [
        {
            "text": f"{'☑' if choice.has(place) else '☐'} {label}",
            "callback_data": data(replace(choice, ticked=choice.ticked ^ 1 << place)),
        }
        for place, label in enumerate(labels)
    ]
    pairs = [pieces[start : start + 2] for start in range(0, len(pieces), 2)]
    return [*pairs, [{"text": make, "callback_data": data(replace(choice, verb=Verb.MAKE))}]]
