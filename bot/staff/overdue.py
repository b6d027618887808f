"""The desk's reminder of what is overdue: once a working day, when the office opens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from bot.clock import Clock
from bot.database import Database, driver
from bot.delivery.outbox import Outbox, Recipient
from bot.delivery.sender import Letter, Outgoing
from bot.reports import list_queries
from bot.reports.lists import WorkLists
from bot.texts import Texts
from bot.working_time import WorkingTime

TEMPLATE: Final = "overdue"
LANE: Final = UUID("00000000-0000-4000-8000-000000000002")
"""The reminder is about no one report."""
EVERY: Final = "*/5 * * * *"
"""Not at a certain minute: a bot that is down when the office opens reminds as soon as it is back."""


class Reminder:
    """Looks whether the day's reminder is due."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        lists: WorkLists,
        working: WorkingTime,
        wake: Callable[[], None],
        clock: Clock,
    ) -> None:
        self._database, self._outbox, self._lists, self._working = database, outbox, lists, working
        self._wake, self._clock = wake, clock

    async def look(self) -> None:
        """Queue the day's reminder once the office is open, unless nothing is overdue; once a day in any case."""
        now = self._clock()
        if not self._working.is_open(now):
            return
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            if not await raw.fetchval(list_queries.REMINDED, self._working.day_of(now).isoformat()):
                return
            unclaimed, undecided = await self._lists.overdue(raw, now)
            if unclaimed or undecided:
                params = {"unclaimed": unclaimed, "undecided": undecided}
                await self._outbox.message(raw, Recipient.DESK, LANE, TEMPLATE, params, now)
        self._wake()


def message(texts: Texts, letter: Letter) -> Outgoing:
    """Render the reminder."""
    params: dict[str, Any] = letter.params
    return Outgoing("sendMessage", {"text": texts.render(letter.language, "desk.overdue_reminder", **params)})
