"""Writing down what came of deliveries, whatever the database does meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final

from bot.database import Database, is_outage
from bot.log import error_fields, get_logger
from bot.together import Together

AGAIN: Final = 1.0
"""Seconds until a mark that could not be written is tried again."""
Mark = tuple[str, Sequence[Any]]
"""A statement and its parameters."""
log = get_logger()


class Marks:
    """Writes marks, waiting for the database to come back: a message whose sending is forgotten is sent twice."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._together: dict[str, Together[Sequence[Any], None]] = {}
        self._writing = asyncio.Lock()

    async def write(self, *marks: Mark) -> None:
        """Run statements with their parameters, all in one transaction."""
        if len(marks) == 1:
            return await self._write_with_others(*marks[0])
        return await self.surely(partial(self._run, marks))

    async def read(self, statement: str, *params: Any) -> list[Any]:
        """Read rows."""
        async with self._database.lend() as driver:
            return list(await driver.fetch(statement, *params))

    async def surely(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do something that may be done twice, again and again while the database is away."""
        while True:
            try:
                await work()
                return
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("mark_waits", **error_fields(error))
            await asyncio.sleep(AGAIN)

    async def _write_with_others(self, statement: str, params: Sequence[Any]) -> None:
        """Write a mark at once, or if others of its statement are being written, with those that come meanwhile."""
        together = self._together.get(statement)
        if together is None:
            together = self._together[statement] = Together(partial(self._run_together, statement))
        try:
            await together.ask(params)
        except Exception as error:
            # Perhaps for what another one holds, or for a row that somebody else holds: each by itself, then.
            log.info("marks_apart", **error_fields(error))
            await self.surely(partial(self._run_each, statement, [params]))

    async def _run_together(self, statement: str, params: Sequence[Sequence[Any]]) -> Sequence[None]:
        # One statement after another: they take one connection.
        async with self._writing:
            await self._run_each(statement, params)
        return [None] * len(params)

    async def _run(self, marks: Sequence[Mark]) -> None:
        async with self._database.lend() as driver, driver.transaction():
            for statement, params in marks:
                await driver.execute(statement, *params)

    async def _run_each(self, statement: str, params: Sequence[Sequence[Any]]) -> None:
        async with self._database.lend() as driver:
            if len(params) == 1:
                await driver.execute(statement, *params[0])
            else:
                # All or none: the driver makes a transaction of it.
                await driver.executemany(statement, params)
