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
_COLUMNS: Final = """
resource.id, resource.platform, resource.what, resource.url, resource.sealed, resource.status, resource.decision,
  resource.first_reported_at, resource.times_reported, resource.decided_at
"""
_NUMBERS: Final = """
ARRAY(SELECT link.number FROM report_links AS link WHERE link.resource_id = resource.id
  ORDER BY link.number DESC LIMIT $6) AS numbers
"""
_OF_STATUS: Final = """
($3::text IS NULL OR resource.status = $3 OR resource.decision = $3
  OR ($3 = 'open' AND resource.status <> 'decided' AND resource.decision IS NULL))
"""
_WANTED: Final = f"""
resource.first_reported_at >= $1 AND resource.first_reported_at < $2 AND {_OF_STATUS}
  AND ($4::text IS NULL OR EXISTS (
    SELECT 1 FROM report_links AS link JOIN reports AS report ON report.id = link.report_id
    WHERE link.resource_id = resource.id AND report.kind = $4))
"""  # noqa: S608 — constants
_ROWS: Final = f"""
SELECT {_COLUMNS}, {_NUMBERS} FROM resources AS resource
WHERE ($5 OR resource.url IS NOT NULL) AND ($7::int[] IS NULL OR coalesce(resource.office, 0) = ANY($7)) AND {_WANTED}
"""  # noqa: S608 — constants
_LEFT_OUT: Final = f"""
SELECT count(*) FROM resources AS resource
WHERE resource.url IS NULL AND resource.sealed IS NOT NULL
  AND ($5::int[] IS NULL OR coalesce(resource.office, 0) = ANY($5)) AND {_WANTED}
"""  # noqa: S608 — constants
# Written as an index has it that holds what is not decided alone. Without days all links would be read to find the few.
_NOT_DECIDED: Final = " AND resource.status <> 'decided' AND resource.opened_at IS NOT NULL"
_IN_ORDER: Final = " ORDER BY resource.first_reported_at, resource.id"
ROWS: Final = _ROWS + _IN_ORDER
OPEN_ROWS: Final = _ROWS + _NOT_DECIDED + _IN_ORDER
"""The same of what is not decided."""
# What an officer took up when a capture named it, and nobody has reported: after all that was, by when that was.
FOUND_ROWS: Final = f"""
SELECT {_COLUMNS}, ARRAY[]::bigint[] AS numbers FROM resources AS resource
WHERE resource.found_at >= $1 AND resource.found_at < $2 AND resource.first_reported_at IS NULL AND {_OF_STATUS}
  AND $4::text IS NULL AND ($5::int[] IS NULL OR coalesce(resource.office, 0) = ANY($5))
ORDER BY resource.found_at, resource.id
"""  # noqa: S608 — constants
LEFT_OUT: Final = _LEFT_OUT
"""How many are left out because they are private."""
OPEN_LEFT_OUT: Final = _LEFT_OUT + _NOT_DECIDED
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
    first_reported: datetime | None
    """In the office's time zone, as is `decided`; None: nobody has, a capture named it and an officer took it up."""
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
        self._database, self._ring, self.timezone = database, ring, timezone

    async def rows(self, asked: Asked, offices: list[int] | None = None) -> AsyncIterator[Row]:
        """Give the rows in the order in which their resources were first reported, all as of one moment.

        After them come those that nobody has reported. Of all offices, or of those that are given.
        """
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            asking = *self._days(asked), asked.status, asked.kind, asked.with_private, NUMBERS, offices
            statement = OPEN_ROWS if asked.status in UNDECIDED else ROWS
            async for row in raw.cursor(statement, *asking, prefetch=AT_ONCE):
                yield self._row(row)
            apart = *self._days(asked), asked.status, asked.kind, offices
            async for row in raw.cursor(FOUND_ROWS, *apart, prefetch=AT_ONCE):
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
        begins, ends = (datetime.combine(day, time(), self.timezone) for day in (first, last + timedelta(days=1)))
        return begins, ends

    def _row(self, row: Any) -> Row:
        decided, first = row["decided_at"], row["first_reported_at"]
        return Row(
            self._link(row),
            row["platform"],
            row["what"],
            first.astimezone(self.timezone) if first else None,
            row["times_reported"],
            row["decision"] or row["status"],
            decided.astimezone(self.timezone) if decided else None,
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
