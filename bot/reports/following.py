"""A report follows its links: it stands as they do for it, and its citizen is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from bot.clock import to_minute
from bot.delivery.outbox import CardSort, Outbox
from bot.privacy.keyring import KeyRing
from bot.reports import carrying, made, queries
from bot.reports.feedback import Feedback
from bot.reports.lifecycle import Decision, Status
from bot.reports.made import Made

COUNTED: Final = timedelta(minutes=10)
"""The card of a list counts its links anew no more often, unless it is shown anew anyway."""


TakesLinks = Callable[[str], bool]
"""Whether reports of a kind take links, and stand as these do."""


class Following:
    """Brings reports to where their resources stand, on the driver's connection of an open transaction."""

    def __init__(self, ring: KeyRing, outbox: Outbox, feedback: Feedback, takes_links: TakesLinks) -> None:
        self._ring, self._outbox, self._feedback, self._takes_links = ring, outbox, feedback, takes_links

    async def report(
        self,
        driver: Any,
        report_id: UUID,
        resource_id: UUID,
        now: datetime,
        by: Made | None = None,
        *,
        progress: bool = True,
        by_list: bool = False,
    ) -> None:
        """Bring one report to where its links stand for it, and tell its citizen of a decision, unless it is silent.

        One whose kind takes no links is decided itself: those of codes on its photos stand on cards of their own.

        What can still be taken back has not come to them yet. `by` is what the resource's decision rests on; without
        `progress` nothing is said of a report with several links. `by_list`: it was decided by the report's own card.
        """
        report = await driver.fetchrow(queries.REPORT_LOCKED, report_id)
        if report is None or not self._takes_links(report["kind"]):
            return
        links = await driver.fetchrow(carrying.STANDS_TOGETHER, report_id, resource_id)
        if not links["named"] or report["decision"] == Decision.ABUSE:
            return
        several = links["total"] > 1
        if several and await self._can_be_taken_back(driver, report_id, now):
            # Its own decision comes to it by a job of its own.
            return
        status = _together(links)
        if status is Status.NEW and report["status"] == Status.NEEDS_INFO:
            # Nobody has it in hand any more; its question is out all the same.
            status = Status.NEEDS_INFO
        decision = links["decision"] if links["decisions"] == 1 else None
        if (report["status"], report["decision"]) != (status.value, decision):
            decided_at = to_minute(now) if status is Status.DECIDED else None
            holder = (None, None) if status is Status.NEW else (report["claimed_by"], report["claimed_name"])
            await driver.execute(queries.MOVE_REPORT, report_id, status.value, decision, *holder, decided_at)
            await self._outbox.refresh(driver, CardSort.REPORT, [report_id], now)
        elif several:
            # Its card counts how its links stand: not at each of a thousand, and when the desk has room for it.
            await self._outbox.settle(driver, CardSort.REPORT, report_id, now + COUNTED)
        if several:
            if progress and links["decision"]:
                await self._feedback.progress(driver, report_id, Decision(links["decision"]), now)
        elif decision != report["decision"] or (by_list and progress and decision):
            if decision is None or (by and by.silent):
                await self._feedback.withdraw(driver, report_id, now)
            else:
                made_id = by.id if by else None
                await self._feedback.tell(driver, report_id, report["kind"], Decision(decision), now, 0, made_id)

    async def _can_be_taken_back(self, driver: Any, report_id: UUID, now: datetime) -> bool:
        own = await made.standing(driver, self._ring, report_id)
        return own is not None and own.open(now)


def _together(links: Any) -> Status:
    """Give the status of a report from those of its links."""
    if links["decided"]:
        return Status.DECIDED
    return Status.NEW if links["untouched"] else Status.IN_PROGRESS
