"""Who acts in the journeys: citizens with their phones, and the desk. They read only what stands in the chats."""

from __future__ import annotations

import asyncio
import io
import itertools
import re
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

import asyncpg
from PIL import Image

from bot.reports.chain import append
from bot.sandbox import html
from bot.sandbox.world import Message, Person
from tests.stage import Stage

RECEIPT = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b")
PATIENCE = 60.0
"""Seconds after which a test that waits in vain ends; nothing is claimed about the time."""
TARAZ = (42.9, 71.3667)
MOSCOW = (55.7558, 37.6173)
_NUMBERS = itertools.count(1)
SAYS = {
    "registered": ("22-7547-0310-00089", "299-1"),
    "passed_on": ("Полиция",),
    "rejected": ("Не о наркотиках",),
    "removed": ("Без фото",),
    "duplicate": (),
}
"""What an officer says with a decision where a test does not care: typed, or the button that is pressed."""


@cache
def picture(shade: int = 0, kind: str = "JPEG") -> bytes:
    """A small honest photo."""
    written = io.BytesIO()
    Image.new("RGB", (64, 48), (shade % 256, 90, 160)).save(written, kind)
    return written.getvalue()


def unique(word: str = "shop") -> str:
    """A name that no other journey of this process uses."""
    return f"{word}_{next(_NUMBERS):04}x"


def plain(rendered: str) -> str:
    """A rendered text as it stands in a chat."""
    return html.parse(rendered)[0].strip()


class Citizen:
    """A citizen, who reads what the bot says after their last message."""

    def __init__(self, stage: Stage, language: str = "ru", client: str | None = None, **names: Any) -> None:
        self.stage, self.sandbox, self.language = stage, stage.sandbox, language
        names.setdefault("first_name", "Citizen")
        self.person = stage.sandbox.add_person(language_code=client or language, **names)
        self.last = 0
        """The message of theirs after which they read."""

    @property
    def id(self) -> int:
        return self.person.id

    def text(self, name: str, **variables: Any) -> str:
        """A text of the templates in this citizen's language, as it stands in a chat."""
        full = name if name.startswith(("kinds.", "labels.")) else f"citizen.{name}"
        return plain(self.stage.wording.texts.render(self.language, full, **variables))

    def label(self, name: str) -> str:
        """A label of the keyboard: `send`, `kind:den`."""
        full = f"kinds.{name[5:]}.label" if name.startswith("kind:") else f"labels.{name}"
        return self.stage.wording.texts.plain(self.language, full)

    def sent(self, message: Message) -> Message:
        self.last = message.id
        return message

    def types(self, text: str, **more: Any) -> Message:
        return self.sent(self.sandbox.send_text(self.person, text, **more))

    def presses(self, name: str) -> Message:
        """Press a label that the keyboard shows now."""
        label = self.label(name)
        assert label in self.buttons, f"{label!r} is not on the keyboard {self.keyboard}"
        return self.sent(self.sandbox.press_reply(self.person, label))

    def photos(self, count: int = 1, **more: Any) -> list[Message]:
        sent = self.sandbox.send_photos(self.person, [picture(n) for n in range(count)], **more)
        self.last = sent[0].id
        return sent

    def location(self, point: tuple[float, float] = TARAZ, **more: Any) -> Message:
        return self.sent(self.sandbox.send_location(self.person, *point, **more))

    def document(self, name: str, data: bytes, mime_type: str | None = "text/plain", **more: Any) -> Message:
        return self.sent(self.sandbox.send_document(self.person, name, data, mime_type, **more))

    @property
    def keyboard(self) -> list[list[str]]:
        return self.sandbox.keyboard(self.id)

    @property
    def buttons(self) -> list[str]:
        return [label for row in self.keyboard for label in row]

    @property
    def heard(self) -> list[Message]:
        """What the bot said after the last message of theirs."""
        return [m for m in self.sandbox.messages(self.id) if m.from_bot and m.id > self.last]

    async def reads(self, *contains: str, timeout: float = PATIENCE) -> Message:
        """Wait until one message of the bot says all of this."""

        def found() -> Message | None:
            return next((m for m in self.heard if all(part in m.words for part in contains)), None)

        return await self.sandbox.wait_for(found, timeout)

    async def settled(self) -> None:
        """Wait until the bot has taken all that was sent and said what it had to."""
        await settled(self.stage)

    async def files(self, kind: str, content: str) -> str:
        """Send a report that needs no more than one message, and give its receipt."""
        self.types("/start")
        await self.reads(self.text("menu"))
        self.presses(f"kind:{kind}")
        await self.reads("")
        self.types(content)
        await self.reads("")
        while self.label("skip") in self.buttons:
            self.presses("skip")
            await self.reads("")
        return await self.sends()

    async def sends(self) -> str:
        """Press Send and read the receipt in the acknowledgement."""
        self.presses("send")
        return await self.receipt()

    async def receipt(self) -> str:
        def found() -> str | None:
            return next((match[0] for m in self.heard if (match := RECEIPT.search(m.words))), None)

        return await self.sandbox.wait_for(found)


class Desk:
    """The desk's chat, read from a moment on."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.sandbox, self.chat = stage, stage.sandbox, stage.desk
        self.last = max((m.id for m in stage.sandbox.messages(stage.desk.id)), default=0)

    @property
    def posts(self) -> list[Message]:
        return [m for m in self.sandbox.messages(self.chat.id) if m.from_bot and m.id > self.last]

    async def sees(self, *contains: str, timeout: float = PATIENCE) -> Message:
        def found() -> Message | None:
            return next((m for m in self.posts if all(part in m.words for part in contains)), None)

        return await self.sandbox.wait_for(found, timeout)

    async def shows(self, card: Message, *contains: str) -> None:
        """Wait until a card has come to say all of this."""
        await self.sandbox.wait_for(lambda: all(part in card.words for part in contains))

    async def under(self, card: Message, count: int) -> list[Message]:
        """Wait for what is posted in reply to a card."""
        await self.sandbox.wait_for(lambda: len(self.replies(card)) >= count)
        return self.replies(card)

    def replies(self, card: Message) -> list[Message]:
        return [m for m in self.posts if m.reply_to == card.id]

    async def press(self, card: Message, button: str, answer: str = "Готово") -> None:
        """Press a card's button, and once more where the card has changed meanwhile, as it asks to."""
        for _ in range(5):
            text = await self._answer(card, button)
            if text == answer:
                return
            assert text == "Карточка изменилась, посмотрите ещё раз"
            await settled(self.stage)
        raise AssertionError(f"{button} was never done")

    async def decide(self, card: Message, button: str, *say: str) -> Message | None:
        """Decide by a card's button, and go through its form if it has one: `say` is what is typed and pressed.

        Without it whatever comes first is said. Gives the form.
        """
        before = {post.id for post in self.replies(card)}
        await self.press(card, button)
        says = self._says(button)
        if says is None:
            return None

        def opened() -> Message | None:
            return next((post for post in self.replies(card) if post.id not in before and post.inline), None)

        form = await self.sandbox.wait_for(opened)
        for step in say or says:
            await self.fill(form, step)
        return form

    async def fill(self, form: Message, step: str) -> None:
        """Press a form's button, or type a reply to it and wait until it shows that."""
        if any(step in button["text"] for row in form.inline for button in row):
            await self.press(form, step)
            return
        shown = form.words
        # That this message is the form's is marked right after it is posted; nobody answers it sooner.
        await settled(self.stage)
        self.answers(form, step)
        await self.sandbox.wait_for(lambda: form.words != shown)

    def answers(self, message: Message, words: str, officer: Person | None = None) -> Message:
        """Reply to a message of the desk."""
        return self.sandbox.send_text(officer or self.stage.officer, words, self.chat, reply_to=message.id)

    def _says(self, button: str) -> tuple[str, ...] | None:
        texts = self.stage.wording.texts
        return next((steps for act, steps in SAYS.items() if texts.plain("ru", f"desk.act.{act}") == button), None)

    async def _answer(self, card: Message, button: str) -> str | None:
        # What an act changes is shown some time after it was answered.
        await self.sandbox.wait_for(
            lambda: any(
                button in one["text"] or button == one.get("callback_data") for row in card.inline for one in row
            )
        )
        press = self.sandbox.presses[self.sandbox.press(self.stage.officer, card.id, button, chat=self.chat)]
        await self.sandbox.wait_for(lambda: press.answered)
        return press.text


async def settled(stage: Stage, extra: float = 0.0) -> None:
    """Wait until no update waits, no job is queued, and nothing is due to be delivered."""
    for _ in range(1200):
        if not stage.sandbox.updates.pending():
            [row] = await stage.fetch(
                """
                SELECT (SELECT count(*) FROM jobs.pgqueuer WHERE execute_after <= now())
                     + (SELECT count(*) FROM messages WHERE outcome IS NULL AND due_at <= $1)
                     + (SELECT count(*) FROM cards WHERE wanted_version > shown_version AND due_at <= $1) AS work
                """,
                # What falls due while this is asked counts too.
                stage.now() + timedelta(milliseconds=100),
            )
            if not row["work"]:
                await asyncio.sleep(extra)
                return
        await asyncio.sleep(0.05)
    raise AssertionError("the bot did not come to rest")


async def chained(stage: Stage) -> None:
    """Chain what of the journal is not yet. The stage's leader chains too: where it was quicker, look again."""
    while True:
        try:
            async with stage.database.lend() as driver:
                if not await append(driver, stage.app.ring, 0):
                    return
        except asyncpg.UniqueViolationError:
            continue


def texts_of(messages: Sequence[Message]) -> list[str]:
    return [message.words for message in messages]
