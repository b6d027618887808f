"""What a press on a card does, and what else the desk's handlers need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiogram.types import CallbackQuery, Message

from bot.delivery.outbox import CardSort, Outbox
from bot.languages import Language
from bot.reports import queries
from bot.reports.deciding import AlreadyDone, Decisions, Officer, Taken
from bot.reports.lifecycle import SAYS, Act, Amendment, Decision
from bot.reports.releasing import Holder, Releasing
from bot.staff import buttons
from bot.staff.access import Access
from bot.staff.album import reply_to
from bot.staff.decision_acts import AGAIN
from bot.staff.desks import Desks
from bot.staff.form_acts import FormActs
from bot.telegram.reply import Reply, toast
from bot.telegram.turn import Turn
from bot.texts import Texts

LOCKED = {CardSort.REPORT: queries.REPORT_LOCKED, CardSort.RESOURCE: queries.RESOURCE_LOCKED}


@dataclass(frozen=True, slots=True)
class Desk:
    """What the desk's handlers need, handed in by the composition root."""

    texts: Texts
    decisions: Decisions
    access: Access
    language: Language
    wake: Callable[[], None]
    desks: Desks

    form_acts: FormActs
    outbox: Outbox
    releasing: Releasing

    async def act(self, turn: Turn, data: str, officer: Officer) -> None:
        """Do what a card's button says; raise Outdated, AlreadyDone, Taken, NoSuchCard, IllegalMove, TooLate."""
        pressed = buttons.read(data)
        card = await turn.driver.fetchrow(queries.CARD_OF, pressed.card) if pressed else None
        if pressed is None or card is None:
            raise Outdated
        about = CardSort(card["sort"]), card["subject"]
        opens_form = pressed.act in (Act.ASK, Act.HIDE, Act.UNHIDE, Act.PASS, Decision.ABUSE)
        stands = None
        if not opens_form:
            # What the card is about is locked first, as everywhere, and then it is seen how that stands.
            stands = await turn.driver.fetchrow(LOCKED[about[0]], about[1])
            card = await turn.driver.fetchrow(queries.CARD_OF, pressed.card)
        if card is not None and card["recipient"] != self.desks.line(turn.actor.chat_id):
            # A button of another desk, or of a card that was passed to another one.
            raise Outdated
        if card is None or buttons.standing(card) != pressed.standing:
            raise _overtaken(stands, pressed.act, officer)
        if pressed.act is Act.UNHIDE:
            self.form_acts.hides.allow(turn, pressed.act, officer)
        if isinstance(pressed.act, Amendment):
            await self.form_acts.says.amend(turn, *about, pressed.act, officer)
            await self.outbox.for_officer(turn.driver, pressed.card)
        elif pressed.act in SAYS:
            await self.form_acts.says.forms.begin(turn.driver, Decision(pressed.act), *about, officer, turn.now)
        elif opens_form:
            await self.form_acts.forms.begin(turn.driver, pressed.act, *about, officer, turn.now)
        else:
            await self.decisions.act(turn.driver, *about, pressed.act, officer, turn.now)
            await self.outbox.for_officer(turn.driver, pressed.card)

    async def renew(self, turn: Turn, data: str) -> None:
        """Show a card as it is now to an officer who pressed what it should offer no more."""
        pressed = buttons.read(data)
        card = await turn.driver.fetchrow(queries.CARD_OF, pressed.card) if pressed else None
        if card is not None and card["recipient"] == self.desks.line(turn.actor.chat_id):
            await self.outbox.refresh(turn.driver, CardSort(card["sort"]), [card["subject"]], turn.now)
            await self.outbox.for_officer(turn.driver, card["id"])
            turn.after_commit.append(self.wake)

    async def release(self, turn: Turn, user_id: int) -> None:
        """Free what somebody had in hand who is no member any more."""
        await self.releasing.begin(turn.driver, Holder(self.desks.office(turn.actor.chat_id), user_id), turn.now)
        turn.after_commit.append(self.wake)

    def answer(self, message: Message, name: str, **variables: Any) -> Reply:
        """Answer a message of the desk, under it."""
        text = self.texts.render(self.desks.language(message.chat.id), f"desk.{name}", **variables)
        return Reply("sendMessage", {"text": text, **reply_to(message.message_id)})

    def asks_again(self, message: Message) -> bool:
        """Tell whether a message replies to what the desk was told of a form, and means the form."""
        said = message.reply_to_message.text if message.reply_to_message else None
        language = self.desks.language(message.chat.id)
        return said is not None and any(
            said == self.texts.plain(language, f"desk.{name}", most=most) for name, most in AGAIN.items()
        )

    def toast(self, query: CallbackQuery, name: str, **variables: Any) -> Reply:
        """Answer a press with a common text."""
        language = self.desks.language(query.message.chat.id) if query.message else self.language
        text = self.texts.plain(language, f"desk.answer_{name}", **variables)
        return toast(query.id, text, alert=name != "done")


class Outdated(Exception):
    """The card has changed since its button was shown."""


def _overtaken(stands: Any, act: Act | Decision | Amendment, officer: Officer) -> Exception:
    """Tell what came before a press that is outdated: the same press, another officer, or anything else."""
    holder = stands["claimed_by"] if stands else None
    if holder == officer.id and (stands["decision"] == act or (act is Act.CLAIM and stands["decision"] is None)):
        return AlreadyDone()
    if holder not in (None, officer.id) and act is not Act.REOPEN:
        return Taken(stands["claimed_name"] or "")
    return Outdated()
