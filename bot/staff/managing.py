"""What administrators of the main desk's chat do: close intake and open it, take up edited texts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.reports import pause, queries
from bot.reports.deciding import Officer
from bot.reports.pause import Pause, WordsTooLong
from bot.reports.reloading import Read, Reloading
from bot.staff.access import Access
from bot.staff.album import reply_to
from bot.staff.desks import Desks
from bot.staff.fault_words import told
from bot.staff.officers import writer
from bot.telegram.reply import Reply, say
from bot.telegram.turn import Turn
from bot.texts import Texts, TextsBroken

SUBJECT: Final = UUID("00000000-0000-4000-8000-000000000010")
"""What the journal names where an act is of the bot as a whole."""
SORT: Final = "desk"
FAULTS_MOST: Final = 10
"""Faults of a folder that are told one by one."""
FAULT_LENGTH: Final = 250


@dataclass(slots=True)
class Managing:
    """What these commands need, handed in by the composition root."""

    access: Access
    desks: Desks
    texts: Texts
    pause: Pause
    reloading: Reloading
    read: Read | TextsBroken | None = None
    """What the folder held when it was last asked for; whoever asks next may well have it too."""

    async def prepare(self, update: Mapping[str, Any]) -> None:
        """Read the folder before the turn of a `/reload`, which must not wait for it inside its transaction."""
        message = update.get("message")
        text = message.get("text") if isinstance(message, Mapping) else None
        if not isinstance(message, Mapping) or not isinstance(text, str) or _command(text) != "reload":
            return
        chat_id = message["chat"]["id"]
        sender = message.get("sender_chat") or message.get("from")
        if self.manages(chat_id, sender["id"] if isinstance(sender, Mapping) else 0):
            self.read = await self.reloading.look()

    async def answer(self, turn: Turn, message: Message, act: Callable[[Officer], Awaitable[Reply]]) -> Reply | None:
        """Have an administrator's command done, and answer under it. To outsiders nothing is said."""
        chat_id, user_id = turn.actor.chat_id, turn.actor.user_id
        if not self.access.is_member(chat_id, user_id):
            return None
        if self.manages(chat_id, user_id):
            reply = await act(writer(turn, message, self.texts, self.desks.language(chat_id)))
        else:
            reply = self._say(turn, "manage_not_administrator" if self._is_main(chat_id) else "manage_elsewhere")
        return Reply(reply.method, {**reply.params, **reply_to(message.message_id)})

    def manages(self, chat_id: int, user_id: int) -> bool:
        """Tell whether somebody is an administrator of the main desk, and acts there."""
        # What is done here holds for all desks.
        return self._is_main(chat_id) and self.access.is_administrator(chat_id, user_id)

    async def close(self, turn: Turn, officer: Officer, words: str) -> Reply:
        """Close intake, or change what is said of it."""
        try:
            value = await pause.close(turn.driver, words, turn.now)
        except WordsTooLong:
            return self._say(turn, "pause_too_long", most=pause.WORDS_MOST)
        await self._note(turn, officer, "pause")
        turn.after_commit.append(lambda: self.pause.learn(value))
        return self._say(turn, "pause_done", words=words)

    async def reopen(self, turn: Turn, officer: Officer) -> Reply:
        """Open intake."""
        if not await pause.reopen(turn.driver):
            return self._say(turn, "resume_open")
        await self._note(turn, officer, "resume")
        turn.after_commit.append(lambda: self.pause.learn(None))
        return self._say(turn, "resume_done")

    async def reload(self, turn: Turn, officer: Officer) -> Reply:
        """Take up the folder as it was read before this turn, or say what is wrong with it."""
        read = self.read
        if read is None or isinstance(read, TextsBroken):
            faults = str(read or "").splitlines()
            language = self.desks.language(turn.actor.chat_id)
            shown = [told(self.texts, language, fault)[:FAULT_LENGTH] for fault in faults[:FAULTS_MOST]]
            return self._say(turn, "reload_refused", faults=shown, more=len(faults) - len(shown))
        # Also where this process works with it already: another may not.
        await self.reloading.order(turn.driver, read)
        await self._note(turn, officer, "reload")
        turn.after_commit.append(lambda: self.reloading.take_up(read))
        name = "reload_same" if read.digest == self.reloading.current else "reload_done"
        return self._say(turn, name, texts=read.texts, kinds=read.kinds)

    def _is_main(self, chat_id: int) -> bool:
        main = self.desks.main()
        return main is not None and main[0] == chat_id

    async def _note(self, turn: Turn, officer: Officer, act: str) -> None:
        await turn.driver.execute(queries.JOURNAL, turn.now, officer.id, officer.name, act, SORT, SUBJECT)

    def _say(self, turn: Turn, name: str, **variables: Any) -> Reply:
        return say(self.texts.render(self.desks.language(turn.actor.chat_id), f"desk.{name}", **variables))


def add_managing(router: Router) -> None:
    """Add these commands to the desk's router, in front of what takes any reply."""

    @router.message(Command("pause", ignore_mention=True))
    async def pause_intake(message: Message, turn: Turn, managing: Managing, command: CommandObject) -> Reply | None:
        words = (command.args or "").strip()
        return await managing.answer(turn, message, lambda officer: managing.close(turn, officer, words))

    @router.message(Command("resume", ignore_mention=True))
    async def resume_intake(message: Message, turn: Turn, managing: Managing) -> Reply | None:
        return await managing.answer(turn, message, lambda officer: managing.reopen(turn, officer))

    @router.message(Command("reload", ignore_mention=True))
    async def reload_texts(message: Message, turn: Turn, managing: Managing) -> Reply | None:
        return await managing.answer(turn, message, lambda officer: managing.reload(turn, officer))


def _command(text: str) -> str:
    """Give a text's command, whichever bot it names."""
    first, *_ = text.split(maxsplit=1) or [""]
    return first[1:].partition("@")[0] if first.startswith("/") else ""
