"""What the desk is told beside cards, and the groups that are no desk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from bot.clock import Clock
from bot.database import Database, driver
from bot.delivery.errors import ChatMigrated, TelegramRefused, TooMany
from bot.jobs import JobLater
from bot.log import error_fields, get_logger
from bot.reports import queries
from bot.reports.forms import Forms

log = get_logger()


class Notices:
    """Tells the desk that a citizen cannot be reached; never why."""

    def __init__(self, database: Database, forms: Forms, wake: Callable[[], None], clock: Clock) -> None:
        self._database, self._forms, self._wake, self._clock = database, forms, wake, clock

    async def unreachable(self, report_id: UUID) -> None:
        """Queue the notice; a draft that was not sent is nobody's business."""
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            if await raw.fetchval(queries.REPORT_EXISTS, report_id):
                await self._forms.undelivered(raw, report_id, self._clock())
        self._wake()


class StrangeGroups:
    """Leaves groups that are no desk."""

    def __init__(self, call: Callable[..., Awaitable[Any]], desks: Callable[[], frozenset[int]]) -> None:
        self._call, self._desks = call, desks

    async def leave(self, group: UUID) -> None:
        """Leave a group, unless it became a desk meanwhile; a job carries its id as a UUID's number."""
        if -group.int in self._desks():
            return
        try:
            await self._leave(-group.int)
        except TelegramRefused as error:
            log.info("left_before", **error_fields(error))
        except TooMany as error:
            raise JobLater from error

    async def _leave(self, chat_id: int) -> None:
        try:
            await self._call("leaveChat", {"chat_id": chat_id})
        except ChatMigrated as moved:
            await self._call("leaveChat", {"chat_id": moved.chat_id})
