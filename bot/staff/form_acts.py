"""What officers do with forms: presses on them, and replies to cards in their own words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from aiogram.types import Message

from bot.delivery.outbox import CardSort
from bot.privacy import blocks
from bot.privacy.keyring import KeyRing
from bot.reports import form_queries
from bot.reports.deciding import Decisions, Officer
from bot.reports.form_state import FormOver
from bot.reports.forms import Forms
from bot.reports.lifecycle import Act, Decision
from bot.reports.passing import Passing
from bot.reports.questions import Questions
from bot.staff.decision_acts import DecisionActs, Fault
from bot.staff.desks import Desks
from bot.staff.form_buttons import FormPress, Verb
from bot.staff.hide_acts import HideActs
from bot.staff.words import WORDS_MOST, refused
from bot.telegram.turn import Turn

_BARE: Final = re.compile(r"#?([0-9]{1,12})")
_NUMBER: Final = re.compile(r"№\s?(\d{1,12})")


@dataclass(frozen=True, slots=True)
class FormActs:
    """The acts of forms, on a turn's connection. They raise FormOver, NoSuchCard, Taken, IllegalMove."""

    ring: KeyRing
    forms: Forms
    decisions: Decisions
    questions: Questions
    hides: HideActs
    says: DecisionActs
    desks: Desks
    passing: Passing

    async def press(self, turn: Turn, press: FormPress, officer: Officer) -> None:
        """Do what a form's button says, where the form stands; raise FormOver anywhere else."""
        desk = self.desks.line(turn.actor.chat_id)
        if not await turn.driver.fetchval(form_queries.STANDS_AT, CardSort.FORM.value, press.form_id, desk):
            raise FormOver
        if await self.says.press(turn, press, officer):
            return
        driver, form_id, now = turn.driver, press.form_id, turn.now
        match press.verb:
            case Verb.NUMBER:
                await self.forms.choose(driver, form_id, press.what, officer, now)
            case Verb.READY:
                if press.what not in self.questions:
                    raise FormOver
                await self.forms.ask(driver, form_id, press.what, officer, now)
            case Verb.SEND:
                await self.forms.ask(driver, form_id, None, officer, now)
            case Verb.WITHDRAW:
                await self.forms.withdraw(driver, form_id, officer, now)
            case Verb.DROP:
                await self.forms.drop(driver, form_id, now)
            case Verb.CONFIRM:
                await self._block(turn, form_id, officer)
            case Verb.UNBLOCK:
                await self._unblock(turn, form_id, officer)
            case Verb.HIDE:
                await self.hides.press(turn, form_id, officer)
            case Verb.OFFICE:
                await self._pass(turn, form_id, press.what, officer)

    async def reply(self, turn: Turn, message: Message, officer: Officer, *, again: bool) -> Fault | None:
        """Take a reply to a card as words for its citizen, to be confirmed; give the text that says why it cannot be.

        Nothing leaves by this alone: officers reply to cards also to talk among themselves. A reply to the form of a
        decision is what is said with it; so is, `again`, one to what the desk was told when such a reply was not taken.
        """
        form = await self.says.form_answered(turn, message)
        if form is None and again:
            form = await self.says.form_of(turn, officer, self.desks.line(turn.actor.chat_id))
        if form is not None:
            return None if message.sticker else await self.says.reply(turn, message, form)
        about = await self._about(turn, message)
        if about is None or message.sticker:
            return None
        if not message.text:
            # Of an album it is said once.
            return Fault("words_only") if message.caption or not message.media_group_id else None
        words = message.text.strip()
        fault = refused(words)
        if fault is None:
            sort, subject, report_id = about
            await self.forms.begin(turn.driver, Act.ASK, sort, subject, officer, turn.now, words, report_id)
        return Fault(fault, WORDS_MOST) if fault else None

    async def hide(self, turn: Turn, message: Message, asked: str, officer: Officer) -> bool:
        """Open the form that hides a report: by its №, or what was replied to; False when neither names one."""
        number = _NUMBER.fullmatch(asked) or _BARE.fullmatch(asked)
        about: tuple[CardSort, UUID, UUID | None] | None = None
        if number:
            named = await turn.driver.fetchval(form_queries.REPORT_NUMBERED, int(number[1]))
            about = await self._card_of(turn, named) if named else None
        elif not asked:
            about = await self._about(turn, message)
        if about is None:
            return False
        sort, subject, report_id = about
        await self.forms.begin(turn.driver, Act.HIDE, sort, subject, officer, turn.now, report_id=report_id)
        return True

    async def _pass(self, turn: Turn, form_id: UUID, office: str, officer: Officer) -> None:
        form = await turn.driver.fetchrow(form_queries.FORM, form_id)
        if form is None or form["act"] != Act.PASS or not (office.isascii() and office.isdecimal() and len(office) < 9):
            raise FormOver
        about = CardSort(form["sort"]), form["subject"]
        await self.passing.pass_on(turn.driver, form_id, *about, int(office), officer, turn.now)

    async def _block(self, turn: Turn, form_id: UUID, officer: Officer) -> None:
        form = await turn.driver.fetchrow(form_queries.FORM, form_id)
        if form is None or form["report_id"] is None or form["act"] != Decision.ABUSE:
            raise FormOver
        report_id: UUID = form["report_id"]
        # First the report: its row is locked before the form's, everywhere. A form that is over undoes it all.
        await self.decisions.act(turn.driver, CardSort.REPORT, report_id, Decision.ABUSE, officer, turn.now)
        blocked = await blocks.block(turn.driver, self.ring, report_id, turn.now)
        await self.forms.finish(turn.driver, form_id, "blocked" if blocked else "no_address", turn.now)

    async def _unblock(self, turn: Turn, form_id: UUID, officer: Officer) -> None:
        """Take a block back: by the form, because a report of links may have no card of its own to open again."""
        form = await turn.driver.fetchrow(form_queries.FORM, form_id)
        if form is None or form["report_id"] is None or form["act"] != Decision.ABUSE:
            raise FormOver
        await self.decisions.act(turn.driver, CardSort.REPORT, form["report_id"], Act.REOPEN, officer, turn.now)
        await self.forms.undone(turn.driver, form_id, turn.now)

    async def _about(self, turn: Turn, message: Message) -> tuple[CardSort, UUID, UUID | None] | None:
        """Find what a replied message is about: by its id, else by the № that stands in it.

        Give the card that it belongs under, and the report where that is known; None where the card is another desk's.
        """
        about = await self._named(turn, message)
        if about is None:
            return None
        sort, subject, _ = about
        desk = self.desks.line(turn.actor.chat_id)
        return about if await turn.driver.fetchval(form_queries.STANDS_AT, sort.value, subject, desk) else None

    async def _named(self, turn: Turn, message: Message) -> tuple[CardSort, UUID, UUID | None] | None:
        answered = message.reply_to_message
        if answered is None:
            return None
        driver, chat_id = turn.driver, turn.actor.chat_id
        post = await driver.fetchrow(form_queries.POST, chat_id, answered.message_id)
        if post is None:
            number = _NUMBER.search(answered.text or answered.caption or "")
            report_id = await driver.fetchval(form_queries.REPORT_NUMBERED, int(number[1])) if number else None
            return await self._card_of(turn, report_id) if report_id else None
        if post["sort"] in (CardSort.DIGEST, CardSort.HELP, CardSort.FOUND):
            return None
        if post["sort"] == CardSort.FORM:
            form = await driver.fetchrow(form_queries.FORM, post["subject"])
            return (CardSort(form["sort"]), form["subject"], form["report_id"]) if form else None
        if post["sort"] == CardSort.REPORT:
            return await self._card_of(turn, post["subject"])
        return CardSort(post["sort"]), post["subject"], None

    async def _card_of(self, turn: Turn, report_id: UUID) -> tuple[CardSort, UUID, UUID] | None:
        # What a citizen adds to a report of links stands under the card of its resource.
        desk = self.desks.line(turn.actor.chat_id)
        card = await turn.driver.fetchrow(form_queries.STANDS_UNDER, report_id, desk)
        return (CardSort(card["sort"]), card["subject"], report_id) if card else None
