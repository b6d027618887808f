"""What is counted of a chat: right within the hour, and nothing of it can be told from a dump."""

from __future__ import annotations

from typing import Any

import pytest

from bot.database import Database, driver
from bot.privacy import counting
from bot.privacy.keyring import KeyRing
from tests.workbench import CHAT, Clock, look, open_ring


class Counter:
    """Counts for a test, each time in a transaction of its own."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database, self.ring, self.clock = database, ring, Clock()

    async def count(self, purpose: str = "reports", chat: int = CHAT) -> int:
        await self.ring.ready(self.clock())
        async with self._database.transaction() as connection:
            return await counting.count(await driver(connection), self.ring, purpose, chat, self.clock())

    async def counted(self, purpose: str = "reports", chat: int = CHAT) -> int:
        await self.ring.ready(self.clock())
        async with self._database.transaction() as connection:
            return await counting.counted(await driver(connection), self.ring, purpose, chat, self.clock())


@pytest.fixture
async def counter(database: Database) -> Counter:
    return Counter(database, await open_ring(database))


async def test_a_chat_is_counted_within_the_hour_by_purpose_and_by_itself(counter: Counter) -> None:
    assert await counter.counted() == 0
    # Past the first look's eight rows and the second's sixty-four.
    assert [await counter.count() for _ in range(80)] == list(range(1, 81))
    assert await counter.counted() == 80
    assert await counter.counted(chat=CHAT + 1) == await counter.counted("files") == 0
    counter.clock.forward(hours=1)
    assert await counter.counted() == 0
    assert await counter.count() == 1


async def test_the_same_hour_of_another_day_begins_anew(counter: Counter) -> None:
    await counter.count()
    counter.clock.forward(days=1)
    assert await counter.counted() == 0


async def test_another_process_counts_on(counter: Counter, database: Database) -> None:
    await counter.count()
    other = Counter(database, await open_ring(database))
    assert await other.count() == 2


async def test_rows_of_one_chat_look_like_rows_of_many(counter: Counter, database_url: str) -> None:
    """Neither a number that rises nor a row that moves tells that two acts were of one person."""

    async def shape() -> list[Any]:
        rows = await look(database_url, "SELECT length(hash), key_id, count FROM counters ORDER BY ctid")
        return [tuple(row) for row in rows]

    for _ in range(12):
        await counter.count()
    one = await shape()
    await look(database_url, "TRUNCATE counters")
    for chat in range(12):
        await counter.count(chat=chat + 1)
    assert await shape() == one
    assert len(set(one)) == 1
