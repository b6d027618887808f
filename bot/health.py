"""`/healthz` and `/metrics`: whether database and Telegram answer, the schema is ours, and deliveries leave in time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import metrics, migrate
from bot.clock import Clock
from bot.database import Database, is_outage
from bot.telegram.contact import Contact

LATE: Final = {"citizen": timedelta(minutes=15), "desk": timedelta(minutes=60)}
"""A delivery this long overdue turns the health red; the desk gets no more than 20 messages a minute."""

# Putting a delivery off moves `due_at`: how long it is overdue is counted from when it first fell due.
WAITING: Final = """
SELECT side.recipient, count(overdue.since) AS waiting, min(overdue.since) AS oldest
FROM (VALUES ('citizen'), ('desk')) AS side (recipient) LEFT JOIN (
  SELECT recipient, coalesce(first_due_at, due_at) AS since FROM messages WHERE outcome IS NULL
  UNION ALL
  SELECT recipient, coalesce(first_due_at, due_at) FROM cards WHERE wanted_version > shown_version
) AS overdue ON overdue.recipient = side.recipient AND overdue.since <= :now GROUP BY side.recipient
"""


class Health:
    """Answers how this process is."""

    def __init__(self, database: Database, clock: Clock, head: str, contact: Contact) -> None:
        self._database, self._clock, self._head, self._contact = database, clock, head, contact

    async def look(self) -> tuple[bool, dict[str, Any]]:
        """Give whether all is well, and what was seen: of each thing whether it is, and the oldest deliveries' ages."""
        checks = {"database": True, "telegram": self._contact.well()}
        more: dict[str, Any] = {"leads": self._contact.leading}
        try:
            async with self._database.transaction() as connection:
                checks["schema"] = await migrate.revision_of(connection) == self._head
                ages = await self._overdue(connection) if checks["schema"] else {}
        except Exception as error:
            if not is_outage(error):
                raise
            checks["database"] = False
        else:
            checks["deliveries"] = all(age <= LATE[recipient] for recipient, age in ages.items())
            more["oldest_seconds"] = {recipient: int(age.total_seconds()) for recipient, age in ages.items()}
        return all(checks.values()), checks | more

    async def _overdue(self, connection: AsyncConnection) -> Mapping[str, timedelta]:
        """Give how long the oldest delivery of each recipient is overdue, and note it for `/metrics`."""
        now = self._clock()
        ages = {}
        for row in await connection.execute(text(WAITING), {"now": now}):
            ages[row.recipient] = now - row.oldest if row.oldest else timedelta()
            metrics.WAITING.labels(row.recipient).set(row.waiting)
            metrics.OLDEST_SECONDS.labels(row.recipient).set(ages[row.recipient].total_seconds())
        return ages

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
