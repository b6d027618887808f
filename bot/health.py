"""`/healthz` and `/metrics`: whether database and Telegram answer, the schema is ours, and deliveries leave in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import metrics, migrate
from bot.clock import Clock
from bot.database import Database, is_outage
from bot.delivery.limits import GROUP
from bot.delivery.outbox import Recipient
from bot.delivery.precedence import Rank
from bot.telegram.contact import Contact

LATE: Final = timedelta(minutes=15)
"""A delivery this long overdue turns the health red: a citizen's always, one of the desk only when the desk's line
stands still. Telegram lets 20 messages a minute through to the desk, so after a flood of reports the last of them
waits for hours while all is as it should be."""
STILL: Final = timedelta(minutes=10)
"""The desk's line stands still when so long nothing has left: an album needs half a minute, a pause that Telegram asks
for seldom more than one."""

# Putting a delivery off moves `due_at`: how long it is overdue is counted from when it first fell due.
WAITING: Final = """
SELECT side.recipient, count(overdue.since) AS waiting, min(overdue.since) AS oldest
FROM (
  VALUES ('citizen'), ('desk') UNION ALL SELECT 'desk:' || id FROM offices WHERE closed_at IS NULL
) AS side (recipient) LEFT JOIN (
  SELECT recipient, coalesce(first_due_at, due_at) AS since FROM messages WHERE outcome IS NULL
  UNION ALL
  SELECT recipient, coalesce(first_due_at, due_at) FROM cards WHERE wanted_version > shown_version
) AS overdue ON overdue.recipient = side.recipient AND overdue.since <= :now GROUP BY side.recipient
"""
# What Telegram asked to wait for is noted as a whole minute at once: nothing that leaves costs as much. The digest only
# tells of what waits.
LAST_LEFT: Final = """
SELECT max(at) FROM desk_sends WHERE recipient = :desk AND cost < :minute AND rank <> :digest
"""


@dataclass(frozen=True, slots=True)
class Overdue:
    """What should have left for a recipient and has not: how many, and for how long the oldest."""

    waiting: int
    age: timedelta


class Health:
    """Answers how this process is."""

    def __init__(self, database: Database, clock: Clock, head: str, contact: Contact) -> None:
        self._database, self._clock, self._head, self._contact = database, clock, head, contact

    async def look(self) -> tuple[bool, dict[str, Any]]:
        """Give whether all is well, and what was seen: of each thing whether it is, and how much waits for how long."""
        checks = {"database": True, "telegram": self._contact.well()}
        more: dict[str, Any] = {"leads": self._contact.leading}
        try:
            async with self._database.transaction() as connection:
                checks["schema"] = await migrate.revision_of(connection) == self._head
                overdue = await self._overdue(connection) if checks["schema"] else {}
                checks["deliveries"] = await self._leave(connection, overdue)
        except Exception as error:
            if not is_outage(error):
                raise
            checks["database"] = False
        else:
            more["waiting"] = {recipient: one.waiting for recipient, one in overdue.items()}
            more["oldest_seconds"] = {recipient: int(one.age.total_seconds()) for recipient, one in overdue.items()}
        return all(checks.values()), checks | more

    async def _overdue(self, connection: AsyncConnection) -> dict[str, Overdue]:
        """Give what is overdue for each recipient, and note it for `/metrics`."""
        now = self._clock()
        found = {}
        rows = await connection.execute(text(WAITING), {"now": now})
        for gauge in (metrics.WAITING, metrics.OLDEST_SECONDS):
            gauge.clear()  # an office may have closed
        for row in rows:
            found[row.recipient] = one = Overdue(row.waiting, now - row.oldest if row.oldest else timedelta())
            metrics.WAITING.labels(row.recipient).set(one.waiting)
            metrics.OLDEST_SECONDS.labels(row.recipient).set(one.age.total_seconds())
        return found

    async def _leave(self, connection: AsyncConnection, overdue: dict[str, Overdue]) -> bool:
        """Tell whether deliveries leave as they should, on every desk."""
        late = {recipient for recipient, one in overdue.items() if one.age > LATE}
        if Recipient.CITIZEN in late:
            return False
        for desk in late:
            marks = {"desk": desk, "minute": GROUP[0], "digest": int(Rank.DIGEST)}
            last = await connection.scalar(text(LAST_LEFT), marks)
            if last is None or self._clock() - last > STILL:
                return False
        return True

    def app(self) -> web.Application:
        """Make the application of HEALTH_LISTEN."""

        async def healthz(_: web.Request) -> web.Response:
            well, seen = await self.look()
            return web.json_response(seen, status=200 if well else 503)

        async def metrics_page(_: web.Request) -> web.Response:
            # While the database is away the last figures stand.
            await self.look()
            metrics.TELEGRAM_SILENT.set(self._contact.silence().total_seconds())
            page = generate_latest(metrics.REGISTRY)
            return web.Response(body=page, headers={"Content-Type": CONTENT_TYPE_LATEST})

        app = web.Application()
        app.router.add_get("/healthz", healthz)
        app.router.add_get("/metrics", metrics_page)
        return app
