"""Jobs on PgQueuer: queued in the transaction of what they follow, carrying an id and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
from pgqueuer import AsyncpgDriver, PgQueuer, Queries, RetryRequested
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.domain.settings import DBSettings
from pgqueuer.models import Job, Schedule

from bot import metrics
from bot.database import is_outage
from bot.log import error_fields, get_logger

SCHEMA: Final = "jobs"
TRIES: Final = 6
LONGEST_PAUSE: Final = 300.0
"""Seconds between two tries of a job that cannot be done yet."""
LOOK_EVERY: Final = 5.0
"""Seconds between looks at jobs whose time has come; a new one tells of itself."""
SETTINGS: Final = DBSettings(db_schema=SCHEMA)
IS_QUEUED: Final = "SELECT EXISTS (SELECT 1 FROM jobs.pgqueuer WHERE entrypoint = $1 AND payload = $2)"
log = get_logger()

Work = Callable[[UUID], Awaitable[None]]
Chore = Callable[[], Awaitable[object]]


class JobFailed(Exception):
    """A job failed for good; its message is the type of what happened, for texts may hold what people wrote."""


class JobLater(Exception):
    """A job cannot be done now and should be tried again."""


class OutsideTransaction(Exception):
    """A job was about to be queued outside a transaction: it would survive a rollback."""


def install_statements() -> str:
    """Give the DDL of PgQueuer's tables, for the migration."""
    return str(QueryBuilderEnvironment(SETTINGS).build_install_query())


async def enqueue(driver: Any, name: str, subject: UUID, after: float = 0.0, *, urgent: bool = False) -> None:
    """Queue a job about `subject` in the driver's open transaction, to run `after` seconds or later.

    An `urgent` one goes before all that wait: somebody looks at their phone until it is done.
    """
    if not driver.is_in_transaction():
        raise OutsideTransaction
    later = timedelta(seconds=after)
    await _queries(AsyncpgDriver(driver)).enqueue(name, subject.bytes, int(urgent), execute_after=later)


async def enqueue_all(driver: Any, name: str, subjects: Sequence[UUID]) -> None:
    """Queue a job about each of these subjects, as `enqueue` does for one."""
    if not driver.is_in_transaction():
        raise OutsideTransaction
    if subjects:
        payloads: list[bytes | None] = [subject.bytes for subject in subjects]
        await _queries(AsyncpgDriver(driver)).enqueue([name] * len(payloads), payloads, [0] * len(payloads))


async def is_queued(driver: Any, name: str, subject: UUID) -> bool:
    """Tell whether a job about `subject` waits or is in hand."""
    return bool(await driver.fetchval(IS_QUEUED, name, subject.bytes))


class Jobs:
    """Runs jobs and chores of this process on a connection of its own; several processes share the queue."""

    def __init__(self, work: Mapping[str, Work], chores: Mapping[tuple[str, str], Chore]) -> None:
        self._work, self._chores = work, chores
        self._queuer: PgQueuer | None = None
        self._stopped = False

    async def run(self, url: str) -> None:
        """Work until cancelled or `stop`; connection errors are raised, and the caller begins again."""
        connection = await asyncpg.connect(url, server_settings={"application_name": "shekteu-jobs"})
        try:
            driver = AsyncpgDriver(connection)
            self._queuer = PgQueuer(driver, queries=_queries(driver))
            for name, work in self._work.items():
                self._queuer.entrypoint(name)(_job(work))
            for (name, cron), chore in self._chores.items():
                self._queuer.schedule(name, cron)(_chore(chore))
            if not self._stopped:  # it may have been asked to while it connected
                await self._queuer.run(dequeue_timeout=timedelta(seconds=LOOK_EVERY))
        finally:
            await asyncio.shield(connection.close(timeout=5))

    def stop(self) -> None:
        """Finish the jobs in hand and take no more."""
        self._stopped = True
        if self._queuer:
            self._queuer.shutdown.set()


def _queries(driver: AsyncpgDriver) -> Queries:
    return Queries(
        driver,
        qbe=QueryBuilderEnvironment(SETTINGS),
        qbq=QueryQueueBuilder(SETTINGS),
        qbs=QuerySchedulerBuilder(SETTINGS),
    )


def _job(work: Work) -> Callable[[Job], Awaitable[None]]:
    async def run(job: Job) -> None:
        try:
            await work(UUID(bytes=job.payload))
            metrics.JOBS.labels(job.entrypoint, "done").inc()
        except asyncio.CancelledError:
            # The process stops. PgQueuer would note it as cancelled, and nobody would ever do it.
            raise RetryRequested(delay=timedelta()) from None
        except Exception as error:
            log.warning("job_failed", job=job.entrypoint, count=job.attempts, **error_fields(error))
            if isinstance(error, JobLater) or is_outage(error) or job.attempts < TRIES:
                metrics.JOBS.labels(job.entrypoint, "again").inc()
                raise RetryRequested(
                    delay=timedelta(seconds=min(2.0 ** min(job.attempts, 10), LONGEST_PAUSE))
                ) from None
            metrics.JOBS.labels(job.entrypoint, "failed").inc()
            raise JobFailed(type(error).__name__) from None

    return run


def _chore(chore: Chore) -> Callable[[Schedule], Awaitable[None]]:
    async def run(_: Schedule) -> None:
        try:
            await chore()
        except Exception as error:
            log.warning("chore_failed", **error_fields(error))
            raise JobFailed(type(error).__name__) from None

    return run
