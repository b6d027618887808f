"""Inline buttons of cards: which act, on which card, for which version of it."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bot.languages import Language
from bot.reports.lifecycle import Act, Decision, parse_act
from bot.texts import Texts


@dataclass(frozen=True, slots=True)
class Press:
    """A press of a card's button."""

    card: UUID
    version: int
    act: Act | Decision


def data(card: UUID, version: int, act: Act | Decision) -> str:
    """Write a button's callback data, at most 64 bytes."""
    packed = base64.urlsafe_b64encode(card.bytes).rstrip(b"=").decode()
    return f"{packed}:{version:x}:{act.value}"


def read(text: str) -> Press | None:
    """Read a button's callback data; None when it is not ours."""
    try:
        packed, version, word = text.split(":")
        card = UUID(bytes=base64.urlsafe_b64decode(packed + "=="))
        act = parse_act(word)
        return Press(card, int(version, 16), act) if act else None
    except (ValueError, binascii.Error):
        return None


def rows(texts: Texts, language: Language, card: UUID, version: int, acts: list[Act | Decision]) -> list[Any]:
    """Make the buttons of a card, two a row."""
    buttons = [
        {"text": texts.plain(language, f"desk.act.{act}"), "callback_data": data(card, version, act)} for act in acts
    ]
    return [buttons[start : start + 2] for start in range(0, len(buttons), 2)]


def copy_rows(links: list[str]) -> list[Any]:
    """Make a button that copies each link, up to Telegram's 256 characters: a protected card cannot be copied from."""
    return [[{"text": f"📋 {link[:40]}", "copy_text": {"text": link}}] for link in links if len(link) <= 256]
