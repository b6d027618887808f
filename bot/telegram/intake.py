"""The way in that webhook and polling share: raw JSON → actor → turn → a call that may go out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import Any, Final

from bot import metrics
from bot.database import is_outage
from bot.log import error_fields, get_logger
from bot.telegram.actors import Actor, Side, actor_of, whole_number
from bot.telegram.encoder import encode
from bot.telegram.flood import Flood
from bot.telegram.reply import Reply
from bot.telegram.turn import TryAgain, Turns

UPDATES: Final = ("message", "edited_message", "callback_query", "my_chat_member", "chat_member")
"""What Telegram is asked to send."""

log = get_logger()


class Intake:
    """Takes raw updates and gives, for each, the encoded call that answers it."""

    def __init__(
        self,
        turns: Turns,
        desks: Callable[[], frozenset[int]],
        prepare_desk: Callable[[Mapping[str, Any]], Awaitable[bool]],
        flood: Flood | None = None,
        look_for_desk: Callable[[int], Awaitable[bool]] | None = None,
        answered: Callable[[int], None] = lambda chat_id: None,
    ) -> None:
        """`desks` gives the chats that are desks; `prepare_desk` is what one of their updates needs of the network.

        `look_for_desk` tells of a group that is none whether it became one meanwhile; `answered` is told of each reply
        that becomes a message on the desk.
        """
        self._turns, self._desks, self._prepare_desk, self._flood = turns, desks, prepare_desk, flood
        self._look_for_desk, self._answered = look_for_desk, answered

    def queue(self, update: Any) -> Hashable:
        """Give what the order of updates is kept by: those of one queue are taken one after another."""
        actor = actor_of(update, self._desks()) if isinstance(update, dict) else None
        return actor.key if actor else None

    async def take(self, update: Any) -> tuple[str, dict[str, Any]] | None:
        """Take one update; give (method, body) or None. Raise TryAgain when it should be brought again."""
        if not isinstance(update, dict) or whole_number(update.get("update_id")) is None:
            log.warning("update_malformed")
            metrics.UPDATES.labels("malformed").inc()
            return None
        actor = actor_of(update, self._desks())
        if actor is not None and actor.side is Side.GROUP and await self._moved_here(actor.chat_id):
            actor = actor_of(update, self._desks())
        if actor is None:
            return None
        if self._flood and actor.side is Side.CITIZEN:
            passes, told = self._flood.look(actor.chat_id, update)
            if not passes:
                metrics.UPDATES.labels("flood").inc()
                return self._addressed(actor, told, update) if told else None
        prepare = self._prepare_desk if actor.side is Side.DESK else None
        reply = await self._turns.take(actor, update, prepare)
        return self._addressed(actor, reply, update) if reply else None

    async def _moved_here(self, chat_id: int) -> bool:
        try:
            return self._look_for_desk is not None and await self._look_for_desk(chat_id)
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("turn_failed", **error_fields(error))
            raise TryAgain from None

    def _addressed(self, actor: Actor, reply: Reply, update: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        metrics.of(metrics.REPLIES, reply.method).inc()
        params = reply.params
        if reply.method != "answerCallbackQuery":
            params = {"chat_id": actor.chat_id, **params}
            if actor.side is Side.DESK:
                self._answered(actor.chat_id)
                if reply.method.startswith("send"):
                    params = {"message_thread_id": topic_of(update), **params}
        return reply.method, encode(reply.method, params, protect=actor.side is Side.DESK)


def topic_of(update: Mapping[str, Any]) -> int | None:
    """Give the topic of a forum that an update was written in; any other chain of replies is none."""
    query = update.get("callback_query")
    message = query.get("message") if isinstance(query, Mapping) else update.get("message")
    if not isinstance(message, Mapping) or not message.get("is_topic_message"):
        return None
    return whole_number(message.get("message_thread_id"))
