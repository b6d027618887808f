"""The driver's own connection, lent out of SQLAlchemy's pool and kept at hand between two lendings."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final, cast

from sqlalchemy import QueuePool, event
from sqlalchemy.exc import DisconnectionError, MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncEngine

KEPT: Final = 8
"""Connections at the most that stay at hand, and no more than half of the pool: to take one out of it and put it back
costs as much as a round trip."""


class LeftInTransaction(Exception):
    """A connection came back to the pool inside a transaction; it was thrown away."""


class Lending:
    """Lends the connections of one pool, and sees that none of them is closed or inside a transaction."""

    def __init__(self, engine: AsyncEngine, pool_size: int) -> None:
        self._engine, self._size, self._most_kept = engine, pool_size, min(KEPT, pool_size // 2)
        self._alive = 0
        """Connections of the pool that stand; those that died are opened anew by whoever takes them next."""
        self._kept: list[tuple[Any, Any]] = []
        """(what the pool lent, the driver's connection) of those at hand."""
        event.listen(engine.sync_engine, "connect", self._note)
        event.listen(engine.sync_engine, "checkin", _refuse_open_transaction)
        event.listen(engine.sync_engine, "checkout", _refuse_closed)

    def lend(self) -> Loan:
        """Lend a connection, for an `async with`."""
        return Loan(self)

    @property
    def in_use(self) -> int:
        """Give how many connections are lent or in a transaction."""
        return self._pool.checkedout() - len(self._kept)

    def make_room(self) -> None:
        """Put one that lies at hand into an empty pool: else it would open another, or have whoever asks it wait."""
        if self._kept and not self._pool.checkedin():
            self._kept.pop()[0].close()

    def keep_none(self) -> None:
        """Put what lies at hand into the pool."""
        while self._kept:
            self._kept.pop()[0].close()

    async def take(self) -> tuple[Any, Any]:
        """Give (what the pool lends, the driver's connection)."""
        while self._kept:
            lent, driver = self._kept.pop()
            if not driver.is_closed():
                return lent, driver
            lent.close()
        lent = self._idle() or await self._engine.raw_connection()
        return lent, lent.driver_connection

    def back(self, lent: Any, driver: Any) -> None:
        """Take back what was lent: kept for the next one, or put into the pool, which looks at what went wrong."""
        at_rest = not (driver.is_closed() or driver.is_in_transaction())
        if at_rest and len(self._kept) < self._most_kept and not self._exhausted:
            self._kept.append((lent, driver))
        else:
            lent.close()

    @property
    def _pool(self) -> QueuePool:
        # The engine's own, which it makes anew when it is disposed of; of the sort that a size makes it.
        return cast("QueuePool", self._engine.sync_engine.pool)

    @property
    def _exhausted(self) -> bool:
        """Tell whether whoever asks the pool now has to wait."""
        pool = self._pool
        return not pool.checkedin() and pool.checkedout() >= self._size

    def _idle(self) -> Any:
        """Give a connection that lies in the pool, without waiting; None when one has to be opened."""
        pool = self._pool
        if pool.checkedin() and self._alive >= pool.checkedin() + pool.checkedout():
            # One that died this instant has to be opened after all.
            with suppress(MissingGreenlet):
                return pool.connect()
        return None

    def _note(self, dbapi_connection: Any, _record: Any) -> None:
        def gone(_: Any) -> None:
            self._alive -= 1

        self._alive += 1
        dbapi_connection.driver_connection.add_termination_listener(gone)


class Loan:
    """One lending of the driver's connection. A class, since a generator that every update goes through costs more."""

    __slots__ = ("_driver", "_lending", "_lent")

    def __init__(self, lending: Lending) -> None:
        self._lending = lending

    async def __aenter__(self) -> Any:
        """Take a connection."""
        self._lent, self._driver = await self._lending.take()
        return self._driver

    async def __aexit__(self, *_: object) -> None:
        """Give it back."""
        self._lending.back(self._lent, self._driver)


def _refuse_open_transaction(dbapi_connection: Any, record: Any) -> None:
    if dbapi_connection is None:
        return
    raw = dbapi_connection.driver_connection
    if not raw.is_closed() and raw.is_in_transaction():
        record.invalidate(LeftInTransaction())


def _refuse_closed(dbapi_connection: Any, _record: Any, _proxy: Any) -> None:
    """Have the pool open another connection: the turn's statements go past SQLAlchemy, which sees none of them fail."""
    if dbapi_connection.driver_connection.is_closed():
        raise DisconnectionError
