"""What officers do with decisions: forms of those with which something is said, and what is amended afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from aiogram.types import Message

from bot.delivery.outbox import CardSort
from bot.reports import decision_queries, form_queries
from bot.reports.added_lines import AddedLines
from bot.reports.amending import Amending, TooLate
from bot.reports.deciding import Officer
from bot.reports.decision_forms import DecisionForms
from bot.reports.form_state import FormOver
from bot.reports.lifecycle import SAYS, Amendment
from bot.reports.said import LINE_MOST, WORDS_MOST
from bot.staff.form_buttons import FormPress, Verb
from bot.staff.words import refused
from bot.telegram.turn import Turn

ACTS: Final = frozenset({*SAYS, Amendment.LINE})
"""What these forms are for."""
AGAIN: Final = {
    "form_wants_erdr": WORDS_MOST,
    "form_wants_number": WORDS_MOST,
    "form_number_unknown": WORDS_MOST,
    "form_number_same": WORDS_MOST,
    "form_words_long": WORDS_MOST,
    "form_wants_words": WORDS_MOST,
    "form_wants_photo": WORDS_MOST,
    "line_long": LINE_MOST,
    "line_leads_away": LINE_MOST,
}
"""What the desk is told when a reply to a form is not taken, with its `most`: who replies to that means the form."""
_VERBS: Final = frozenset({Verb.READY, Verb.CONFIRM, Verb.DROP, Verb.WITHOUT})


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a reply to a form was not taken: the name of a text of the desk, and its variables."""

    name: str
    most: int = 0


@dataclass(frozen=True, slots=True)
class DecisionActs:
    """These acts, on a turn's connection. They raise FormOver, NoSuchCard, Taken, IllegalMove, AlreadyDone, TooLate."""

    forms: DecisionForms
    lines: AddedLines
    amending: Amending
    scope: Callable[[int], list[int]]
    """Gives the offices whose reports a desk's chat may see."""

    async def amend(self, turn: Turn, sort: CardSort, subject: UUID, amendment: Amendment, officer: Officer) -> None:
        """Take a decision back, have nothing said of it, or begin a line."""
        match amendment:
            case Amendment.UNDO:
                await self.amending.undo(turn.driver, sort, subject, officer, turn.now)
            case Amendment.SILENCE:
                await self.amending.silence(turn.driver, sort, subject, officer, turn.now)
            case Amendment.LINE:
                await self.lines.begin(turn.driver, sort, subject, officer, turn.now)

    async def press(self, turn: Turn, press: FormPress, officer: Officer) -> bool:
        """Do what a form's button says; False when it is no form of these."""
        if press.verb not in _VERBS:
            return False
        form = await turn.driver.fetchrow(form_queries.FORM, press.form_id)
        if form is None or form["act"] not in ACTS:
            return False
        if form["act"] == Amendment.LINE:
            await self._press_line(turn, press, officer)
        else:
            await self._press_decision(turn, press, officer)
        return True

    async def form_answered(self, turn: Turn, message: Message) -> Any:
        """Find the form of these that a message replies to; None when it replies to anything else."""
        answered = message.reply_to_message
        if answered is None:
            return None
        post = await turn.driver.fetchrow(form_queries.POST, turn.actor.chat_id, answered.message_id)
        if post is None or post["sort"] != CardSort.FORM:
            return None
        form = await turn.driver.fetchrow(form_queries.FORM, post["subject"])
        return form if form and form["act"] in ACTS else None

    async def form_of(self, turn: Turn, officer: Officer, desk: str) -> Any:
        """Find the newest form of these that an officer has open on a desk; None when there is none."""
        acts = [act.value for act in ACTS]
        form_id = await turn.driver.fetchval(
            decision_queries.NEWEST_OPEN_OF_OFFICER, officer.id, acts, CardSort.FORM.value, desk
        )
        return await turn.driver.fetchrow(form_queries.FORM, form_id) if form_id else None

    async def reply(self, turn: Turn, message: Message, form: Any) -> Fault | None:
        """Take a reply to a form; give why it was not taken. Nothing is decided, and nothing leaves, by this alone."""
        try:
            if form["act"] == Amendment.LINE:
                return await self._write_line(turn, message, form["id"])
            file_id = _photo(message)
            if file_id:
                fault = await self.forms.add_photo(turn.driver, form["id"], file_id, turn.now)
            elif message.text:
                scope = self.scope(turn.actor.chat_id)
                fault = await self.forms.say(turn.driver, form["id"], message.text.strip(), scope, turn.now)
            else:
                fault = "form_wants_words"
        except FormOver:
            fault = "form_over"
        except TooLate:
            fault = "line_late"
        return Fault(fault, WORDS_MOST) if fault else None

    async def _press_decision(self, turn: Turn, press: FormPress, officer: Officer) -> None:
        driver, form_id, now = turn.driver, press.form_id, turn.now
        match press.verb:
            case Verb.READY:
                await self.forms.choose(driver, form_id, press.what, officer, now)
            case Verb.CONFIRM:
                await self.forms.confirm(driver, form_id, officer, now)
            case Verb.WITHOUT:
                await self.forms.without_photo(driver, form_id, officer, now)
            case _:
                await self.forms.drop(driver, form_id, now)

    async def _press_line(self, turn: Turn, press: FormPress, officer: Officer) -> None:
        if press.verb is Verb.CONFIRM:
            await self.lines.confirm(turn.driver, press.form_id, officer, turn.now)
        elif press.verb is Verb.DROP:
            await self.lines.drop(turn.driver, press.form_id, turn.now)
        else:
            raise FormOver

    async def _write_line(self, turn: Turn, message: Message, form_id: UUID) -> Fault | None:
        words = (message.text or "").strip()
        if not words:
            return Fault("form_wants_words")
        if len(words.encode("utf-16-le")) > 2 * LINE_MOST:
            return Fault("line_long", LINE_MOST)
        if refused(words):
            return Fault("line_leads_away")
        await self.lines.write(turn.driver, form_id, words, turn.now)
        return None


def _photo(message: Message) -> str | None:
    """Give the id of a photo's file, also of one that was sent as a file."""
    if message.photo:
        return message.photo[-1].file_id
    document = message.document
    return document.file_id if document and (document.mime_type or "").startswith("image/") else None
