"""The desk's router: presses on cards, and what else happens in the chat."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from aiogram import Router
from aiogram.filters import BaseFilter, Command, CommandObject
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, TelegramObject

from bot.jobs import enqueue
from bot.reports.amending import TooLate
from bot.reports.deciding import AlreadyDone, NoSuchCard, Officer, Taken
from bot.reports.form_state import FormOver
from bot.reports.lifecycle import IllegalMove
from bot.reports.passing import NoSuchOffice
from bot.reports.said import number_of
from bot.staff import copies, form_buttons
from bot.staff.access import Standing, standing
from bot.staff.block_acts import add_blocks
from bot.staff.desk import Desk, Outdated
from bot.staff.evidence_handlers import add_evidence
from bot.staff.hide_acts import NotAdministrator
from bot.staff.list_handlers import add_looks
from bot.staff.managing import add_managing
from bot.staff.mark_handlers import add_marks
from bot.staff.office_acts import add_offices
from bot.staff.officers import writer
from bot.telegram.actors import Side
from bot.telegram.reply import Reply, say
from bot.telegram.turn import Turn

LEAVE_GROUP = "leave_group"
LEAVE_AFTER = 3600.0


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
        reply = await _carry_out(query, turn, desk)
        if query.message is not None:
            line = desk.desks.line(turn.actor.chat_id)
            await copies.note(turn, desk.outbox, query.data or "", query.message.message_id, line)
        turn.after_commit.append(desk.wake)
        return reply

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


async def _carry_out(query: CallbackQuery, turn: Turn, desk: Desk) -> Reply:
    """Do what a button says, or nothing of it; give what the officer reads."""
    officer, data = Officer(query.from_user.id, query.from_user.full_name[:64]), query.data or ""
    form = form_buttons.read(data)
    try:
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
    return desk.toast(query, "done")
