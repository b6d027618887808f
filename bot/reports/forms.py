"""Forms: officers' acts that need more than one press. A question to a citizen, or a block of whoever sent a report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid4

from bot.clock import to_minute
from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.privacy.keyring import KeyRing
from bot.reports import form_queries, queries
from bot.reports.deciding import NoSuchCard, Officer, Taken
from bot.reports.lifecycle import TRANSITIONS, Act, Decision, Status, move, parse_act
from bot.reports.waiting import Waits

NUMBERS: Final = 5
"""Of the reports that name a resource, so many of the newest are offered."""


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
        waits: Waits,
    ) -> None:
        self._ring, self._outbox, self._waits = ring, outbox, waits

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
        await self.refresh(driver, report_id, now)

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
        return Asked(form_id, row["choice"], self.words(form_id, row["sealed"]))

    async def withdraw(self, driver: Any, form_id: UUID, officer: Officer, now: datetime) -> None:
        """Take a question back that has not left; raise FormOver when it has."""
        report_id = (await self._unlocked(driver, form_id))["report_id"]
        await driver.fetchrow(queries.REPORT_LOCKED, report_id)
        await self._locked(driver, form_id, FormState.WAITING)
        await driver.execute(form_queries.MOVE_FORM, form_id, FormState.WITHDRAWN.value, None)
        entry = now, officer.id, officer.name, "withdraw", CardSort.FORM.value, form_id
        await driver.execute(queries.JOURNAL, *entry)
        if await driver.fetchval(form_queries.QUESTIONS_OPEN, report_id):
            await self.refresh(driver, report_id, now)
        else:
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

    async def undone(self, driver: Any, form_id: UUID, now: datetime) -> None:
        """Note that what a form had done was taken back; raise FormOver."""
        await self._locked(driver, form_id, FormState.DONE)
        await driver.execute(form_queries.MOVE_FORM, form_id, FormState.WITHDRAWN.value, None)
        await self._outbox.refresh(driver, CardSort.FORM, [form_id], now)

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

    async def _still_asked(self, driver: Any, report_id: UUID, now: datetime) -> bool:
        """Tell whether a question of a report was neither taken back nor came too late, which is noted."""
        late = await driver.fetch(form_queries.TOO_LATE_OF_REPORT, report_id)
        await self._outbox.refresh(driver, CardSort.FORM, [row["id"] for row in late], now)
        return bool(await driver.fetchval(form_queries.QUESTIONS_OPEN, report_id))

    async def _unreachable(self, driver: Any, report_id: UUID, states: list[str], now: datetime) -> None:
        await driver.fetchrow(queries.REPORT_LOCKED, report_id)
        if await driver.fetch(form_queries.END_QUESTIONS, report_id, FormState.UNREACHABLE.value, states):
            await self.resume(driver, report_id, now)

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


_OPEN: Final = [FormState.WAITING.value, FormState.ASKED.value]
_NEVER_LEFT: Final = frozenset(
    {FormState.CHOOSING, FormState.OPEN, FormState.WAITING, FormState.WITHDRAWN, FormState.DROPPED}
)
