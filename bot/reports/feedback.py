"""What citizens are told of decisions: queued for a random moment, withdrawn when it no longer holds."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.reports import decision_queries, form_queries, queries
from bot.reports.lifecycle import Decision
from bot.reports.waiting import Waits
from bot.texts import Texts


class Feedback:
    """Queues answers to citizens, on the driver's connection of an open transaction."""

    def __init__(self, outbox: Outbox, waits: Waits) -> None:
        self._outbox, self._waits = outbox, waits

    async def tell(
        self,
        driver: Any,
        report_id: UUID,
        kind: str,
        decision: Decision,
        now: datetime,
        pause: float = 0.0,
        made_id: UUID | None = None,
    ) -> None:
        """Queue the feedback of a decision; what was queued before and has not left yet no longer holds.

        `made_id` names the decision's row, whose line goes with it.
        """
        await self.withdraw(driver, report_id, now)
        due = now + timedelta(seconds=pause + self._waits.drawn())
        params = {"kind": kind, "decision": decision.value} | ({"made": str(made_id)} if made_id else {})
        await self._outbox.message(driver, Recipient.CITIZEN, report_id, "feedback", params, due)

    async def hold(self, driver: Any, report_id: UUID, until: datetime) -> None:
        """Let what is queued for a report leave at a random moment after `until`, be that sooner or later."""
        due = until + timedelta(seconds=self._waits.drawn())
        await driver.execute(decision_queries.HOLD_FEEDBACK, report_id, due)

    async def withdraw(self, driver: Any, report_id: UUID, now: datetime) -> None:
        """Withdraw the feedback of a report that has not left yet."""
        await driver.execute(queries.WITHDRAW_FEEDBACK, report_id, now)

    async def silence(self, driver: Any, report_id: UUID, now: datetime) -> None:
        """Withdraw all that was queued for the citizen of a report, and its questions that have not left."""
        await driver.execute(queries.WITHDRAW_ANSWERS, report_id, now)
        ended = await driver.fetch(form_queries.END_QUESTIONS, report_id, "withdrawn", ["waiting"])
        await self._outbox.refresh(driver, CardSort.FORM, [row["id"] for row in ended], now)

    async def progress(self, driver: Any, report_id: UUID, now: datetime) -> None:
        """Tell of a report with several links once a day; the numbers are counted when the message leaves."""
        row = await driver.fetchrow(queries.LAST_PROGRESS, report_id)
        if row["waits"]:
            return
        due = now + timedelta(seconds=self._waits.drawn())
        if row["last"] is not None:
            due = max(due, row["last"] + timedelta(days=1))
        await self._outbox.message(driver, Recipient.CITIZEN, report_id, "progress", {}, due)


def feedback_text(texts: Texts, language: str, kind: str, decision: Decision | str, line: str) -> str:
    """Render a decision's feedback, with the office's line under it; empty when the kind's file has none such."""
    name = f"kinds.{kind}.feedback.{decision}"
    if not texts.has(language, name):
        return ""
    text = texts.render(language, name)
    return f"{text}\n\n{texts.render(language, 'citizen.office_line', line=line)}" if line else text
