"""The desk's router: presses on cards, and what else happens in the chat."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiogram import Router
from aiogram.filters import BaseFilter, Command
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, TelegramObject

from bot.delivery.outbox import CardSort, Outbox
from bot.jobs import enqueue
from bot.languages import Language
from bot.reports import queries
from bot.reports.deciding import Decisions, NoSuchCard, Officer, Taken
from bot.reports.forms import FormOver
from bot.reports.lifecycle import Act, Decision, IllegalMove
from bot.staff import buttons, form_buttons
from bot.staff.access import Access
from bot.staff.album import reply_to
from bot.staff.form_acts import FormActs
from bot.staff.list_handlers import add_looks
from bot.staff.words import WORDS_MOST
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
    migrated: Callable[[Any, int], Awaitable[Callable[[], None]]]
    """(driver, the desk's new id); gives what is called after the commit."""

    form_acts: FormActs
    outbox: Outbox

    async def act(self, turn: Turn, data: str, officer: Officer) -> None:
        """Do what a card's button says; raise Outdated, Taken, NoSuchCard, IllegalMove."""
        pressed = buttons.read(data)
        card = await turn.driver.fetchrow(queries.CARD_OF, pressed.card) if pressed else None
        if pressed is None or card is None:
            raise Outdated
        about = CardSort(card["sort"]), card["subject"]
        opens_form = pressed.act in (Act.ASK, Decision.ABUSE)
        if not opens_form:
            # What the card is about is locked first, as everywhere, and then it is seen how that stands.
            await turn.driver.fetchrow(LOCKED[about[0]], about[1])
            card = await turn.driver.fetchrow(queries.CARD_OF, pressed.card)
        if card is None or buttons.standing(card) != pressed.standing:
            raise Outdated
        if opens_form:
            await self.form_acts.forms.begin(turn.driver, pressed.act, *about, officer, turn.now)
        else:
            await self.decisions.act(turn.driver, *about, pressed.act, officer, turn.now)
            await self.outbox.for_officer(turn.driver, pressed.card)

    def answer(self, message: Message, name: str, **variables: Any) -> Reply:
        """Answer a message of the desk, under it."""
        text = self.texts.render(self.language, f"desk.{name}", **variables)
        return Reply("sendMessage", {"text": text, **reply_to(message.message_id)})

    def toast(self, query: CallbackQuery, name: str, **variables: Any) -> Reply:
        """Answer a press with a common text."""
        text = self.texts.plain(self.language, f"desk.answer_{name}", **variables)
        return toast(query.id, text, alert=name != "done")


class Outdated(Exception):
    """The card has changed since its button was shown."""


class OnSide(BaseFilter):
    """Passes what belongs to one side."""

    def __init__(self, side: Side) -> None:
        self._side = side

    async def __call__(self, event: TelegramObject, turn: Turn) -> bool:
        """Look at the turn's side; nothing is asked of anybody."""
        return turn.actor.side is self._side


def make_router() -> Router:
    """Make the desk's router."""
    router = Router(name="staff")
    router.callback_query.filter(OnSide(Side.DESK))
    router.message.filter(OnSide(Side.DESK))
    add_looks(router)

    @router.callback_query()
    async def press(query: CallbackQuery, turn: Turn, desk: Desk) -> Reply:
        if not desk.access.is_member(turn.actor.chat_id, query.from_user.id):
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
        except (IllegalMove, NoSuchCard):
            return desk.toast(query, "impossible")
        turn.after_commit.append(desk.wake)
        return desk.toast(query, "done")

    @router.message(Command("help", "start", ignore_mention=True))
    async def show_help(message: Message, turn: Turn, desk: Desk) -> Reply:
        return say(desk.texts.render(desk.language, "desk.help"))

    @router.message()
    async def talk(message: Message, turn: Turn, desk: Desk) -> Reply | None:
        if message.migrate_to_chat_id:
            turn.after_commit.append(await desk.migrated(turn.driver, message.migrate_to_chat_id))
        if message.reply_to_message is None or not desk.access.is_member(turn.actor.chat_id, turn.actor.user_id):
            return None
        name = message.author_signature or (message.from_user.full_name if message.from_user else "")
        try:
            async with turn.whole():
                fault = await desk.form_acts.reply(turn, message, Officer(turn.actor.user_id, name[:64]))
        except Taken as taken:
            return desk.answer(message, "answer_taken", by=taken.by)
        except (IllegalMove, NoSuchCard):
            return desk.answer(message, "answer_impossible")
        turn.after_commit.append(desk.wake)
        return desk.answer(message, fault, most=WORDS_MOST) if fault else None

    @router.chat_member()
    async def membership(event: ChatMemberUpdated, turn: Turn, desk: Desk) -> None:
        desk.access.forget(event.chat.id, event.new_chat_member.user.id)

    @router.my_chat_member(OnSide(Side.GROUP))
    async def strange_group(event: ChatMemberUpdated, turn: Turn, desk: Desk) -> Reply | None:
        if event.new_chat_member.status not in ("member", "administrator"):
            return None
        await enqueue(turn.driver, LEAVE_GROUP, UUID(int=abs(event.chat.id)), after=LEAVE_AFTER)
        if event.chat.type == "channel":
            return None
        return say(desk.texts.render(desk.language, "group.strange", chat_id=event.chat.id))

    return router
