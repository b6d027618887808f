"""Questions that were decided: they leave, are answered or declined, or reach nobody; what the desk is shown then."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from bot.clock import to_minute
from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.privacy.keyring import KeyRing
from bot.reports import form_queries, queries
from bot.reports.form_state import Asked, FormState
from bot.reports.lifecycle import Act, Status
from bot.reports.waiting import Waits

_OPEN: Final = [FormState.WAITING.value, FormState.ASKED.value]
_NEVER_LEFT: Final = frozenset(
    {FormState.CHOOSING, FormState.OPEN, FormState.WAITING, FormState.WITHDRAWN, FormState.DROPPED}
)


class AskedQuestions:
    """What becomes of questions, on the driver's connection of an open transaction."""

    def __init__(self, ring: KeyRing, outbox: Outbox, waits: Waits) -> None:
        self._ring, self._outbox, self._waits = ring, outbox, waits

    async def leaves(self, driver: Any, form_id: UUID, now: datetime) -> Asked | None:
        """Note that a question leaves now, and give it; None when it was taken back, or the report is decided."""
        row = await driver.fetchrow(form_queries.LEAVES, form_id)
        if row is None:
            await driver.execute(form_queries.TOO_LATE, form_id)
            await self._outbox.refresh(driver, CardSort.FORM, [form_id], now)
            return None
        # The desk sees it some minutes later, or it could watch whose phone lights up.
        seen = now + timedelta(seconds=self._waits.drawn())
        await self._outbox.refresh(driver, CardSort.FORM, [form_id], seen)
        return Asked(form_id, row["choice"], own_words(self._ring, form_id, row["sealed"]))

    async def report_asked(self, driver: Any, form_id: UUID) -> tuple[UUID, str] | None:
        """Give the report whose citizen got this question, and its kind; None when it never left or is gone."""
        form = await driver.fetchrow(form_queries.FORM, form_id)
        left = form is not None and form["act"] == Act.ASK and form["state"] not in _NEVER_LEFT
        return (form["report_id"], form["kind"]) if left and form["number"] is not None else None

    async def end(self, driver: Any, report_id: UUID, form_id: UUID, state: FormState, now: datetime) -> None:
        """Note what became of a question that has left: answered, or declined. The report is worked on again."""
        await driver.fetchrow(queries.REPORT_LOCKED, report_id)
        form = await driver.fetchrow(form_queries.FORM_LOCKED, form_id)
        if form and form["state"] in (FormState.ASKED, FormState.DECLINED, FormState.UNREACHABLE):
            await driver.execute(form_queries.MOVE_FORM, form_id, state.value, None)
        await self.resume(driver, report_id, now)

    async def newest(self, driver: Any, report_id: UUID) -> Asked | None:
        """Give the newest question of a report that has left and waits for its answer."""
        row = await driver.fetchrow(form_queries.NEWEST_QUESTION, report_id)
        return Asked(row["id"], row["choice"], own_words(self._ring, row["id"], row["sealed"])) if row else None

    async def unanswered(self, driver: Any, report_id: UUID, now: datetime) -> None:
        """Note that the questions that were asked about a report will hardly be answered: its address was erased.

        One that has not left yet finds that out when it is due, as it does when nobody erased anything.
        """
        await self._unreachable(driver, report_id, [FormState.ASKED.value], now)

    async def undelivered(self, driver: Any, report_id: UUID, template: str, now: datetime) -> None:
        """Tell the desk that a message which an officer caused reached nobody; never why, and so always alike.

        The address may be erased or over, the bot blocked, the message refused. A question that would not have left
        is none of these.
        """
        await driver.fetchrow(queries.REPORT_LOCKED, report_id)
        if template == "question" and not await self._still_asked(driver, report_id, now):
            return
        await self._notice(driver, report_id, template, now)
        await self._unreachable(driver, report_id, _OPEN, now)

    async def _notice(self, driver: Any, report_id: UUID, template: str, now: datetime) -> None:
        """Queue the desk's notice, unless one waits that will tell of this too.

        Of a link that many have reported all whom one decision did not reach are told of together.
        """
        link = await driver.fetchval(form_queries.SHARED_LINK, report_id) if template == "feedback" else None
        if link is None:
            if not await self._outbox.waits(driver, Recipient.DESK, report_id, "unreachable"):
                await self._outbox.message(driver, Recipient.DESK, report_id, "unreachable", {}, now)
            return
        await driver.fetchrow(queries.RESOURCE_LOCKED, link)
        if not await driver.fetchval(form_queries.NOTICE_WAITS, link):
            due = now + timedelta(seconds=self._waits.delay[1])
            params = {"since": to_minute(now).isoformat()}
            await self._outbox.message(driver, Recipient.DESK, report_id, "unreachable", params, due)

    async def resume(self, driver: Any, report_id: UUID, now: datetime) -> None:
        """Bring a report that waited for an answer back into work."""
        moved = Status.IN_PROGRESS.value, Status.NEEDS_INFO.value
        await driver.execute(form_queries.MOVE_STATUS, report_id, *moved)
        await self.refresh(driver, report_id, now)

    async def refresh(self, driver: Any, report_id: UUID, now: datetime) -> None:
        """Show anew all that the desk has of a report: its forms, its card, the cards of what it names."""
        await self._outbox.refresh(driver, CardSort.REPORT, [report_id], now)
        resources = await driver.fetch(form_queries.RESOURCES_NAMED, report_id)
        await self._outbox.refresh(driver, CardSort.RESOURCE, [row["resource_id"] for row in resources], now)
        forms = await driver.fetch(form_queries.FORMS_OF_REPORT, report_id)
        await self._outbox.refresh(driver, CardSort.FORM, [row["id"] for row in forms], now)

    async def _still_asked(self, driver: Any, report_id: UUID, now: datetime) -> bool:
        """Tell whether a question of a report was neither taken back nor came too late, which is noted."""
        late = await driver.fetch(form_queries.TOO_LATE_OF_REPORT, report_id)
        await self._outbox.refresh(driver, CardSort.FORM, [row["id"] for row in late], now)
        return bool(await driver.fetchval(form_queries.QUESTIONS_OPEN, report_id))

    async def _unreachable(self, driver: Any, report_id: UUID, states: list[str], now: datetime) -> None:
        await driver.fetchrow(queries.REPORT_LOCKED, report_id)
        if await driver.fetch(form_queries.END_QUESTIONS, report_id, FormState.UNREACHABLE.value, states):
            await self.resume(driver, report_id, now)


def own_words(ring: KeyRing, form_id: UUID, sealed: bytes | None) -> str:
    """Open an officer's own words; empty when there are none, or none any more."""
    return ring.open("forms", form_id.bytes, sealed).decode() if sealed else ""
