"""Inline buttons of forms: `f:<form>:<verb>[:<what>]`, at most 64 bytes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from bot.languages import Language
from bot.staff.buttons import pack, unpack
from bot.texts import Texts

PREFIX = "f:"


class Verb(StrEnum):
    """What a form's button does."""

    NUMBER = "n"
    READY = "q"
    SEND = "s"
    CONFIRM = "c"
    WITHDRAW = "w"
    DROP = "d"
    UNBLOCK = "u"
    WITHOUT = "x"
    """Without a photo."""
    OFFICE = "o"
    HIDE = "h"
    """Of a form that hides, and of one that shows again."""


@dataclass(frozen=True, slots=True)
class FormPress:
    """A press of a form's button; `what` is a report's number, a question's name, an office's id."""

    form_id: UUID
    verb: Verb
    what: str


def data(form_id: UUID, verb: Verb, what: str = "") -> str:
    """Write a button's callback data."""
    return f"{PREFIX}{pack(form_id)}:{verb.value}:{what}"


def read(text: str) -> FormPress | None:
    """Read a button's callback data; None when it is no form's."""
    if not text.startswith(PREFIX):
        return None
    try:
        packed, verb, what = text.removeprefix(PREFIX).split(":")
        return FormPress(unpack(packed), Verb(verb), what)
    except ValueError:
        return None


def button(texts: Texts, language: Language, name: str, form_id: UUID, verb: Verb) -> dict[str, Any]:
    """Make a button with a common label."""
    return {"text": texts.plain(language, f"desk.form_button.{name}"), "callback_data": data(form_id, verb)}
