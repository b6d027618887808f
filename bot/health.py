"""`/healthz`: whether the database answers, its schema is the program's, and deliveries leave in time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import text

from bot import migrate
from bot.clock import Clock
from bot.database import Database, is_outage

LATE: Final = timedelta(minutes=15)
"""A delivery this long overdue turns the health red."""


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

    def app(self) -> web.Application:
        """Make the application of HEALTH_LISTEN."""

        async def healthz(_: web.Request) -> web.Response:
            seen = await self.look()
            return web.json_response(seen, status=200 if all(seen.values()) else 503)

        app = web.Application()
        app.router.add_get("/healthz", healthz)
        return app
