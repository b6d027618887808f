"""The citizens' handlers: what came → which act → what is answered."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiogram.types import CallbackQuery, Message, Update

from bot.citizen import buttons
from bot.citizen.acts import Acts
from bot.citizen.addition_kinds import KINDS as ADDED
from bot.citizen.additions import AddingLater
from bot.citizen.conversation import Conversation, Talk
from bot.citizen.dialogue import Asked, load
from bot.citizen.filling import Filling
from bot.citizen.intake import Incoming, read_message, read_words
from bot.citizen.photo_codes import CodeAnswers
from bot.citizen.photo_place import PhotoPlaces
from bot.languages import Language
from bot.privacy import receipts
from bot.privacy.keyring import KeyRing
from bot.reports.scans import Scans
from bot.telegram.plain import Words
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
    codes: CodeAnswers
    ring: KeyRing
    default_language: Language
    privacy: dict[str, int]
    """The terms that /privacy tells, in days."""
    public: Callable[[], dict[str, Any]]
    """Gives the numbers that /about tells."""
    scans: Scans
    bot_name: Callable[[], str]
    """Gives the bot's own name, "" while Telegram has not told it."""

    def talk(self, turn: Turn, client_language: str | None, label_language: Language | None = None) -> Talk:
        """Begin a turn's talk. Language: the dialogue's, else the label's, else the client's, else the default."""
        dialogue = load(turn)
        kind = dialogue.draft.kind if dialogue.draft else ""
        if dialogue.draft and kind not in self.conversation.kinds and kind not in ADDED:
            # Its file went while the draft lay: the kind is asked for again, and nothing is lost.
            dialogue.draft.kind = ""
        if dialogue.came and dialogue.came.over(turn.now):
            dialogue.came = None
        client = (client_language or "")[:2].lower()
        guessed = Language(client) if client in set(Language) else self.default_language
        return Talk(turn, dialogue, dialogue.language or label_language or guessed, guessed)


async def handle(citizens: Citizens, turn: Turn, update: Update | Words) -> Reply | None:
    """Answer what a citizen sent: a message or a press. No router: there are two sorts, and nothing to filter."""
    if isinstance(update, Words):
        return await _typed(update, turn, citizens)
    if update.message:
        return await _message(update.message, turn, citizens)
    return await _inline_button(update.callback_query, turn, citizens) if update.callback_query else None


async def _typed(words: Words, turn: Turn, citizens: Citizens) -> Reply | None:
    name, args = _command(words.text)
    if name in COMMANDS:
        return await COMMANDS[name](citizens, citizens.talk(turn, words.language_code), args)
    label = citizens.conversation.labels.read(words.text)
    if label:
        return await citizens.acts.press(citizens.talk(turn, words.language_code, label.language), label)
    talk = citizens.talk(turn, words.language_code)
    return await _content(words.text, read_words(words.text), talk, citizens)


async def _message(message: Message, turn: Turn, citizens: Citizens) -> Reply | None:
    """Answer a message that brings more than words, or words that others wrote."""
    code = message.from_user.language_code if message.from_user else None
    own = message.text if message.forward_origin is None else None
    name, args = _command(message.text or message.caption or "")
    if name in COMMANDS:
        return await COMMANDS[name](citizens, citizens.talk(turn, code), args)
    label = citizens.conversation.labels.read(own) if own else None
    if label:
        return await citizens.acts.press(citizens.talk(turn, code, label.language), label)
    return await _content(message.text or "", read_message(message), citizens.talk(turn, code), citizens)


async def _inline_button(query: CallbackQuery, turn: Turn, citizens: Citizens) -> Reply:
    talk = citizens.talk(turn, query.from_user.language_code)
    pressed = buttons.read(citizens.ring, query.data or "", turn.actor.chat_id)
    if pressed and pressed.button in buttons.UNDER_QUESTIONS:
        return await citizens.later.press(talk, pressed, query.id)
    if pressed and pressed.button in buttons.UNDER_CODES:
        return await citizens.codes.press(talk, pressed, query.id)
    if pressed:
        return await citizens.places.press(talk, pressed, query.id)
    return toast(query.id, citizens.conversation.texts.plain(talk.language, "citizen.outdated"))


async def _start(citizens: Citizens, talk: Talk, payload: str) -> Reply:
    await _scan(citizens, talk, payload)
    talk.dialogue.asked = None
    bot, text = citizens.bot_name(), citizens.conversation.text
    genuine = text(talk, "genuine", bot=bot) if bot else ""
    return citizens.conversation.present(talk, citizens.conversation.paused(talk), text(talk, "welcome"), genuine)


async def _scan(citizens: Citizens, talk: Talk, payload: str) -> None:
    """Note by which code somebody came. What is no placement's code changes nothing: the bot starts as usual."""
    turn, dialogue = talk.turn, talk.dialogue
    came = await citizens.scans.scan(turn.driver, payload, turn.actor.chat_id, turn.now)
    if came is None:
        return
    if dialogue.draft and dialogue.came and dialogue.came.code != came.code:
        # What was said of the other code's district is not said of this one's.
        dialogue.draft.there = None
    dialogue.came = came


async def _report(citizens: Citizens, talk: Talk, _: str) -> Reply:
    talk.dialogue.asked = None
    return citizens.conversation.present(talk, citizens.conversation.paused(talk))


async def _status(citizens: Citizens, talk: Talk, args: str) -> Reply:
    if not args:
        return await citizens.acts.after.ask_status(talk)
    return await citizens.acts.after.by_receipt(talk, _receipt_in(args) or args, Asked.STATUS)


async def _add(citizens: Citizens, talk: Talk, args: str) -> Reply:
    if not args:
        return await citizens.acts.after.ask_add(talk)
    return await citizens.acts.after.by_receipt(talk, _receipt_in(args) or args, Asked.ADD)


async def _language(citizens: Citizens, talk: Talk, _: str) -> Reply:
    return citizens.conversation.ask_language(talk)


async def _cancel(citizens: Citizens, talk: Talk, _: str) -> Reply:
    return await citizens.acts.cancel(talk)


async def _forget(citizens: Citizens, talk: Talk, _: str) -> Reply:
    return await citizens.acts.after.forget(talk)


def _page(name: str) -> Callable[[Citizens, Talk, str], Awaitable[Reply]]:
    async def page(citizens: Citizens, talk: Talk, _: str) -> Reply:
        bot = {"bot": citizens.bot_name()}
        told = {"privacy": citizens.privacy, "about": citizens.public() | bot, "fake": bot}
        variables = told.get(name, {})
        return say(citizens.conversation.text(talk, name, **variables), citizens.conversation.rows(talk))

    return page


COMMANDS: Final[Mapping[str, Callable[[Citizens, Talk, str], Awaitable[Reply]]]] = {
    "start": _start,
    "report": _report,
    "status": _status,
    "add": _add,
    "language": _language,
    "cancel": _cancel,
    "forget": _forget,
    **{name: _page(name) for name in ("about", "fake", "help", "privacy")},
}
"""What is done at a citizen's command, given what stands behind it."""


async def _content(text: str, incoming: Incoming, talk: Talk, citizens: Citizens) -> Reply | None:
    if text.startswith("/") and not incoming.links:
        return citizens.conversation.present(talk)
    if incoming.leave_out(citizens.bot_name()):
        return citizens.conversation.present(talk, citizens.conversation.text(talk, "own_link"))
    asked = talk.dialogue.asked is not None and not citizens.conversation.safety.danger(text)
    # The acknowledgement pasted as a whole: its code is meant, and must not become the words of a report.
    receipt = _receipt_in(text) if asked or talk.dialogue.draft is None else None
    if receipt or receipts.looks_like(text) or (asked and _may_be_a_code(text, incoming)):
        return await citizens.acts.after.by_receipt(talk, receipt or text, talk.dialogue.asked or Asked.STATUS)
    if incoming.content:
        talk.dialogue.asked = None
    return await citizens.filling.take(talk, incoming)


def _command(text: str) -> tuple[str, str]:
    """Split a text into its command, whichever bot it names (in a private chat we are meant), and what follows."""
    if not text.startswith("/"):
        return "", ""
    command, *args = text[1:].split(maxsplit=1) or [""]
    return command.partition("@")[0], args[0].strip() if args else ""


def _receipt_in(text: str) -> str | None:
    """Give the one receipt that stands in a text as we write them, or None."""
    written = set(_WRITTEN.findall(text))
    return written.pop() if len(written) == 1 else None


def _may_be_a_code(text: str, incoming: Incoming) -> bool:
    """Tell whether a text may be a mistyped receipt, and is not something to report."""
    return 0 < len(text) <= RECEIPT_MOST and not (incoming.links or incoming.point)
