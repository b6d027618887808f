"""`/evidence` on the desk and its buttons, for members alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.reports.deciding import Officer
from bot.staff import evidence_buttons
from bot.staff.access import Access
from bot.staff.album import reply_to
from bot.staff.evidence_posts import EvidenceAsked
from bot.staff.officers import NAME_MOST
from bot.telegram.reply import Reply, toast
from bot.telegram.turn import Turn


@dataclass(frozen=True, slots=True)
class EvidenceActs:
    """What the command and its buttons need, handed in by the composition root."""

    access: Access
    asked: EvidenceAsked

    async def command(self, turn: Turn, message: Message, words: str) -> Reply | None:
        """Answer a member's command under it; to anybody else nothing is said."""
        if not self.access.is_member(turn.actor.chat_id, turn.actor.user_id):
            return None
        reply = await self.asked.choose(turn, words)
        return Reply(reply.method, {**reply.params, **reply_to(message.message_id)})

    async def press(self, turn: Turn, query: CallbackQuery) -> Reply:
        """Do what a case file's button says, or say why not."""
        if not self.access.is_member(turn.actor.chat_id, query.from_user.id):
            return self._toast(turn, query, "not_member")
        choice = evidence_buttons.read(query.data or "")
        officer = Officer(query.from_user.id, query.from_user.full_name[:NAME_MOST])
        done = await self.asked.press(turn, query, choice, officer) if choice else None
        return done or self._toast(turn, query, "list_changed")

    def _toast(self, turn: Turn, query: CallbackQuery, name: str, **variables: Any) -> Reply:
        language = self.asked.desks.language(turn.actor.chat_id)
        return toast(query.id, self.asked.texts.plain(language, f"desk.answer_{name}", **variables), alert=True)


def add_evidence(router: Router) -> None:
    """Add these to the desk's router, in front of what takes any press and any reply."""

    @router.callback_query(F.data.startswith(evidence_buttons.PREFIX))
    async def press_evidence(query: CallbackQuery, turn: Turn, evidence: EvidenceActs) -> Reply:
        return await evidence.press(turn, query)

    @router.message(Command("evidence", ignore_mention=True))
    async def ask_evidence(
        message: Message, turn: Turn, evidence: EvidenceActs, command: CommandObject
    ) -> Reply | None:
        return await evidence.command(turn, message, command.args or "")
