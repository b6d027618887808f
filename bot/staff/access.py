"""Who may act on a desk: its members, asked of Telegram before the turn, remembered for a minute."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Any, Final

from bot.delivery.errors import TelegramRefused
from bot.log import get_logger

REMEMBERED: Final = 60.0
"""Seconds that an answer holds: a member who left can act no longer than this."""

log = get_logger()
GetMember = Callable[[int, int], Awaitable[Mapping[str, Any]]]


class Standing(StrEnum):
    """What somebody is to a desk."""

    UNKNOWN = "unknown"
    """Telegram knows of no such member, or has not told."""
    LEFT = "left"
    MEMBER = "member"
    ADMINISTRATOR = "administrator"


_INSIDE: Final = frozenset({Standing.MEMBER, Standing.ADMINISTRATOR})
_STANDINGS: Final = {
    "creator": Standing.ADMINISTRATOR,
    "administrator": Standing.ADMINISTRATOR,
    "member": Standing.MEMBER,
    "left": Standing.LEFT,
    "kicked": Standing.LEFT,
}


def standing(status: str | None, *, is_member: bool) -> Standing:
    """Read a status of the Bot API; `is_member` tells of "restricted" alone, which also those are who have left."""
    if status == "restricted":
        return Standing.MEMBER if is_member else Standing.LEFT
    return _STANDINGS.get(status or "", Standing.UNKNOWN)


class Access:
    """Answers whether a person is a member of a desk, or an administrator of its chat."""

    def __init__(self, get_member: GetMember, clock: Callable[[], float] = time.monotonic) -> None:
        self._get_member, self._clock = get_member, clock
        self._known: dict[tuple[int, int], tuple[float, Standing]] = {}

    def is_member(self, chat_id: int, user_id: int) -> bool:
        """Tell what `ask` found out; inside a turn nothing is asked of the network."""
        return self._standing(chat_id, user_id) in _INSIDE

    def is_administrator(self, chat_id: int, user_id: int) -> bool:
        """Tell whether somebody manages this desk: who created the chat, or was made an administrator of it."""
        return self._standing(chat_id, user_id) is Standing.ADMINISTRATOR

    def has_left(self, chat_id: int, user_id: int) -> bool:
        """Tell whether Telegram said that somebody is no member, as it does of strangers too; not: has not answered."""
        return self._standing(chat_id, user_id) is Standing.LEFT

    def _standing(self, chat_id: int, user_id: int) -> Standing:
        if user_id == chat_id:
            # Only an administrator can write as the chat itself: an anonymous one.
            return Standing.ADMINISTRATOR
        return self._known.get((chat_id, user_id), (0.0, Standing.UNKNOWN))[1]

    async def ask(self, chat_id: int, user_id: int) -> None:
        """Find out what a person is to a desk, unless it was found out within the last minute. Before a turn."""
        known = self._known.get((chat_id, user_id))
        # Of a channel that writes into the group there is nothing to ask: a chat is no member.
        if user_id < 0 or (known and self._clock() - known[0] < REMEMBERED):
            return
        try:
            member = await self._get_member(chat_id, user_id)
        except TelegramRefused:
            member = {}
        found = standing(member.get("status"), is_member=bool(member.get("is_member")))
        self._known[chat_id, user_id] = (self._clock(), found)

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
        if not _answers_the_bot(message) and not str(message.get("text", message.get("caption", ""))).startswith("/"):
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
