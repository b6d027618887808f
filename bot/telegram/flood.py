"""A flood from one chat stops here, before it costs a transaction. Kept in memory alone, and for minutes.

Counted is when messages were sent, by Telegram's own clock: what waited while the bot was down is no flood, and what
is brought again is counted once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from time import time
from typing import Any, Final

from bot.telegram.actors import whole_number
from bot.telegram.reply import Reply

MESSAGES_PER_MINUTE: Final = 120
"""More than a person or a volunteer sends: albums of ten and fifty pasted links at once pass."""
MINUTE: Final = 60
PASSES: Final = (True, None)
_MESSAGES: Final = ("message", "edited_message")


class _Chat:
    """What one chat sent of late: update → the second in which it was sent."""

    __slots__ = ("sent", "told")

    def __init__(self) -> None:
        self.sent: dict[int, int] = {}
        self.told: int | None = None


class Flood:
    """Tells which messages take a turn. One sentence a minute is answered to the others."""

    def __init__(
        self,
        spared: Callable[[str], bool],
        answer: Callable[[Mapping[str, Any]], Reply],
        most: int = MESSAGES_PER_MINUTE,
        forget_after: float = MINUTE,
    ) -> None:
        """`spared` tells texts that always pass: whoever asks for help is answered. `answer` is given the message.

        `forget_after` is seconds.
        """
        self._spared, self._answer, self._most, self._forget_after = spared, answer, most, forget_after
        self._chats: dict[int, _Chat] = {}
        self._before: dict[int, _Chat] = {}
        self._timer: asyncio.TimerHandle | None = None

    def look(self, chat_id: int, update: Mapping[str, Any]) -> tuple[bool, Reply | None]:
        """Tell whether an update of a chat passes, and what is answered if it does not. Presses always pass."""
        message = next((found for name in _MESSAGES if isinstance(found := update.get(name), dict)), None)
        if message is None:
            return PASSES
        chat, update_id = self._chat(chat_id), update["update_id"]
        moment = whole_number(message.get("edit_date", message.get("date"))) or int(time())
        if update_id in chat.sent:
            return PASSES
        if len(chat.sent) >= self._most:
            chat.sent = {known: sent for known, sent in chat.sent.items() if abs(moment - sent) < MINUTE}
        if len(chat.sent) < self._most:
            chat.sent[update_id] = moment
            return PASSES
        if self._spared(_text(message)):
            return PASSES
        if chat.told is not None and abs(moment - chat.told) < MINUTE:
            return False, None
        chat.told = moment
        return False, self._answer(message)

    @property
    def remembered(self) -> int:
        """Count the chats that are kept in memory now."""
        return len(self._chats) + len(self._before)

    def _chat(self, chat_id: int) -> _Chat:
        chat = self._chats.get(chat_id)
        if chat is None:
            chat = self._before.pop(chat_id) if chat_id in self._before else _Chat()
            self._chats[chat_id] = chat
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(self._forget_after, self._pass)
        return chat

    def _pass(self) -> None:
        """Let a minute pass: chats that sent nothing for a whole one are forgotten."""
        self._before, self._chats, self._timer = self._chats, {}, None
        if self._before:
            self._timer = asyncio.get_running_loop().call_later(self._forget_after, self._pass)


def _text(message: Mapping[str, Any]) -> str:
    text = message.get("text") or message.get("caption")
    return text if isinstance(text, str) else ""
