"""The desk's router: presses on cards, and what else happens in the chat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiogram import Router
from aiogram.filters import BaseFilter, Command, CommandObject
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, TelegramObject

from bot.delivery.outbox import CardSort, Outbox
from bot.jobs import enqueue
from bot.languages import Language
from bot.reports import queries
from bot.reports.amending import TooLate
from bot.reports.deciding import AlreadyDone, Decisions, NoSuchCard, Officer, Taken
from bot.reports.form_state import FormOver
from bot.reports.lifecycle import SAYS, Act, Amendment, Decision, IllegalMove
from bot.reports.passing import NoSuchOffice
from bot.reports.releasing import Holder, Releasing
from bot.reports.said import number_of
from bot.staff import buttons, form_buttons
from bot.staff.access import Access, Standing, standing
from bot.staff.album import reply_to
from bot.staff.block_acts import add_blocks
from bot.staff.decision_acts import AGAIN
from bot.staff.desks import Desks
from bot.staff.evidence_handlers import add_evidence
from bot.staff.form_acts import FormActs
from bot.staff.hide_acts import NotAdministrator
from bot.staff.list_handlers import add_looks
from bot.staff.managing import add_managing
from bot.staff.mark_handlers import add_marks
from bot.staff.office_acts import add_offices
from bot.staff.officers import writer
from bot.telegram.actors import Side
from bot.telegram.reply import Reply, say, toast
from bot.telegram.turn import Turn
from bot.texts import Texts

LEAVE_GROUP = "leave_group"
LEAVE_AFTER = 3600.0
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


class OnSide(BaseFilter):
    """Passes what belongs to one side."""

    def __init__(self, side: Side) -> None:
        self._side = side

    async def __call__(self, event: TelegramObject, turn: Turn) -> bool:
        """Look at the turn's side; nothing is asked of anybody."""
        return turn.actor.side is self._side


def make_router(*more: Callable[[Router], None]) -> Router:
    """Make the desk's router; `more` adds what other rooms answer on a desk."""
    router = Router(name="staff")
    router.callback_query.filter(OnSide(Side.DESK))
    router.message.filter(OnSide(Side.DESK))
    add_looks(router)
    add_marks(router)
    add_evidence(router)
    add_managing(router)
    add_offices(router)
    add_blocks(router)
    for add in more:
        add(router)

    @router.callback_query()
    async def press(query: CallbackQuery, turn: Turn, desk: Desk) -> Reply:
        if not desk.access.is_member(turn.actor.chat_id, query.from_user.id):
            if desk.access.has_left(turn.actor.chat_id, query.from_user.id):
                # Nobody told us when they left: it was while the bot could not see the chat.
                await desk.release(turn, query.from_user.id)
            return desk.toast(query, "not_member")
        officer, data = Officer(query.from_user.id, query.from_user.full_name[:64]), query.data or ""
        try:
            form = form_buttons.read(data)
            async with turn.whole():
                await (desk.form_acts.press(turn, form, officer) if form else desk.act(turn, data, officer))
        except Taken as taken:
            return desk.toast(query, "taken", by=taken.by)
        except (FormOver, Outdated):
            return desk.toast(query, "changed")
        except AlreadyDone:
            return desk.toast(query, "already")
        except TooLate:
            await desk.renew(turn, data)
            return desk.toast(query, "too_late")
        except (IllegalMove, NoSuchCard, NoSuchOffice):
            return desk.toast(query, "impossible")
        except NotAdministrator:
            return desk.toast(query, "not_administrator")
        turn.after_commit.append(desk.wake)
        return desk.toast(query, "done")

    @router.message(Command("help", "start", ignore_mention=True))
    async def show_help(message: Message, turn: Turn, desk: Desk) -> Reply:
        return say(desk.texts.render(desk.desks.language(turn.actor.chat_id), "desk.help"))

    @router.message(Command("hide", ignore_mention=True))
    async def hide(message: Message, turn: Turn, desk: Desk, command: CommandObject) -> Reply | None:
        if not desk.access.is_member(turn.actor.chat_id, turn.actor.user_id):
            return None
        officer, asked = writer(turn, message, desk.texts, desk.language), (command.args or "").strip()
        try:
            async with turn.whole():
                begun = await desk.form_acts.hide(turn, message, asked, officer)
        except NoSuchCard:
            return desk.answer(message, "answer_impossible")
        turn.after_commit.append(desk.wake)
        if begun:
            return None
        number = number_of(asked)
        return desk.answer(message, "report_unknown", number=number) if number else desk.answer(message, "hide_usage")

    @router.message()
    async def talk(message: Message, turn: Turn, desk: Desk) -> Reply | None:
        if message.migrate_to_chat_id:
            office = desk.desks.office(turn.actor.chat_id)
            turn.after_commit.append(await desk.desks.migrated_in(turn.driver, message.migrate_to_chat_id, office))
        if message.reply_to_message is None or not desk.access.is_member(turn.actor.chat_id, turn.actor.user_id):
            return None
        officer = writer(turn, message, desk.texts, desk.language)
        try:
            async with turn.whole():
                fault = await desk.form_acts.reply(turn, message, officer, again=desk.asks_again(message))
        except Taken as taken:
            return desk.answer(message, "answer_taken", by=taken.by)
        except (IllegalMove, NoSuchCard):
            return desk.answer(message, "answer_impossible")
        turn.after_commit.append(desk.wake)
        return desk.answer(message, fault.name, most=fault.most) if fault else None

    @router.chat_member()
    async def membership(event: ChatMemberUpdated, turn: Turn, desk: Desk) -> None:
        member = event.new_chat_member
        desk.access.forget(event.chat.id, member.user.id)
        inside = bool(getattr(member, "is_member", False))
        if turn.actor.side is Side.DESK and standing(member.status, is_member=inside) is Standing.LEFT:
            await desk.release(turn, member.user.id)

    @router.my_chat_member(OnSide(Side.GROUP))
    async def strange_group(event: ChatMemberUpdated, turn: Turn, desk: Desk) -> Reply | None:
        if event.new_chat_member.status not in ("member", "administrator"):
            return None
        await enqueue(turn.driver, LEAVE_GROUP, UUID(int=abs(event.chat.id)), after=LEAVE_AFTER)
        if event.chat.type == "channel":
            return None
        return say(desk.texts.render(desk.language, "group.strange", chat_id=event.chat.id))

    return router
