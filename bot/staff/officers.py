"""Who of the desk writes: a member by name, or an administrator who writes as the chat, whom nobody is to know."""

from __future__ import annotations

from typing import Final

from aiogram.types import Message

from bot.languages import Language
from bot.reports.deciding import Officer
from bot.telegram.turn import Turn
from bot.texts import Texts

NAME_MOST: Final = 64
"""Characters of a name on a card."""


def writer(turn: Turn, message: Message, texts: Texts, language: Language) -> Officer:
    """Give the officer who has written a message, as cards and the journal name them."""
    if turn.actor.user_id == turn.actor.chat_id:
        # The title that an anonymous administrator may bear tells in a small office who it is.
        return Officer(turn.actor.user_id, texts.plain(language, "desk.anonymous"))
    name = message.from_user.full_name if message.from_user else ""
    return Officer(turn.actor.user_id, name[:NAME_MOST])
