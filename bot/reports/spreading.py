"""The jobs that take a resource's decision to its reports, one by one, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from bot.clock import Clock
from bot.database import Database, driver
from bot.reports import queries
from bot.reports.deciding import Decisions


class Spreader:
    """Brings reports to where their resources stand."""

    def __init__(self, database: Database, decisions: Decisions, wake: Callable[[], None], clock: Clock) -> None:
        self._database, self._decisions, self._wake, self._clock = database, decisions, wake, clock

    async def resource(self, resource_id: UUID) -> None:
        """Take a resource's decision to every report that names it."""
        async with self._database.transaction() as connection:
            rows = await (await driver(connection)).fetch(queries.REPORTS_OF_RESOURCE, resource_id)
        for row in rows:
            async with self._database.transaction() as connection:
                raw = await driver(connection)
                await self._decisions.spread(raw, row["report_id"], resource_id, self._clock())
        self._wake()

    async def report(self, report_id: UUID) -> None:
        """Do so for each resource of a report that was decided as a list."""
        async with self._database.transaction() as connection:
            rows = await (await driver(connection)).fetch(queries.RESOURCES_OF_REPORT, report_id)
        for row in rows:
            await self.resource(row["id"])
