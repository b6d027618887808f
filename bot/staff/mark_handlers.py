"""`/sent` and `/blocked` on the desk: a register, or a list, is marked as sent to be blocked, or as blocked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from aiogram import F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.reports import batch_queries
from bot.reports.batches import Batches, BatchOver, ToRead, Wish
from bot.reports.deciding import Officer
from bot.reports.lifecycle import Decision
from bot.staff import batch_buttons
from bot.staff.access import Access
from bot.staff.album import reply_to
from bot.staff.batch_buttons import Verb
from bot.staff.desks import Desks
from bot.staff.officers import NAME_MOST, writer
from bot.telegram.reply import Reply, toast
from bot.telegram.turn import Turn
from bot.texts import Texts

MEANS: Final = {"sent": Decision.SENT_TO_BLOCK, "blocked": Decision.BLOCKED}
"""What each command marks its links as."""


@dataclass(frozen=True, slots=True)
class MarkActs:
    """What these commands need, handed in by the composition root."""

    access: Access
    batches: Batches
    texts: Texts
    desks: Desks
    wake: Callable[[], None]

    async def command(self, turn: Turn, message: Message, decision: Decision, words: str) -> Reply | None:
        """Mark what a member's command is about: what stands in it, else what it answers, else the last register."""
        if not self._may(turn, message):
            return None
        answered = _answered(message)
        to_read = _to_read(message, words)
        source: UUID | None = None
        if to_read is None and answered is not None:
            source = await self.batches.posted(turn.driver, turn.actor.chat_id, answered.message_id)
            by_bot = answered.from_user is not None and answered.from_user.is_bot
            # On a card stand a citizen's words as well: which of their links are meant, nobody said.
            to_read = None if source or by_bot else _to_read(answered, answered.text or answered.caption or "")
            if source is None and to_read is None:
                return self._say(turn, message, "batch_usage")
        asks = source is None and to_read is None
        if asks:
            source = await self.batches.newest(turn.driver, self.desks.line(turn.actor.chat_id))
        if to_read is None and (source is None or not await turn.driver.fetchval(batch_queries.COUNT_LINKS, source)):
            return self._say(turn, message, "batch_none")
        await self._begin(turn, message, decision, source, to_read, asks=asks)
        return None

    async def returned(self, turn: Turn, message: Message) -> None:
        """Take a file that answers a register for the list that came back; raise SkipHandler for all others."""
        answered = _answered(message)
        if answered is None or not self._may(turn, message):
            raise SkipHandler
        if await self.batches.posted(turn.driver, turn.actor.chat_id, answered.message_id) is None:
            raise SkipHandler
        await self._begin(turn, message, Decision.BLOCKED, None, _to_read(message, ""))

    async def press(self, turn: Turn, query: CallbackQuery) -> Reply:
        """Do what a batch's button says."""
        if not self.access.is_member(turn.actor.chat_id, query.from_user.id):
            return self._toast(turn, query, "not_member")
        press = batch_buttons.read(query.data or "")
        batch = await turn.driver.fetchrow(batch_queries.BATCH, press.batch_id) if press else None
        if press is None or batch is None or batch["desk"] != self.desks.line(turn.actor.chat_id):
            return self._toast(turn, query, "changed")
        officer = Officer(query.from_user.id, query.from_user.full_name[:NAME_MOST])
        try:
            if press.verb is Verb.MARK:
                await self.batches.confirm(turn.driver, press.batch_id, officer, turn.now)
            else:
                await self.batches.drop(turn.driver, press.batch_id, turn.now)
        except BatchOver:
            return self._toast(turn, query, "changed")
        turn.after_commit.append(self.wake)
        return self._toast(turn, query, "done")

    async def _begin(
        self,
        turn: Turn,
        message: Message,
        decision: Decision,
        source: UUID | None,
        to_read: ToRead | None,
        *,
        asks: bool = False,
    ) -> None:
        chat_id = turn.actor.chat_id
        officer = writer(turn, message, self.texts, self.desks.language(chat_id))
        wish = Wish(decision, officer, self.desks.line(chat_id), message.message_id, source, to_read)
        await self.batches.begin(turn.driver, wish, turn.now, asks=asks)
        turn.after_commit.append(self.wake)

    def _may(self, turn: Turn, message: Message) -> bool:
        # What a member forwards was written by somebody else: to show it is not to order it.
        forwarded = message.forward_origin is not None
        return self.access.is_member(turn.actor.chat_id, turn.actor.user_id) and not forwarded

    def _say(self, turn: Turn, message: Message, name: str) -> Reply:
        text = self.texts.render(self.desks.language(turn.actor.chat_id), f"desk.{name}")
        return Reply("sendMessage", {"text": text, **reply_to(message.message_id)})

    def _toast(self, turn: Turn, query: CallbackQuery, name: str) -> Reply:
        text = self.texts.plain(self.desks.language(turn.actor.chat_id), f"desk.answer_{name}")
        return toast(query.id, text, alert=name != "done")


def add_marks(router: Router) -> None:
    """Add these commands to the desk's router, in front of what takes any press and any reply."""

    @router.callback_query(F.data.startswith(batch_buttons.PREFIX))
    async def press(query: CallbackQuery, turn: Turn, marks: MarkActs) -> Reply:
        return await marks.press(turn, query)

    @router.message(Command(*MEANS, ignore_mention=True))
    async def mark(message: Message, turn: Turn, marks: MarkActs, command: CommandObject) -> Reply | None:
        return await marks.command(turn, message, MEANS[command.command], command.args or "")

    @router.message(F.document, F.reply_to_message)
    async def returned(message: Message, turn: Turn, marks: MarkActs) -> None:
        await marks.returned(turn, message)


def _answered(message: Message) -> Message | None:
    """Give what a message answers; whatever is written in a topic seems to answer the message that opened it."""
    answered = message.reply_to_message
    return answered if answered and not answered.forum_topic_created else None


def _to_read(message: Message, words: str) -> ToRead | None:
    """Give what a message has to be read: its file, else its links, those behind words too."""
    if message.document is not None:
        return ToRead(file_id=message.document.file_id)
    entities: list[Any] = [*(message.entities or ()), *(message.caption_entities or ())]
    lines = [words, *(entity.url for entity in entities if entity.type == "text_link" and entity.url)]
    typed = "\n".join(line for line in lines if line.strip())
    return ToRead(words=typed) if typed else None
