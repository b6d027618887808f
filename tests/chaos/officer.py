"""An officer at both desks: takes cards, decides, and passes some on to the office, while all is falling."""

from __future__ import annotations

import asyncio
from typing import Final

from bot.sandbox.world import Group, Message
from bot.staff import form_buttons
from tests.chaos.sendings import card_id
from tests.chaos.town import Town

SHARE: Final = 0.4
"""Of the cards so many are taken, and those of them that show no links are decided."""
PASSED: Final = 0.3
"""Of the cards of the main desk that are chosen so many are passed on, and nothing else is done with them there."""
ACTS: Final = {"claim", "not_confirmed"}


class Officer:
    """Presses buttons as they stand, once each or again after silence; never waits for a toast, which may be lost."""

    def __init__(self, town: Town) -> None:
        self._town, self._rng = town, town.scale.rng("officer")
        self._chosen: dict[tuple[int, int], bool] = {}
        self._passes: dict[str, bool] = {}
        self._pressed: set[tuple[int, int, str]] = set()

    async def works(self) -> None:
        """Look at the desk again and again, until cancelled."""
        while True:
            await asyncio.sleep(self._rng.uniform(0.05, 0.4))
            for desk in self._town.desks.values():
                for post in self._town.sandbox.messages(desk.id):
                    chosen = (desk.id, post.id), self._rng.random() < SHARE
                    if post.from_bot and post.inline and self._chosen.setdefault(*chosen):
                        self._acts(post, desk)

    def _acts(self, post: Message, desk: Group) -> None:
        acts = {"claim"} if "t.me/" in post.words else ACTS
        # By the card, not by the message: it may stand twice, and who passes one copy claims none.
        card, passes = card_id(post.markup), self._rng.random() < PASSED
        if desk is self._town.desk and card and self._passes.setdefault(card, passes):
            acts = {"pass"}
        for data in (button.get("callback_data", "") for row in post.inline for button in row):
            # A form has one button of an office: the other one.
            wanted = form_buttons.read(data) if data.startswith(form_buttons.PREFIX) else None
            passes = wanted is not None and wanted.verb is form_buttons.Verb.OFFICE
            if (passes or data.rpartition(":")[2] in acts) and (desk.id, post.id, data) not in self._pressed:
                self._pressed.add((desk.id, post.id, data))
                self._town.counts["cards passed on" if passes else "presses of the officer"] += 1
                self._town.sandbox.press(self._town.officer, post.id, data, chat=desk, outdated=True)
                return
