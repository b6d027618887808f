"""The dialogue of one chat: its states, and what it keeps while a report is being made."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from aiogram.fsm.state import State, StatesGroup
from pydantic import BaseModel, Field, ValidationError

from bot.languages import Language
from bot.log import get_logger
from bot.reports.contents import Contents, Point, StoredLink
from bot.reports.kinds import Content
from bot.reports.scans import Came
from bot.reports.sending import HourList
from bot.telegram.turn import Turn

log = get_logger()


class Step(StatesGroup):
    """The five states of a dialogue, for all kinds alike."""

    language = State()
    kind = State()
    filling = State()
    confirming = State()
    answering = State()


class Asked(StrEnum):
    """What a dialogue in the state `answering` waits for."""

    STATUS = "status"
    ADD = "add"


class Dialogue(BaseModel):
    """What lies sealed in the dialogue's row."""

    language: Language | None = None
    draft: Contents | None = None
    finished: list[Content] = Field(default_factory=list)
    """Contents whose question was answered with Done or Skip."""
    addressed: bool = False
    """The draft has its return address."""
    album: str = ""
    """The keyed hash of the album whose parts are arriving."""
    album_told: list[str] = Field(default_factory=list)
    """What was already said of this album."""
    pending: Point | None = None
    """A point outside the country, until it is confirmed."""
    guesses: list[StoredLink] = Field(default_factory=list)
    """Links that were guessed from words, until they are confirmed."""
    link_messages: int = 0
    hinted: bool = False
    """It was said that an invite in this draft may be its citizen's alone."""
    sent: UUID | None = None
    """The report sent last, for a second press of Send and for erasing its address."""
    hour_list: HourList | None = None
    """Above the limit of an hour: the list into which further links of this hour go."""
    asked: Asked | None = None
    target: UUID | None = None
    """The filed report that the draft adds to; None: the draft is a report of its own."""
    form: UUID | None = None
    """The question that the draft answers."""
    came: Came | None = None
    """The placement's code by which its citizen came: for a day, and in no other row."""


def load(turn: Turn) -> Dialogue:
    """Read the turn's dialogue."""
    return read(turn.data)


def read(stored: dict[str, Any]) -> Dialogue:
    """Read a stored dialogue. One that another version wrote, and this one cannot read, begins anew."""
    try:
        return Dialogue.model_validate(stored)
    except ValidationError as error:
        log.warning("dialogue_not_read", count=error.error_count())
        return Dialogue()


def store(turn: Turn, dialogue: Dialogue, state: State | None) -> None:
    """Give the turn its new dialogue; a dialogue that keeps nothing ends."""
    turn.state = state.state if state else None
    keep(turn, dialogue)


def keep(turn: Turn, dialogue: Dialogue) -> None:
    """Give the turn its new dialogue and leave the state as it is."""
    turn.data = dialogue.model_dump(mode="json", exclude_defaults=True)


def close_draft(dialogue: Dialogue) -> None:
    """Forget the draft and all that belongs to it."""
    fresh = Dialogue(language=dialogue.language, sent=dialogue.sent, hour_list=dialogue.hour_list, came=dialogue.came)
    dialogue.__dict__.update(fresh.__dict__)
