"""Who may act on a desk: its members, asked of Telegram before the turn, remembered for a minute."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from bot.delivery.errors import TelegramRefused
from bot.log import get_logger

REMEMBERED: Final = 60.0
"""Seconds that an answer holds: a member who left can act no longer than this."""
MEMBERS: Final = frozenset({"creator", "administrator", "member"})

log = get_logger()
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
        # Of a channel that writes into the group there is nothing to ask: a chat is no member.
        if user_id < 0 or (known and self._clock() - known[0] < REMEMBERED):
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
            chat_id = query["message"]["chat"]["id"]
            await self.ask(chat_id, presser["id"])
            if not self.is_member(chat_id, presser["id"]):
                log.warning("outsider_pressed")
            return True
        message = update.get("message")
        if not isinstance(message, Mapping):
            return True
        if "migrate_to_chat_id" in message:
            return True
        if not _answers_the_bot(message) and not str(message.get("text", "")).startswith("/"):
            return False
        sender = message.get("sender_chat") or message.get("from")
        if not isinstance(sender, Mapping) or not isinstance(sender.get("id"), int):
            return False
        await self.ask(message["chat"]["id"], sender["id"])
        if not self.is_member(message["chat"]["id"], sender["id"]):
            log.warning("outsider_wrote")
        return True


def _answers_the_bot(message: Mapping[str, Any]) -> bool:
    """Tell whether a message is a reply to a bot's message, and not merely one in a topic that a bot opened."""
    answered = message.get("reply_to_message")
    if not isinstance(answered, Mapping) or "forum_topic_created" in answered:
        return False
    writer = answered.get("from")
    return isinstance(writer, Mapping) and bool(writer.get("is_bot"))
