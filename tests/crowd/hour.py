"""An hour of a crowd: the whole bot but its network, on a clock that jumps from one moment to the next."""

from __future__ import annotations

import asyncio
import base64
import heapq
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from bot.assembly import parts
from bot.bootstrap import App, Telegram
from bot.database import Database, driver
from bot.delivery.courier import Courier
from bot.delivery.limits import Limits
from bot.delivery.outbox import Recipient
from bot.delivery.sender import Sender
from bot.privacy.keyring import KeyRing
from bot.settings import Settings
from bot.telegram.turn import TryAgain
from bot.wording import Wording
from tests.crowd.telegram import DESK, CrowdsTelegram
from tests.stage import ROOT
from tests.workbench import Clock

AT_ONCE = 0.4
"""Seconds: what happens within them happens at the same time."""
NEXT_DUE = """
SELECT min(due_at) FROM (
  SELECT due_at FROM messages WHERE outcome IS NULL
  UNION ALL SELECT due_at FROM cards WHERE wanted_version > shown_version) AS waiting
WHERE due_at > $1
"""
JOBS = "DELETE FROM jobs.pgqueuer RETURNING id, entrypoint, payload"
Event = Callable[[], Awaitable[None]]


class Hour:
    """The bot, its couriers, and what happens when."""

    couriers: tuple[Courier, ...]
    jobs = JOBS
    """The statement that gives the jobs to be done: all, however long they would wait."""

    def __init__(self, database: Database, app: App, clock: Clock, telegram: CrowdsTelegram) -> None:
        self.database, self.app, self.clock, self.telegram = database, app, clock, telegram
        self.began = clock().timestamp()
        self.again = 0
        """Updates that Telegram had to bring once more."""
        self._numbers = count(1)
        self._events: list[tuple[float, int, Event]] = []
        self._sleeping: list[tuple[float, int, asyncio.Future[None]]] = []
        self._asleep = asyncio.Event()

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return self.clock().timestamp() - self.began

    def at(self, seconds: float, event: Event) -> None:
        """Have something happen so many seconds after the beginning."""
        heapq.heappush(self._events, (seconds, next(self._numbers), event))

    async def open(self) -> None:
        """Load what a process loads, and let the couriers begin."""
        app, found = self.app, []
        await app.ring.load()
        await app.desks.load()
        await app.orders.load()
        limits = Limits(lambda: self.clock().timestamp())
        for courier, recipient, at_once in (
            (app.couriers.main, Recipient.DESK, 1),
            (app.couriers.citizens, Recipient.CITIZEN, 20),
        ):
            road = courier._sender._road
            outward = app.ring, app.outbox, self.telegram, limits, road, self.clock, self._sleep
            sender = Sender(self.database, *outward)
            await sender.take_over()
            found.append(Courier(self.database, sender, recipient, at_once, self.clock))
        self.couriers = tuple(found)

    async def close(self) -> None:
        """End what is under way."""
        for courier in self.couriers:
            for task in courier._under_way.values():
                task.cancel()

    async def take(self, update: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
        """Bring an update as Telegram does: again and again, until it is taken."""
        for _ in range(5):
            try:
                return await self.app.intake.take(update)
            except TryAgain:
                self.again += 1
        raise AssertionError("an update that is never taken")

    async def run(self) -> None:
        """Let it all happen, until nothing is planned and nothing waits any more."""
        while True:
            await self.settle()
            moments = [self.began + self._events[0][0]] if self._events else []
            moments += [self._sleeping[0][0]] if self._sleeping else []
            due = await self.value(NEXT_DUE, self.clock())
            moments += [due.timestamp()] if due else []
            if not moments:
                return
            self.clock.forward(seconds=max(0.0, min(moments) - self.clock().timestamp()) + 1e-3)
            now = []
            while self._events and self._events[0][0] <= self.seconds + AT_ONCE:
                now.append(heapq.heappop(self._events)[2]())
            await asyncio.gather(*now)
            self._wake()

    async def passes(self, seconds: float) -> None:
        """Let so much time pass, and what falls due then happen."""
        self.clock.forward(seconds=seconds)
        self._wake()
        await self.settle()

    async def settle(self) -> None:
        """Let jobs and deliveries go on until all that is under way waits for time to pass, and nothing else is due."""
        while True:
            await self._until_all_sleep()
            goes_on = await self._work()
            for courier in self.couriers:
                before = set(courier._under_way.values())
                await courier._start_what_is_due()
                # Seen at once: what one has begun may be over when the other has looked.
                goes_on |= not before >= set(courier._under_way.values())
            if not goes_on:
                return

    async def value(self, statement: str, *params: Any) -> Any:
        """Look into the database."""
        async with self.database.lend() as raw:
            return await raw.fetchval(statement, *params)

    async def rows(self, statement: str, *params: Any) -> list[Any]:
        """Look into the database."""
        async with self.database.lend() as raw:
            return list(await raw.fetch(statement, *params))

    async def write(self, work: Callable[[Any], Awaitable[None]]) -> None:
        """Do something in a transaction of its own."""
        async with self.database.transaction() as connection:
            await work(await driver(connection))

    async def _work(self) -> bool:
        """Do the jobs that are queued, as the queue would."""
        rows = sorted(await self.rows(self.jobs), key=lambda row: row["id"])
        for row in rows:
            await self.app.jobs._work[row["entrypoint"]](UUID(bytes=row["payload"]))
        return bool(rows)

    def _wake(self) -> None:
        while self._sleeping and self._sleeping[0][0] <= self.clock().timestamp():
            _, _, future = heapq.heappop(self._sleeping)
            if not future.done():
                future.set_result(None)

    async def _sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        entry = (self.clock().timestamp() + seconds, next(self._numbers), future)
        heapq.heappush(self._sleeping, entry)
        self._asleep.set()
        try:
            await future
        except asyncio.CancelledError:
            if entry in self._sleeping:
                self._sleeping.remove(entry)
                heapq.heapify(self._sleeping)
            raise

    def _under_way(self) -> set[asyncio.Task[None]]:
        return {task for courier in self.couriers for task in courier._under_way.values()}

    async def _until_all_sleep(self) -> None:
        """Wait until each delivery that is under way is over, or waits for time to pass."""
        while True:
            under_way = self._under_way()
            if len(under_way) <= len(self._sleeping):
                return
            self._asleep.clear()
            asleep = asyncio.create_task(self._asleep.wait())
            await asyncio.wait([*under_way, asleep], return_when=asyncio.FIRST_COMPLETED)
            asleep.cancel()


@asynccontextmanager
async def open_hour(database_url: str, wording: Wording, undo_seconds: int = 0) -> AsyncIterator[Hour]:
    """Open a bot before its hour, as it is set when nothing is set but what an office has to."""
    clock = Clock()
    key, telegram = secrets.token_bytes(32), CrowdsTelegram(clock)
    settings = Settings(
        _env_file=None,
        bot_token=None,
        secret_key=base64.b64encode(key).decode(),
        templates_dir=ROOT / "templates",
        feedback_delay_minutes="0-0",
        undo_seconds=undo_seconds,
    )
    database = Database(database_url, pool_size=8)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(parts, "Api", lambda *_: telegram)
        app = App(
            settings,
            Telegram("1:x", "", DESK),
            database,
            database_url,
            KeyRing(database, key),
            wording,
            clock,
        )
    hour = Hour(database, app, clock, telegram)
    await hour.open()
    await app.cleaner.start()
    try:
        yield hour
    finally:
        await hour.close()
        await app.cleaner.stop()
        await database.close()
