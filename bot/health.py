"""`/healthz` and `/metrics`: whether the database answers, its schema is ours, and deliveries leave in time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from bot import metrics, migrate
from bot.clock import Clock
from bot.database import Database, is_outage

LATE: Final = timedelta(minutes=15)
"""A delivery this long overdue turns the health red."""

WAITING: Final = """
SELECT side.recipient, count(due.due_at) AS waiting, min(due.due_at) AS oldest
FROM (VALUES ('citizen'), ('desk')) AS side (recipient) LEFT JOIN (
  SELECT recipient, due_at FROM messages WHERE outcome IS NULL AND due_at <= :now
  UNION ALL SELECT recipient, due_at FROM cards WHERE wanted_version > shown_version AND due_at <= :now
) AS due ON due.recipient = side.recipient GROUP BY side.recipient
"""


class Health:
    """Answers how this process is."""

    def __init__(self, database: Database, clock: Clock, head: str) -> None:
        self._database, self._clock, self._head = database, clock, head

    async def look(self) -> dict[str, Any]:
        """Give each thing looked at, true when it is well."""
        try:
            async with self._database.transaction() as connection:
                revision = await migrate.revision_of(connection)
                oldest = await connection.scalar(
                    text("SELECT min(due_at) FROM messages WHERE outcome IS NULL AND recipient = 'citizen'")
                )
        except Exception as error:
            if not is_outage(error):
                raise
            return {"database": False}
        late = oldest is not None and self._clock() - oldest > LATE
        return {"database": True, "schema": revision == self._head, "deliveries": not late}

    async def _count_waiting(self) -> None:
        """Look how much waits to be delivered; while the database is away the last figures stand."""
        now = self._clock()
        try:
            async with self._database.transaction() as connection:
                rows = (await connection.execute(text(WAITING), {"now": now})).all()
        except Exception as error:
            if not is_outage(error):
                raise
            return
        for row in rows:
            metrics.WAITING.labels(row.recipient).set(row.waiting)
            age = (now - row.oldest).total_seconds() if row.oldest else 0.0
            metrics.OLDEST_SECONDS.labels(row.recipient).set(age)

    def app(self) -> web.Application:
        """Make the application of HEALTH_LISTEN."""

        async def healthz(_: web.Request) -> web.Response:
            seen = await self.look()
            return web.json_response(seen, status=200 if all(seen.values()) else 503)

        async def metrics_page(_: web.Request) -> web.Response:
            await self._count_waiting()
            page = generate_latest(metrics.REGISTRY)
            return web.Response(body=page, headers={"Content-Type": CONTENT_TYPE_LATEST})

        app = web.Application()
        app.router.add_get("/healthz", healthz)
        app.router.add_get("/metrics", metrics_page)
        return app
