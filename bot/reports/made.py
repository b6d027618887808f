"""A decision as it was made: written beside what it moved, and read as long as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from bot.privacy.keyring import KeyRing
from bot.reports import decision_queries
from bot.reports.lifecycle import BESIDE, Act, Decision, Status
from bot.reports.said import NOTHING, OTHER, Said

UNDONE: Final = "undone"
SILENT: Final = "silent"


@dataclass(frozen=True, slots=True)
class Making:
    """A decision that is being made: by whom, when, for how many seconds it can be taken back, what is said."""

    decision: Decision
    officer: int
    officer_name: str
    at: datetime
    undo: int
    said: Said = NOTHING
    id: UUID | None = None
    """None: one of its own."""


@dataclass(frozen=True, slots=True)
class Made:
    """A decision that stands."""

    id: UUID
    decision: Decision
    at: datetime
    until: datetime
    silent: bool
    spread: bool
    held_until: datetime | None
    said: Said
    row: Any
    """With what was before."""

    @property
    def also(self) -> Decision | None:
        """Give the decision that stood already, and stands beside this one; None where this one stands alone."""
        return also(self.row)

    def open(self, now: datetime) -> bool:
        """Tell whether it can still be taken back."""
        return now < self.until and not self.row["begun"]

    def waits(self, now: datetime) -> float:
        """Give the seconds until nothing holds its consequences back any more."""
        return max(0.0, (max(self.until, self.held_until or self.until) - now).total_seconds())


async def write(driver: Any, ring: KeyRing, sort: str, subject: UUID, row: Any, making: Making) -> UUID:
    """Write a decision beside how its subject stood, a row as the locking statements give it; give its id."""
    made_id = making.id or uuid4()
    await driver.execute(decision_queries.NEW_DECISION, *_written(ring, made_id, sort, subject, row, making, None))
    return made_id


async def write_all(
    driver: Any, ring: KeyRing, sort: str, rows: list[Any], making: Making, list_id: UUID | None
) -> None:
    """Write a decision for each link of a list; `list_id` is the list's own decision."""
    written = [_written(ring, uuid4(), sort, row["id"], row, making, list_id) for row in rows]
    await driver.executemany(decision_queries.NEW_DECISION, written)


def _written(
    ring: KeyRing, made_id: UUID, sort: str, subject: UUID, row: Any, making: Making, list_id: UUID | None
) -> tuple[Any, ...]:
    said = making.said
    return (
        made_id,
        sort,
        subject,
        making.decision.value,
        making.officer,
        making.officer_name,
        making.at,
        making.at + timedelta(seconds=making.undo),
        list_id,
        row["status"],
        row["decision"],
        row["claimed_by"],
        row["claimed_name"],
        row["decided_at"],
        row["opened_at"],
        row["reopened"],
        row["settled"],
        said.erdr or None,
        (said.ready or OTHER) if said.erdr else None,
        seal(ring, made_id, said) if said != NOTHING else None,
    )


async def standing(driver: Any, ring: KeyRing, subject: UUID) -> Made | None:
    """Give the decision that a report or resource rests on; None when there is none, or it is of before this table."""
    row = await driver.fetchrow(decision_queries.STANDING, subject)
    return _made(ring, row) if row else None


async def first(driver: Any, ring: KeyRing, row: Any) -> Made | None:
    """Give the decision beside which that of a row was made, if it was, and that was written."""
    if also(row) is None:
        return None
    found = await driver.fetchrow(decision_queries.FIRST, row["subject"], row["ordinal"], row["decision_before"])
    return _made(ring, found) if found else None


def also(row: Any) -> Decision | None:
    """Give the decision beside which that of a row was made; None where it was made of what was undecided."""
    return Decision(row["decision_before"]) if row["status_before"] == Status.DECIDED else None


async def lacks(driver: Any, ring: KeyRing, row: Any, act: Act | Decision, *, takes_links: bool) -> bool:
    """Tell whether an act can be done beside the decision that stands: see lifecycle.BESIDE.

    Of a locked row of a report that does not stand as its links do. It is in nobody's hands any more.
    """
    if row["status"] != Status.DECIDED or BESIDE.get(row["decision"]) is not act:
        return False
    if takes_links and await driver.fetchval(decision_queries.HAS_LINKS, row["id"]):
        return False
    stands = await standing(driver, ring, row["id"])
    return stands is None or stands.also is None


def _made(ring: KeyRing, row: Any) -> Made:
    return Made(
        row["id"],
        Decision(row["decision"]),
        row["at"],
        row["until"],
        row["ended"] == SILENT,
        row["spread"],
        row["held_until"],
        said_of(ring, row),
        row,
    )


def seal(ring: KeyRing, made_id: UUID, said: Said) -> bytes:
    """Seal what was said, but for what stands in clear."""
    hidden = said.model_copy(update={"erdr": ""})
    return ring.seal("decisions", made_id.bytes, hidden.model_dump_json(exclude_defaults=True).encode())


def said_of(ring: KeyRing, row: Any) -> Said:
    """Open what was said; what was purged is empty, the case's number and article stand in clear."""
    said, sealed = NOTHING, row["sealed"]
    if sealed:
        said = Said.model_validate_json(ring.open("decisions", row["id"].bytes, sealed))
    listed = row["article"] if row["article"] != OTHER else None
    return said.model_copy(update={"erdr": row["erdr"] or "", "ready": said.ready or listed or ""})
