"""Topics of a desk that is a forum: found, opened when first needed, and opened anew once they are gone.

A topic that was opened and not remembered, because the process ended just then or another one led for that moment, is
opened a second time. The first one stays empty: an administrator may delete it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from uuid import UUID

from bot.clock import Clock
from bot.delivery.errors import TelegramRefused, TopicClosed, Unreachable, WrongThread
from bot.delivery.limits import Limits
from bot.delivery.marks import Marks
from bot.delivery.outbox import Outbox
from bot.delivery.road import Caller, Outgoing, Road
from bot.log import get_logger

LANE: Final = UUID("00000000-0000-4000-8000-000000000003")
"""The lane of what the desk is told of its topics."""
NO_TOPICS: Final = "no_topics"
"""The message that tells the desk which right is missing."""
LONGEST_NAME: Final = 128
BARRED: Final = 600.0
"""Seconds until it is looked whether the right has been given meanwhile."""
GENERAL_AFTER: Final = 3
"""Refusals of a delivery after which it goes without a topic: better seen elsewhere than never."""

FIND: Final = "SELECT thread_id FROM topics WHERE chat_id = $1 AND key = $2"
REMEMBER: Final = "INSERT INTO topics (chat_id, key, thread_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
FORGET: Final = "DELETE FROM topics WHERE chat_id = $1 AND thread_id = $2"
ALLOWED: Final = "DELETE FROM facts WHERE name = $1"
# Told once of each time that the right was taken away.
TELL: Final = """
WITH untold AS (INSERT INTO facts (name, value) VALUES ($1, 'told') ON CONFLICT (name) DO NOTHING RETURNING 1)
INSERT INTO messages (recipient, lane, template, sealed, due_at, attempts) SELECT $2, $3, $4, $5, $6, 0 FROM untold
"""
log = get_logger()


class Topics:
    """Has messages go into their topics. Where the road names none, it does nothing."""

    def __init__(self, marks: Marks, outbox: Outbox, api: Caller, limits: Limits, road: Road, clock: Clock) -> None:
        self._marks, self._outbox, self._api, self._limits = marks, outbox, api, limits
        self._line, self._name, self._clock = road.line, road.topic_name, clock
        self._forums: dict[int, bool] = {}
        """Which chats are forums, as Telegram said last."""
        self._barred: dict[tuple[int, str], float] = {}
        """Until when nothing goes into a topic of a chat, or with "" none is opened in it."""

    async def place(self, chat_id: int, outgoing: Outgoing, language: str, refusals: int) -> None:
        """Note on a new message which topic it goes into, or that one is to be opened for it, which costs a message.

        `refusals` is how often it was refused. Telegram may be asked whether the chat is a forum.
        """
        if self._name is None or not outgoing.topic or refusals >= GENERAL_AFTER or self._bars(chat_id, outgoing.topic):
            return
        if not await self._is_forum(chat_id):
            return
        if known := await self._marks.read(FIND, chat_id, outgoing.topic):
            outgoing.params["message_thread_id"] = known[0]["thread_id"]
        elif not self._bars(chat_id, ""):
            outgoing.opens = await self._name(outgoing.topic, language)
            outgoing.cost += 1

    async def send(self, chat_id: int, outgoing: Outgoing, call: Callable[[], Awaitable[Any]]) -> Any:
        """Make a call, which reads its parameters from `outgoing`. Raise WrongThread when it is to be placed anew."""
        if self._name is None:
            return await call()
        if outgoing.opens:
            await self._open(chat_id, outgoing)
        thread_id = outgoing.params.get("message_thread_id")
        try:
            result = await call()
        except WrongThread:
            self._forums.pop(chat_id, None)
            if outgoing.opens:
                # What was opened this moment is not found: another one would not be either.
                self._bar(chat_id, "")
            if thread_id is not None:
                await self._marks.write((FORGET, (chat_id, thread_id)))
            raise
        except TopicClosed:
            if not await self._goes_on(chat_id, outgoing):
                raise
            result = await call()
        self._learn(chat_id, result)
        return result

    async def _open(self, chat_id: int, outgoing: Outgoing) -> None:
        """Open a topic and remember it. Without the right to do so the message goes without."""
        fact = f"no_topics {chat_id}"
        try:
            made = await self._api.call("createForumTopic", {"chat_id": chat_id, "name": outgoing.opens[:LONGEST_NAME]})
        except TelegramRefused as error:
            if isinstance(error, Unreachable) or error.code in (401, 404):
                raise
            log.warning("topic_not_opened", method=error.method, code=error.code)
            self._bar(chat_id, "")
            self._forums.pop(chat_id, None)
            if any(word in error.description.lower() for word in ("rights", "admin")):
                sealed = self._outbox.seal(LANE, NO_TOPICS, {})
                told = (fact, self._line, LANE, NO_TOPICS, sealed, self._clock())
                await self._marks.write((TELL, told))
            return
        await self._marks.write((REMEMBER, (chat_id, outgoing.topic, made["message_thread_id"])), (ALLOWED, (fact,)))
        # What another process has remembered meanwhile holds.
        known = await self._marks.read(FIND, chat_id, outgoing.topic)
        outgoing.params["message_thread_id"] = known[0]["thread_id"]

    async def _goes_on(self, chat_id: int, outgoing: Outgoing) -> bool:
        """Open a closed topic again, or lead the message into the general one; False when it is there already."""
        thread_id = outgoing.params.get("message_thread_id")
        if thread_id is not None:
            try:
                await self._api.call("reopenForumTopic", {"chat_id": chat_id, "message_thread_id": thread_id})
                self._limits.note(chat_id)
                return True
            except TelegramRefused as error:
                log.warning("topic_not_opened", method=error.method, code=error.code)
                self._bar(chat_id, outgoing.topic)
        led = outgoing.params.pop("message_thread_id", None), outgoing.params.pop("reply_parameters", None)
        return any(led)

    async def _is_forum(self, chat_id: int) -> bool:
        if chat_id not in self._forums:
            chat = await self._api.call("getChat", {"chat_id": chat_id})
            self._forums[chat_id] = isinstance(chat, Mapping) and bool(chat.get("is_forum"))
        return self._forums[chat_id]

    def _learn(self, chat_id: int, result: Any) -> None:
        """Read from what was sent whether the chat is a forum: topics can be turned on and off at any time."""
        sent = result[0] if isinstance(result, list) and result else result
        if isinstance(sent, Mapping) and isinstance(sent.get("chat"), Mapping):
            self._forums[chat_id] = bool(sent["chat"].get("is_forum"))

    def _bar(self, chat_id: int, topic: str) -> None:
        self._barred[chat_id, topic] = self._limits.clock() + BARRED

    def _bars(self, chat_id: int, topic: str) -> bool:
        return (chat_id, topic) in self._barred and self._limits.clock() < self._barred[chat_id, topic]
