"""Who may act on a desk: its members, asked of Telegram before the turn, remembered for a minute."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from bot.delivery.errors import TelegramRefused

REMEMBERED: Final = 60.0
"""Seconds that an answer holds: a member who left can act no longer than this."""
MEMBERS: Final = frozenset({"creator", "administrator", "member"})

GetMember = Callable[[int, int], Awaitable[Mapping[str, Any]]]


class Access:
    """Answers whether a person is a member of a desk."""

    def __init__(self, get_member: GetMember, clock: Callable[[], float] = time.monotonic) -> None:
        self._get_member, self._clock = get_member, clock
        self._known: dict[tuple[int, int], tuple[float, bool]] = {}

    def is_member(self, chat_id: int, user_id: int) -> bool:
        """Tell what `ask` found out; inside a turn nothing is asked of the network."""
        # An anonymous administrator writes as the chat itself.
        return user_id == chat_id or self._known.get((chat_id, user_id), (0.0, False))[1]

    async def ask(self, chat_id: int, user_id: int) -> None:
        """Find out whether a person is a member, unless it was found out within the last minute. Before a turn."""
        known = self._known.get((chat_id, user_id))
        if user_id == chat_id or (known and self._clock() - known[0] < REMEMBERED):
            return
        try:
            member = await self._get_member(chat_id, user_id)
        except TelegramRefused:
            member = {}
        status = member.get("status")
        allowed = status in MEMBERS or (status == "restricted" and bool(member.get("is_member")))
        self._known[chat_id, user_id] = (self._clock(), allowed)

    def forget(self, chat_id: int, user_id: int) -> None:
        """Ask again next time: the membership changed."""
        self._known.pop((chat_id, user_id), None)

    async def prepare(self, update: Mapping[str, Any]) -> bool:
        """Prepare the turn of an update from a desk; False drops unrelated talk before it costs a transaction."""
        query = update.get("callback_query")
        if query is not None:
            presser = query.get("from")
            if not isinstance(presser, Mapping) or not isinstance(presser.get("id"), int):
                return False
            await self.ask(query["message"]["chat"]["id"], presser["id"])
            return True
        message = update.get("message")
        return message is None or "migrate_to_chat_id" in message or str(message.get("text", "")).startswith("/")
