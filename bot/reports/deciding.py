"""Officers' acts: claimed, released, decided, reopened; for links on the resource, and from there to its reports."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from bot import jobs
from bot.clock import to_minute
from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.reports import queries
from bot.reports.lifecycle import Act, Decision, Status, move

SPREAD: Final = "spread_decision"
"""The job that takes a resource's decision to its reports."""
_DRAW: Final = random.SystemRandom().uniform
"""Nobody can foresee it."""


class Taken(Exception):
    """Another officer has this in hand."""

    def __init__(self, by: str) -> None:
        super().__init__()
        self.by = by


class NoSuchCard(Exception):
    """The report or resource of a card is no longer there."""


@dataclass(frozen=True, slots=True)
class Officer:
    """Who of the desk acts."""

    id: int
    name: str


class Decisions:
    """Carries out acts on the driver's connection of an open transaction."""

    def __init__(
        self,
        outbox: Outbox,
        undo: int,
        delay: tuple[int, int],
        draw: Callable[[float, float], float] = _DRAW,
    ) -> None:
        """`undo` and `delay` (from, to) are seconds; `draw` draws the wait of what an officer caused."""
        self._outbox, self._undo, self._delay, self._draw = outbox, undo, delay, draw

    async def act(
        self, driver: Any, sort: CardSort, subject: UUID, act: Act | Decision, officer: Officer, now: datetime
    ) -> None:
        """Carry out an act on a report or a resource; raise IllegalMove, Taken, NoSuchCard."""
        on_resource = sort is CardSort.RESOURCE
        row = await driver.fetchrow(queries.RESOURCE_LOCKED if on_resource else queries.REPORT_LOCKED, subject)
        if row is None:
            raise NoSuchCard
        if row["claimed_by"] not in (None, officer.id) and act is not Act.REOPEN:
            raise Taken(row["claimed_name"] or "")
        step = move(Status(row["status"]), act)
        decision = act.value if isinstance(act, Decision) else None
        holds = act is not Act.RELEASE
        await driver.execute(
            queries.MOVE_RESOURCE if on_resource else queries.MOVE_REPORT,
            subject,
            step.after.value,
            decision or (row["decision"] if act is not Act.REOPEN else None),
            officer.id if holds else None,
            officer.name if holds else None,
            to_minute(now) if step.after is Status.DECIDED else None,
        )
        await driver.execute(queries.JOURNAL, now, officer.id, officer.name, act.value, sort.value, subject)
        await self._outbox.refresh(driver, sort, [subject], now)
        if on_resource:
            await jobs.enqueue(driver, SPREAD, subject, after=self._undo if step.feedback else 0)
        elif step.feedback and decision:
            await self._feedback(driver, subject, {"kind": row["kind"], "decision": decision}, now)

    async def spread(self, driver: Any, report_id: UUID, resource_id: UUID, now: datetime) -> None:
        """Bring one report to where its resources stand, and tell its citizen of a decision."""
        report = await driver.fetchrow(queries.REPORT_LOCKED, report_id)
        if report is None:
            return
        resources = await driver.fetch(queries.RESOURCES_OF_REPORT, report_id)
        resource = next((row for row in resources if row["id"] == resource_id), None)
        if resource is None:
            return
        status = _together([Status(row["status"]) for row in resources])
        decisions = {row["decision"] for row in resources}
        decision = resource["decision"] if len(decisions) == 1 else None
        changed = (report["status"], report["decision"]) != (status.value, decision)
        if not changed and len(resources) == 1:
            return
        await driver.execute(
            queries.MOVE_REPORT,
            report_id,
            status.value,
            decision,
            None,
            None,
            to_minute(now) if status is Status.DECIDED else None,
        )
        await self._outbox.refresh(driver, CardSort.REPORT, [report_id], now)
        if len(resources) > 1:
            await self._progress(driver, report_id, now)
        elif decision:
            await self._feedback(driver, report_id, {"kind": report["kind"], "decision": decision}, now, undone=True)

    async def _feedback(
        self, driver: Any, report_id: UUID, params: dict[str, Any], now: datetime, *, undone: bool = False
    ) -> None:
        due = now + timedelta(seconds=(0 if undone else self._undo) + self._draw(*self._delay))
        await self._outbox.message(driver, Recipient.CITIZEN, report_id, "feedback", params, due)

    async def _progress(self, driver: Any, report_id: UUID, now: datetime) -> None:
        """Tell of a report with several links once a day; the numbers are counted when the message leaves."""
        row = await driver.fetchrow(queries.LAST_PROGRESS, report_id)
        if row["waits"]:
            return
        due = now + timedelta(seconds=self._draw(*self._delay))
        if row["last"] is not None:
            due = max(due, row["last"] + timedelta(days=1))
        await self._outbox.message(driver, Recipient.CITIZEN, report_id, "progress", {}, due)


def _together(statuses: list[Status]) -> Status:
    """Give the status of a report from those of its resources."""
    if all(status is Status.DECIDED for status in statuses):
        return Status.DECIDED
    return Status.NEW if all(status is Status.NEW for status in statuses) else Status.IN_PROGRESS
