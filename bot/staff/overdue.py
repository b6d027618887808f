"""The desk's reminder of what is overdue: once a working day, when the office opens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from bot.clock import Clock
from bot.database import Database, driver
from bot.delivery.outbox import Outbox, Recipient, line, of_desk
from bot.delivery.sender import Letter, Outgoing
from bot.reports import list_queries, pause
from bot.reports.lists import WorkLists
from bot.staff.desks import Desks
from bot.texts import Texts
from bot.working_time import WorkingTime

TEMPLATE: Final = "overdue"
LANE: Final = UUID("00000000-0000-4000-8000-000000000002")
"""The reminder of the main desk is about no one report."""
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
        desks: Desks,
        wake: Callable[[], None],
        clock: Clock,
    ) -> None:
        self._database, self._outbox, self._lists, self._working = database, outbox, lists, working
        self._desks, self._wake, self._clock = desks, wake, clock

    async def look(self) -> None:
        """Queue the day's reminder for each desk once the office is open, once a day at most.

        Nothing is said when nothing is overdue and reports are taken.
        """
        now = self._clock()
        if not self._working.is_open(now):
            return
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            if not await raw.fetchval(list_queries.REMINDED, self._working.day_of(now).isoformat()):
                return
            closed = pause.read(await raw.fetchval(pause.STILL))
            since = f"{self._working.day_of(closed.since):%d.%m.%Y}" if closed else ""
            for office in self._desks.open():
                scope, desk = self._desks.offices.scope(office or None), line(office)
                unclaimed, undecided = await self._lists.overdue(raw, now, scope)
                if unclaimed or undecided or closed:
                    params = {"unclaimed": unclaimed, "undecided": undecided, "closed": since}
                    lane = of_desk(LANE, desk)
                    await self._outbox.message(raw, Recipient.DESK, lane, TEMPLATE, params, now, desk)
        self._wake()


def message(texts: Texts, letter: Letter) -> Outgoing:
    """Render the reminder."""
    params: dict[str, Any] = letter.params
    return Outgoing("sendMessage", {"text": texts.render(letter.language, "desk.overdue_reminder", **params)})
