"""Watching, by the leader alone: which links are looked at, when, and how often a host is asked."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from bot.clock import Clock
from bot.database import Database, driver, end_if_told
from bot.evidence import queries
from bot.evidence.brought import Looked
from bot.evidence.errors import TargetRefused
from bot.evidence.hosts import Hosts
from bot.evidence.looking import Looking
from bot.evidence.states import first_pause
from bot.evidence.target import asked_together, read_target
from bot.log import error_fields, get_logger

EVERY: Final = 5.0
"""Seconds between looks at what is due."""
ENROL_EVERY: Final = timedelta(minutes=1)
AT_ONCE: Final = 8
"""Hosts that are asked at the same time."""
BATCH: Final = 500
NEVER: Final = timedelta(days=36_500)
TAKEN: Final = timedelta(minutes=30)
"""So long nobody else takes a link that is being looked at."""
log = get_logger()


class Watching:
    """Looks at every open link that anybody may see, again and again."""

    def __init__(self, database: Database, looking: Looking, *, onions: bool, clock: Clock) -> None:
        """`onions`: addresses of Tor can be looked at."""
        self._database, self._looking, self._onions, self._clock = database, looking, onions, clock
        self._hosts = Hosts()
        self._under_way: set[asyncio.Task[None]] = set()
        self._enrolled_at: datetime | None = None

    async def run(self) -> None:
        """Watch for ever."""
        try:
            while True:
                end_if_told()
                try:
                    await self.tick()
                except Exception as error:
                    # Whatever it is: the leader has more to do, and goes on without this.
                    log.warning("watching_waits", **error_fields(error))
                await asyncio.sleep(EVERY)
        finally:
            for task in self._under_way:
                task.cancel()
            await self.rest()
            await self._looking.close()

    async def tick(self) -> int:
        """Begin what is due and may begin; give how many looks that are."""
        now = self._clock()
        if self._enrolled_at is None or now - self._enrolled_at >= ENROL_EVERY:
            await self._enrol(now)
            await self._looking.settle(now)
            self._enrolled_at = now
        room = AT_ONCE - len(self._under_way)
        taken = await self._take(now, room) if room > 0 else []
        for row in taken:
            self._hosts.take(row["host"], now)
            task = asyncio.create_task(self._look(row["resource_id"], row["host"]))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return len(taken)

    async def rest(self) -> None:
        """Wait until nothing is under way."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _enrol(self, now: datetime) -> None:
        """Take up what came in, was opened again, or lay there before: each at a time of its own."""
        if self._enrolled_at is None:
            async with self._database.transaction() as connection:
                await (await driver(connection)).execute(queries.AGAIN, now + NEVER / 2)
        while True:
            async with self._database.transaction() as connection:
                raw = await driver(connection)
                found = await raw.fetch(queries.UNWATCHED, BATCH)
                hosts = {row["id"]: self._host(row["url"]) for row in found}
                # What cannot be looked at is noted all the same, far away: else it would be found each time.
                times = [now + (first_pause() if hosts[row["id"]] else NEVER) for row in found]
                await raw.execute(queries.WATCH, [*hosts], [*hosts.values()], times)
            if len(found) < BATCH:
                return

    def _host(self, url: str) -> str:
        """Give the host that is asked for a link; nothing: it is none that is looked at."""
        try:
            target = read_target(url)
        except TargetRefused:
            return ""
        return "" if target.onion and not self._onions else asked_together(target.host)

    async def _take(self, now: datetime, room: int) -> list[Any]:
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            due = await raw.fetch(queries.DUE, now, ["", *self._hosts.not_free(now)], room)
            wanted = [row["resource_id"] for row in due]
            rows = await raw.fetch(queries.TAKE, wanted, now, now + TAKEN) if wanted else []
        return [row for row in rows if row["wanted"]]

    def _led(self, resource_id: UUID, host: str) -> datetime | None:
        return self._hosts.led(host, resource_id, self._clock())

    async def _look(self, resource_id: UUID, host: str) -> None:
        looked = Looked(well=False)
        try:
            looked = await self._looking.look(resource_id, partial(self._led, resource_id))
        except Exception as error:
            # It stays taken for a while, and is looked at again after that.
            log.warning("look_failed", **error_fields(error))
        finally:
            self._hosts.done(host, self._clock(), well=looked.well, asked_to_wait=looked.asked_to_wait)
            for other in looked.others:
                # Where it led on is asked by it too.
                self._hosts.asked(other, self._clock())
