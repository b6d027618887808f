"""What a receipt tells of its report: how it stands, as far as its citizen may know by now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bot.privacy import receipts
from bot.privacy.keyring import KeyRing
from bot.reports import carrying, decision_queries, made, queries
from bot.reports.feedback import ALSO, FEEDBACK, progress_of
from bot.reports.lifecycle import Decision, Status


@dataclass(frozen=True, slots=True)
class Found:
    """What a receipt tells of its report."""

    report_id: UUID
    kind: str
    status: Status
    links: dict[str, int]
    """How its links stand: see feedback.progress_of."""
    told: tuple[tuple[Decision, str], ...] = ()
    """The decisions of which its citizen was told, each with what the office said beside its feedback."""


async def by_receipt(driver: Any, ring: KeyRing, receipt: str, now: datetime) -> Found | None:
    """Find a report by its receipt. A malformed one is looked up all the same, so that it takes as long."""
    row = await driver.fetchrow(queries.BY_RECEIPT, receipt_hash(ring, receipt), now)
    if row is None:
        return None
    if row["decision"] == Decision.ABUSE:
        # Nobody is told of it: the report was considered, and that is all.
        return Found(row["id"], row["kind"], Status.DECIDED, progress_of([]))
    by = await driver.fetchrow(decision_queries.TOLD_BY, row["id"])
    also = made.also(by) if by else None
    before = await made.first(driver, ring, by) if by else None
    first = by if also is None else before.row if before else None
    if FEEDBACK in row["untold"] or _open(first, now):
        # The answer is not due yet, and may still be taken back: nobody learns it sooner by asking.
        return Found(row["id"], row["kind"], Status.IN_PROGRESS, progress_of([]))
    resources = await driver.fetch(carrying.STANDS, row["id"])
    stands = [(also, first)] if also else []
    if row["decision"] and not (also and (ALSO in row["untold"] or _open(by, now))):
        stands.append((Decision(row["decision"]), by))
    told = tuple(
        (decision, made.said_of(ring, of).line if of else "")
        for decision, of in stands
        if not (of and of["ended"] == made.SILENT)
    )
    return Found(row["id"], row["kind"], Status(row["status"]), progress_of(resources), told)


def _open(by: Any, now: datetime) -> bool:
    return by is not None and bool(by["until"] > now)


def receipt_hash(ring: KeyRing, receipt: str) -> bytes:
    """Give what of a receipt is stored."""
    return ring.hash("receipt", receipts.read(receipt) or b"")
