"""`/placement`, `/qr` and their buttons on the desk's router."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.qr import desk_buttons, store
from bot.qr.desk import PlacementActs
from bot.qr.desk_buttons import Leaf, Press, Verb
from bot.qr.desk_posts import QrAsked
from bot.qr.desk_room import Room
from bot.reports.deciding import Officer
from bot.telegram.reply import Reply, toast
from bot.telegram.turn import Turn

MANAGING: Final = frozenset({Verb.ASK_CLOSE, Verb.CLOSE, Verb.KEEP})
NAME_MOST: Final = 64
"""Characters of an officer's name in the journal."""


@dataclass(frozen=True, slots=True)
class DeskQr:
    """What these handlers need, handed in by the composition root."""

    room: Room
    acts: PlacementActs
    asked: QrAsked

    async def press(self, turn: Turn, query: CallbackQuery) -> Reply:
        """Do what a button says, or say why not."""
        chat_id, user_id = turn.actor.chat_id, query.from_user.id
        if not self.room.is_member(chat_id, user_id):
            return self._toast(turn, query, "answer_not_member")
        pressed = desk_buttons.read(query.data or "")
        if isinstance(pressed, Leaf):
            return await self.acts.page(turn, query, pressed) or self._toast(turn, query, "answer_list_changed")
        if pressed is None:
            return self._toast(turn, query, "answer_changed")
        if pressed.verb is Verb.DRAW:
            return await self._draw(turn, query, pressed)
        if pressed.verb in MANAGING and not self.room.manages(chat_id, user_id):
            return self._toast(turn, query, "answer_not_administrator")
        officer = Officer(user_id, query.from_user.full_name[:NAME_MOST])
        return await self.acts.press(turn, query, pressed, officer) or self._toast(turn, query, "answer_changed")

    async def _draw(self, turn: Turn, query: CallbackQuery, pressed: Press) -> Reply:
        placement = await store.by_id(turn.driver, pressed.placement)
        if placement is None or placement.closed_on:
            return self._toast(turn, query, "answer_changed")
        await self.asked.draw(turn, placement)
        return self._toast(turn, query, "qr_asked", alert=False)

    def _toast(self, turn: Turn, query: CallbackQuery, name: str, *, alert: bool = True) -> Reply:
        text = self.room.telling.texts.plain(self.room.language(turn.actor.chat_id), f"desk.{name}")
        return toast(query.id, text, alert=alert)


def add_placements(router: Router) -> None:
    """Add these to the desk's router, in front of what takes any press and any reply."""

    @router.callback_query(F.data.startswith(desk_buttons.PREFIX))
    async def press_placement(query: CallbackQuery, turn: Turn, qr: DeskQr) -> Reply:
        return await qr.press(turn, query)

    @router.message(Command("placement", ignore_mention=True))
    async def placements(message: Message, turn: Turn, qr: DeskQr, command: CommandObject) -> Reply | None:
        return await qr.acts.command(turn, message, command.args or "")

    @router.message(Command("qr", ignore_mention=True))
    async def draw(message: Message, turn: Turn, qr: DeskQr, command: CommandObject) -> Reply | None:
        return await qr.asked.command(turn, message, command.args or "")
