"""The courier: sends what the outbox holds. Rows are the truth; a wake-up only makes it look sooner."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from bot.clock import Clock
from bot.database import Database, driver, end_if_told, is_outage
from bot.delivery import statements
from bot.delivery.desk_line import DeskLine
from bot.delivery.outbox import Recipient
from bot.delivery.sender import Sender
from bot.log import error_fields, get_logger

LOOK_EVERY: Final = 1.0
"""Seconds between looks at the outbox when nobody wakes the courier."""
log = get_logger()


class Courier:
    """Starts the deliveries of one recipient as they fall due, each lane and card by one task at a time."""

    def __init__(self, database: Database, sender: Sender, recipient: Recipient, at_once: int, clock: Clock) -> None:
        self._database, self._sender, self._recipient, self._clock = database, sender, recipient, clock
        self._at_once = at_once
        self._woken = asyncio.Event()
        self.works = False
        """This process is the courier now; of several, one is."""
        self._under_way: dict[UUID, asyncio.Task[None]] = {}
        self._rank = 0
        """How what is under way on a desk is ranked there: one delivery at a time."""
        self._left = False
        """The last look found more than could be started."""

    def wake(self) -> None:
        """Look at the outbox now."""
        self._woken.set()

    def hurry(self) -> None:
        """Note that the process stops: what is being sent has only a few seconds left."""
        self._sender.hurry()

    async def run(self) -> None:
        """Deliver until cancelled; what is being sent then is finished first, what waits is left for the next one."""
        try:
            await self._sender.take_over()
            self.works = woken = True
            while True:
                end_if_told()
                self._woken.clear()
                try:
                    if woken or await self._anything():
                        await self._start_what_is_due()
                except Exception as error:
                    if not is_outage(error):
                        raise
                    log.warning("courier_waits", **error_fields(error))
                if self._sender.line and self._sender.waits:
                    # The desk's minute is used up: however many wake us, what has come to stand above is seen soon.
                    await asyncio.sleep(LOOK_EVERY)
                    woken = True
                    continue
                woken = await self._wakes()
        finally:
            self.works = False
            waiting = list(self._under_way.values())
            self._sender.cut(waiting)
            await self._sender.settle()
            # Those that were passed by may still rest from a failure.
            self._sender.cut(waiting)
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _wakes(self) -> bool:
        """Wait for a wake-up, until it is time for a look; True when one came."""
        try:
            async with asyncio.timeout(LOOK_EVERY):
                await self._woken.wait()
        except TimeoutError:
            return False
        return True

    async def _anything(self) -> bool:
        """Tell whether there is something to look at: mostly there is not, and this costs one round trip."""
        async with self._database.lend() as raw:
            return bool(await raw.fetchval(statements.ANYTHING, self._sender.recipient, self._clock()))

    async def _start_what_is_due(self) -> None:
        if self._sender.line:
            return await self._start_next(self._sender.line)
        return await self._start_all()

    async def _start_next(self, line: DeskLine) -> None:
        """Start what is next on the desk. What waits for room makes way for what has come to stand above it."""
        if self._under_way and not self._sender.waits:
            return
        busy = set(self._under_way)
        async with self._database.transaction() as connection:
            chosen = await line.next(await driver(connection), self._clock())
        if chosen is None or (chosen.key in busy and chosen.row["rank"] >= self._rank):
            return
        if self._under_way:
            if not self._sender.waits:
                return
            waiting = list(self._under_way.values())
            self._sender.cut(waiting)
            await asyncio.wait(waiting)
        self._rank = chosen.row["rank"]
        self._start(chosen.key, chosen.row, is_message=chosen.is_message)

    async def _start_all(self) -> None:
        if len(self._under_way) >= self._at_once:
            return
        # Rows are read while deliveries end: one that was under way when the reading began may be read as still due.
        busy = set(self._under_way)
        async with self._database.lend() as raw:
            now, most = self._clock(), self._at_once * 2
            cards = await raw.fetch(statements.CARDS_DUE, self._recipient.value, now, most)
            messages = await raw.fetch(statements.MESSAGES_DUE, self._recipient.value, now, most)
        # A card goes before a message that was queued with it: photos and places stand under it.
        self._left = max(len(cards), len(messages)) == most
        due = sorted(
            [(row["due_at"], 0, row["id"], row) for row in cards]
            + [(row["due_at"], 1, row["lane"], row) for row in messages],
            key=lambda entry: entry[:2],
        )
        for _, is_message, key, row in due:
            if len(self._under_way) >= self._at_once:
                self._left = True
                return
            if key not in busy and key not in self._under_way:
                self._start(key, row, is_message=bool(is_message))

    def _start(self, key: UUID, row: Mapping[str, Any], *, is_message: bool) -> None:
        self._under_way[key] = asyncio.create_task(self._deliver(key, row, is_message))

    async def _deliver(self, key: UUID, row: Mapping[str, Any], is_message: bool) -> None:
        try:
            await (self._sender.message(row) if is_message else self._sender.card(row))
        except Exception as error:
            # One delivery's trouble must not end the courier: the row stays, and is looked at again.
            log.error("delivery_failed", **error_fields(error))
            await asyncio.sleep(LOOK_EVERY)
        finally:
            del self._under_way[key]
            # Nothing else of the lane may leave within this second, so the next look is soon enough; and where more
            # is left than fits, one look for several of them.
            if self._sender.line or (self._left and len(self._under_way) <= self._at_once // 2):
                self._woken.set()
