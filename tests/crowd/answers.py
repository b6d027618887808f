"""What everybody is told once some of the links were decided: by delivery, and by their codes."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from bot.delivery.outbox import CardSort
from bot.reports.deciding import Decisions, Officer
from bot.reports.found import receipt_hash
from bot.reports.lifecycle import Decision
from tests.crowd.checks import Checks
from tests.crowd.crowd import Crowd
from tests.crowd.sending import Report

OFFICER: Final = Officer(7, "Айгерим")
SEVERAL: Final = 10
"""Resources that an officer has blocked, and as many that are sent to be."""


class Answers:
    """The links that an officer decides, and what is told of them."""

    def __init__(self, crowd: Crowd, checks: Checks) -> None:
        self.crowd, self.hour = crowd, crowd.hour
        self.named, self.of_row, self.filed = checks.named, checks.of_row, checks.filed

    async def right(self) -> None:
        """By each code its citizen reads how the links of that report stand, and of nothing else."""
        decided = sorted(self.named, key=lambda thing: (-len(self.named[thing]), thing.token))
        stood = dict.fromkeys(decided[:SEVERAL], Decision.BLOCKED)
        stood |= dict.fromkeys(decided[SEVERAL : 2 * SEVERAL], Decision.SENT_TO_BLOCK)
        rows = {thing: row for row, thing in self.of_row.items()}
        for thing, decision in stood.items():
            act = rows[thing], decision, OFFICER, self.hour.clock()
            await self.hour.write(partial(_act, self.hour.app.decisions, *act))
        await self.hour.run()
        codes = {
            receipt_hash(self.hour.app.ring, code): (person, code)
            for person in self.crowd.people
            for code in person.codes
        }
        for row in await self.hour.rows("SELECT id, receipt_hash FROM reports ORDER BY number"):
            person, code = codes[row["receipt_hash"]]
            report = self.filed[row["id"]]
            made = Counter(stood[thing] for thing in report.things if thing in stood)
            self.hour.clock.forward(seconds=1)
            assert self._told(report, made) in await person.asks(code), made
            heard = self._told(report, made, at_once=True)
            if heard:
                assert any(heard in post.text for post in person.posts), made

    def _told(self, report: Report, made: Counter[Decision], *, at_once: bool = False) -> str:
        """What somebody is told of a report whose links were so decided; `at_once` what comes to them unasked."""
        closed, sent, total = made[Decision.BLOCKED], made[Decision.SENT_TO_BLOCK], len(report.things)
        if not made:
            return "" if at_once else self.crowd.text("citizen.status_new")
        if total == 1:
            return self.crowd.text(f"kinds.link.feedback.{next(iter(made))}")
        return self.crowd.text("citizen.progress", closed=closed, sent=sent, total=total)


async def _act(
    decisions: Decisions, resource: UUID, decision: Decision, officer: Officer, now: datetime, raw: Any
) -> None:
    await decisions.act(raw, CardSort.RESOURCE, resource, decision, officer, now)
