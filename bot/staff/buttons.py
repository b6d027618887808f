"""Inline buttons of cards: which act, on which card, as it stood when the button was shown.

Not the card's version: that rises with every further report of a link and every photo that is checked, and officers
would be told to look again though nothing that they decide on has changed.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bot.languages import Language
from bot.reports.lifecycle import Act, Amendment, Decision, parse_act, parse_amendment
from bot.texts import Texts


@dataclass(frozen=True, slots=True)
class Press:
    """A press of a card's button."""

    card: UUID
    standing: str
    act: Act | Decision | Amendment


def standing(row: Any) -> str:
    """Digest how a report or resource stands: its status, its decision and who has it."""
    stands = f"{row['status']}\n{row['decision']}\n{row['claimed_by']}\n{row['reopened']}"
    return hashlib.blake2b(stands.encode(), digest_size=4).hexdigest()


def data(card: UUID, shown: str, act: Act | Decision | Amendment) -> str:
    """Write a button's callback data, at most 64 bytes."""
    return f"{pack(card)}:{shown}:{act.value}"


def read(text: str) -> Press | None:
    """Read a button's callback data; None when it is not ours."""
    try:
        packed, shown, word = text.split(":")
        card, act = unpack(packed), parse_act(word) or parse_amendment(word)
        return Press(card, shown, act) if act else None
    except ValueError:
        return None


def pack(row_id: UUID) -> str:
    """Write a row's id in 22 characters: callback data holds 64 bytes."""
    return base64.urlsafe_b64encode(row_id.bytes).rstrip(b"=").decode()


def unpack(packed: str) -> UUID:
    """Read what `pack` wrote; raise ValueError on anything else."""
    # What is no base64 raises binascii.Error, which is a ValueError.
    return UUID(bytes=base64.urlsafe_b64decode(packed + "=="))


def rows(
    texts: Texts, language: Language, card: UUID, shown: str, acts: Sequence[Act | Decision | Amendment]
) -> list[Any]:
    """Make the buttons of a card, two a row."""
    buttons = [
        {"text": texts.plain(language, f"desk.act.{act}"), "callback_data": data(card, shown, act)} for act in acts
    ]
    return [buttons[start : start + 2] for start in range(0, len(buttons), 2)]


def copy_rows(links: list[str]) -> list[Any]:
    """Make a button that copies each link, up to Telegram's 256 characters: a protected card cannot be copied from."""
    return [[{"text": f"📋 {link[:40]}", "copy_text": {"text": link}}] for link in links if len(link) <= 256]
