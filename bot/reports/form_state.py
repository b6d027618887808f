"""How far a form is, and a question as a citizen gets it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class FormState(StrEnum):
    """How far a form is."""

    CHOOSING = "choosing"
    """Which of several reports it is about is not said yet."""
    OPEN = "open"
    WAITING = "waiting"
    """The question is decided, and can be taken back until it leaves."""
    ASKED = "asked"
    ANSWERED = "answered"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    WITHDRAWN = "withdrawn"
    DROPPED = "dropped"
    DONE = "done"


class FormOver(Exception):
    """This form was filled in, taken back or dropped meanwhile."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it goes to the citizen: a ready one by its name, or an officer's own words."""

    form_id: UUID
    choice: str | None
    words: str
