"""Who an update comes from, read from its raw JSON before anything else: a citizen, the desk, or nobody we serve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Side(StrEnum):
    """Where an update belongs."""

    CITIZEN = "citizen"
    DESK = "desk"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Actor:
    """One sender: turns of the same actor are taken one after another."""

    side: Side
    chat_id: int
    user_id: int

    @property
    def key(self) -> tuple[int, int]:
        """Give what the lock of this actor is keyed by: the chat, on a desk also the officer."""
        return (self.chat_id, self.user_id if self.side is Side.DESK else 0)


def actor_of(update: Mapping[str, Any], desks: frozenset[int]) -> Actor | None:
    """Give the actor of an update, or None when it is of a sort that needs no answer."""
    query = update.get("callback_query")
    if query is not None:
        message = query.get("message")
        return _actor(message.get("chat"), query.get("from"), desks) if message else None
    message = update.get("message")
    if message is not None:
        # An anonymous administrator writes as the desk itself.
        return _actor(message.get("chat"), message.get("sender_chat") or message.get("from"), desks)
    edited = update.get("edited_message")
    if edited is not None:
        return _actor(edited.get("chat"), edited.get("from"), desks)
    membership = update.get("my_chat_member") or update.get("chat_member")
    if membership is not None:
        return _actor(membership.get("chat"), membership.get("from"), desks)
    return None


def _actor(chat: Mapping[str, Any] | None, user: Mapping[str, Any] | None, desks: frozenset[int]) -> Actor | None:
    if not isinstance(chat, Mapping) or not isinstance(chat.get("id"), int):
        return None
    chat_id = chat["id"]
    user_id = user.get("id", 0) if isinstance(user, Mapping) else 0
    if chat_id in desks:
        return Actor(Side.DESK, chat_id, user_id)
    if chat.get("type") == "private":
        return Actor(Side.CITIZEN, chat_id, user_id)
    if chat.get("type") in ("group", "supergroup", "channel"):
        return Actor(Side.GROUP, chat_id, user_id)
    return None
