"""The job that marks the links of a batch: it reads the list, and then decides one link after another.

Cut off anywhere, it goes on where it was: a list is read in one transaction, and what came of a link is written in that
of the act itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

from bot import jobs
from bot.clock import Clock
from bot.database import Database, driver
from bot.delivery.outbox import CardSort, Outbox
from bot.log import error_fields, get_logger
from bot.reports import batch_queries
from bot.reports.batches import MARK, Batches, BatchState, Outcome, Reason, ToRead
from bot.reports.deciding import Decisions, NoSuchCard, Officer, Taken
from bot.reports.fetching import Fetching, FileLost
from bot.reports.lifecycle import Decision, IllegalMove, Status
from bot.reports.matching import Matching
from bot.reports.returned import EmptyList, Read, UnreadableList, read
from bot.reports.returned_template import ReturnedWords

FILE_MOST: Final = 8 << 20
"""Bytes of a list that an officer sends."""
AT_ONCE: Final = 20
"""Links of one transaction: so few that a citizen who reports one of them waits some hundredths of a second."""
RUNS: Final = 50
"""Transactions of one job: some seconds. So a process that stops need not wait for a long list, nor other jobs."""
_BEFORE_ALL: Final = UUID(int=0)
log = get_logger()


class Marking:
    """Marks batches."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        batches: Batches,
        matching: Matching,
        decisions: Decisions,
        fetching: Fetching,
        words: Callable[[], ReturnedWords],
        wake: Callable[[], None],
        clock: Clock,
    ) -> None:
        self._database, self._outbox, self._batches, self._matching = database, outbox, batches, matching
        self._decisions, self._fetching, self._words = decisions, fetching, words
        self._wake, self._clock = wake, clock

    async def mark(self, batch_id: UUID) -> None:
        """Mark one batch; a job that runs twice finds it done. Raise JobLater when Telegram cannot hand it out now."""
        async with self._database.transaction() as connection:
            batch = await (await driver(connection)).fetchrow(batch_queries.BATCH, batch_id)
        if batch is None:
            return
        if batch["state"] == BatchState.WAITING:
            await self._look_into(batch)
        last = _BEFORE_ALL
        for left in reversed(range(RUNS)):
            async with self._database.transaction() as connection:
                marked = await self._next(await driver(connection), batch_id, last, goes_on=left == 0)
            if marked is None:
                break
            last = marked
        self._wake()

    async def _look_into(self, batch: Any) -> None:
        """Find out which links are to be marked, or why none is."""
        batch_id = batch["id"]
        if batch["source"]:
            return await self._settle(batch_id, lambda raw: self._copy(raw, batch_id, batch["source"]))
        try:
            answers = batch["decision"] == Decision.BLOCKED
            found = await self._read(batch_id, self._batches.to_read(batch_id, batch["sealed"]), with_answers=answers)
        except FileLost as lost:
            reason = Reason.TOO_BIG if lost.too_big else Reason.LOST
        except EmptyList:
            reason = Reason.EMPTY
        except UnreadableList:
            reason = Reason.UNREADABLE
        else:
            if found.closed:
                await self._settle(batch_id, lambda raw: self._matching.hold(raw, batch_id, batch["desk"], found))
                return self._fetching.done(batch_id)
            reason = Reason.NO_LINKS
        await self._settle(batch_id, lambda raw: raw.execute(batch_queries.FAIL, batch_id, reason.value))
        return self._fetching.done(batch_id)

    async def _settle(self, batch_id: UUID, settle: Callable[[Any], Awaitable[object]]) -> None:
        """Write what was found, unless another worker has done so meanwhile."""
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            row = await raw.fetchrow(batch_queries.BATCH_LOCKED, batch_id)
            if row is not None and row["state"] == BatchState.WAITING:
                await settle(raw)
                await self._outbox.refresh(raw, CardSort.BATCH, [batch_id], self._clock())

    async def _copy(self, raw: Any, batch_id: UUID, source: UUID) -> None:
        await raw.execute(batch_queries.COPY_LINKS, batch_id, source)
        await raw.execute(batch_queries.MOVE, batch_id, BatchState.MARKING.value)

    async def _read(self, batch_id: UUID, to_read: ToRead, *, with_answers: bool) -> Read:
        data = to_read.words.encode()
        if to_read.file_id:
            data = await self._fetching.list_file(batch_id, to_read.file_id, FILE_MOST)
        try:
            # In a thread: a long list takes seconds, in which the bot has others to answer.
            return await asyncio.to_thread(read, data, self._words(), with_answers=with_answers)
        except (EmptyList, UnreadableList):
            raise
        except Exception as error:
            # Whoever sent it is told, whatever the file has found to trip us over.
            log.error("list_not_read", **error_fields(error))
            raise UnreadableList from None

    async def _next(self, raw: Any, batch_id: UUID, last: UUID, *, goes_on: bool) -> UUID | None:
        """Mark the next few links after the last one; give the new last one, or None when there is nothing to do.

        With `goes_on` another job does what is left.
        """
        # Held until the commit: a second worker waits here, and finds them marked.
        batch = await raw.fetchrow(batch_queries.BATCH_LOCKED, batch_id)
        if batch is None or batch["state"] != BatchState.MARKING:
            return None
        rows = await raw.fetch(batch_queries.NEXT, batch_id, last, AT_ONCE)
        now = self._clock()
        if not rows:
            await raw.execute(batch_queries.MOVE, batch_id, BatchState.DONE.value)
            await self._outbox.refresh(raw, CardSort.BATCH, [batch_id], now)
            return None
        await raw.fetch(batch_queries.LINKS_LOCKED, [row["resource_id"] for row in rows])
        officer = Officer(batch["officer"], batch["officer_name"])
        for row in rows:
            resource_id = row["resource_id"]
            outcome, held_by = Outcome.MARKED, None
            await raw.execute("SAVEPOINT link")
            try:
                outcome = await self._act(raw, resource_id, Decision(batch["decision"]), officer)
            except Taken as taken:
                outcome, held_by = Outcome.HELD, taken.by
            except IllegalMove:
                outcome = Outcome.DECIDED
            except NoSuchCard:
                outcome = Outcome.GONE
            if outcome is not Outcome.MARKED:
                await raw.execute("ROLLBACK TO SAVEPOINT link")
            await raw.execute("RELEASE SAVEPOINT link")
            await raw.execute(batch_queries.CAME_OF, batch_id, resource_id, outcome.value, held_by)
        if goes_on:
            await jobs.enqueue(raw, MARK, batch_id)
        return UUID(str(rows[-1]["resource_id"]))

    async def _act(self, raw: Any, resource_id: UUID, decision: Decision, officer: Officer) -> Outcome:
        """Decide one link, if it is not decided so already."""
        row = await raw.fetchrow(batch_queries.STANDING, resource_id)
        if row and (row["status"] == Status.DECIDED or row["decision"] == decision):
            return Outcome.DECIDED
        if row and decision is Decision.BLOCKED and row["decision"] == Decision.SENT_TO_BLOCK:
            # Whoever sent it by its card has nothing left to do with it but to be told this.
            await raw.execute(batch_queries.NOBODYS, resource_id)
            row = {**row, "claimed_by": None}
        await self._decisions.act(raw, CardSort.RESOURCE, resource_id, decision, officer, self._clock())
        if row and row["claimed_by"] is None:
            # Whoever sends a thousand links does not work on each: the answer may reach any officer.
            await raw.execute(batch_queries.NOBODYS, resource_id)
        return Outcome.MARKED
