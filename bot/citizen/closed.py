"""What a citizen is told after sending: which public names among their links are closed already, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.links.shown import readable
from bot.texts import Texts

NAMED_MOST: Final = 20
"""Links that are told by name; of the rest how many they are."""
LENGTH_MOST: Final = 60
"""Characters of one such name."""


def closed_text(texts: Texts, language: str, urls: Sequence[str]) -> str:
    """Tell of these addresses that access to them is closed already; empty when there are none."""
    if not urls:
        return ""
    names = [_short(readable(url)) for url in urls[:NAMED_MOST]]
    return texts.render(language, "citizen.closed_already", links=names, more=len(urls) - len(names))


def _short(name: str) -> str:
    return name if len(name) <= LENGTH_MOST else name[: LENGTH_MOST - 1] + "…"
