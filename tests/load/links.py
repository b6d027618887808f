"""Links as an hour of a campaign brings them, for `make bench`: seven of ten were named before, a few by very many."""

from __future__ import annotations

import itertools
import random
from typing import Any, Final

from tests.load.telegram import message

FRESH: Final = 0.3
"""The share of links that nobody has named before."""
SEND: Final = "Отправить"


class Campaign:
    """Draws links: a new one, or by Zipf's law one of those that were drawn before."""

    def __init__(self, seed: int = 1) -> None:
        self._chance = random.Random(seed)
        self._numbers = itertools.count()
        self._known: list[str] = []
        self._weights: list[float] = []

    def links(self, count: int) -> list[str]:
        """Give so many different links."""
        found: set[str] = set()
        while len(found) < count:
            found.add(self._link())
        return sorted(found)

    def reports(self, chats: itertools.count[int], links: int, at_once: int) -> list[list[dict[str, Any]]]:
        """Give reports that name so many links in all, so many in each: what is pasted, and Send."""
        talks = []
        for _ in range(links // at_once):
            chat = next(chats)
            talks.append([message(chat, "\n".join(self.links(at_once))), message(chat, SEND)])
        return talks

    def _link(self) -> str:
        if not self._known or self._chance.random() < FRESH:
            self._known.append(f"https://t.me/campaign_{next(self._numbers):06}")
            self._weights.append((self._weights[-1] if self._weights else 0.0) + 1 / len(self._known))
            return self._known[-1]
        return self._chance.choices(self._known, cum_weights=self._weights)[0]
