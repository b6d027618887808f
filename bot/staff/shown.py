"""How texts, words and addresses are shown on the desk: these never longer than a message may be."""

from __future__ import annotations

from typing import Any

from bot.delivery.road import Outgoing
from bot.links import canonical


def text_post(text: str, rows: list[Any] | None = None, topic: str = "") -> Outgoing:
    """Make a message of a text, with rows of buttons under it if there are any."""
    params: dict[str, Any] = {"text": text}
    if rows is not None:
        params["reply_markup"] = {"inline_keyboard": rows}
    return Outgoing("sendMessage", params, topic=topic)


def cut(words: str, most: int) -> str:
    """Cut words to `most` UTF-16 units.

    Telegram counts these, and refuses a card that is too long: then nobody would see the report.
    """
    whole = words.encode("utf-16-le")
    return words if len(whole) <= 2 * most else whole[: 2 * most - 2].decode("utf-16-le", "ignore") + "…"


def readable(url: str, most: int = 300) -> str:
    """Show an address with the letters that people know it by."""
    link = canonical(url)
    return cut(link.shown if link else url, most)
