"""Ways to messages of the desk: addresses that only its members can open."""

from __future__ import annotations

from typing import Any, Final

from markupsafe import Markup

SUPERGROUPS: Final = 1_000_000_000_000
"""A supergroup's id is minus this and less; t.me knows it without."""


def address(chat_id: int, message_id: int | None) -> str | None:
    """Give the address of a message on the desk; None where there is none: messages of basic groups have no address."""
    if message_id is None or chat_id > -SUPERGROUPS:
        return None
    return f"https://t.me/c/{-chat_id - SUPERGROUPS}/{message_id}"


def named(shown: str, url: str | None) -> Markup:
    """Write what stands for a card, such as its №, as a link to it where that can be."""
    return Markup('<a href="{}">{}</a>').format(url, shown) if url else Markup("{}").format(shown)


def button(label: str, url: str) -> dict[str, Any]:
    """Make a button that opens a card."""
    return {"text": label, "url": url}
