"""Forms: officers' acts that need more than one press. A question to a citizen, or a block of whoever sent a report."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.privacy.keyring import KeyRing
from bot.reports import form_queries, queries
from bot.reports.asked import AskedQuestions, own_words
from bot.reports.deciding import NoSuchCard, Officer, Taken
from bot.reports.form_state import FormOver, FormState
from bot.reports.lifecycle import TRANSITIONS, Act, Decision, Status, move, parse_act
from bot.reports.waiting import Waits

NUMBERS: Final = 5
"""Of the reports that name a resource, so many of the newest are offered."""


class Forms:
    """The service of forms. Its methods run on the driver's connection of an open transaction."""

    def __init__(
        self,
        ring: KeyRing,
        outbox: Outbox,
        waits: Waits,
    ) -> None:
        self._ring, self._outbox, self._waits = ring, outbox, waits
        self.asked = AskedQuestions(ring, outbox, waits)

    async def begin(
        self,
        driver: Any,
        act: Act | Decision,
        sort: CardSort,
        subject: UUID,
        officer: Officer,
        now: datetime,
        words: str = "",
        report_id: UUID | None = None,
    ) -> None:
        """Open a form for an act on a card, with an officer's own words if there are any; raise as `Decisions.act`.

        `report_id` is given where it is known which report of a resource it is about.
        """
        report_ids = [report_id or subject]
        if sort is CardSort.RESOURCE and report_id is None:
            rows = await self.named(driver, act, subject)
            report_ids = [row["id"] for row in rows]
        if not report_ids:
            raise NoSuchCard
        # A resource is passed as a whole: the newest of its reports stands for all.
        one = report_ids[0] if len(report_ids) == 1 or act is Act.PASS else None
        if one:
            # Words do nothing yet: whoever presses Send must hold the card. An anonymous administrator writes as the
            # desk itself, and presses as a person.
            await self._may(driver, one, act, None if words else officer, (sort, subject))
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
        act = parse_act(form["act"])
        named = await self.named(driver, act, form["subject"]) if act else []
        report_id = next((row["id"] for row in named if str(row["number"]) == number), None)
        if report_id is None or act is None:
            raise NoSuchCard
        words = form["sealed"] is not None
        await self._may(driver, report_id, act, None if words else officer, _about(form))
        await self._locked(driver, form_id, FormState.CHOOSING)
        await driver.execute(form_queries.CHOOSE_REPORT, form_id, report_id)
        await self._outbox.refresh(driver, CardSort.FORM, [form_id], now)

    async def named(self, driver: Any, act: Act | Decision, subject: UUID) -> list[Any]:
        """Give id and number of the newest reports that name a resource and that an act may be about."""
        if act in (Act.HIDE, Act.UNHIDE):
            return list(await driver.fetch(form_queries.REPORTS_HIDDEN, subject, NUMBERS, act is Act.UNHIDE))
        return list(await driver.fetch(form_queries.REPORTS_NAMING, subject, NUMBERS))

    async def ask(self, driver: Any, form_id: UUID, choice: str | None, officer: Officer, now: datetime) -> None:
        """Queue a form's question, a ready one or the officer's words; it leaves after the undo and a random wait.

        Raises FormOver, NoSuchCard, Taken, IllegalMove.
        """
        about = await self._unlocked(driver, form_id)
        report_id = about["report_id"]
        if report_id is None or about["act"] != Act.ASK:
            raise FormOver
        report = await self._may(driver, report_id, Act.ASK, officer, _about(about))
        form = await self._locked(driver, form_id, FormState.OPEN)
        if choice is None and form["sealed"] is None:
            raise FormOver
        other = await driver.fetchval(form_queries.WAITS_OF_OTHERS, report_id, officer.id)
        if other is not None:
            raise Taken(other)
        await driver.execute(form_queries.MOVE_FORM, form_id, FormState.WAITING.value, choice)
        # Under the card of a resource nobody could see, or release, who holds one of its reports.
        asker, unchanged = (officer.id, officer.name), (report["claimed_by"], report["claimed_name"])
        holder = asker if about["sort"] == CardSort.REPORT else unchanged
        await driver.execute(queries.MOVE_REPORT, report_id, Status.NEEDS_INFO.value, report["decision"], *holder, None)
        # The words stand in the form, sealed; the journal names it.
        entry = now, officer.id, officer.name, Act.ASK.value, CardSort.FORM.value, form_id
        await driver.execute(queries.JOURNAL, *entry)
        due = now + timedelta(seconds=self._waits.undo + self._waits.drawn())
        held = await driver.fetch(form_queries.TAKE_OUT_PROGRESS, report_id, due)
        await self._outbox.message(driver, Recipient.CITIZEN, report_id, "question", {"form": str(form_id)}, due)
        for row in held:
            await self._outbox.message(driver, Recipient.CITIZEN, report_id, "progress", {}, row["due_at"])
        await self.asked.refresh(driver, report_id, now)

    async def withdraw(self, driver: Any, form_id: UUID, officer: Officer, now: datetime) -> None:
        """Take a question back that has not left; raise FormOver when it has."""
        report_id = (await self._unlocked(driver, form_id))["report_id"]
        await driver.fetchrow(queries.REPORT_LOCKED, report_id)
        await self._locked(driver, form_id, FormState.WAITING)
        await driver.execute(form_queries.MOVE_FORM, form_id, FormState.WITHDRAWN.value, None)
        entry = now, officer.id, officer.name, "withdraw", CardSort.FORM.value, form_id
        await driver.execute(queries.JOURNAL, *entry)
        if await driver.fetchval(form_queries.QUESTIONS_OPEN, report_id):
            await self.asked.refresh(driver, report_id, now)
        else:
            await self.asked.resume(driver, report_id, now)

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

    async def undone(self, driver: Any, form_id: UUID, now: datetime) -> None:
        """Note that what a form had done was taken back; raise FormOver."""
        await self._locked(driver, form_id, FormState.DONE)
        await driver.execute(form_queries.MOVE_FORM, form_id, FormState.WITHDRAWN.value, None)
        await self._outbox.refresh(driver, CardSort.FORM, [form_id], now)

    def words(self, form_id: UUID, sealed: bytes | None) -> str:
        """Open an officer's own words; empty when there are none, or none any more."""
        return own_words(self._ring, form_id, sealed)

    async def _may(
        self, driver: Any, report_id: UUID, act: Act | Decision, officer: Officer | None, about: tuple[CardSort, UUID]
    ) -> Any:
        """Lock a report and tell how it stands, if this officer may do this; without one it is not asked whose it is.

        It is whoever's the card is, be it the report's own or that of a resource.
        """
        row = await driver.fetchrow(queries.REPORT_LOCKED, report_id)
        if row is None:
            raise NoSuchCard
        sort, subject = about
        card = row if sort is CardSort.REPORT else await driver.fetchrow(form_queries.HOLDER_OF_RESOURCE, subject)
        anybodys = officer is None or TRANSITIONS[act].anybodys
        if officer and not anybodys and card and card["claimed_by"] not in (None, officer.id):
            raise Taken(card["claimed_name"] or "")
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


def _about(form: Any) -> tuple[CardSort, UUID]:
    return CardSort(form["sort"]), form["subject"]
