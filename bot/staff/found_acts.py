"""Links that captures name: an officer takes one up or says that it is nothing, and `/found` lists what is open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.reports import found_queries, list_queries
from bot.reports.deciding import Officer
from bot.reports.found_links import FindAnswered, FoundLinks, NoSuchFind
from bot.staff import card_links, found_buttons
from bot.staff.access import Access
from bot.staff.desks import Desks
from bot.staff.found_buttons import FoundPage, FoundPress, Verb
from bot.staff.found_cards import FoundCards
from bot.staff.officers import NAME_MOST
from bot.staff.shown import readable
from bot.telegram.reply import Reply, toast
from bot.telegram.turn import Turn

PAGE: Final = 10
_NEWEST: Final = FoundPage(datetime(2200, 1, 1, tzinfo=UTC), UUID(int=0))
Looked = Callable[[Turn, Message, Callable[[], Awaitable[Reply]]], Awaitable[Reply | None]]
"""Answers a member's command under it; to others nothing is said."""


@dataclass(frozen=True, slots=True)
class FoundActs:
    """What the command and the buttons need, handed in by the composition root."""

    access: Access
    found: FoundLinks
    cards: FoundCards
    desks: Desks
    looked: Looked
    wake: Callable[[], None]
    answer_press: Callable[[str], None]
    """Ends a press whose reply is an edit."""

    async def command(self, turn: Turn, message: Message) -> Reply | None:
        """Answer `/found`."""

        async def first() -> Reply:
            await self.found.settle_reported(turn.driver, turn.now)
            turn.after_commit.append(self.wake)
            return Reply("sendMessage", await self._page(turn, _NEWEST))

        return await self.looked(turn, message, first)

    async def press(self, turn: Turn, query: CallbackQuery) -> Reply:
        """Do what a button says, or say why not."""
        if not self.access.is_member(turn.actor.chat_id, query.from_user.id):
            return self._toast(turn, query, "not_member")
        pressed = found_buttons.read(query.data or "")
        if isinstance(pressed, FoundPage):
            return await self._turn_over(turn, query, pressed)
        if pressed is None:
            return self._toast(turn, query, "changed")
        officer = Officer(query.from_user.id, query.from_user.full_name[:NAME_MOST])
        turn.after_commit.append(self.wake)
        try:
            await self._act(turn, pressed, officer)
        except NoSuchFind:
            return self._toast(turn, query, "changed")
        except FindAnswered:
            return self._toast(turn, query, "already")
        return self._toast(turn, query, "done")

    async def _act(self, turn: Turn, pressed: FoundPress, officer: Officer) -> None:
        given = turn.driver, pressed.found_id, self.desks.line(turn.actor.chat_id), officer, turn.now
        match pressed.verb:
            case Verb.TAKE:
                await self.found.take(*given)
            case Verb.DECLINE:
                await self.found.decline(*given)
            case Verb.RETURN:
                await self.found.give_back(*given)

    async def _turn_over(self, turn: Turn, query: CallbackQuery, page: FoundPage) -> Reply:
        if query.message is None:
            return self._toast(turn, query, "list_changed")
        message_id = query.message.message_id
        if await turn.driver.fetchval(list_queries.IS_POST, turn.actor.chat_id, message_id):
            # A card stands there, and no list: this button was made up.
            return self._toast(turn, query, "list_changed")
        turn.after_commit.append(lambda: self.answer_press(query.id))
        return Reply("editMessageText", {"message_id": message_id, **await self._page(turn, page)})

    async def _page(self, turn: Turn, since: FoundPage) -> dict[str, Any]:
        chat_id = turn.actor.chat_id
        scope, language = self.desks.scope(chat_id), self.desks.language(chat_id)
        asked = since.at, since.found_id, PAGE + 1, scope, self.desks.line(chat_id)
        rows = await turn.driver.fetch(found_queries.WAITING, *asked)
        total = await turn.driver.fetchval(found_queries.COUNT_WAITING, scope)
        shown = rows[:PAGE]
        lines = [
            {
                **self.cards.line(row, language),
                "page": card_links.named(readable(row["page"] or ""), card_links.address(chat_id, row["message_id"])),
                "office": self.desks.elsewhere(chat_id, row["office"]),
            }
            for row in shown
        ]
        text = self.cards.texts.render(language, "desk.list_finds", lines=lines, total=total)
        more = found_buttons.next_page(shown[-1]["at"], shown[-1]["id"]) if len(rows) > PAGE else []
        return {"text": text, "reply_markup": {"inline_keyboard": more}}

    def _toast(self, turn: Turn, query: CallbackQuery, name: str) -> Reply:
        language = self.desks.language(turn.actor.chat_id)
        return toast(query.id, self.cards.texts.plain(language, f"desk.answer_{name}"), alert=name != "done")


def add_found(router: Router) -> None:
    """Add these to the desk's router, in front of what takes any press and any reply."""

    @router.callback_query(F.data.startswith(found_buttons.PREFIX))
    async def press_found(query: CallbackQuery, turn: Turn, found_acts: FoundActs) -> Reply:
        return await found_acts.press(turn, query)

    @router.message(Command("found", ignore_mention=True))
    async def show_finds(message: Message, turn: Turn, found_acts: FoundActs) -> Reply | None:
        return await found_acts.command(turn, message)
