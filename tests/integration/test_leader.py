"""The leader: of several processes one leads, and another takes over when it loses the lock or ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import unquote

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from bot import leader as leader_module
from bot.database import CUT_OFF, Database, is_outage
from bot.leader import CONNECTION, LOCK, Leader
from tests.workbench import end_backend, look, until

HOLDER = """
SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
REFUSED = """
SELECT 1 FROM pg_stat_activity WHERE application_name = 'shekteu-leader' AND state = 'idle'
  AND query LIKE 'SELECT pg_try_advisory_lock%' AND datname = current_database()
  AND pid NOT IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)
"""

CANDIDATES = """
SELECT pid FROM pg_stat_activity WHERE application_name = 'shekteu-leader' AND datname = current_database()
"""


class Candidate:
    """One process that stands for leader."""

    def __init__(
        self,
        url: str,
        lead: Callable[[], Awaitable[None]] | None = None,
        look_every: float = 0.01,
        stand_back: float = 0.0,
        again: float = 0.01,
    ) -> None:
        self.leads, self.times, self.ended = asyncio.Event(), 0, asyncio.Event()
        self.follows = asyncio.Event()
        self._work = lead
        self.leader = Leader(url, self._lead, look_every, self.follows.set, stand_back, again)

    async def _lead(self) -> None:
        self.times += 1
        self.leads.set()
        try:
            await (self._work() if self._work else asyncio.Event().wait())
        finally:
            self.leads.clear()
            self.ended.set()


@asynccontextmanager
async def running(*candidates: Candidate) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.create_task(candidate.leader.run()) for candidate in candidates]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def holder(url: str) -> int | None:
    rows = await look(url, HOLDER, LOCK)
    return rows[0]["pid"] if rows else None


async def test_of_two_processes_one_leads(database_url: str) -> None:
    one, two = Candidate(database_url), Candidate(database_url)
    async with running(one, two):
        await until(lambda: either(one, two))
        # The second has asked, and was told no.
        await until(lambda: look(database_url, REFUSED))
        assert one.leads.is_set() != two.leads.is_set()
        assert one.times + two.times == 1


async def either(*candidates: Candidate) -> bool:
    return any(candidate.leads.is_set() for candidate in candidates)


async def test_another_takes_over_when_the_leaders_connection_is_lost(database_url: str) -> None:
    # Who loses it does not take it again before the other one has looked.
    one, two = Candidate(database_url, again=3600.0), Candidate(database_url)
    async with running(one):
        await one.leads.wait()
        async with running(two):
            pid = await holder(database_url)
            assert pid is not None
            await end_backend(database_url, pid)
            await one.ended.wait()
            await two.leads.wait()
            assert not one.leads.is_set()
            assert two.times == 1


async def test_another_takes_over_when_the_leader_is_stopped(database_url: str) -> None:
    one, two = Candidate(database_url), Candidate(database_url)
    async with running(one) as (leading,):
        await one.leads.wait()
        async with running(two):
            await until(lambda: look(database_url, REFUSED))
            leading.cancel()
            await two.leads.wait()
            assert not one.leads.is_set()
            assert (one.times, two.times) == (1, 1)


async def test_the_lock_is_held_until_the_leaders_work_has_ended(database_url: str) -> None:
    go_on, held = asyncio.Event(), []

    async def finish() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await go_on.wait()
            held.append(await holder(database_url))

    one = Candidate(database_url, finish)
    async with running(one) as (task,):
        await one.leads.wait()
        pid = await holder(database_url)
        task.cancel()
        go_on.set()
        await asyncio.gather(task, return_exceptions=True)
    assert held == [pid]
    await until(lambda: nobody(database_url))


async def nobody(url: str) -> bool:
    return await holder(url) is None


async def test_the_work_ends_at_once_when_the_lock_is_lost_and_not_at_the_next_look(database_url: str) -> None:
    one = Candidate(database_url, look_every=3600)
    async with running(one):
        await one.leads.wait()
        pid = await holder(database_url)
        assert pid is not None
        await end_backend(database_url, pid)
        async with asyncio.timeout(60):
            await one.ended.wait()


async def test_a_leader_that_was_cut_off_does_not_wait_for_the_next_look_to_stand_again(database_url: str) -> None:
    one = Candidate(database_url, look_every=3600)
    async with running(one):
        await one.leads.wait()
        pid = await holder(database_url)
        assert pid is not None
        await end_backend(database_url, pid)
        await until(lambda: led(one, 2))


async def test_after_an_outage_the_one_that_led_goes_first_for_it_may_have_messages_to_mark(database_url: str) -> None:
    one, two = Candidate(database_url), Candidate(database_url, stand_back=3600)
    async with running(one):
        await one.leads.wait()
        async with running(two):
            await two.follows.wait()
            pid = await holder(database_url)
            pids = [row["pid"] for row in await look(database_url, CANDIDATES)]
            # The one that leads last: the other must not find the lock free before it is cut off too.
            for each in sorted(pids, key=lambda each: each == pid):
                await end_backend(database_url, each)
            await until(lambda: led(one, 2))
            assert two.times == 0


async def test_a_leader_whose_work_fails_steps_down_and_stands_again(database_url: str) -> None:
    failures: list[int] = []

    async def fail() -> None:
        if len(failures) < 3:
            failures.append(1)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(broken())
        await asyncio.Event().wait()

    async def broken() -> None:
        raise KeyError("what people wrote")

    one = Candidate(database_url, fail)
    async with running(one):
        await until(lambda: led(one, 4))
        assert one.leads.is_set()


async def led(candidate: Candidate, times: int) -> bool:
    return candidate.times >= times


async def test_a_candidate_waits_for_a_database_that_is_away() -> None:
    one = Candidate("postgresql://nobody@/nothing?host=/nowhere")
    async with running(one) as (task,):
        await asyncio.wait([task], timeout=0.2)
        assert not task.done()
    assert one.times == 0


async def test_a_dead_leaders_lock_is_given_up_by_the_server_within_fifteen_seconds(database_url: str) -> None:
    idle, interval, probes = (int(CONNECTION[f"tcp_keepalives_{name}"]) for name in ("idle", "interval", "count"))
    assert idle + interval * probes <= 15
    # The server takes these settings: one that it does not know would refuse the connection.
    await (await asyncpg.connect(database_url, server_settings=CONNECTION)).close()
    assert leader_module.LOOK_EVERY <= 5


async def test_a_server_that_still_starts_is_an_outage_on_each_way_to_a_connection(database_url: str) -> None:
    # "The database is not there" comes at the same moment, and through the same hands, as "the database starts up".
    database = Database(database_url.replace(database_url.split("/")[3].partition("?")[0], "not_there_yet"))
    for way in (database.lend, database.transaction):
        with pytest.raises(Exception) as caught:
            async with way():
                pass
        assert is_outage(caught.value)


async def test_a_server_that_says_farewell_as_a_query_begins_is_an_outage_like_any_other() -> None:
    error = asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress")
    assert isinstance(error, CUT_OFF)
    assert is_outage(error)


async def test_a_server_that_goes_between_two_statements_of_one_connection_is_an_outage(
    database_url: str, tmp_path: Path
) -> None:
    # As at a start: the migrations end with the server, and their lock is given back on a connection opened anew.
    address, _, sockets = database_url.partition("host=")
    door = tmp_path / "door"
    door.symlink_to(unquote(sockets.partition("&")[0]))
    database = Database(f"{address}host={door}")
    async with database.connect() as connection:
        pid = await connection.scalar(text("SELECT pg_backend_pid()"))
        await end_backend(database_url, pid)
        door.unlink()
        for _ in range(2):
            with pytest.raises(StatementError) as caught:
                await connection.execute(text("SELECT 1"))
            assert is_outage(caught.value)
            await connection.rollback()
    assert isinstance(caught.value.orig, OSError), "the second found no server to open a connection to"
    await database.close()


def test_a_statement_that_is_wrong_is_no_outage() -> None:
    assert not is_outage(StatementError("a value that does not fit", "SELECT 1", None, ValueError()))
