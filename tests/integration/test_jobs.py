"""Jobs: queued with what they follow, tried again, and without a word of anybody in their log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from pgqueuer import RetryRequested

from bot import jobs as jobs_module
from bot.database import Database, driver
from bot.delivery.errors import TelegramDown
from bot.jobs import TRIES, JobFailed, JobLater, Jobs, OutsideTransaction, Work, enqueue
from tests.workbench import count, end_backend, look, until

SECRET = "Aigul 5012345678 wrote t.me/shop"


async def queue(database: Database, subject: UUID, name: str = "job", after: float = 0.0) -> None:
    async with database.transaction() as connection:
        await enqueue(await driver(connection), name, subject, after)


@asynccontextmanager
async def working(url: str, work: Mapping[str, Work]) -> AsyncIterator[asyncio.Task[None]]:
    jobs = Jobs(work, {})
    task = asyncio.create_task(jobs.run(url))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_job_carries_an_id_and_is_done_once(database: Database, database_url: str) -> None:
    done: list[UUID] = []

    async def work(subject: UUID) -> None:
        done.append(subject)

    subjects = [uuid4() for _ in range(20)]
    for subject in subjects:
        await queue(database, subject)
    payloads = [row["payload"] for row in await look(database_url, "SELECT payload FROM jobs.pgqueuer ORDER BY id")]
    assert payloads == [subject.bytes for subject in subjects]
    async with working(database_url, {"job": work}):
        await until(lambda: empty(database_url))
    assert sorted(done) == sorted(subjects)


async def test_what_somebody_waits_for_goes_before_what_was_queued_earlier(
    database: Database, database_url: str
) -> None:
    done: list[UUID] = []

    async def work(subject: UUID) -> None:
        done.append(subject)

    urgent = uuid4()
    for _ in range(30):
        await queue(database, uuid4())
    async with database.transaction() as connection:
        await enqueue(await driver(connection), "photo", urgent, urgent=True)
    async with working(database_url, {"job": work, "photo": work}):
        await until(lambda: empty(database_url))
    assert len(done) == 31
    assert urgent in done[:10], "it came with the first batch"


async def empty(url: str) -> bool:
    return await count(url, "jobs.pgqueuer") == 0


async def test_a_job_outside_a_transaction_is_refused(database: Database) -> None:
    async with database.engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        with pytest.raises(OutsideTransaction):
            await enqueue(raw, "job", uuid4())


async def test_a_job_of_a_transaction_that_is_rolled_back_is_gone(database: Database, database_url: str) -> None:
    async def break_off() -> None:
        async with database.transaction() as connection:
            await enqueue(await driver(connection), "job", uuid4())
            raise KeyError

    with pytest.raises(KeyError):
        await break_off()
    assert await empty(database_url)


async def test_a_job_for_later_waits_for_its_time(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_module, "LOOK_EVERY", 0.2)
    done = []

    async def work(subject: UUID) -> None:
        done.append(subject)

    later, now = uuid4(), uuid4()
    await queue(database, later, after=3600)
    await queue(database, now)
    async with working(database_url, {"job": work}):
        await until(lambda: length(database_url, 1))
        assert done == [now]
        await look(database_url, "UPDATE jobs.pgqueuer SET execute_after = now()")
        await until(lambda: empty(database_url))
    assert done == [now, later]


async def length(url: str, jobs: int) -> bool:
    return await count(url, "jobs.pgqueuer") == jobs


async def test_a_failed_job_is_tried_again_and_its_log_tells_types_alone(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_module, "LONGEST_PAUSE", 0.0)
    tried = []

    async def work(subject: UUID) -> None:
        tried.append(subject)
        words = SECRET
        try:
            int(words)
        except ValueError as error:
            raise RuntimeError(words) from error

    await queue(database, uuid4())
    async with working(database_url, {"job": work}):
        await until(lambda: empty(database_url))
        await until(lambda: logged(database_url))
    assert len(tried) == TRIES + 1
    log = await look(database_url, "SELECT l::text AS line FROM jobs.pgqueuer_log AS l")
    written = "".join(row["line"] for row in log)
    assert "RuntimeError" in written
    assert "JobFailed" in written
    for word in ("Aigul", "5012345678", "t.me", "int(words)"):
        assert word not in written


async def logged(url: str) -> bool:
    return await count(url, "jobs.pgqueuer_log WHERE status = 'exception'") > 0


def job(attempts: int) -> Any:
    return SimpleNamespace(payload=uuid4().bytes, entrypoint="job", attempts=attempts)


@pytest.mark.parametrize("error", [JobLater(), ConnectionRefusedError(), TelegramDown()])
@pytest.mark.parametrize("attempts", [0, 5, TRIES, 100, 5000])
async def test_what_cannot_be_done_now_is_never_given_up(error: Exception, attempts: int) -> None:
    async def work(_: UUID) -> None:
        raise error

    with pytest.raises(RetryRequested) as again:
        await jobs_module._job(work)(job(attempts))
    assert 0 < again.value.delay.total_seconds() <= 300
    assert again.value.__suppress_context__


async def test_what_fails_for_good_tells_its_type_alone() -> None:
    async def work(_: UUID) -> None:
        raise KeyError(SECRET)

    with pytest.raises(JobFailed) as told:
        await jobs_module._job(work)(job(TRIES))
    assert str(told.value) == "KeyError"
    assert told.value.__suppress_context__

    async def chore() -> None:
        raise KeyError(SECRET)

    with pytest.raises(JobFailed, match=r"^KeyError$"):
        await jobs_module._chore(chore)(SimpleNamespace())  # type: ignore[arg-type]


async def test_a_lost_connection_ends_the_work_so_that_it_begins_again(database: Database, database_url: str) -> None:
    async def work(_: UUID) -> None:
        return

    find = "SELECT pid FROM pg_stat_activity WHERE application_name = 'shekteu-jobs' AND datname = current_database()"
    async with working(database_url, {"job": work}) as task:
        await until(lambda: look(database_url, f"{find} AND state = 'idle' AND query NOT LIKE '%set_config%'"))
        await queue(database, uuid4())
        await until(lambda: empty(database_url))
        (row,) = await look(database_url, find)
        await end_backend(database_url, row["pid"])
        async with asyncio.timeout(60):
            await asyncio.wait([task])
        error = task.exception()
    # These are what the process begins again after.
    assert isinstance(error, (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)), repr(error)


async def test_two_processes_do_each_job_once(database: Database, database_url: str) -> None:
    done: list[UUID] = []

    async def work(subject: UUID) -> None:
        done.append(subject)

    subjects = [uuid4() for _ in range(100)]
    async with working(database_url, {"job": work}), working(database_url, {"job": work}):
        for subject in subjects:
            await queue(database, subject)
        await until(lambda: empty(database_url))
    assert sorted(done) == sorted(subjects)


async def test_a_worker_that_is_asked_to_stop_finishes_what_it_has(database: Database, database_url: str) -> None:
    entered, go_on, finished = asyncio.Event(), asyncio.Event(), []

    async def work(subject: UUID) -> None:
        entered.set()
        await go_on.wait()
        finished.append(subject)

    jobs = Jobs({"job": work}, {})
    task = asyncio.create_task(jobs.run(database_url))
    await queue(database, uuid4())
    await entered.wait()
    jobs.stop()
    go_on.set()
    await task
    assert len(finished) == 1
    assert await empty(database_url)
