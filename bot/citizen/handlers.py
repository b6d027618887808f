"""The citizens' router: what came → which act → what is answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiogram import Router
from aiogram.filters import BaseFilter, Command, CommandObject
from aiogram.types import CallbackQuery, Message, TelegramObject

from bot.citizen import buttons
from bot.citizen.acts import Acts
from bot.citizen.addition_kinds import KINDS as ADDED
from bot.citizen.additions import AddingLater
from bot.citizen.conversation import Conversation, Talk
from bot.citizen.dialogue import Asked, load
from bot.citizen.filling import Filling
from bot.citizen.intake import Incoming, read_message
from bot.citizen.photo_place import PhotoPlaces
from bot.languages import Language
from bot.privacy import receipts
from bot.privacy.keyring import KeyRing
from bot.telegram.actors import Side
from bot.telegram.reply import Reply, say, toast
from bot.telegram.turn import Turn

RECEIPT_MOST = 40
"""Characters up to which a text is taken for a mistyped receipt when one was asked for."""
_WRITTEN = re.compile(r"(?<![\w-])[0-9A-Za-z]{4}(?:[-–—][0-9A-Za-z]{4}){3}(?![\w-])")


@dataclass(frozen=True, slots=True)
class Citizens:
    """What the citizens' handlers need, handed in by the composition root."""

    conversation: Conversation
    acts: Acts
    filling: Filling
    later: AddingLater
    places: PhotoPlaces
    ring: KeyRing
    default_language: Language
    privacy: dict[str, int]
    """The terms that /privacy tells, in days."""

    def talk(self, turn: Turn, client_language: str | None, label_language: Language | None = None) -> Talk:
        """Begin a turn's talk. Language: the dialogue's, else the label's, else the client's, else the default."""
        dialogue = load(turn)
        kind = dialogue.draft.kind if dialogue.draft else ""
        if dialogue.draft and kind not in self.conversation.kinds and kind not in ADDED:
            # Its file went while the draft lay: the kind is asked for again, and nothing is lost.
            dialogue.draft.kind = ""
        client = (client_language or "")[:2].lower()
        guessed = Language(client) if client in set(Language) else self.default_language
        return Talk(turn, dialogue, dialogue.language or label_language or guessed, guessed)


class FromCitizen(BaseFilter):
    """Passes what comes from a private chat."""

    async def __call__(self, event: TelegramObject, turn: Turn) -> bool:
        """Look at the turn's side; nothing is asked of anybody."""
        return turn.actor.side is Side.CITIZEN


class Pressed(BaseFilter):
    """Passes a message that is a label of a reply keyboard, and hands it on."""

    async def __call__(self, message: Message, citizens: Citizens) -> bool | dict[str, Any]:
        """Recognise labels of all languages."""
        own = message.text if message.forward_origin is None else None
        label = citizens.conversation.labels.read(own) if own else None
        return {"label": label} if label else False


def make_router() -> Router:
    """Make the citizens' router."""
    router = Router(name="citizen")
    for observer in (router.message, router.callback_query):
        observer.filter(FromCitizen())

    @router.message(_command("start"))
    async def start(message: Message, turn: Turn, citizens: Citizens) -> Reply:
        talk = _talk(message, turn, citizens)
        talk.dialogue.asked = None
        return citizens.conversation.present(talk, citizens.conversation.text(talk, "welcome"))

    @router.message(_command("report"))
    async def report(message: Message, turn: Turn, citizens: Citizens) -> Reply:
        talk = _talk(message, turn, citizens)
        talk.dialogue.asked = None
        return citizens.conversation.present(talk)

    @router.message(_command("status"))
    async def status(message: Message, turn: Turn, citizens: Citizens, command: CommandObject) -> Reply:
        talk = _talk(message, turn, citizens)
        if not command.args:
            return await citizens.acts.after.ask_status(talk)
        return await citizens.acts.after.by_receipt(talk, _receipt_in(command.args) or command.args, Asked.STATUS)

    @router.message(_command("add"))
    async def add(message: Message, turn: Turn, citizens: Citizens, command: CommandObject) -> Reply:
        talk = _talk(message, turn, citizens)
        if not command.args:
            return await citizens.acts.after.ask_add(talk)
        return await citizens.acts.after.by_receipt(talk, _receipt_in(command.args) or command.args, Asked.ADD)

    @router.message(_command("language"))
    async def language(message: Message, turn: Turn, citizens: Citizens) -> Reply:
        return citizens.conversation.ask_language(_talk(message, turn, citizens))

    @router.message(_command("cancel"))
    async def cancel(message: Message, turn: Turn, citizens: Citizens) -> Reply:
        return await citizens.acts.cancel(_talk(message, turn, citizens))

    @router.message(_command("forget"))
    async def forget(message: Message, turn: Turn, citizens: Citizens) -> Reply:
        return await citizens.acts.after.forget(_talk(message, turn, citizens))

    for name in ("about", "help", "privacy"):
        router.message(_command(name))(_page(name))

    @router.message(Pressed())
    async def press(message: Message, turn: Turn, citizens: Citizens, label: Any) -> Reply | None:
        user = message.from_user
        talk = citizens.talk(turn, user.language_code if user else None, label.language)
        return await citizens.acts.press(talk, label)

    @router.message()
    async def content(message: Message, turn: Turn, citizens: Citizens) -> Reply | None:
        talk = _talk(message, turn, citizens)
        text = message.text or ""
        incoming = read_message(message)
        if text.startswith("/") and not incoming.links:
            return citizens.conversation.present(talk)
        danger = citizens.conversation.safety.danger(text)
        asked = talk.dialogue.asked is not None and not danger
        # The acknowledgement pasted as a whole: its code is meant, and must not become the words of a report.
        receipt = _receipt_in(text) if asked or talk.dialogue.draft is None else None
        if receipt or receipts.looks_like(text) or (asked and _may_be_a_code(text, incoming)):
            return await citizens.acts.after.by_receipt(talk, receipt or text, talk.dialogue.asked or Asked.STATUS)
        if incoming.content:
            talk.dialogue.asked = None
        return await citizens.filling.take(talk, incoming)

    @router.callback_query()
    async def inline_button(query: CallbackQuery, turn: Turn, citizens: Citizens) -> Reply:
        talk = citizens.talk(turn, query.from_user.language_code)
        pressed = buttons.read(citizens.ring, query.data or "", turn.actor.chat_id)
        if pressed and pressed.button in buttons.UNDER_QUESTIONS:
            return await citizens.later.press(talk, pressed, query.id)
        if pressed:
            return await citizens.places.press(talk, pressed, query.id)
        return toast(query.id, citizens.conversation.texts.plain(talk.language, "citizen.outdated"))

    return router


def _command(name: str) -> Command:
    """Pass a command, whichever bot it names: in a private chat it is meant for us.

    To compare the name, aiogram would ask Telegram for ours, from inside the turn.
    """
    return Command(name, ignore_mention=True)


def _receipt_in(text: str) -> str | None:
    """Give the one receipt that stands in a text as we write them, or None."""
    written = set(_WRITTEN.findall(text))
    return written.pop() if len(written) == 1 else None


def _may_be_a_code(text: str, incoming: Incoming) -> bool:
    """Tell whether a text may be a mistyped receipt, and is not something to report."""
    return 0 < len(text) <= RECEIPT_MOST and not (incoming.links or incoming.point)


def _page(name: str) -> Callable[..., Any]:
    async def page(message: Message, turn: Turn, citizens: Citizens) -> Reply:
        talk = _talk(message, turn, citizens)
        variables = citizens.privacy if name == "privacy" else {}
        return say(citizens.conversation.text(talk, name, **variables), citizens.conversation.rows(talk))

    return page


def _talk(message: Message, turn: Turn, citizens: Citizens) -> Talk:
    return citizens.talk(turn, message.from_user.language_code if message.from_user else None)
