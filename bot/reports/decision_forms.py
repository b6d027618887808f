"""Forms of decisions with which something is said. Nothing is decided before a form is complete and confirmed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.privacy.keyring import KeyRing
from bot.reports import decision_queries, form_queries, queries
from bot.reports.deciding import AlreadyDone, Decisions, NoSuchCard, Officer, Taken
from bot.reports.form_state import FormOver, FormState
from bot.reports.lifecycle import SAYS, Decision, Status, move
from bot.reports.parts import PartSort, PartState, add_file
from bot.reports.ready import ReadyLists
from bot.reports.said import LIST_OF, NOTHING, WORDS_MOST, Said, erdr_of, like_erdr, number_of

NUMBERED: Final = "SELECT id FROM reports WHERE number = $1 AND coalesce(office, 0) = ANY($2::int[])"


class DecisionForms:
    """The service of these forms. Its methods run on the driver's connection of an open transaction.

    The subject of a card is locked before the form, everywhere.
    """

    def __init__(self, ring: KeyRing, outbox: Outbox, decisions: Decisions, ready: ReadyLists) -> None:
        self._ring, self._outbox, self._decisions, self._ready = ring, outbox, decisions, ready

    async def begin(
        self, driver: Any, decision: Decision, sort: CardSort, subject: UUID, officer: Officer, now: datetime
    ) -> None:
        """Open a form for a decision on a card; one that this officer had open there is closed.

        Raises NoSuchCard, Taken, IllegalMove.
        """
        row = await self._card(driver, sort, subject)
        if row is None:
            raise NoSuchCard
        if not await self._decisions.lacks(driver, sort, row, decision):
            if row["claimed_by"] not in (None, officer.id):
                raise Taken(row["claimed_name"] or "")
            move(Status(row["status"]), decision)
        await self._close_others(driver, subject, officer, now)
        form_id, report_id = uuid4(), subject if sort is CardSort.REPORT else None
        await driver.execute(
            form_queries.NEW_FORM,
            form_id,
            decision.value,
            sort.value,
            subject,
            report_id,
            FormState.OPEN.value,
            officer.id,
            officer.name,
            None,
            now,
        )
        await self._outbox.want(driver, Recipient.DESK, CardSort.FORM, [form_id], now)

    async def say(self, driver: Any, form_id: UUID, typed: str, scope: list[int], now: datetime) -> str | None:
        """Take what was typed in reply to a form; give the name of the text that says why it cannot be. FormOver.

        `scope` are the offices whose reports this desk may see.
        """
        form, said = await self.locked(driver, form_id)
        match Decision(form["act"]):
            case Decision.REGISTERED:
                said, fault = _of_case(said, typed)
            case Decision.DUPLICATE:
                said, fault = await self._double(driver, form, said, typed, scope)
            case Decision.REMOVED:
                return "form_wants_photo"
            case _:
                said, fault = _in_words(said, typed)
        if fault is None:
            await self._keep(driver, form_id, said, now)
        return fault

    async def choose(self, driver: Any, form_id: UUID, name: str, officer: Officer, now: datetime) -> None:
        """Say an article, a body or a reason by its name, which completes the form, and decide; raise as `decide`."""
        form, said = await self.locked(driver, form_id, officer)
        listed = LIST_OF.get(Decision(form["act"]))
        if listed is None or name not in self._ready[listed]:
            raise FormOver
        await self._decide(driver, form, said.model_copy(update={"ready": name, "words": ""}), officer, now)

    async def confirm(self, driver: Any, form_id: UUID, officer: Officer, now: datetime) -> None:
        """Decide with what was said; raise FormOver, NoSuchCard, Taken, IllegalMove."""
        form, said = await self.locked(driver, form_id, officer)
        if form["act"] == Decision.REMOVED:
            if await photo_of(driver, form_id) is not PartState.READY:
                raise FormOver
            said = said.model_copy(update={"photo": True})
        await self._decide(driver, form, said, officer, now)

    async def without_photo(self, driver: Any, form_id: UUID, officer: Officer, now: datetime) -> None:
        """Decide that something was removed without showing it; raise as `confirm`."""
        form, said = await self.locked(driver, form_id, officer)
        if form["act"] != Decision.REMOVED:
            raise FormOver
        await driver.execute(decision_queries.DROP_PHOTOS, [form_id])
        await self._decide(driver, form, said, officer, now)

    async def add_photo(self, driver: Any, form_id: UUID, file_id: str, now: datetime) -> str | None:
        """Take an "after" photo, which is cleaned as citizens' are; the newest counts. Give a fault, raise FormOver."""
        form, _ = await self.locked(driver, form_id)
        if form["act"] != Decision.REMOVED:
            return "form_wants_words"
        await driver.execute(decision_queries.DROP_PHOTOS, [form_id])
        await add_file(driver, self._ring, form_id, PartSort.PHOTO, file_id, now)
        await self._outbox.refresh(driver, CardSort.FORM, [form_id], now)
        return None

    async def drop(self, driver: Any, form_id: UUID, now: datetime) -> None:
        """Close a form without deciding; what was said in it is erased. Raises FormOver."""
        await self.locked(driver, form_id)
        await self._close(driver, form_id, now)

    def said(self, form: Any) -> Said:
        """Open what has been said in a form so far."""
        if form["sealed"] is None:
            return NOTHING
        return Said.model_validate_json(self._ring.open("forms", form["id"].bytes, form["sealed"]))

    async def locked(self, driver: Any, form_id: UUID, officer: Officer | None = None) -> tuple[Any, Said]:
        """Lock a form of a decision after its card's subject, and give it with what was said; raise FormOver.

        Of an officer who decides it is seen whether they may: Taken, AlreadyDone.
        """
        form = await driver.fetchrow(form_queries.FORM, form_id)
        if form is None or form["act"] not in SAYS:
            raise FormOver
        sort = CardSort(form["sort"])
        card = await self._card(driver, sort, form["subject"])
        held = officer is not None and card is not None and card["claimed_by"] not in (None, officer.id)
        if held and not await self._decisions.lacks(driver, sort, card, Decision(form["act"])):
            # Who decides by another form, or by a press, closes this one.
            raise Taken(card["claimed_name"] or "")
        await driver.fetchrow(form_queries.FORM_LOCKED, form_id)
        form = await driver.fetchrow(form_queries.FORM, form_id)
        if officer and form["state"] == FormState.DONE:
            raise AlreadyDone
        if form["state"] != FormState.OPEN:
            raise FormOver
        return form, self.said(form)

    async def _decide(self, driver: Any, form: Any, said: Said, officer: Officer, now: datetime) -> None:
        decision = Decision(form["act"])
        if not said.complete(decision):
            raise FormOver
        about = CardSort(form["sort"]), form["subject"]
        await driver.execute(decision_queries.FORM_DONE, form["id"])
        await self._decisions.act(driver, *about, decision, officer, now, said, form["id"])
        await self._outbox.refresh(driver, CardSort.FORM, [form["id"]], now)
        card_id = await driver.fetchval(decision_queries.CARD_ID, about[0].value, about[1])
        if card_id:
            await self._outbox.for_officer(driver, card_id)

    async def _double(
        self, driver: Any, form: Any, said: Said, typed: str, scope: list[int]
    ) -> tuple[Said, str | None]:
        number = number_of(typed)
        if number is None:
            return said, "form_wants_number"
        other = await driver.fetchval(NUMBERED, number, scope)
        if other is None:
            return said, "form_number_unknown"
        if other == form["subject"] or await driver.fetchval(decision_queries.NAMES, other, form["subject"]):
            return said, "form_number_same"
        return said.model_copy(update={"number": number}), None

    async def _keep(self, driver: Any, form_id: UUID, said: Said, now: datetime) -> None:
        sealed = self._ring.seal("forms", form_id.bytes, said.model_dump_json(exclude_defaults=True).encode())
        await driver.execute(decision_queries.SAY_FORM, form_id, sealed)
        await self._outbox.refresh(driver, CardSort.FORM, [form_id], now)

    async def _close_others(self, driver: Any, subject: UUID, officer: Officer, now: datetime) -> None:
        for form in await driver.fetch(
            decision_queries.OPEN_OF_OFFICER, subject, [each.value for each in SAYS], officer.id
        ):
            await self._close(driver, form["id"], now)

    async def _close(self, driver: Any, form_id: UUID, now: datetime) -> None:
        await driver.execute(form_queries.DROP_FORM, form_id, FormState.DROPPED.value)
        await driver.execute(decision_queries.DROP_PHOTOS, [form_id])
        await self._outbox.refresh(driver, CardSort.FORM, [form_id], now)

    async def _card(self, driver: Any, sort: CardSort, subject: UUID) -> Any:
        statement = queries.RESOURCE_LOCKED if sort is CardSort.RESOURCE else queries.REPORT_LOCKED
        return await driver.fetchrow(statement, subject)


async def photo_of(driver: Any, form_id: UUID) -> PartState | None:
    """Tell how far the "after" photo of a form is; None when there is none."""
    state = await driver.fetchval(decision_queries.PHOTO_OF_FORM, form_id)
    return PartState(state) if state else None


def _of_case(said: Said, typed: str) -> tuple[Said, str | None]:
    """Read a case's number, and when that is there, an article in words."""
    erdr = erdr_of(typed)
    if erdr:
        return said.model_copy(update={"erdr": erdr}), None
    if not said.erdr or like_erdr(typed):
        return said, "form_wants_erdr"
    return _in_words(said, typed)


def _in_words(said: Said, typed: str) -> tuple[Said, str | None]:
    words = " ".join(typed.split())
    if len(words) > WORDS_MOST:
        return said, "form_words_long"
    return said.model_copy(update={"words": words, "ready": ""}), None
