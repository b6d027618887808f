"""Sealing anew, under the current generation, what lies under older ones, while the bot goes on writing."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.database import Database
from bot.privacy.generations import NewGeneration
from bot.privacy.keyring import KeyRing
from bot.privacy.sealing import CannotOpen
from bot.sealed_columns import SEALED, SealedColumn

AGAIN: Final = 0.5
"""Seconds until rows are tried again that somebody held or changed."""


@dataclass(slots=True)
class Pass:
    """What came of one pass over all columns, in values."""

    sealed: int = 0
    busy: int = 0
    """Changed or held by somebody meanwhile: to be tried again."""
    shut: int = 0
    """Did not open, and were left as they are."""


class Resealing:
    """Seals values anew, each by a statement of its own that writes only if the value is still the one that was read.

    One row at a time: more in one transaction could wait for the bot's in a circle.
    """

    def __init__(self, database: Database, ring: KeyRing, tell: Callable[[str], None]) -> None:
        self._database, self._ring, self._tell = database, ring, tell

    async def run(self) -> None:
        """Pass over everything again and again, until all that opens lies under the current generation."""
        while True:
            done = await self.once()
            if not done.busy:
                return
            await asyncio.sleep(AGAIN)

    async def once(self) -> Pass:
        """Pass over every column once."""
        total = Pass()
        async with self._database.connect(autocommit=True) as connection:
            # The deletion of the old key, which waits for the disk, brings all before it to the disk too.
            await connection.execute(text("SET synchronous_commit = off"))
            try:
                for column in SEALED:
                    done = await self._column(connection, column)
                    if done.sealed:
                        self._tell(f"  {column.table}.{column.column}: {done.sealed} sealed anew")
                    total = Pass(total.sealed + done.sealed, total.busy + done.busy, total.shut + done.shut)
            finally:
                await connection.execute(text("RESET synchronous_commit"))
        return total

    async def left(self) -> dict[int, int]:
        """Count the values that lie under other generations than the current one, by generation."""
        found: Counter[int] = Counter()
        async with self._database.transaction() as connection:
            for column in SEALED:
                head = func.substr(column.value, 1, 1)
                rows = await connection.execute(
                    select(head, func.count()).where(column.value.is_not(None), head != self._head()).group_by(head)
                )
                for first, count in rows:
                    found[first[0] if first else -1] += count
        return dict(found)

    async def _column(self, connection: AsyncConnection, column: SealedColumn) -> Pass:
        done, after = Pass(), None
        wanted = dict.fromkeys((column.key.name, *column.bound_to))
        columns = [column.key.table.c[name] for name in wanted]
        query = (
            select(*columns, column.value.label("value"))
            .where(column.value.is_not(None), func.substr(column.value, 1, 1) != self._head())
            .order_by(column.key)
            .limit(column.at_once)
        )
        while rows := (await connection.execute(query if after is None else query.where(column.key > after))).all():
            for row in rows:
                await self._value(connection, column, row, done)
            after = rows[-1][0]
        return done

    async def _value(self, connection: AsyncConnection, column: SealedColumn, row: Any, done: Pass) -> None:
        bound = column.row(row)
        try:
            anew = self._ring.seal(column.name, bound, self._ring.open(column.name, bound, row.value))
        except (CannotOpen, NewGeneration):
            done.shut += 1
            return
        swap = (
            update(column.key.table)
            .where(column.key == row[0], column.value == row.value)
            .values({column.value.name: anew})
        )
        try:
            swapped = (await connection.execute(swap)).rowcount
        except DBAPIError as error:
            if not isinstance(error.orig and error.orig.__cause__, asyncpg.LockNotAvailableError):
                raise
            swapped = 0
        done.sealed += swapped
        # None was: it is gone, or newer than what was read. The next pass tells.
        done.busy += 1 - swapped

    def _head(self) -> bytes:
        return bytes([self._ring.generations.current])
