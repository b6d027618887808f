"""Updates that come together are looked up by one statement, and none waits for another's fault."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from bot.database import Database
from bot.telegram import statements
from bot.telegram.looks import Looks

MARKED = "INSERT INTO handled_updates (update_id, handled, failures, reply, at) VALUES ($1, true, 0, $2, now())"
TALKED = "INSERT INTO dialogues (chat_hash, sealed, touched_at) VALUES ($1, $2, now())"
TOO_LARGE = 1 << 70


def chat(number: int) -> bytes:
    return number.to_bytes(32, "big")


@asynccontextmanager
async def overheard(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[int]]:
    """Note how many updates each look asks for."""
    asked: list[int] = []
    lend = database.lend

    class Heard:
        def __init__(self, driver: Any) -> None:
            self._driver = driver

        async def fetch(self, statement: str, updates: list[int], chats: list[bytes]) -> Any:
            assert statement == statements.LOOK
            asked.append(len(updates))
            return await self._driver.fetch(statement, updates, chats)

    @asynccontextmanager
    async def lent() -> AsyncIterator[Any]:
        async with lend() as driver:
            yield Heard(driver)

    with monkeypatch.context() as patch:
        patch.setattr(database, "lend", lent)
        yield asked


async def test_each_gets_its_own_row_whatever_is_known_of_it(database: Database) -> None:
    async with database.lend() as driver:
        await driver.execute(MARKED, 2, b"a reply")
        await driver.execute(TALKED, chat(3), b"a dialogue")
    looks = Looks(database)
    rows = await asyncio.gather(*(looks.look(number, chat(number)) for number in (3, 1, 2)))
    known = [(row["handled"], row["reply"], row["dialogue"]) for row in rows]
    assert known == [(None, None, b"a dialogue"), (None, None, None), (True, b"a reply", None)]


async def test_updates_of_one_chat_and_one_update_twice_are_told_apart(database: Database) -> None:
    async with database.lend() as driver:
        await driver.execute(TALKED, chat(1), b"a dialogue")
        await driver.execute(MARKED, 5, None)
    looks = Looks(database)
    rows = await asyncio.gather(looks.look(5, chat(1)), looks.look(6, chat(1)), looks.look(5, chat(1)))
    assert [(row["handled"], row["dialogue"]) for row in rows] == [
        (True, b"a dialogue"),
        (None, b"a dialogue"),
        (True, b"a dialogue"),
    ]


async def test_those_that_come_together_share_a_round_trip(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Looks(database)
    async with overheard(database, monkeypatch) as asked:
        await asyncio.gather(*(looks.look(number, chat(number)) for number in range(16)))
        await looks.look(99, chat(99))
    assert asked == [16, 1]


async def test_those_that_come_while_others_are_looked_up_share_the_next(database: Database) -> None:
    looks = Looks(database)
    async with database.lend() as driver:
        await driver.execute("BEGIN")
        await driver.execute("LOCK TABLE dialogues IN ACCESS EXCLUSIVE MODE")
        first = asyncio.create_task(looks.look(1, chat(1)))
        await asyncio.sleep(0.05)
        rest = [asyncio.create_task(looks.look(number, chat(number))) for number in range(2, 6)]
        await asyncio.sleep(0)
        assert not first.done()
        await driver.execute("ROLLBACK")
    assert len(await asyncio.gather(first, *rest)) == 5


async def test_one_that_cannot_be_looked_up_fails_alone(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Looks(database)
    async with overheard(database, monkeypatch) as asked:
        found = await asyncio.gather(
            looks.look(1, chat(1)), looks.look(TOO_LARGE, chat(2)), looks.look(3, chat(3)), return_exceptions=True
        )
    assert [isinstance(each, asyncpg.DataError) for each in found] == [False, True, False]
    assert asked == [3, 1, 1, 1]


async def test_a_database_that_is_away_is_told_to_all_after_one_try() -> None:
    looks = Looks(Database("postgresql://nobody@/nothing?host=/nowhere"))
    found = await asyncio.gather(*(looks.look(number, chat(number)) for number in range(3)), return_exceptions=True)
    assert [type(each) for each in found] == [type(found[0])] * 3
    assert isinstance(found[0], OSError)


async def test_who_gives_up_waiting_keeps_nobody_else_from_the_answer(database: Database) -> None:
    looks = Looks(database)
    waiting = [asyncio.create_task(looks.look(number, chat(number))) for number in range(3)]
    await asyncio.sleep(0)
    waiting[1].cancel()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert [isinstance(each, asyncio.CancelledError) for each in found] == [False, True, False]
    assert (await looks.look(7, chat(7)))["handled"] is None
