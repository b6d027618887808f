"""What a handler gives back: one Bot API call, without the chat, which the turn knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Rows = list[list[str]]
"""The rows of a reply keyboard: labels alone."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One call that can be repeated at no loss, because it may ride in the webhook's response and be lost there."""

    method: str
    params: dict[str, Any] = field(default_factory=dict)


def say(text: str, rows: Rows | None = None) -> Reply:
    """Answer with HTML text, and with a reply keyboard when rows are given."""
    params: dict[str, Any] = {"text": text}
    if rows is not None:
        params["reply_markup"] = keyboard(rows)
    return Reply("sendMessage", params)


def toast(query_id: str, text: str = "", *, alert: bool = False) -> Reply:
    """Answer the press of an inline button."""
    params: dict[str, Any] = {"callback_query_id": query_id}
    if text:
        params |= {"text": text[:200], "show_alert": alert}
    return Reply("answerCallbackQuery", params)


def keyboard(rows: Rows) -> dict[str, Any]:
    """Give the markup of a reply keyboard that stays and fits the phone."""
    return {
        "keyboard": [[{"text": label} for label in row] for row in rows],
        "resize_keyboard": True,
        "is_persistent": True,
    }
