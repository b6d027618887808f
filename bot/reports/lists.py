"""Work lists: what is new, the most urgent first, what an officer has in hand, what is overdue; ten a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from bot.delivery.outbox import CardSort
from bot.reports import list_queries
from bot.reports.lifecycle import Status
from bot.reports.priority import Level
from bot.working_time import WorkingTime

PAGE: Final = 10
IN_HAND: Final = (Status.IN_PROGRESS, Status.NEEDS_INFO)


class ListName(StrEnum):
    """Which list."""

    QUEUE = "queue"
    MINE = "mine"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Key:
    """Where a row stands in every list: the oldest first, in the queue within those that are as urgent."""

    opened_at: datetime
    id: UUID
    priority: Level = Level.USUAL


BEGINNING: Final = Key(datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0), max(Level))


@dataclass(frozen=True, slots=True)
class Listed:
    """A report, or for links a resource with the newest № of those that name it."""

    sort: CardSort
    id: UUID
    number: int | None
    """None of a resource that nobody has reported."""
    kind: str | None
    """None of a resource."""
    opened_at: datetime
    status: Status
    holder: str
    message_id: int | None
    """Its card on the desk, once that was posted."""
    office: int | None = None
    """Whose desk that is; None: the main one."""
    sent: bool = False
    """It was sent to be blocked, and waits for what comes of that, since `opened_at`."""
    priority: Level = Level.USUAL
    """Known in the queue alone."""

    @property
    def key(self) -> Key:
        """Give where it stands."""
        return Key(self.opened_at, self.id, self.priority)


@dataclass(frozen=True, slots=True)
class Page:
    """Ten rows of a list, or fewer, and whether there are more on either side."""

    rows: list[Listed]
    before: bool
    after: bool


class WorkLists:
    """Reads the lists, on the driver's connection of an open transaction."""

    def __init__(self, working: WorkingTime, claim_hours: int, decide_days: int) -> None:
        self.claim_hours, self.decide_days = claim_hours, decide_days
        self._working = working

    async def page(
        self,
        driver: Any,
        which: ListName,
        officer: int,
        now: datetime,
        offices: list[int],
        key: Key | None = None,
        *,
        back: bool = False,
    ) -> Page:
        """Give the first page of a list, the one after a key, or with `back` the one before it.

        `offices` are those whose rows the desk is shown. `officer` matters to MINE alone. The page before is the first
        one where that would not be full.
        """
        if key and back:
            rows = await self._read(driver, which, officer, now, offices, key, back=True)
            if len(rows) > PAGE:
                return Page(rows[:PAGE][::-1], before=True, after=True)
            key = None
        rows = await self._read(driver, which, officer, now, offices, key or BEGINNING)
        return Page(rows[:PAGE], before=key is not None, after=len(rows) > PAGE)

    async def overdue(self, driver: Any, now: datetime, offices: list[int]) -> tuple[int, int]:
        """Count what nobody claimed in time, and what was claimed and not decided in time, of these offices."""
        statuses, latest = self._overdue(now)
        rows = await driver.fetch(list_queries.COUNT, statuses, latest, offices)
        found = {row["status"]: row["many"] for row in rows}
        return found[Status.NEW], sum(found[status] for status in IN_HAND)

    async def _read(
        self,
        driver: Any,
        which: ListName,
        officer: int,
        now: datetime,
        offices: list[int],
        key: Key,
        *,
        back: bool = False,
    ) -> list[Listed]:
        place = key.opened_at, key.id, PAGE + 1
        if which is ListName.MINE:
            mine = list_queries.MINE_BACKWARDS if back else list_queries.MINE_FORWARDS
            return [listed(row) for row in await driver.fetch(mine, officer, *place, offices)]
        if which is ListName.QUEUE:
            queue = list_queries.QUEUE_BACKWARDS if back else list_queries.QUEUE_FORWARDS
            return [listed(row) for row in await driver.fetch(queue, key.priority.value, *place, offices)]
        statement = list_queries.BACKWARDS if back else list_queries.FORWARDS
        return [listed(row) for row in await driver.fetch(statement, *self._overdue(now), *place, offices)]

    def _overdue(self, now: datetime) -> tuple[list[str], list[datetime]]:
        """Give the statuses that may be overdue, and for each the latest moment of opening at which it is."""
        unclaimed = self._working.ago(timedelta(hours=self.claim_hours), now)
        undecided = self._working.ago(self._working.days(self.decide_days), now)
        latest = {Status.NEW: max(unclaimed, undecided)} | dict.fromkeys(IN_HAND, undecided)
        return [status.value for status in latest], list(latest.values())


def listed(row: Any) -> Listed:
    """Read a row of a list."""
    return Listed(
        CardSort(row["sort"]),
        row["id"],
        row["number"],
        row["kind"],
        row["opened_at"],
        Status(row["status"]),
        row["claimed_name"] or "",
        row["message_id"],
        row["office"],
        row["sent"],
        Level(row.get("priority") or Level.USUAL),
    )
