"""A person's phone: what they send as updates of Telegram, now and then brought twice, and what they read."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, Final

from tests.crowd.hour import Hour
from tests.crowd.telegram import Post

TWICE: Final = 0.05
"""The share of updates that Telegram brings more than once."""


@dataclass
class Updates:
    """How the updates of a crowd are numbered, and how many were brought more than once."""

    chance: random.Random
    numbers: count[int] = field(default_factory=lambda: count(1))
    twice: int = 0


class Phone:
    """A chat with the bot."""

    def __init__(self, hour: Hour, updates: Updates, chat: int) -> None:
        self.hour, self.updates, self.chat = hour, updates, chat
        self._keyboard: list[list[dict[str, str]]] = []

    @property
    def posts(self) -> list[Post]:
        """What came to them by delivery."""
        return list(self.hour.telegram.chats[self.chat].values())

    async def says(self, text: str = "", **content: Any) -> str:
        """Send one message and give what is answered at once."""
        message = {"message_id": next(self.updates.numbers), "date": self.date, "chat": self.private}
        return await self.brings(
            {"message": message | {"from": self.sender} | ({"text": text} if text else {}) | content}
        )

    @property
    def labels(self) -> list[str]:
        """What stands on the keyboard that came with the last answer."""
        return [button["text"] for row in self._keyboard for button in row]

    async def brings(self, content: dict[str, Any]) -> str:
        """Have Telegram bring an update, now and then twice at once, or again when it was taken, or later."""
        updates, update = self.updates, {"update_id": next(self.updates.numbers)} | content
        take = partial(self.hour.take, update)
        again = updates.chance.choice(("at once", "after", "later")) if updates.chance.random() < TWICE else ""
        updates.twice += bool(again)
        if again == "at once":
            answer, same = await asyncio.gather(take(), take())
            assert answer == same
        else:
            answer = await take()
        if again == "after":
            assert await take() == answer
        if again == "later":
            self.hour.at(self.hour.seconds + updates.chance.uniform(1, 600), partial(self._repeated, update, answer))
        if answer is None:
            return ""
        method, params = answer
        assert method in ("sendMessage", "answerCallbackQuery"), method
        self._keyboard = params.get("reply_markup", {}).get("keyboard", [])
        return str(params.get("text", ""))

    async def _repeated(self, update: dict[str, Any], answer: Any) -> None:
        assert await self.hour.take(update) == answer

    def uploaded(self, data: bytes) -> dict[str, Any]:
        """Hand Telegram a file, and give how an update names it."""
        file_id = f"file{next(self.updates.numbers)}"
        self.hour.telegram.files[file_id] = data
        return {"file_id": file_id, "file_unique_id": file_id, "file_size": len(data)}

    @property
    def date(self) -> int:
        """When a message is sent now."""
        return int(self.hour.clock().timestamp())

    @property
    def private(self) -> dict[str, Any]:
        """The chat."""
        return {"id": self.chat, "type": "private"}

    @property
    def sender(self) -> dict[str, Any]:
        """Who writes."""
        return {"id": self.chat, "is_bot": False, "first_name": "A", "language_code": "ru"}
