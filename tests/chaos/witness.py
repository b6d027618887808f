"""A citizen who files what was planned, however often the bot is killed meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random

from bot.sandbox.world import Message
from tests.chaos.plans import Life, Planned
from tests.journeys.acting import RECEIPT, Citizen
from tests.stage import Stage

PATIENCE = 3.0
"""Seconds after which somebody who hears nothing does something; nothing is claimed about the time."""

TIMES = 100
"""How often somebody asks until they give up: that is a fault."""


class GaveUp(Exception):
    """A citizen was never answered."""


class Witness(Citizen):
    """Types, presses, waits; asks again when nothing comes, as people do."""

    def __init__(self, stage: Stage, life: Life, rng: Random, counts: Counter[str]) -> None:
        super().__init__(stage, life.language)
        self.life, self.rng, self.counts = life, rng, counts

    @property
    def codes(self) -> list[str]:
        """The receipts that stand in the chat, each once, in order; not those of answers to /status."""
        return list(dict.fromkeys(code[0] for m in self.said if (code := RECEIPT.search(m.words))))

    async def lives(self, begun: Callable[[], None]) -> None:
        """File all reports, one after another."""
        self.types("/start")
        self.types({"kk": "Қазақша", "ru": "Русский", "en": "English"}[self.language])
        for planned in self.life.reports:
            begun()
            await self.tells(planned)
            if not planned.left:
                await (self.hurries(planned) if planned.hasty and planned.scene != "list" else self.completes())
                await self.gets_receipt(planned)
                self.goes_on(planned)

    async def tells(self, planned: Planned) -> None:
        """Send all that a report consists of, in order and without waiting, but for a list to be read."""
        start = self.last
        if planned.kind != "link":
            self.types(self.label(f"kind:{planned.kind}"))
        match planned.scene:
            case "messages":
                for link in planned.links:
                    self.types(f"t.me/{link}")
            case "list":
                self.document(f"{planned.mark}.txt", "\n".join(f"https://t.me/{x}" for x in planned.links).encode())
                read = self.text("list_read", links=len(planned.links), unread=0)
                await self.until(lambda: any(m.id > start and read in m.words for m in self.said), "")
            case "den":
                first, *more = planned.words
                for text in (first, planned.address, *more):
                    self.types(text)
            case "link" | "links":
                self.types(" ".join([*(f"t.me/{link}" for link in planned.links), *planned.words]))
        if planned.photos:
            self.photos(planned.photos)
        if planned.point:
            self.location(planned.point)
        if planned.scene in ("place", "graffiti"):
            for text in planned.words:
                self.types(text)

    @property
    def said(self) -> list[Message]:
        """All that the bot has said to them."""
        return [m for m in self.sandbox.messages(self.id) if m.from_bot]

    async def hurries(self, planned: Planned) -> None:
        """Press Send at once; where a question is still open, that shows the summary, and the next press sends."""
        if planned.kind != "link":
            self.types(self.label("send"))
        if planned.scene == "messages" or self.rng.random() < 0.2:
            self.types("/report")

    async def completes(self) -> None:
        """Answer what is asked until the report can be sent."""
        await self.until(lambda: bool(self.heard), "/report")
        while self.label("send") not in self.buttons:
            name = next((name for name in ("done", "skip") if self.label(name) in self.buttons), None)
            self.types(self.label(name) if name else "/report")
            await self.until(lambda: bool(self.heard), "/report")

    async def gets_receipt(self, planned: Planned) -> None:
        """Press Send until the receipt is there."""
        known = len(self.codes)
        self.types(self.label("send"))
        if self.rng.random() < 0.15:
            self.types(self.label("send"))
        await self.until(lambda: len(self.codes) > known, self.label("send"))
        planned.receipt = self.codes[-1]

    def goes_on(self, planned: Planned) -> None:
        """Sometimes ask how it stands, and not wait for the answer."""
        if self.rng.random() < 0.2:
            self.types(f"/status {planned.receipt}")

    async def until(self, told: Callable[[], bool], again: str) -> None:
        """Wait, and type this each time that nothing came; raise GaveUp."""
        for _ in range(TIMES):
            try:
                await self.sandbox.wait_for(told, PATIENCE)
                return
            except AssertionError:
                self.counts["asked again after silence"] += 1
                if again:
                    self.types(again)
        raise GaveUp
