"""A dealer who probes: a report of an invite and of links that he gives up, in several worlds at the same moments."""

from __future__ import annotations

import random
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, Final
from uuid import UUID

from bot.delivery.outbox import CardSort
from bot.reports.amending import TooLate
from bot.reports.deciding import Officer, Taken
from bot.reports.form_state import FormOver
from bot.reports.lifecycle import Act, Decision, IllegalMove
from bot.reports.naming import resource_key
from tests.crowd.hour import Hour
from tests.crowd.phone import Phone, Updates

RECEIPT: Final = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b")
UNDO: Final = 30
DUE: Final = "DELETE FROM jobs.pgqueuer WHERE execute_after <= now() RETURNING id, entrypoint, payload"
AIGERIM, DANIYAR = Officer(77, "Айгерим"), Officer(78, "Данияр")
_NEWEST: Final = "SELECT id FROM forms WHERE act = 'ask' AND state = 'open' AND subject = $1 ORDER BY at DESC LIMIT 1"
Work = Callable[[Any], Awaitable[None]]


class World:
    """One dealer with his links, the desk that acts on them, and others who report them."""

    def __init__(self, hour: Hour, updates: Updates, name: str, number: int, decoys: int) -> None:
        self.hour, self.name = hour, name
        self._updates, self._chats = updates, iter(range(5_000_000_000 + number * 1000, 6_000_000_000))
        self.invite = f"t.me/+AbCdEfGhIjKl{number}"
        self.decoys = [f"t.me/decoy_{number}_{place}" for place in range(decoys)]
        self.dealer = self.somebody()
        self.receipt, self.seen = "", 0
        self.report: UUID | None = None

    def somebody(self) -> Phone:
        """A person with a phone."""
        return Phone(self.hour, self._updates, next(self._chats))

    def label(self, name: str) -> str:
        return self.hour.app.wording.texts.plain("ru", f"labels.{name}")

    async def told_by(self, person: Phone, *links: str) -> None:
        """Have somebody report links."""
        await person.says(" ".join(links))
        await person.says(self.label("send"))
        await self.hour.settle()

    async def probe(self) -> None:
        """Have the dealer send his report, and find it."""
        await self.told_by(self.dealer, *self.decoys, self.invite)
        self.receipt = RECEIPT.findall(self.dealer.posts[-1].text)[0]
        self.report = await self.hour.value("SELECT id FROM reports ORDER BY number DESC LIMIT 1")

    async def notes(self, *asked: str) -> list[Any]:
        """Give what came back to the dealer since the last time, and what he is answered now."""
        answered = [[await self.dealer.says(words.format(self)), self.dealer.labels] for words in asked]
        new, self.seen = self.dealer.posts[self.seen :], len(self.dealer.posts)
        return [self._bare(repr([answered, [[post.text, post.markup is not None] for post in new]]))]

    def _bare(self, words: str) -> str:
        words = RECEIPT.sub("CODE", words).replace(self.invite.removeprefix("t.me/"), "INVITE")
        return re.sub(r"decoy_\d+_", "decoy_", words)

    async def resource(self, link: str) -> UUID:
        key = resource_key(self.hour.app.ring, f"https://{link}")
        found: UUID = await self.hour.value("SELECT id FROM resources WHERE key = $1", key)
        return found

    async def acts(self, link: str | None, act: Act | Decision, officer: Officer = AIGERIM) -> None:
        """Have an officer act on a link, or on the whole report."""
        about = await self._about(link)
        await self._tries(lambda raw: self.hour.app.decisions.act(raw, *about, act, officer, self.hour.clock()))

    async def undoes(self, link: str | None, officer: Officer = AIGERIM) -> None:
        about = await self._about(link)
        await self._tries(lambda raw: self.hour.app.amending.undo(raw, *about, officer, self.hour.clock()))

    async def asks(self, link: str | None, officer: Officer = AIGERIM) -> None:
        """Have an officer put a question to the dealer, by a link's card."""
        sort, subject = await self._about(link)
        forms, now = self.hour.app.forms, self.hour.clock()
        opened = partial(forms.begin, act=Act.ASK, sort=sort, subject=subject, officer=officer, now=now)
        await self._tries(lambda raw: opened(raw, report_id=self.report))
        opened_form = await self.hour.value(_NEWEST, subject)
        if opened_form:
            await self._tries(lambda raw: forms.ask(raw, opened_form, "where", officer, now))

    async def _about(self, link: str | None) -> tuple[CardSort, UUID]:
        if link is not None:
            return CardSort.RESOURCE, await self.resource(link)
        assert self.report is not None
        return CardSort.REPORT, self.report

    async def _tries(self, work: Work) -> None:
        with suppress(Taken, IllegalMove, TooLate, FormOver):
            await self.hour.write(work)
        await self.hour.settle()


async def later(hour: Hour, seconds: float) -> None:
    """Let time pass, for jobs that wait too."""
    if seconds > UNDO:
        await hour.rows("UPDATE jobs.pgqueuer SET execute_after = now() RETURNING 1")
    await hour.passes(seconds)


class Never(random.Random):
    """Brings no update twice."""

    def random(self) -> float:
        return 1.0
