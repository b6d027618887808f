"""The turn: one update is one transaction, and its reply goes out only after the commit.

Its statements run on the driver's own connection, because every update pays for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Any, Final

from bot import metrics
from bot.at_once import AtOnce
from bot.clock import Clock, to_minute, utc_now
from bot.database import Database, is_outage
from bot.delivery.errors import TooMany
from bot.log import error_fields, get_logger
from bot.privacy.keyring import KeyRing
from bot.telegram import statements
from bot.telegram.actors import Actor
from bot.telegram.locks import KeyedLocks
from bot.telegram.looks import Looks
from bot.telegram.records import Records
from bot.telegram.reply import Reply
from bot.telegram.ways import HandlerTooSlow, Ways

TIME_LIMIT: Final = 20.0
"""Seconds that a handler may take; Telegram gives up on a webhook after about 60."""
PATIENCE: Final = 3
"""Failures of one update until it is set aside."""

log = get_logger()


class TryAgain(Exception):
    """The database or the network failed: nothing of the update was kept, Telegram will bring it again."""


@dataclass(slots=True)
class Turn:
    """What a handler has in hand while its update is taken."""

    update_id: int
    actor: Actor
    now: datetime
    driver: Any
    """The asyncpg connection, inside the turn's transaction; or AtOnce."""
    chat_hash: bytes
    state: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    after_commit: list[Callable[[], None]] = field(default_factory=list)

    @asynccontextmanager
    async def whole(self) -> AsyncIterator[None]:
        """Undo what was written inside when it ends with an exception, which a handler may answer: the turn commits."""
        await self.driver.execute("SAVEPOINT whole")
        try:
            yield
        except Exception:
            if not self.driver.is_closed():
                await self.driver.execute("ROLLBACK TO SAVEPOINT whole")
            raise
        await self.driver.execute("RELEASE SAVEPOINT whole")


Handle = Callable[[Turn, Mapping[str, Any]], Coroutine[Any, Any, Reply | None]]
Prepare = Callable[[Mapping[str, Any]], Awaitable[bool]]
Apology = Callable[[Mapping[str, Any], Mapping[str, Any]], Reply | None]
"""(update, what the dialogue keeps) → what is said when the update is set aside."""


class Turns:
    """Takes updates, each as one turn."""

    def __init__(
        self,
        database: Database,
        ring: KeyRing,
        handle: Handle,
        apology: Apology,
        clock: Clock = utc_now,
        time_limit: float = TIME_LIMIT,
        at_once: Callable[[Actor, Mapping[str, Any]], bool] = lambda _actor, _update: False,
    ) -> None:
        """`at_once` tells of which updates it is worth trying to take them without a transaction."""
        self._database, self._ring, self._handle, self._apology, self._clock = database, ring, handle, apology, clock
        self._time_limit, self._at_once = time_limit, at_once
        self._records = Records(ring)
        self.looks = Looks(database)
        self._ways = Ways(self._records, self.looks, handle, self._run)
        self._locks = KeyedLocks()

    async def take(self, actor: Actor, update: Mapping[str, Any], prepare: Prepare | None = None) -> Reply | None:
        """Take one update and give its reply, which may be sent: all is committed. Raise TryAgain.

        `prepare` is what this update needs of the network before its transaction; False drops the update.
        """
        try:
            # In front of everything that waits: updates of one actor must not overtake each other.
            async with self._locks.hold(actor.key):
                now = self._clock()
                await self._ring.ready(now)
                try:
                    if prepare is not None and not await prepare(update):
                        metrics.UPDATES.labels("dropped").inc()
                        return None
                    begun = perf_counter()
                    try:
                        return await self._take(actor, update, now)
                    finally:
                        metrics.TURN_SECONDS.observe(perf_counter() - begun)
                except Exception as error:
                    if is_outage(error) or isinstance(error, TooMany):
                        raise
                    return await self._failed(actor, update, error)
        except TryAgain:
            metrics.UPDATES.labels("again").inc()
            raise
        except Exception as error:
            log.warning("turn_failed", **error_fields(error))
            metrics.UPDATES.labels("again").inc()
            raise TryAgain from None

    async def _take(self, actor: Actor, update: Mapping[str, Any], now: datetime) -> Reply | None:
        chat_hash = self._chat_hash(actor)
        lock, update_id = int.from_bytes(chat_hash[:8], "big", signed=True), int(update["update_id"])
        taken = None
        if self._at_once(actor, update):
            turn = Turn(update_id, actor, now, AtOnce(self._database.lend), chat_hash)
            taken = await self._ways.at_once(turn, update, lock)
        if taken is None:
            async with self._database.lend() as driver:
                turn = Turn(update_id, actor, now, driver, chat_hash)
                taken = await self._ways.in_transaction(turn, update, lock)
        metrics.of(metrics.UPDATES, "repeated" if taken.before else "taken").inc()
        for wake in turn.after_commit:
            wake()
        return taken.reply

    def _chat_hash(self, actor: Actor) -> bytes:
        # One keyed hash for the dialogue's row and for the lock: neither tells the chat.
        return self._ring.hash("chat", *(part.to_bytes(8, "big", signed=True) for part in actor.key))

    async def _run(self, turn: Turn, update: Mapping[str, Any]) -> Reply | None:
        try:
            async with asyncio.timeout(self._time_limit) as limit:
                return await self._handle(turn, update)
        except TimeoutError:
            if limit.expired():
                raise HandlerTooSlow from None
            raise

    async def _failed(self, actor: Actor, update: Mapping[str, Any], error: Exception) -> Reply | None:
        """Count a failure of the update itself, on a connection that nothing has happened to; the last one marks it."""
        log.error("handler_failed", **error_fields(error))
        update_id = int(update["update_id"])
        async with self._database.lend() as driver:
            minute = to_minute(self._clock())
            failures = await driver.fetchval(statements.COUNT_FAILURE, update_id, minute)
            if failures < PATIENCE:
                raise TryAgain from None
            metrics.UPDATES.labels("set_aside").inc()
            reply = await self._sorry(driver, actor, update)
            await driver.execute(statements.MARK, update_id, self._records.seal_reply(update_id, reply), minute)
        return reply

    async def _sorry(self, driver: Any, actor: Actor, update: Mapping[str, Any]) -> Reply | None:
        chat_hash = self._chat_hash(actor)
        look = await driver.fetchrow(statements.LOOK, [int(update["update_id"])], [chat_hash])
        try:
            _, data = self._records.dialogue(chat_hash, look["dialogue"])
            return self._apology(update, data)
        except Exception as error:
            # What broke the handler may break this as well, and the update must be set aside all the same.
            log.error("apology_failed", **error_fields(error))
            return None
