"""Telegram as a crowd's bot meets it: takes what its limits allow, keeps what everybody sees, hands out files."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from bot.delivery.errors import MessageGone, NotModified, TooMany
from tests.workbench import Clock

DESK: Final = -1_001_234_567_890
_SENDS: Final = ("sendMessage", "editMessageText", "sendPhoto", "sendMediaGroup")


@dataclass(slots=True)
class Post:
    """A message as it stands in a chat now."""

    id: int
    at: float
    text: str
    markup: Any
    edits: int = 0


@dataclass
class CrowdsTelegram:
    """Takes 20 messages a minute into the desk, edits counted, and 30 a second; refuses what is above that."""

    clock: Clock
    chats: dict[int, dict[int, Post]] = field(default_factory=lambda: defaultdict(dict))
    left: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    """When something left for a chat."""
    refused: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    answered: list[str] = field(default_factory=list)
    """Presses that were answered by a call."""

    def __post_init__(self) -> None:
        self._ids = count(1)
        self._desk, self._all = deque[float](), deque[float]()

    async def open(self) -> None:
        """It is there."""

    async def close(self) -> None:
        """It stays there."""

    async def download(self, file_id: str, limit: int) -> bytes:
        """Hand out a file."""
        assert len(self.files[file_id]) <= limit
        return self.files[file_id]

    async def call(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        files: Mapping[str, bytes] | None = None,
        protect: bool = False,
    ) -> Any:
        """Take one call."""
        assert params is not None
        if method == "getChat":
            return {"id": params["chat_id"], "type": "supergroup"}
        if method == "answerCallbackQuery":
            self.answered.append(params["callback_query_id"])
            return True
        assert method in _SENDS, method
        chat, cost = params["chat_id"], len(params.get("media", "1"))
        self._count(chat, cost)
        if method == "editMessageText":
            return self._edit(chat, params)
        sent = [self._post(chat, params) for _ in range(cost)]
        return sent if method == "sendMediaGroup" else sent[0]

    def _count(self, chat: int, cost: int) -> None:
        now = self.clock().timestamp()
        for most, span, window, counts in ((20, 60.0, self._desk, chat == DESK), (30, 1.0, self._all, True)):
            while window and window[0] <= now - span:
                window.popleft()
            if counts and len(window) + cost > most:
                self.refused.append("desk" if most == 20 else "all")
                raise TooMany(math.ceil(window[0] + span - now))
            window.extend([now] * (cost if counts else 0))
        self.left[chat] += [now] * cost

    def _post(self, chat: int, params: Mapping[str, Any]) -> dict[str, Any]:
        text = params.get("text", params.get("caption", ""))
        post = Post(next(self._ids), self.clock().timestamp(), text, params.get("reply_markup"))
        self.chats[chat][post.id] = post
        return {"message_id": post.id}

    def _edit(self, chat: int, params: Mapping[str, Any]) -> dict[str, Any]:
        post = self.chats[chat].get(params["message_id"])
        if post is None:
            raise MessageGone("editMessageText", 400, "message to edit not found")
        if (post.text, post.markup) == (params["text"], params.get("reply_markup")):
            raise NotModified("editMessageText", 400, "message is not modified")
        post.text, post.markup, post.edits = params["text"], params.get("reply_markup"), post.edits + 1
        return {"message_id": post.id}
