"""An officer at the desk: takes cards and decides, while all is falling."""

from __future__ import annotations

import asyncio
from typing import Final

from bot.sandbox.world import Message
from tests.chaos.town import Town

SHARE: Final = 0.4
"""Of the cards so many are taken, and those of them that show no links are decided."""
ACTS: Final = {"claim", "not_confirmed"}


class Officer:
    """Presses buttons as they stand, once each or again after silence; never waits for a toast, which may be lost."""

    def __init__(self, town: Town) -> None:
        self._town, self._rng = town, town.scale.rng("officer")
        self._chosen: dict[int, bool] = {}
        self._pressed: set[tuple[int, str]] = set()

    async def works(self) -> None:
        """Look at the desk again and again, until cancelled."""
        while True:
            await asyncio.sleep(self._rng.uniform(0.05, 0.4))
            for post in self._town.sandbox.messages(self._town.desk.id):
                if post.from_bot and post.inline and self._chosen.setdefault(post.id, self._rng.random() < SHARE):
                    self._acts(post)

    def _acts(self, post: Message) -> None:
        acts = {"claim"} if "t.me/" in post.words else ACTS
        for data in (button.get("callback_data", "") for row in post.inline for button in row):
            if data.rpartition(":")[2] in acts and (post.id, data) not in self._pressed:
                self._pressed.add((post.id, data))
                self._town.counts["presses of the officer"] += 1
                self._town.sandbox.press(self._town.officer, post.id, data, chat=self._town.desk, outdated=True)
                return
