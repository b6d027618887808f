"""Officers' acts: claimed, released, decided, reopened; for links on the resource, and from there to its reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from bot import jobs
from bot.clock import to_minute
from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.privacy import blocks
from bot.privacy.keyring import KeyRing
from bot.reports import form_queries, list_queries, queries
from bot.reports.lifecycle import TRANSITIONS, Act, Decision, IllegalMove, Status, move
from bot.reports.waiting import Waits

SPREAD: Final = "spread_decision"
"""The job that takes a resource's decision to its reports."""
SPREAD_LIST: Final = "spread_list"
"""The job that does so for each resource of a list."""
_OPENED: Final = {CardSort.REPORT: list_queries.REPORT_OPENED, CardSort.RESOURCE: list_queries.RESOURCE_OPENED}


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
        ring: KeyRing,
        outbox: Outbox,
        waits: Waits,
    ) -> None:
        self._ring, self._outbox, self._waits = ring, outbox, waits

    async def act(
        self, driver: Any, sort: CardSort, subject: UUID, act: Act | Decision, officer: Officer, now: datetime
    ) -> None:
        """Carry out an act on a report or a resource; raise IllegalMove, Taken, NoSuchCard.

        A report with links stands as its resources do: an act on its list is an act on each that allows it. Abuse is
        of the report alone, and so is taking it back: others have named its resources too.
        """
        on_resource = sort is CardSort.RESOURCE
        row = await driver.fetchrow(queries.RESOURCE_LOCKED if on_resource else queries.REPORT_LOCKED, subject)
        if row is None:
            raise NoSuchCard
        if row["claimed_by"] not in (None, officer.id) and act is not Act.REOPEN:
            raise Taken(row["claimed_name"] or "")
        step = move(Status(row["status"]), act)
        if on_resource and act is Decision.ABUSE:
            raise IllegalMove
        await driver.execute(
            queries.MOVE_RESOURCE if on_resource else queries.MOVE_REPORT, subject, *_standing(row, act, officer, now)
        )
        if act is Act.REOPEN:
            await driver.execute(_OPENED[sort], subject, to_minute(now))
        await driver.execute(queries.JOURNAL, now, officer.id, officer.name, act.value, sort.value, subject)
        await self._outbox.refresh(driver, sort, [subject], now)
        pause = self._waits.undo if step.feedback else 0
        if on_resource:
            await jobs.enqueue(driver, SPREAD, subject, after=pause)
        elif act is Decision.ABUSE:
            await self._silence(driver, subject, now)
        elif act is Act.REOPEN and row["decision"] == Decision.ABUSE:
            await blocks.lift(driver, self._ring, subject, now)
            await jobs.enqueue(driver, SPREAD_LIST, subject)
        elif await self._act_on_links(driver, subject, act, officer, now):
            await jobs.enqueue(driver, SPREAD_LIST, subject, after=pause)
        else:
            await self._tell(driver, subject, row["kind"], act, now, pause)

    async def spread(self, driver: Any, report_id: UUID, resource_id: UUID, now: datetime) -> None:
        """Bring one report to where its resources stand, and tell its citizen of a decision."""
        report = await driver.fetchrow(queries.REPORT_LOCKED, report_id)
        resources = await driver.fetch(queries.RESOURCES_OF_REPORT, report_id)
        resource = next((row for row in resources if row["id"] == resource_id), None)
        if report is None or resource is None or report["decision"] == Decision.ABUSE:
            return
        status = _together([Status(row["status"]) for row in resources])
        decision = resource["decision"] if len({row["decision"] for row in resources}) == 1 else None
        if len(resources) == 1 and (report["status"], report["decision"]) == (status.value, decision):
            return
        decided_at = to_minute(now) if status is Status.DECIDED else None
        holder = (None, None) if status is Status.NEW else (report["claimed_by"], report["claimed_name"])
        await driver.execute(queries.MOVE_REPORT, report_id, status.value, decision, *holder, decided_at)
        await self._outbox.refresh(driver, CardSort.REPORT, [report_id], now)
        if len(resources) == 1 and decision != report["decision"]:
            act = Decision(decision) if decision else Act.REOPEN
            await self._tell(driver, report_id, report["kind"], act, now, 0)
        elif len(resources) > 1 and resource["decision"]:
            await self._progress(driver, report_id, now)

    async def _act_on_links(
        self, driver: Any, report_id: UUID, act: Act | Decision, officer: Officer, now: datetime
    ) -> bool:
        """Act on each resource of a report that allows it; False when the report names none."""
        rows = await driver.fetch(queries.RESOURCES_LOCKED, report_id)
        for row in rows:
            taken = row["claimed_by"] not in (None, officer.id) and act is not Act.REOPEN
            if taken or Status(row["status"]) not in TRANSITIONS[act].before:
                continue
            await driver.execute(queries.MOVE_RESOURCE, row["id"], *_standing(row, act, officer, now))
            if act is Act.REOPEN:
                await driver.execute(list_queries.RESOURCE_OPENED, row["id"], to_minute(now))
            entry = now, officer.id, officer.name, act.value, CardSort.RESOURCE.value, row["id"]
            await driver.execute(queries.JOURNAL, *entry)
        await self._outbox.refresh(driver, CardSort.RESOURCE, [row["id"] for row in rows], now)
        return bool(rows)

    async def _tell(
        self, driver: Any, report_id: UUID, kind: str, act: Act | Decision, now: datetime, pause: float
    ) -> None:
        """Queue the feedback of a decision; what was queued before and has not left yet no longer holds."""
        if act in (Act.CLAIM, Act.RELEASE):
            return
        await driver.execute(queries.WITHDRAW_FEEDBACK, report_id, now)
        if isinstance(act, Decision):
            due = now + timedelta(seconds=pause + self._waits.drawn())
            params = {"kind": kind, "decision": act.value}
            await self._outbox.message(driver, Recipient.CITIZEN, report_id, "feedback", params, due)

    async def _silence(self, driver: Any, report_id: UUID, now: datetime) -> None:
        """Withdraw all that was queued for the citizen of a report, and its questions that have not left."""
        await driver.execute(queries.WITHDRAW_ANSWERS, report_id, now)
        ended = await driver.fetch(form_queries.END_QUESTIONS, report_id, "withdrawn", ["waiting"])
        await self._outbox.refresh(driver, CardSort.FORM, [row["id"] for row in ended], now)

    async def _progress(self, driver: Any, report_id: UUID, now: datetime) -> None:
        """Tell of a report with several links once a day; the numbers are counted when the message leaves."""
        row = await driver.fetchrow(queries.LAST_PROGRESS, report_id)
        if row["waits"]:
            return
        due = now + timedelta(seconds=self._waits.drawn())
        if row["last"] is not None:
            due = max(due, row["last"] + timedelta(days=1))
        await self._outbox.message(driver, Recipient.CITIZEN, report_id, "progress", {}, due)


def _standing(row: Any, act: Act | Decision, officer: Officer, now: datetime) -> tuple[Any, ...]:
    """Give status, decision, holder's id and name, and the moment of the decision, as an act leaves them."""
    after = TRANSITIONS[act].after
    decision = act.value if isinstance(act, Decision) else None if act is Act.REOPEN else row["decision"]
    holder = (None, None) if act is Act.RELEASE else (officer.id, officer.name)
    return after.value, decision, *holder, to_minute(now) if after is Status.DECIDED else None


def _together(statuses: list[Status]) -> Status:
    """Give the status of a report from those of its resources."""
    if all(status is Status.DECIDED for status in statuses):
        return Status.DECIDED
    return Status.NEW if all(status is Status.NEW for status in statuses) else Status.IN_PROGRESS
