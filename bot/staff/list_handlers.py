"""The desk's commands that look and change nothing: members alone are shown anything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.reports.lists import ListName
from bot.staff import list_buttons
from bot.staff.access import Access
from bot.staff.album import reply_to
from bot.staff.answers import Answers, Shown
from bot.staff.lookup import Lookup
from bot.staff.officers import writer
from bot.staff.register_posts import RegisterAsked
from bot.staff.stats_posts import StatsAsked
from bot.staff.work_lists import ListPages
from bot.telegram.reply import Reply, toast
from bot.telegram.turn import Turn

COMMANDS: Final = tuple(ListName)


@dataclass(frozen=True, slots=True)
class Looks:
    """What these commands need, handed in by the composition root."""

    access: Access
    pages: ListPages
    lookup: Lookup
    register: RegisterAsked
    answers: Answers
    stats: StatsAsked

    async def answer(self, turn: Turn, message: Message, look: Callable[[], Awaitable[Reply]]) -> Reply | None:
        """Answer a member's command under it. To anybody else nothing is said, as to all their words."""
        if not self.access.is_member(turn.actor.chat_id, turn.actor.user_id):
            return None
        reply = await look()
        if isinstance(reply, Shown):
            reply.params.update(reply_to(message.message_id))
            chat_id, shown = turn.actor.chat_id, reply
            turn.after_commit.append(lambda: self.answers.send(chat_id, shown))
            return None
        return Reply(reply.method, {**reply.params, **reply_to(message.message_id)})

    async def turn_over(self, turn: Turn, query: CallbackQuery) -> Reply:
        """Turn a list over, or say that it is not what it was."""
        if not self.access.is_member(turn.actor.chat_id, query.from_user.id):
            return toast(query.id, self._plain("answer_not_member"), alert=True)
        leaf = list_buttons.read(query.data or "")
        page = None
        if leaf and query.message:
            page = await self.pages.leaf(turn, leaf, query.message.message_id, query.id)
        return page or toast(query.id, self._plain("answer_list_changed"), alert=True)

    def _plain(self, name: str) -> str:
        return self.pages.texts.plain(self.pages.language, f"desk.{name}")


def add_looks(router: Router) -> None:
    """Add these commands to the desk's router, in front of what takes any press and any reply."""

    @router.callback_query(F.data.startswith(list_buttons.PREFIX))
    async def turn_over(query: CallbackQuery, turn: Turn, looks: Looks) -> Reply:
        return await looks.turn_over(turn, query)

    @router.message(Command(*COMMANDS, ignore_mention=True))
    async def show_list(message: Message, turn: Turn, looks: Looks, command: CommandObject) -> Reply | None:
        return await looks.answer(turn, message, lambda: looks.pages.first(turn, ListName(command.command)))

    @router.message(Command("report", ignore_mention=True))
    async def show_report(message: Message, turn: Turn, looks: Looks, command: CommandObject) -> Reply | None:
        return await looks.answer(turn, message, lambda: looks.lookup.report(turn, command.args or ""))

    @router.message(Command("find", ignore_mention=True))
    async def show_found(message: Message, turn: Turn, looks: Looks, command: CommandObject) -> Reply | None:
        return await looks.answer(turn, message, lambda: looks.lookup.find(turn, command.args or ""))

    @router.message(Command("register", ignore_mention=True))
    async def send_register(message: Message, turn: Turn, looks: Looks, command: CommandObject) -> Reply | None:
        officer = writer(turn, message, looks.pages.texts, looks.pages.spoken(turn))
        return await looks.answer(turn, message, lambda: looks.register.ask(turn, command.args or "", officer))

    @router.message(Command("stats", ignore_mention=True))
    async def send_stats(message: Message, turn: Turn, looks: Looks, command: CommandObject) -> Reply | None:
        return await looks.answer(turn, message, lambda: looks.stats.ask(turn, command.args or ""))
