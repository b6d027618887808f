"""Forms: officers' acts that need more than one press. A question to a citizen, or a block of whoever sent a report."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid4

from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.privacy.keyring import KeyRing
from bot.reports import form_queries, queries
from bot.reports.deciding import NoSuchCard, Officer, Taken
from bot.reports.lifecycle import Act, Decision, Status, move

NUMBERS: Final = 5
"""Of the reports that name a resource, so many of the newest are offered."""
_DRAW: Final = random.SystemRandom().uniform


class FormState(StrEnum):
    """How far a form is."""

    CHOOSING = "choosing"
    """Which of several reports it is about is not said yet."""
    OPEN = "open"
    WAITING = "waiting"
    """The question is decided, and can be taken back until it leaves."""
    ASKED = "asked"
    ANSWERED = "answered"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    WITHDRAWN = "withdrawn"
    DROPPED = "dropped"
    DONE = "done"


class FormOver(Exception):
    """This form was filled in, taken back or dropped meanwhile."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it goes to the citizen: a ready one by its name, or an officer's own words."""

    form_id: UUID
    choice: str | None
    words: str


class Forms:
    """The service of forms. Its methods run on the driver's connection of an open transaction."""

    def __init__(
        self,
        ring: KeyRing,
        outbox: Outbox,
        undo: int,
        delay: tuple[int, int],
        draw: Callable[[float, float], float] = _DRAW,
    ) -> None:
        """`undo` and `delay` (from, to) are seconds; `draw` draws the wait of what an officer caused."""
        self._ring, self._outbox, self._undo, self._delay, self._draw = ring, outbox, undo, delay, draw

    async def begin(
        self,
        driver: Any,
        act: Act | Decision,
        sort: CardSort,
        subject: UUID,
        officer: Officer,
        now: datetime,
        words: str = "",
    ) -> None:
        """Open a form for an act on a card, with an officer's own words if there are any; raise as `Decisions.act`."""
        report_ids = [subject]
        if sort is CardSort.RESOURCE:
            rows = await driver.fetch(form_queries.REPORTS_NAMING, subject, NUMBERS)
            report_ids = [row["id"] for row in rows]
        if not report_ids:
            raise NoSuchCard
        one = report_ids[0] if len(report_ids) == 1 else None
        if one:
            await self._may(driver, one, act, officer)
        form_id, state = uuid4(), FormState.OPEN if one else FormState.CHOOSING
        sealed = self._ring.seal("forms", form_id.bytes, words.encode()) if words else None
        who = officer.id, officer.name
        await driver.execute(
            form_queries.NEW_FORM, form_id, act.value, sort.value, subject, one, state.value, *who, sealed, now
        )
        await self._outbox.want(driver, Recipient.DESK, CardSort.FORM, [form_id], now)

    async def choose(self, driver: Any, form_id: UUID, number: str, officer: Officer, now: datetime) -> None:
        """Say which report a form is about; raise FormOver, NoSuchCard, Taken, IllegalMove."""
        form = await self._unlocked(driver, form_id)
        named = await driver.fetch(form_queries.REPORTS_NAMING, form["subject"], NUMBERS)
        report_id = next((row["id"] for row in named if str(row["number"]) == number), None)
        if report_id is None:
            raise NoSuchCard
        act = Act.ASK if form["act"] == Act.ASK else Decision(form["act"])
        await self._may(driver, report_id, act, officer)
        await self._locked(driver, form_id, FormState.CHOOSING)
        await driver.execute(form_queries.CHOOSE_REPORT, form_id, report_id)
        await self._outbox.refresh(driver, CardSort.FORM, [form_id], now)

    async def ask(self, driver: Any, form_id: UUID, choice: str | None, officer: Officer, now: datetime) -> None:
        """Queue a form's question, a ready one or the officer's words; it leaves after the undo and a random wait.

        Raises FormOver, NoSuchCard, Taken, IllegalMove.
        """
        report_id = (await self._unlocked(driver, form_id))["report_id"]
        if report_id is None:
            raise FormOver
        report = await self._may(driver, report_id, Act.ASK, officer)
        form = await self._locked(driver, form_id, FormState.OPEN)
        if choice is None and form["sealed"] is None:
            raise FormOver
        await driver.execute(form_queries.MOVE_FORM, form_id, FormState.WAITING.value, choice)
        holder = officer.id, officer.name
        await driver.execute(
            queries.MOVE_REPORT, report_id, Status.NEEDS_INFO.value, report["decision"], *holder, None
        )
        # The words stand in the form, sealed; the journal names it.
        entry = now, officer.id, officer.name, Act.ASK.value, CardSort.FORM.value, form_id
        await driver.execute(queries.JOURNAL, *entry)
        due = now + timedelta(seconds=self._undo + self._draw(*self._delay))
        await self._outbox.message(driver, Recipient.CITIZEN, report_id, "question", {"form": str(form_id)}, due)
        await self.refresh(driver, report_id, now)

    async def leaves(self, driver: Any, form_id: UUID, now: datetime) -> Asked | None:
        """Note that a question leaves now, and give it; None when it was taken back, or the report is decided."""
        row = await driver.fetchrow(form_queries.LEAVES, form_id)
        if row is None:
            await driver.execute(form_queries.TOO_LATE, form_id)
        await self._outbox.refresh(driver, CardSort.FORM, [form_id], now)
        if row is None:
            return None
        return Asked(form_id, row["choice"], self.words(form_id, row["sealed"]))

    async def withdraw(self, driver: Any, form_id: UUID, officer: Officer, now: datetime) -> None:
        """Take a question back that has not left; raise FormOver when it has."""
        report_id = (await self._unlocked(driver, form_id))["report_id"]
        await driver.fetchrow(queries.REPORT_LOCKED, report_id)
        await self._locked(driver, form_id, FormState.WAITING)
        await driver.execute(form_queries.MOVE_FORM, form_id, FormState.WITHDRAWN.value, None)
        entry = now, officer.id, officer.name, "withdraw", CardSort.FORM.value, form_id
        await driver.execute(queries.JOURNAL, *entry)
        await self.resume(driver, report_id, now)

    async def drop(self, driver: Any, form_id: UUID, now: datetime) -> None:
        """Close a form without doing anything; the words that it held are erased. Raises FormOver."""
        await self._locked(driver, form_id, FormState.OPEN, FormState.CHOOSING)
        await driver.execute(form_queries.DROP_FORM, form_id, FormState.DROPPED.value)
        await self._outbox.refresh(driver, CardSort.FORM, [form_id], now)

    async def finish(self, driver: Any, form_id: UUID, outcome: str, now: datetime) -> UUID:
        """Close a form whose act was done, and give its report; raise FormOver."""
        form = await self._locked(driver, form_id, FormState.OPEN)
        await driver.execute(form_queries.MOVE_FORM, form_id, FormState.DONE.value, outcome)
        await self._outbox.refresh(driver, CardSort.FORM, [form_id], now)
        report_id: UUID = form["report_id"]
        return report_id

    async def report_asked(self, driver: Any, form_id: UUID) -> UUID | None:
        """Give the report whose citizen got this question; None when it never left or is gone."""
        form = await driver.fetchrow(form_queries.FORM, form_id)
        left = form is not None and form["act"] == Act.ASK and form["state"] not in _NEVER_LEFT
        return form["report_id"] if left and form["number"] is not None else None

    async def end(self, driver: Any, report_id: UUID, form_id: UUID, state: FormState, now: datetime) -> None:
        """Note what became of a question: answered, or declined. The report is worked on again."""
        await driver.fetchrow(queries.REPORT_LOCKED, report_id)
        form = await driver.fetchrow(form_queries.FORM_LOCKED, form_id)
        if form and form["state"] in (FormState.ASKED, FormState.DECLINED, FormState.UNREACHABLE):
            await driver.execute(form_queries.MOVE_FORM, form_id, state.value, None)
        await self.resume(driver, report_id, now)

    async def unreachable(self, driver: Any, report_id: UUID, now: datetime) -> None:
        """Note that the questions of a report reach nobody any more; never why."""
        await driver.fetchrow(queries.REPORT_LOCKED, report_id)
        if await driver.fetch(form_queries.END_OPEN_FORMS, report_id, FormState.UNREACHABLE.value):
            await self.resume(driver, report_id, now)

    async def newest(self, driver: Any, report_id: UUID) -> Asked | None:
        """Give the newest question of a report that has left and waits for its answer."""
        row = await driver.fetchrow(form_queries.NEWEST_QUESTION, report_id)
        return Asked(row["id"], row["choice"], self.words(row["id"], row["sealed"])) if row else None

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

    def words(self, form_id: UUID, sealed: bytes | None) -> str:
        """Open an officer's own words; empty when there are none, or none any more."""
        return self._ring.open("forms", form_id.bytes, sealed).decode() if sealed else ""

    async def _may(self, driver: Any, report_id: UUID, act: Act | Decision, officer: Officer) -> Any:
        row = await driver.fetchrow(queries.REPORT_LOCKED, report_id)
        if row is None:
            raise NoSuchCard
        if row["claimed_by"] not in (None, officer.id):
            raise Taken(row["claimed_name"] or "")
        move(Status(row["status"]), act)
        return row

    async def _unlocked(self, driver: Any, form_id: UUID) -> Any:
        """Look at a form before its report is locked: the report's row comes first, everywhere."""
        form = await driver.fetchrow(form_queries.FORM, form_id)
        if form is None:
            raise FormOver
        return form

    async def _locked(self, driver: Any, form_id: UUID, *states: FormState) -> Any:
        form = await driver.fetchrow(form_queries.FORM_LOCKED, form_id)
        if form is None or form["state"] not in states:
            raise FormOver
        return form


_NEVER_LEFT: Final = frozenset(
    {FormState.CHOOSING, FormState.OPEN, FormState.WAITING, FormState.WITHDRAWN, FormState.DROPPED}
)
