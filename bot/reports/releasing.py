"""What somebody had in hand who is no member of the desk any more: it is free again, by a job, in batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from bot import jobs
from bot.clock import Clock
from bot.database import Database, driver
from bot.delivery.outbox import CardSort, Outbox, Recipient, line
from bot.reports import release_queries
from bot.reports.deciding import SPREAD
from bot.reports.lifecycle import Act, Status

RELEASE: Final = "release_claims"
BATCH: Final = 200
"""Rows that one transaction of the job releases: an officer who presses a card waits for no more than that."""
TEMPLATE: Final = "left"
LANE: Final = UUID("00000000-0000-4000-8000-000000000003")
"""That somebody has left is about no one report."""
BOT: Final = (0, "bot")
"""Whose act a release is in the journal where no officer has pressed anything."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose claims are released: somebody of an office's desk; 0 is the main one."""

    office: int
    user_id: int

    @property
    def subject(self) -> UUID:
        """Give the subject of the job."""
        return UUID(bytes=b"".join(part.to_bytes(8, "big", signed=True) for part in (self.office, self.user_id)))

    @classmethod
    def of(cls, subject: UUID) -> Holder:
        """Read the subject of the job."""
        office, user_id = (int.from_bytes(subject.bytes[at : at + 8], "big", signed=True) for at in (0, 8))
        return cls(office, user_id)

    @property
    def key(self) -> tuple[int, str, int]:
        """Give what the statements go by: the person, the desk's line, the office."""
        return self.user_id, line(self.office), self.office


class Releasing:
    """Releases the claims of who has left, and drops the forms that they had open."""

    def __init__(self, database: Database, outbox: Outbox, wake: Callable[[], None], clock: Clock) -> None:
        self._database, self._outbox, self._wake, self._clock = database, outbox, wake, clock

    async def begin(self, raw: Any, holder: Holder, now: datetime) -> None:
        """Queue the release of all that somebody holds, and tell the desk how much that is, in an open transaction.

        Of somebody who holds nothing nothing is kept, not even for a moment: it may be anybody.
        """
        held = await raw.fetchrow(release_queries.HELD, *holder.key)
        if not held["anything"] or await jobs.is_queued(raw, RELEASE, holder.subject):
            return
        await jobs.enqueue(raw, RELEASE, holder.subject)
        if held["cards"]:
            params = {"name": held["name"] or "", "count": held["cards"]}
            await self._outbox.message(raw, Recipient.DESK, LANE, TEMPLATE, params, now, desk=line(holder.office))

    async def run(self, subject: UUID) -> None:
        """Release everything, a batch at a time; begun again, it goes on with what is left."""
        holder = Holder.of(subject)
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            dropped = await raw.fetch(release_queries.DROP_FORMS, *holder.key[:2])
            await self._outbox.refresh(raw, CardSort.FORM, [row["id"] for row in dropped], self._clock())
        # A report's row is locked before its resources', everywhere: their batches are never of one transaction.
        for sort in (CardSort.REPORT, CardSort.RESOURCE):
            while await self._batch(sort, holder):
                self._wake()
        self._wake()

    async def _batch(self, sort: CardSort, holder: Holder) -> bool:
        """Release a batch; tell whether there may be more."""
        now = self._clock()
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            rows = await raw.fetch(release_queries.RELEASED[sort], *holder.key, BATCH)
            released = [row["id"] for row in rows]
            await raw.execute(release_queries.JOURNAL_ALL, now, *BOT, Act.RELEASE.value, sort.value, released)
            await self._outbox.refresh(raw, sort, released, now)
            if sort is CardSort.RESOURCE:
                # The reports stand as their links do.
                again = [row["id"] for row in rows if row["status"] == Status.NEW]
                await jobs.enqueue_all(raw, SPREAD, again)
        return len(rows) == BATCH
