"""Inline buttons under what citizens get: an act, the row that it is about, and a keyed MAC over row and chat.

So a press is checked without opening any address: a forged one, or one copied into another chat, is told apart.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from bot.languages import Language
from bot.privacy.keyring import KeyRing
from bot.texts import Texts

MAC_BYTES: Final = 12


class Button(StrEnum):
    """What a citizen's inline button does."""

    ANSWER = "a"
    DECLINE = "d"
    ERASE = "e"
    USE_PLACE = "p"
    LEAVE_PLACE = "n"
    USE_CODES = "u"
    LEAVE_CODES = "k"


UNDER_QUESTIONS: Final = frozenset({Button.ANSWER, Button.DECLINE, Button.ERASE})
UNDER_CODES: Final = frozenset({Button.USE_CODES, Button.LEAVE_CODES})


@dataclass(frozen=True, slots=True)
class Press:
    """A press that was checked: which button, about which row."""

    button: Button
    subject: UUID


def data(ring: KeyRing, button: Button, subject: UUID, chat_id: int) -> str:
    """Write a button's callback data, at most 64 bytes."""
    packed = base64.urlsafe_b64encode(subject.bytes + _mac(ring, button, subject, chat_id)).decode()
    return f"{button.value}{packed}"


def markup(
    ring: KeyRing, texts: Texts, language: Language, subject: UUID, chat_id: int, rows: list[list[Button]]
) -> dict[str, Any]:
    """Make the inline keyboard of these buttons, about one row, for one chat."""
    return {
        "inline_keyboard": [
            [
                {
                    "text": texts.plain(language, f"buttons.{button.name.lower()}"),
                    "callback_data": data(ring, button, subject, chat_id),
                }
                for button in row
            ]
            for row in rows
        ]
    }


def read(ring: KeyRing, text: str, chat_id: int) -> Press | None:
    """Read a button's callback data, pressed in a chat; None when it was not made for this chat."""
    try:
        button, packed = Button(text[:1]), base64.b64decode(text[1:], altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    if len(packed) != 16 + MAC_BYTES:
        return None
    subject = UUID(bytes=packed[:16])
    good = hmac.compare_digest(packed[16:], _mac(ring, button, subject, chat_id))
    return Press(button, subject) if good else None


def _mac(ring: KeyRing, button: Button, subject: UUID, chat_id: int) -> bytes:
    chat = chat_id.to_bytes(8, "big", signed=True)
    return ring.hash("press", b"button", button.value.encode(), subject.bytes, chat)[:MAC_BYTES]
