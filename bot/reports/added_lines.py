"""A line of the office's own that goes with a decision's feedback: written, shown back, confirmed; or not in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from bot import jobs
from bot.clock import Clock
from bot.database import Database, driver
from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.privacy.keyring import KeyRing
from bot.reports import decision_queries, form_queries, made, queries
from bot.reports.amending import Amending, TooLate
from bot.reports.deciding import SPREAD, Officer, Taken
from bot.reports.feedback import Feedback
from bot.reports.following import TakesLinks
from bot.reports.form_state import FormOver, FormState
from bot.reports.lifecycle import Amendment, IllegalMove
from bot.reports.made import Made

HELD: Final = timedelta(minutes=15)
"""So long the feedback waits for a line that is being written; then it goes without."""
LINE_OVER: Final = "line_over"
"""The job that closes a form whose line came too late."""


class AddedLines:
    """The service of lines. Its methods run on the driver's connection of an open transaction."""

    def __init__(
        self, ring: KeyRing, outbox: Outbox, feedback: Feedback, amending: Amending, takes_links: TakesLinks
    ) -> None:
        self._ring, self._outbox, self._feedback, self._amending = ring, outbox, feedback, amending
        self._takes_links = takes_links

    async def begin(self, driver: Any, sort: CardSort, subject: UUID, officer: Officer, now: datetime) -> None:
        """Open a form for a line, and hold the feedback back; raise as `Amending.open`.

        Of a decision that is silent, or of a report with links, no line is told: IllegalMove.
        """
        row, decided = await self._amending.open(driver, sort, subject, officer, now)
        by_links = sort is CardSort.REPORT and self._takes_links(row["kind"])
        if decided.silent or (by_links and await driver.fetchval(decision_queries.HAS_LINKS, subject)):
            raise IllegalMove
        ended = await driver.fetch(decision_queries.END_FORMS, [subject], [Amendment.LINE.value], None)
        await self._outbox.refresh(driver, CardSort.FORM, [each["id"] for each in ended], now)
        held_until = now + HELD
        await driver.execute(decision_queries.HOLD, decided.id, held_until)
        report_id = subject if sort is CardSort.REPORT else None
        if report_id:
            await self._feedback.hold(driver, report_id, held_until, also=decided.also is not None)
        form_id, who = uuid4(), (officer.id, officer.name)
        state = FormState.OPEN.value
        await driver.execute(
            form_queries.NEW_FORM,
            form_id,
            Amendment.LINE.value,
            sort.value,
            subject,
            report_id,
            state,
            *who,
            None,
            now,
        )
        await self._outbox.want(driver, Recipient.DESK, CardSort.FORM, [form_id], now)
        await jobs.enqueue(driver, LINE_OVER, form_id, after=HELD.total_seconds())

    async def write(self, driver: Any, form_id: UUID, words: str, now: datetime) -> None:
        """Take a line, to be confirmed; the newest counts. Raises FormOver, TooLate."""
        form, _ = await self._locked(driver, form_id, now)
        sealed = self._ring.seal("forms", form_id.bytes, words.encode())
        await driver.execute(decision_queries.SAY_FORM, form["id"], sealed)
        await self._outbox.refresh(driver, CardSort.FORM, [form_id], now)

    async def confirm(self, driver: Any, form_id: UUID, officer: Officer, now: datetime) -> None:
        """Let the line go with the feedback; raise FormOver, Taken, TooLate."""
        form, decided = await self._locked(driver, form_id, now)
        if form["sealed"] is None:
            raise FormOver
        if form["officer"] != officer.id:
            raise Taken(form["officer_name"])
        line = self._ring.open("forms", form_id.bytes, form["sealed"]).decode()
        said = decided.said.model_copy(update={"line": line})
        await driver.execute(decision_queries.SAY, decided.id, made.seal(self._ring, decided.id, said))
        entry = now, officer.id, officer.name, Amendment.LINE.value, form["sort"], form["subject"]
        await driver.execute(queries.JOURNAL, *entry)
        await driver.execute(decision_queries.FORM_DONE, form_id)
        await self._goes(driver, form, decided, now)

    async def drop(self, driver: Any, form_id: UUID, now: datetime) -> None:
        """Let the feedback go without a line; raise FormOver, TooLate."""
        form, decided = await self._locked(driver, form_id, now)
        await driver.execute(form_queries.DROP_FORM, form_id, FormState.DROPPED.value)
        await driver.execute(decision_queries.HOLD, decided.id, None)
        await self._goes(driver, form, decided, now)

    async def over(self, driver: Any, form_id: UUID, now: datetime) -> None:
        """Close a form whose time is over; what was written in it goes nowhere."""
        form = await driver.fetchrow(form_queries.FORM, form_id)
        if form is None:
            return
        decided = await made.standing(driver, self._ring, form["subject"])
        left = (decided.held_until - now).total_seconds() if decided and decided.held_until else 0.0
        if left > 0:
            await jobs.enqueue(driver, LINE_OVER, form_id, after=left)
            return
        form = await driver.fetchrow(form_queries.FORM_LOCKED, form_id)
        if form is not None and form["state"] == FormState.OPEN:
            await driver.execute(form_queries.DROP_FORM, form_id, FormState.DROPPED.value)
            await self._outbox.refresh(driver, CardSort.FORM, [form_id], now)

    async def _locked(self, driver: Any, form_id: UUID, now: datetime) -> tuple[Any, Made]:
        """Lock the card's subject, then the form; give the form and the decision that it belongs to."""
        form = await driver.fetchrow(form_queries.FORM, form_id)
        if form is None:
            raise FormOver
        on_resource = form["sort"] == CardSort.RESOURCE
        await driver.fetchrow(queries.RESOURCE_LOCKED if on_resource else queries.REPORT_LOCKED, form["subject"])
        await driver.fetchrow(form_queries.FORM_LOCKED, form_id)
        form = await driver.fetchrow(form_queries.FORM, form_id)
        decided = await made.standing(driver, self._ring, form["subject"])
        if form["state"] != FormState.OPEN or decided is None or decided.silent:
            raise FormOver
        if decided.held_until is None or now >= decided.held_until:
            raise TooLate
        return form, decided

    async def _goes(self, driver: Any, form: Any, decided: Made, now: datetime) -> None:
        """Hold the feedback back no longer than the decision can be taken back."""
        sort, subject, free = CardSort(form["sort"]), form["subject"], max(now, decided.until)
        if sort is CardSort.REPORT:
            await self._feedback.hold(driver, subject, free, also=decided.also is not None)
        else:
            await jobs.enqueue(driver, SPREAD, subject, after=(free - now).total_seconds())
        await self._outbox.refresh(driver, CardSort.FORM, [form["id"]], now)
        await self._outbox.refresh(driver, sort, [subject], now)


class LateLines:
    """The job that closes forms of lines when nobody waits for them any more."""

    def __init__(self, database: Database, lines: AddedLines, wake: Callable[[], None], clock: Clock) -> None:
        self._database, self._lines, self._wake, self._clock = database, lines, wake, clock

    async def close(self, form_id: UUID) -> None:
        """Close a form whose line did not come in time."""
        async with self._database.transaction() as connection:
            await self._lines.over(await driver(connection), form_id, self._clock())
        self._wake()
