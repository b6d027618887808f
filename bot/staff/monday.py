"""The desk's digest on Mondays: last week's figures in short, and the head of the journal's chain, to write down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.database import Database, driver
from bot.delivery.outbox import Outbox, Recipient, line, of_desk
from bot.reports import chain
from bot.reports.figures_queries import FIRST_FILED
from bot.reports.periods import end_of, week_before
from bot.staff.desks import Desks

TEMPLATE: Final = "monday"
LANE: Final = UUID("00000000-0000-4000-8000-000000000006")
"""The digest of the main desk is about no one report."""
EVERY: Final = "*/5 * * * *"
"""Not at a certain minute: a bot that is down on Monday morning tells it as soon as it is back, within the week."""
FROM: Final = time(9)
# Which week's digest was sent: who comes second changes nothing.
TOLD: Final = """
INSERT INTO facts (name, value) VALUES ('monday_told', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value
WHERE facts.value < excluded.value RETURNING 1
"""


class Monday:
    """Looks whether the week's digest is due."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        desks: Desks,
        timezone: str,
        wake: Callable[[], None],
        clock: Clock,
    ) -> None:
        self._database, self._outbox, self._desks = database, outbox, desks
        self._zone, self._wake, self._clock = ZoneInfo(timezone), wake, clock

    async def look(self) -> None:
        """Queue the digest for each desk, once a week, from Monday at 9:00 of the office on."""
        local = self._clock().astimezone(self._zone)
        if local.weekday() == 0 and local.time() < FROM:
            return
        week = week_before(local.date())
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            first = await raw.fetchval(FIRST_FILED)
            # Of the time before its first report an office wants to read nothing.
            if first is None or first >= end_of(week.last, self._zone):
                return
            if not await raw.fetchval(TOLD, week.last.isoformat()):
                return
            head = await chain.head(raw)
            for office in self._desks.open():
                desk = line(office)
                params = {
                    "first": week.first.isoformat(),
                    "last": week.last.isoformat(),
                    "offices": self._desks.offices.scope(office or None),
                    "head": head.short() if head else "",
                }
                await self._outbox.message(
                    raw, Recipient.DESK, of_desk(LANE, desk), TEMPLATE, params, self._clock(), desk=desk
                )
        self._wake()
