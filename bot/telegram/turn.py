"""The turn: one update is one transaction, and its reply goes out only after the commit.

The statements here are constant and run on the driver's own connection, because every update pays for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from bot.clock import Clock, utc_now
from bot.database import Database, is_outage
from bot.log import error_fields, get_logger
from bot.privacy.keyring import KeyRing
from bot.telegram.actors import Actor
from bot.telegram.locks import KeyedLocks
from bot.telegram.reply import Reply

LOCK: Final = "SELECT pg_advisory_xact_lock($1)"
PEEK: Final = """
SELECT (SELECT handled FROM handled_updates WHERE update_id = $1) AS handled,
       (SELECT reply FROM handled_updates WHERE update_id = $1) AS reply,
       (SELECT sealed FROM dialogues WHERE chat_hash = $2) AS dialogue
"""
MARK: Final = """
INSERT INTO handled_updates (update_id, handled, failures, reply, at) VALUES ($1, true, 0, $2, $3)
ON CONFLICT (update_id) DO UPDATE SET handled = true, reply = excluded.reply, at = excluded.at
"""
SAVE: Final = """
WITH dialogue AS (
  INSERT INTO dialogues (chat_hash, sealed, touched_at) VALUES ($4, $5, $3)
  ON CONFLICT (chat_hash) DO UPDATE SET sealed = excluded.sealed, touched_at = excluded.touched_at
)
INSERT INTO handled_updates (update_id, handled, failures, reply, at) VALUES ($1, true, 0, $2, $3)
ON CONFLICT (update_id) DO UPDATE SET handled = true, reply = excluded.reply, at = excluded.at
"""
END: Final = """
WITH dialogue AS (DELETE FROM dialogues WHERE chat_hash = $4)
INSERT INTO handled_updates (update_id, handled, failures, reply, at) VALUES ($1, true, 0, $2, $3)
ON CONFLICT (update_id) DO UPDATE SET handled = true, reply = excluded.reply, at = excluded.at
"""
COUNT_FAILURE: Final = """
INSERT INTO handled_updates (update_id, handled, failures, reply, at) VALUES ($1, false, 1, NULL, $2)
ON CONFLICT (update_id) DO UPDATE SET failures = handled_updates.failures + 1, at = excluded.at
RETURNING failures
"""

TIME_LIMIT: Final = 20.0
"""Seconds that a handler may take; Telegram gives up on a webhook after about 60."""
PATIENCE: Final = 3
"""Failures of one update until it is set aside."""

current: ContextVar[Turn] = ContextVar("turn")
log = get_logger()


class TryAgain(Exception):
    """The database or the network failed: nothing of the update was kept, Telegram will bring it again."""


@dataclass(slots=True)
class Turn:
    """What a handler has in hand while its update is taken."""

    update_id: int
    actor: Actor
    now: datetime
    connection: AsyncConnection
    driver: Any
    """The asyncpg connection, inside the turn's transaction."""
    chat_hash: bytes
    state: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    after_commit: list[Callable[[], None]] = field(default_factory=list)

    def session(self) -> AsyncSession:
        """Give a session that joins the turn's transaction; its commit() does nothing."""
        return AsyncSession(bind=self.connection, expire_on_commit=False)


Handle = Callable[[Turn, Mapping[str, Any]], Awaitable[Reply | None]]


class Turns:
    """Takes updates, each as one turn."""

    def __init__(
        self,
        database: Database,
        ring: KeyRing,
        handle: Handle,
        apology: Callable[[Mapping[str, Any]], Reply | None],
        clock: Clock = utc_now,
    ) -> None:
        self._database, self._ring, self._handle, self._apology, self._clock = database, ring, handle, apology, clock
        self._locks = KeyedLocks()

    async def take(self, actor: Actor, update: Mapping[str, Any]) -> Reply | None:
        """Take one update and give its reply, which may be sent: all is committed. Raise TryAgain."""
        try:
            await self._ring.ready(self._clock())
            async with self._locks.hold(actor.key):
                return await self._take(actor, update)
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("turn_failed", **error_fields(error))
            raise TryAgain from None

    async def _take(self, actor: Actor, update: Mapping[str, Any]) -> Reply | None:
        update_id = int(update["update_id"])
        # One keyed hash for the dialogue's row and for the lock: neither tells the chat.
        chat_hash = self._ring.hash("chat", *(part.to_bytes(8, "big", signed=True) for part in actor.key))
        async with self._database.for_turns.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None  # noqa: S101 — a fresh connection has one; mypy must know it
            try:
                await driver.execute("BEGIN")
                await driver.execute(LOCK, int.from_bytes(chat_hash[:8], "big", signed=True))
                peek = await driver.fetchrow(PEEK, update_id, chat_hash)
                if peek["handled"]:
                    await driver.execute("ROLLBACK")
                    return self._recorded(update_id, peek["reply"])
                turn = Turn(update_id, actor, self._clock(), connection, driver, chat_hash)
                if peek["dialogue"] is not None:
                    self._load(turn, peek["dialogue"])
                before = (turn.state, orjson.dumps(turn.data))
                reply = await self._run(turn, update)
                await self._save(turn, reply, before)
                await driver.execute("COMMIT")
            except BaseException as error:
                await _roll_back(driver)
                if not isinstance(error, Exception) or is_outage(error):
                    raise
                return await self._failed(driver, update_id, update, error)
        for wake in turn.after_commit:
            wake()
        return reply

    async def _run(self, turn: Turn, update: Mapping[str, Any]) -> Reply | None:
        token = current.set(turn)
        try:
            async with asyncio.timeout(TIME_LIMIT):
                return await self._handle(turn, update)
        finally:
            current.reset(token)

    def _load(self, turn: Turn, sealed: bytes) -> None:
        stored = orjson.loads(self._ring.open("dialogues", turn.chat_hash, sealed))
        turn.state, turn.data = stored["state"], stored["data"]

    async def _save(self, turn: Turn, reply: Reply | None, before: tuple[str | None, bytes]) -> None:
        recorded = self._seal_reply(turn.update_id, reply)
        data = orjson.dumps(turn.data)
        if (turn.state, data) == before:
            await turn.driver.execute(MARK, turn.update_id, recorded, turn.now)
        elif turn.state is None and not turn.data:
            await turn.driver.execute(END, turn.update_id, recorded, turn.now, turn.chat_hash)
        else:
            plain = orjson.dumps({"state": turn.state, "data": orjson.Fragment(data)})
            sealed = self._ring.seal("dialogues", turn.chat_hash, plain)
            await turn.driver.execute(SAVE, turn.update_id, recorded, turn.now, turn.chat_hash, sealed)

    def _recorded(self, update_id: int, sealed: bytes | None) -> Reply | None:
        if sealed is None:
            return None
        method, params = orjson.loads(self._ring.open("handled_updates", _row(update_id), sealed))
        return Reply(method, params)

    async def _failed(self, driver: Any, update_id: int, update: Mapping[str, Any], error: Exception) -> Reply | None:
        log.error("handler_failed", **error_fields(error))
        failures = await driver.fetchval(COUNT_FAILURE, update_id, self._clock())
        if failures < PATIENCE:
            raise TryAgain from None
        reply = self._apology(update)
        await driver.execute(MARK, update_id, self._seal_reply(update_id, reply), self._clock())
        return reply

    def _seal_reply(self, update_id: int, reply: Reply | None) -> bytes | None:
        if reply is None:
            return None
        return self._ring.seal("handled_updates", _row(update_id), orjson.dumps([reply.method, reply.params]))


async def _roll_back(driver: Any) -> None:
    if not driver.is_closed() and driver.is_in_transaction():
        await driver.execute("ROLLBACK")


def _row(update_id: int) -> bytes:
    return update_id.to_bytes(8, "big", signed=True)
