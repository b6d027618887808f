"""Groups that are no desk: the bot leaves them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from bot.delivery.errors import ChatMigrated, TelegramRefused, TooMany
from bot.jobs import JobLater
from bot.log import error_fields, get_logger

log = get_logger()


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
