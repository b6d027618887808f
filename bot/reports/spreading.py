"""The jobs that take a resource's decision to its reports, one by one, each in a transaction of its own.

They begin when it can be taken back no more, and nobody is writing a line to go with it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from bot import jobs
from bot.clock import Clock
from bot.database import Database, driver
from bot.delivery.outbox import CardSort
from bot.reports import decision_queries, queries
from bot.reports.carrying import carry
from bot.reports.deciding import FOLLOW, SETTLE, SPREAD, SPREAD_LIST, Decisions
from bot.reports.lifecycle import Decision, Status
from bot.reports.made import Made

LONG: Final = 50
"""Links of a report that follows by a job of its own: else a list of thousands would be looked through for each."""
GATHER: Final = 3.0
"""Seconds in which more of its links may change, until it follows."""
LOCKED: Final = {CardSort.REPORT: queries.REPORT_LOCKED, CardSort.RESOURCE: queries.RESOURCE_LOCKED}


class Spreader:
    """Brings reports to where their resources stand."""

    def __init__(self, database: Database, decisions: Decisions, wake: Callable[[], None], clock: Clock) -> None:
        self._database, self._decisions, self._wake, self._clock = database, decisions, wake, clock

    async def resource(self, resource_id: UUID) -> None:
        """Take a resource's decision to every report that names it."""
        await self._resource(resource_id)
        self._wake()

    async def report(self, report_id: UUID) -> None:
        """Do so for each resource of a report that was decided as a list; the report itself follows once, at the end.

        A list of thousands would else be brought to where it stands a thousand times.
        """
        async with self._database.transaction() as connection:
            raw, now = await driver(connection), self._clock()
            waits, _ = await self._waits(raw, SPREAD_LIST, CardSort.REPORT, report_id, now)
            if waits:
                self._wake()
                return
            rows = await raw.fetch(queries.RESOURCES_OF_REPORT, report_id)
        told = None
        for row in rows:
            if await self._resource(row["id"], apart_from=report_id):
                told = row["id"]
        if rows:
            async with self._database.transaction() as connection:
                raw, one = await driver(connection), told or rows[0]["id"]
                by = await self._decisions.standing(raw, one)
                await self._decisions.spread(
                    raw, report_id, one, self._clock(), by, progress=told is not None, by_list=True
                )
        self._wake()

    async def settle(self, report_id: UUID) -> None:
        """Show a report's card anew when its decision can be taken back no more."""
        async with self._database.transaction() as connection:
            await self._waits(await driver(connection), SETTLE, CardSort.REPORT, report_id, self._clock())
        self._wake()

    async def _resource(self, resource_id: UUID, apart_from: UUID | None = None) -> bool:
        """Take a resource's decision to its reports; tell whether those with several links are to hear of it."""
        async with self._database.transaction() as connection:
            raw, now = await driver(connection), self._clock()
            waits, by = await self._waits(raw, SPREAD, CardSort.RESOURCE, resource_id, now)
            if waits:
                return False
            await carry(raw, resource_id, by)
            rows = await raw.fetch(decision_queries.NAMING, resource_id, LONG)
        anew = by is None or not (by.spread or by.silent)
        for row in rows:
            if row["report_id"] == apart_from:
                continue
            async with self._database.transaction() as connection:
                raw = await driver(connection)
                if row["long"]:
                    await self._later(raw, row["report_id"], by.decision if by and anew else None)
                else:
                    await self._decisions.spread(raw, row["report_id"], resource_id, self._clock(), by, progress=anew)
        if by:
            async with self._database.transaction() as connection:
                await (await driver(connection)).execute(decision_queries.SPREAD, by.id)
        return anew

    async def follow(self, report_id: UUID) -> None:
        """Bring a report of many links to where they stand; of progress it was told when each was decided."""
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            one = await raw.fetchval(decision_queries.ANY_OF_REPORT, report_id)
            if one:
                await self._decisions.spread(raw, report_id, one, self._clock(), progress=False)
        self._wake()

    async def _later(self, raw: Any, report_id: UUID, told: Decision | None) -> None:
        """Queue that a report of many links follows, and its citizen's count, if there is a decision to tell."""
        if told:
            report = await raw.fetchrow(queries.REPORT_LOCKED, report_id)
            if report and report["decision"] != Decision.ABUSE:
                if report["status"] == Status.NEW:
                    # Who hears that something was closed must not read by the code that nobody has opened it.
                    holder = report["claimed_by"], report["claimed_name"]
                    await raw.execute(queries.MOVE_REPORT, report_id, Status.IN_PROGRESS.value, None, *holder, None)
                await self._decisions.feedback.progress(raw, report_id, told, self._clock())
        # One that is being carried out may have looked before this.
        if not await raw.fetchval(decision_queries.WILL_FOLLOW, FOLLOW, report_id.bytes):
            await jobs.enqueue(raw, FOLLOW, report_id, after=GATHER)

    async def _waits(
        self, raw: Any, job: str, sort: CardSort, subject: UUID, now: datetime
    ) -> tuple[bool, Made | None]:
        """Queue a job again when the decision that it is about still waits; else nobody takes it back from now on.

        Tell which, and give the decision as it was found. Its card is shown anew when it offers that no more.
        """
        # Whoever takes it back at this moment was here first, or comes too late.
        await raw.fetchrow(LOCKED[sort], subject)
        by: Made | None = await self._decisions.standing(raw, subject)
        if by is None:
            return False, None
        wait = by.waits(now)
        if wait:
            await jobs.enqueue(raw, job, subject, after=wait)
        elif not by.row["begun"]:
            await raw.execute(decision_queries.BEGUN, by.id)
        if not by.open(now):
            await self._decisions.settle(raw, sort, subject, now)
        return wait > 0, by
