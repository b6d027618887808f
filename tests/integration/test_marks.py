"""Marks of deliveries: those that are written at the same time share a round trip, and none is lost to another."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from bot.database import Database
from bot.delivery.marks import Marks
from tests.workbench import look

FACT = "INSERT INTO facts (name, value) VALUES ($1, $2)"
NAMES = "SELECT name FROM facts ORDER BY name"


async def test_those_that_come_together_share_a_round_trip(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lent = 0
    lend = database.lend

    def counted() -> Any:
        nonlocal lent
        lent += 1
        return lend()

    monkeypatch.setattr(database, "lend", counted)
    marks = Marks(database)
    names = [f"mark {number:02}" for number in range(20)]
    await asyncio.gather(*(marks.write((FACT, (name, "x"))) for name in names))
    assert [row["name"] for row in await look(database_url, NAMES)] == names
    assert lent == 1


async def test_one_that_cannot_be_written_takes_no_other_with_it(database: Database, database_url: str) -> None:
    marks = Marks(database)
    names = [f"mark {number}" for number in range(6)]
    values = ["x", "x", None, "x", "x", "x"]
    written = [marks.write((FACT, each)) for each in zip(names, values, strict=True)]
    ends = await asyncio.gather(*written, return_exceptions=True)
    assert [type(end) for end in ends if end is not None] == [asyncpg.NotNullViolationError]
    assert isinstance(ends[2], asyncpg.NotNullViolationError)
    assert [row["name"] for row in await look(database_url, NAMES)] == names[:2] + names[3:]


async def test_one_that_is_cut_off_leaves_the_others_to_the_next(database: Database, database_url: str) -> None:
    marks = Marks(database)
    tasks = [asyncio.create_task(marks.write((FACT, (f"mark {number}", "x")))) for number in range(4)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(end, asyncio.CancelledError) for end in ends] == [False, True, False, False]
    assert {"mark 0", "mark 2", "mark 3"} <= {row["name"] for row in await look(database_url, NAMES)}


async def test_one_whose_row_is_held_keeps_no_other_waiting(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery.marks.AGAIN", 0.01)
    marks, held = Marks(database), asyncio.Event()
    run = marks._run_each

    async def held_up(statement: str, params: Any) -> None:
        if not held.is_set() and any(name == "held" for name, _ in params):
            raise asyncpg.LockNotAvailableError
        await run(statement, params)

    monkeypatch.setattr(marks, "_run_each", held_up)
    waits = asyncio.create_task(marks.write((FACT, ("held", "x"))))
    async with asyncio.timeout(30):
        await asyncio.gather(*(marks.write((FACT, (f"mark {number}", "x"))) for number in range(5)))
    assert not waits.done()
    held.set()
    await waits
    assert len(await look(database_url, NAMES)) == 6
