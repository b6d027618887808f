"""Who an update comes from, read from its raw JSON before anything else: a citizen, the desk, or nobody we serve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

LARGEST: Final = (1 << 63) - 1
"""Telegram's ids fit into 52 bits, and a column into 64."""


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
    """Give the actor of an update, or None when it is of a sort that needs no answer. Nothing in it is trusted."""
    query = _object(update.get("callback_query"))
    if query is not None:
        message = _object(query.get("message"))
        return _actor(message.get("chat"), query.get("from"), desks) if message else None
    message = _object(update.get("message"))
    if message is not None:
        # An anonymous administrator writes as the desk itself.
        return _actor(message.get("chat"), message.get("sender_chat") or message.get("from"), desks)
    other = next((found for name in _OTHERS if (found := _object(update.get(name))) is not None), None)
    return _actor(other.get("chat"), other.get("from"), desks) if other is not None else None


def whole_number(value: Any) -> int | None:
    """Give an id as the database can hold it, or None."""
    return value if type(value) is int and -LARGEST <= value <= LARGEST else None


_OTHERS: Final = ("edited_message", "my_chat_member", "chat_member")


def _object(value: Any) -> dict[str, Any] | None:
    # What JSON gives is a dict; asking for a Mapping costs ten times as much.
    return value if isinstance(value, dict) else None


def _actor(chat: Any, user: Any, desks: frozenset[int]) -> Actor | None:
    chat_id = whole_number(chat.get("id")) if isinstance(chat, dict) else None
    if chat_id is None:
        return None
    user_id = (whole_number(user.get("id")) or 0) if isinstance(user, dict) else 0
    if chat_id in desks:
        return Actor(Side.DESK, chat_id, user_id)
    if chat.get("type") == "private":
        return Actor(Side.CITIZEN, chat_id, user_id)
    if chat.get("type") in ("group", "supergroup", "channel"):
        return Actor(Side.GROUP, chat_id, user_id)
    return None
