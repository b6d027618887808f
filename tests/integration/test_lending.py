"""Connections that stay at hand between two lendings: never a bad one, and never one that somebody waits for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
import pytest
from sqlalchemy import text

from bot.database import Database
from bot.lending import KEPT
from tests.workbench import look, until

SESSIONS = (
    "SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = 'shekteu' AND datname = current_database()"
)


@asynccontextmanager
async def pool(url: str, size: int) -> AsyncIterator[Database]:
    database = Database(url, pool_size=size)
    yield database
    await database.close()


async def pid(database: Database) -> int:
    async with database.lend() as driver:
        return int(driver.get_server_pid())


async def lend_several(database: Database, count: int) -> set[int]:
    """Lend so many at the same time; give the sessions that they were."""
    async with AsyncExitStack() as lent:
        drivers = [await lent.enter_async_context(database.lend()) for _ in range(count)]
        return {driver.get_server_pid() for driver in drivers}


async def test_the_same_connection_is_lent_again(database_url: str) -> None:
    async with pool(database_url, 4) as database:
        assert len({await pid(database) for _ in range(5)}) == 1
        assert database.in_use == 0


async def test_who_wants_a_transaction_never_waits_for_what_lies_at_hand(database_url: str) -> None:
    async with pool(database_url, 4) as database:
        await lend_several(database, 4)
        async with AsyncExitStack() as opened:
            for _ in range(4):
                await asyncio.wait_for(opened.enter_async_context(database.transaction()), 5)
            assert database.in_use == 4
        assert database.in_use == 0


async def test_a_transaction_takes_what_lies_at_hand_before_another_is_opened(database_url: str) -> None:
    async with pool(database_url, 4) as database:
        session = await pid(database)
        async with database.transaction() as connection:
            assert await connection.scalar(text("SELECT pg_backend_pid()")) == session
        assert (await look(database_url, SESSIONS))[0]["n"] == 1


async def test_what_comes_back_goes_to_whoever_waits_for_the_pool(database_url: str) -> None:
    async with pool(database_url, 2) as database, database.transaction(), AsyncExitStack() as lent:
        await lent.enter_async_context(database.lend())

        async def wait() -> int:
            async with database.transaction():
                return 1

        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0.05)
        assert not waiting.done()
        await lent.aclose()
        assert await asyncio.wait_for(waiting, 5) == 1


async def test_a_pool_of_one_keeps_none(database_url: str) -> None:
    async with pool(database_url, 1) as database:
        await pid(database)
        async with database.transaction():
            assert database.in_use == 1


async def test_one_that_the_server_ended_is_not_lent_again(database_url: str) -> None:
    async with pool(database_url, 4) as database, pool(database_url, 1) as other:
        async with database.lend() as kept:
            ended = kept.get_server_pid()
        async with other.lend() as driver:
            await driver.execute("SELECT pg_terminate_backend($1)", ended)
        await until(lambda: asyncio.sleep(0, kept.is_closed()))
        assert await pid(database) != ended
        assert database.in_use == 0


async def test_one_left_in_a_transaction_is_thrown_away(database_url: str) -> None:
    async with pool(database_url, 4) as database:
        async with database.lend() as driver:
            thrown = driver.get_server_pid()
            await driver.execute("BEGIN")
        assert await pid(database) != thrown
        async with database.lend() as driver:
            thrown = driver.get_server_pid()
            with pytest.raises(asyncpg.DivisionByZeroError):
                await driver.execute("BEGIN; SELECT 1 / 0")
        assert await pid(database) != thrown


async def test_closing_leaves_no_session(database_url: str) -> None:
    async with pool(database_url, 2 * KEPT + 4) as database:
        assert len(await lend_several(database, 2 * KEPT)) == 2 * KEPT
        assert (await look(database_url, SESSIONS))[0]["n"] >= 2 * KEPT

    async def none() -> bool:
        return not (await look(database_url, SESSIONS))[0]["n"]

    await until(none)
