"""How words and addresses are shown on the desk: never longer than a message may be."""

from __future__ import annotations

from bot.links import canonical


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
