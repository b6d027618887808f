"""Messages that are words alone, read without aiogram: nearly all that citizens send, and its types cost as much as the
rest of their turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.telegram.actors import Actor, Side

_PLAIN: Final = frozenset({"message_id", "date", "chat", "from", "text", "entities", "link_preview_options"})
"""Whatever else a message holds, such as that it was forwarded, makes it more than words."""
LONG: Final = 1000
"""Characters above which a text is mostly a pasted list, which needs a transaction: without it, it is read twice."""


@dataclass(frozen=True, slots=True)
class Words:
    """A message that somebody typed: words, and nothing that they do not show."""

    text: str
    language_code: str | None
    """What the client speaks."""


def words_of(update: Mapping[str, Any]) -> Words | None:
    """Give the words of an update that is nothing else; None: it has to be read in full."""
    message = update.get("message")
    if len(update) != 2 or not isinstance(message, dict) or not message.keys() <= _PLAIN:
        return None
    text, sender = message.get("text"), message.get("from")
    if not (text and isinstance(text, str) and isinstance(sender, dict) and _shown(message.get("entities", []))):
        return None
    code = sender.get("language_code")
    return Words(text, code) if code is None or isinstance(code, str) else None


def is_typed(actor: Actor, update: Mapping[str, Any]) -> bool:
    """Tell whether an update is what a citizen typed: most of these need no transaction."""
    words = words_of(update) if actor.side is Side.CITIZEN else None
    return words is not None and len(words.text) <= LONG


def _shown(entities: Any) -> bool:
    """Tell whether these entities only mark what the words say: behind a `text_link` stands an address."""
    return isinstance(entities, list) and all(isinstance(one, dict) and _marks(one) for one in entities)


def _marks(entity: dict[str, Any]) -> bool:
    where = entity.get("offset"), entity.get("length")
    return isinstance(entity.get("type"), str) and all(type(each) is int for each in where) and "url" not in entity
