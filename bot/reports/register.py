"""`shekteu register`: the links that were reported, one row a resource, for the system in which they are blocked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.database import Database, driver
from bot.privacy.keyring import KeyRing
from bot.privacy.sealing import CannotOpen
from bot.reports.lifecycle import Decision, Status

AT_ONCE: Final = 1000
"""Rows read at once: a million of them must not lie in memory."""
OPEN: Final = "open"
"""What `status` calls the links that were neither sent to be blocked nor decided."""
NUMBERS: Final = 5
"""Of the reports that name a resource, so many of the newest are told."""
ROWS: Final = """
SELECT resource.id, resource.platform, resource.what, resource.url, resource.sealed, resource.status, resource.decision,
  resource.first_reported_at, resource.times_reported, resource.decided_at,
  ARRAY(SELECT link.number FROM report_links AS link WHERE link.resource_id = resource.id
        ORDER BY link.number DESC LIMIT $6) AS numbers
FROM resources AS resource
WHERE resource.first_reported_at >= $1 AND resource.first_reported_at < $2
  AND ($3::text IS NULL OR resource.status = $3 OR resource.decision = $3
    OR ($3 = 'open' AND resource.status <> 'decided' AND resource.decision IS NULL))
  AND ($4::text IS NULL OR EXISTS (
    SELECT 1 FROM report_links AS link JOIN reports AS report ON report.id = link.report_id
    WHERE link.resource_id = resource.id AND report.kind = $4))
  AND ($5 OR resource.url IS NOT NULL) AND ($7::int[] IS NULL OR coalesce(resource.office, 0) = ANY($7))
ORDER BY resource.first_reported_at, resource.id
"""
# The same of what is not decided: `status <> 'decided' AND opened_at IS NOT NULL` stands here because an index holds
# these rows alone. Without days all links would be read to find the few that are open.
OPEN_ROWS: Final = """
SELECT resource.id, resource.platform, resource.what, resource.url, resource.sealed, resource.status, resource.decision,
  resource.first_reported_at, resource.times_reported, resource.decided_at,
  ARRAY(SELECT link.number FROM report_links AS link WHERE link.resource_id = resource.id
        ORDER BY link.number DESC LIMIT $6) AS numbers
FROM resources AS resource
WHERE resource.status <> 'decided' AND resource.opened_at IS NOT NULL
  AND resource.first_reported_at >= $1 AND resource.first_reported_at < $2
  AND ($3::text IS NULL OR resource.status = $3 OR resource.decision = $3
    OR ($3 = 'open' AND resource.decision IS NULL))
  AND ($4::text IS NULL OR EXISTS (
    SELECT 1 FROM report_links AS link JOIN reports AS report ON report.id = link.report_id
    WHERE link.resource_id = resource.id AND report.kind = $4))
  AND ($5 OR resource.url IS NOT NULL) AND ($7::int[] IS NULL OR coalesce(resource.office, 0) = ANY($7))
ORDER BY resource.first_reported_at, resource.id
"""
# How many of either are left out because they are private.
LEFT_OUT: Final = """
SELECT count(*) FROM resources AS resource
WHERE resource.first_reported_at >= $1 AND resource.first_reported_at < $2
  AND ($3::text IS NULL OR resource.status = $3 OR resource.decision = $3
    OR ($3 = 'open' AND resource.status <> 'decided' AND resource.decision IS NULL))
  AND ($4::text IS NULL OR EXISTS (
    SELECT 1 FROM report_links AS link JOIN reports AS report ON report.id = link.report_id
    WHERE link.resource_id = resource.id AND report.kind = $4))
  AND resource.url IS NULL AND resource.sealed IS NOT NULL
  AND ($5::int[] IS NULL OR coalesce(resource.office, 0) = ANY($5))
"""
OPEN_LEFT_OUT: Final = """
SELECT count(*) FROM resources AS resource
WHERE resource.status <> 'decided' AND resource.opened_at IS NOT NULL
  AND resource.first_reported_at >= $1 AND resource.first_reported_at < $2
  AND ($3::text IS NULL OR resource.status = $3 OR resource.decision = $3
    OR ($3 = 'open' AND resource.decision IS NULL))
  AND ($4::text IS NULL OR EXISTS (
    SELECT 1 FROM report_links AS link JOIN reports AS report ON report.id = link.report_id
    WHERE link.resource_id = resource.id AND report.kind = $4))
  AND resource.url IS NULL AND resource.sealed IS NOT NULL
  AND ($5::int[] IS NULL OR coalesce(resource.office, 0) = ANY($5))
"""
UNDECIDED: Final = frozenset({OPEN, Status.NEW, Status.IN_PROGRESS, Status.NEEDS_INFO, Decision.SENT_TO_BLOCK})
"""What can be asked for that no decided link is."""


class NotRegistered(Exception):
    """The register cannot be written as it was asked for; the message says what to do instead."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which links are asked for. `last` is the last day, itself included; None leaves a wish out."""

    first: date | None = None
    last: date | None = None
    kind: str | None = None
    status: str | None = None
    with_private: bool = False
    """Invites and personal addresses too: a dealer may have made them for one buyer, who told of them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One resource."""

    link: str
    platform: str
    what: str
    first_reported: datetime
    """In the office's time zone, as is `decided`."""
    times_reported: int
    status: str
    """A decision where there is one, else a status."""
    decided: datetime | None
    numbers: list[int]
    id: UUID


def statuses() -> list[str]:
    """List what a register can be asked for by `--status`."""
    return [OPEN, *Status, *(decision for decision in Decision if decision is not Decision.ABUSE)]


class Register:
    """Reads the register's rows."""

    def __init__(self, database: Database, ring: KeyRing, timezone: ZoneInfo) -> None:
        self._database, self._ring, self._timezone = database, ring, timezone

    async def rows(self, asked: Asked, offices: list[int] | None = None) -> AsyncIterator[Row]:
        """Give the rows in the order in which their resources were first reported, all as of one moment.

        Of all offices, or of those that are given.
        """
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            asking = *self._days(asked), asked.status, asked.kind, asked.with_private, NUMBERS, offices
            statement = OPEN_ROWS if asked.status in UNDECIDED else ROWS
            async for row in raw.cursor(statement, *asking, prefetch=AT_ONCE):
                yield self._row(row)

    async def left_out(self, asked: Asked, offices: list[int] | None = None) -> int:
        """Count what `rows` leaves out because it is private."""
        statement = OPEN_LEFT_OUT if asked.status in UNDECIDED else LEFT_OUT
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            asking = *self._days(asked), asked.status, asked.kind, offices
            return 0 if asked.with_private else int(await raw.fetchval(statement, *asking))

    def _days(self, asked: Asked) -> tuple[datetime, datetime]:
        """Give the moments between which a resource was first reported; days are the office's."""
        first, last = asked.first or date(2000, 1, 1), asked.last or date(9000, 1, 1)
        if last < first:
            raise NotRegistered(f"--from {first} is after --to {last}: give the earlier day first.")
        begins, ends = (datetime.combine(day, time(), self._timezone) for day in (first, last + timedelta(days=1)))
        return begins, ends

    def _row(self, row: Any) -> Row:
        decided = row["decided_at"]
        return Row(
            self._link(row),
            row["platform"],
            row["what"],
            row["first_reported_at"].astimezone(self._timezone),
            row["times_reported"],
            row["decision"] or row["status"],
            decided.astimezone(self._timezone) if decided else None,
            row["numbers"],
            row["id"],
        )

    def _link(self, row: Any) -> str:
        """Give a link; one that was erased with its reports, or whose key is no more, is told as a dash."""
        if row["url"] or row["sealed"] is None:
            return row["url"] or "—"
        try:
            return self._ring.open("resources", row["id"].bytes, row["sealed"]).decode()
        except CannotOpen:
            return "—"
