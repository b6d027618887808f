"""The one engine and its pool, the base of the tables, and `transaction()`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, TypeVar

import asyncpg
from sqlalchemy import MetaData
from sqlalchemy.exc import DBAPIError, EmulatedDBAPIException, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from bot.lending import Lending, Loan


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


T = TypeVar("T")
WAITS: Final = 2.0
"""Seconds until a database that is away is tried again."""
CLOSES: Final = 2.0
"""Seconds that the server is given to see connections off."""
CUT_OFF: Final = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What a connection of its own fails with when the server or the network cut it off. The last is what asyncpg raises
when the server's farewell comes at the instant in which a query begins."""
IDLE_LIMIT = 10.0
"""Seconds after which the server ends a session that stands idle inside a transaction."""


class NoTransaction(Exception):
    """A statement was about to run outside the transaction that it belongs to."""


def async_url(url: str) -> str:
    """Give the address as SQLAlchemy's asyncpg dialect wants it."""
    return "postgresql+asyncpg://" + url.split("://", 1)[1]


class Database:
    """The engine and its pool: the driver lent to turns and for single statements, and transactions for all else."""

    def __init__(self, url: str, pool_size: int = 20) -> None:
        # Parameters must not reach logs or error texts: they hold what citizens wrote.
        self.engine: AsyncEngine = create_async_engine(
            async_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_reset_on_return=None,
            hide_parameters=True,
            connect_args={
                "server_settings": {
                    "application_name": "shekteu",
                    "timezone": "UTC",
                    "lock_timeout": "10s",
                    "idle_in_transaction_session_timeout": f"{IDLE_LIMIT:.0f}s",
                    "jit": "off",
                }
            },
        )
        # Same pool; each statement commits by itself.
        self._autocommit: AsyncEngine = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._lending = Lending(self.engine, pool_size)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that commits at the end of the block, or rolls back."""
        async with self.connect() as connection, connection.begin():
            yield connection

    def connect(self, *, autocommit: bool = False) -> AsyncConnection:
        """Give one of the pool's connections, for an `async with`; with `autocommit` each statement commits."""
        self._lending.make_room()
        return self._autocommit.connect() if autocommit else self.engine.connect()

    def lend(self) -> Loan:
        """Lend the driver's own connection, of the same pool and in no transaction: what it runs stands alone.

        For what every update pays for: SQLAlchemy's own way to a connection costs about two round trips.
        """
        return self._lending.lend()

    @property
    def in_use(self) -> int:
        """Give how many connections are lent or in a transaction."""
        return self._lending.in_use

    async def close(self) -> None:
        """Close every connection: the server is told, or, where it does not answer, cut off."""
        self._lending.keep_none()
        # What is left open then ends with the process.
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSES):
                await self.engine.dispose()


async def driver(connection: AsyncConnection) -> Any:
    """Give the asyncpg connection under a connection, inside its transaction.

    SQLAlchemy opens BEGIN lazily: without a statement of its own first, what the driver does would commit at once.
    """
    raw = (await connection.get_raw_connection()).driver_connection
    if raw is None:
        raise NoTransaction
    if not raw.is_in_transaction():
        await connection.exec_driver_sql("SELECT 1")
        if not raw.is_in_transaction():
            raise NoTransaction
    return raw


def end_if_told() -> None:
    """Raise CancelledError in a task that was told to end and was not: called by whatever goes on for ever.

    A statement that is cancelled while the connection is lost ends with the loss, and the cancellation is gone with it.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def patiently(work: Callable[[], Awaitable[T]], tell: Callable[[Exception], object]) -> T:
    """Do something that may be done twice, again and again while the database is away; each failure is told."""
    while True:
        end_if_told()
        try:
            return await work()
        except Exception as error:
            if not is_outage(error):
                raise
            tell(error)
        await asyncio.sleep(WAITS)


def is_outage(error: BaseException) -> bool:
    """Tell whether the database or the network failed, so that the same thing may go well when it is tried again."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if isinstance(error, StatementError):
        # Not only the driver's: a lost connection is opened again for the next statement, and what the system says of
        # that comes out as this.
        return error.orig is not None and is_outage(error.orig.__cause__ or error.orig)
    if isinstance(error, EmulatedDBAPIException):
        # A connection that could not be opened, as it comes out of `lend()`: the pool does not wrap it once more.
        return error.__cause__ is not None and is_outage(error.__cause__)
    if isinstance(error, asyncpg.InterfaceError):
        # The driver calls its own misuse by the same name: that would go wrong again.
        return "closed" in str(error)
    return isinstance(
        error,
        (
            OSError,
            PoolTimeoutError,
            asyncpg.PostgresConnectionError,
            asyncpg.TargetServerAttributeNotMatched,
            asyncpg.InvalidAuthorizationSpecificationError,
            asyncpg.InvalidCatalogNameError,
            asyncpg.ReadOnlySQLTransactionError,
            asyncpg.OperatorInterventionError,
            asyncpg.InsufficientResourcesError,
            asyncpg.TransactionRollbackError,
            asyncpg.LockNotAvailableError,
            asyncpg.IdleInTransactionSessionTimeoutError,
            asyncpg.InternalClientError,
        ),
    )
