"""What citizens are told of decisions: queued for a random moment, withdrawn when it no longer holds."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.reports import decision_queries, form_queries, queries
from bot.reports.lifecycle import Decision
from bot.reports.waiting import Waits
from bot.texts import Texts

FEEDBACK: Final = "feedback"
"""The message that tells of a decision."""
ALSO: Final = "also"
"""That of one which stands beside another: each is told of, and withdrawn, without the other."""
DAY: Final = timedelta(days=1)
"""A citizen is told of a report with several links no more often."""


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
        *,
        also: bool = False,
    ) -> None:
        """Queue the feedback of a decision; what was queued before and has not left yet no longer holds.

        `made_id` names the decision's row, whose line goes with it. `also`: it stands beside another, whose feedback
        goes before it.
        """
        await self.withdraw(driver, report_id, now, also=also)
        due = now + timedelta(seconds=pause + self._waits.drawn())
        params = {"kind": kind, "decision": decision.value} | ({"made": str(made_id)} if made_id else {})
        await self._outbox.message(driver, Recipient.CITIZEN, report_id, ALSO if also else FEEDBACK, params, due)

    async def hold(self, driver: Any, report_id: UUID, until: datetime, *, also: bool = False) -> None:
        """Let what is queued for a report leave at a random moment after `until`, be that sooner or later."""
        due = until + timedelta(seconds=self._waits.drawn())
        await driver.execute(decision_queries.HOLD_FEEDBACK, report_id, due, ALSO if also else FEEDBACK)

    async def withdraw(self, driver: Any, report_id: UUID, now: datetime, *, also: bool = False) -> None:
        """Withdraw the feedback of a report that has not left yet; `also`: only that of the second of two decisions."""
        templates = [ALSO] if also else [FEEDBACK, ALSO]
        await driver.execute(queries.WITHDRAW_FEEDBACK, report_id, now, templates)

    async def silence(self, driver: Any, report_id: UUID, now: datetime) -> None:
        """Withdraw all that was queued for the citizen of a report, and its questions that have not left."""
        await driver.execute(queries.WITHDRAW_ANSWERS, report_id, now)
        ended = await driver.fetch(form_queries.END_QUESTIONS, report_id, "withdrawn", ["waiting"])
        await self._outbox.refresh(driver, CardSort.FORM, [row["id"] for row in ended], now)

    async def progress(self, driver: Any, report_id: UUID, decision: Decision, now: datetime) -> None:
        """Tell of a report with several links once a day; the numbers are counted when the message leaves.

        That links were sent to be blocked waits for a day: news of what is closed takes it along, and goes at once.
        """
        row = await driver.fetchrow(queries.LAST_PROGRESS, report_id)
        due = now + (DAY if decision is Decision.SENT_TO_BLOCK else timedelta(seconds=self._waits.drawn()))
        if row["last"] is not None:
            due = max(due, row["last"] + DAY)
        if row["waits"]:
            await driver.execute(queries.SOONER_PROGRESS, report_id, due)
        else:
            await self._outbox.message(driver, Recipient.CITIZEN, report_id, "progress", {}, due)


def progress_of(stands: list[Any]) -> dict[str, int]:
    """Count what the text of a report with several links is rendered with, from how each of these stands."""
    decisions = Counter(row["decision"] for row in stands)
    closed, sent = decisions[Decision.BLOCKED.value], decisions[Decision.SENT_TO_BLOCK.value]
    return {"closed": closed, "sent": sent, "total": len(stands)}


def feedback_text(texts: Texts, language: str, kind: str, decision: Decision | str, line: str) -> str:
    """Render a decision's feedback, with the office's line under it; empty when the kind's file has none such."""
    name = f"kinds.{kind}.feedback.{decision}"
    if not texts.has(language, name):
        return ""
    text = texts.render(language, name)
    return f"{text}\n\n{texts.render(language, 'citizen.office_line', line=line)}" if line else text
