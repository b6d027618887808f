"""All couriers of a process: one of the citizens, one of the main desk, and one of each office's desk.

Each desk has a line, limits and shares of its own: one that cannot be reached, or is crowded, holds up no other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Final

from bot.database import Database, end_if_told, is_outage
from bot.delivery.courier import Courier
from bot.delivery.outbox import office_of
from bot.log import error_fields, get_logger

LOOK_EVERY: Final = 1.0
"""Seconds between looks at whether an office has opened; the database is asked every tenth time."""
REST: Final = """
SELECT DISTINCT recipient FROM messages WHERE outcome IS NULL AND recipient LIKE 'desk:%'
"""
# A report may have been on its way to an office that was closed at this moment, as far as its process knew.
STRANDED_CARDS: Final = """
UPDATE cards SET recipient = 'desk', message_id = NULL, attempts = 0 FROM offices
WHERE cards.recipient = 'desk:' || offices.id AND offices.closed_at IS NOT NULL AND NOT offices.restricted
  AND cards.wanted_version > cards.shown_version AND cards.sort IN ('report', 'resource', 'form')
"""
STRANDED_MESSAGES: Final = """
UPDATE messages SET recipient = 'desk' FROM offices
WHERE messages.recipient = 'desk:' || offices.id AND offices.closed_at IS NOT NULL AND NOT offices.restricted
  AND messages.outcome IS NULL AND messages.template NOT LIKE 'empty\\_%'
"""
log = get_logger()


class Couriers:
    """Runs the couriers, making and ending those of offices as these come and go."""

    def __init__(
        self,
        database: Database,
        main: Courier,
        citizens: Courier,
        make: Callable[[int], Courier],
        offices: Callable[[], list[int]],
    ) -> None:
        """`make` gives the courier of an office, `offices` lists those that are open."""
        self._database, self._make, self._offices = database, make, offices
        self.main, self.citizens = main, citizens
        self._of_offices: dict[int, Courier] = {}
        self._running: dict[int, asyncio.Task[None]] = {}

    def __iter__(self) -> Iterator[Courier]:
        return iter((self.main, self.citizens, *self._of_offices.values()))

    def wake(self) -> None:
        """Let all look at the outbox."""
        for courier in self:
            courier.wake()

    def hurry(self) -> None:
        """Note that the process stops."""
        for courier in self:
            courier.hurry()

    @property
    def work(self) -> bool:
        """Tell whether this process is the courier now."""
        return any(courier.works for courier in self)

    async def run(self) -> None:
        """Deliver until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.main.run())
                tasks.create_task(self.citizens.run())
                looks = 0
                while True:
                    end_if_told()
                    resting = await self._rest() if looks % 10 == 0 else set(self._running)
                    await self._keep_to(tasks, {*self._offices(), *resting})
                    looks += 1
                    await asyncio.sleep(LOOK_EVERY)
        finally:
            self._of_offices, self._running = {}, {}

    async def _keep_to(self, tasks: asyncio.TaskGroup, wanted: set[int]) -> None:
        """Have a courier for each of these offices, and for no others."""
        for office in self._running.keys() - wanted:
            task = self._running.pop(office)
            task.cancel()
            await asyncio.wait([task])
            del self._of_offices[office]
        for office in wanted - self._running.keys():
            self._of_offices[office] = courier = self._make(office)
            self._running[office] = tasks.create_task(courier.run())

    async def _rest(self) -> set[int]:
        """Bring to the main desk what stranded; give the closed offices whose desks have still to be emptied."""
        try:
            async with self._database.lend() as raw:
                await raw.execute(STRANDED_CARDS)
                await raw.execute(STRANDED_MESSAGES)
                return {office_of(row["recipient"]) for row in await raw.fetch(REST)}
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("courier_waits", **error_fields(error))
            return set(self._running)
