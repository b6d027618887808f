"""Scenes after the sending: questions and answers, more by the code, the place in a photo, abuse."""

from __future__ import annotations

import asyncio
from typing import Final

from bot.sandbox.world import Message
from tests.identities.house import House
from tests.identities.marks import POINT
from tests.identities.reporter import Reporter
from tests.journeys.acting import TARAZ, Desk, unique

TRIES: Final = 20
WORDS: Final = "Какого цвета дверь?"


class Officer(Desk):
    """The desk's officer, about one reporter's cards."""

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self._begin = len(house.sandbox.world.chats.get(house.desk.id, {}))

    @property
    def posts(self) -> list[Message]:
        # A thousand reporters' posts are not gone through at each change.
        return [m for m in list(self.sandbox.world.chats[self.chat.id].values())[self._begin :] if m.from_bot]

    async def acts(self, card: Message, name: str) -> None:
        """Press a button by the name of its text: an act's, or a form's."""
        await self.press(card, self.stage.wording.texts.plain("ru", f"desk.{name}"))

    async def press(self, card: Message, button: str, answer: str = "Готово") -> None:
        """Press a button until its card has come to stand still; the whole bot never does, in a crowd."""
        for _ in range(TRIES):
            text = await self._answer(card, button)
            if text == answer:
                return
            assert text == "Карточка изменилась, посмотрите ещё раз", text
            await asyncio.sleep(0.5)
        raise AssertionError(f"{button} was never done")

    async def form(self, card: Message) -> Message:
        """Wait for the form under a card."""
        return await self.sandbox.wait_for(lambda: next((m for m in self.replies(card) if m.inline), None), 30.0)


async def a_den(reporter: Reporter) -> tuple[Officer, Message]:
    """Report a den and find its card."""
    officer, words = Officer(reporter.house), reporter.words("a den")
    await reporter.begins("den")
    reporter.types(words)
    await reporter.reads("")
    await reporter.finishes()
    return officer, await officer.sees(words)


async def asked(reporter: Reporter, officer: Officer, card: Message) -> Message:
    """Ask in an officer's own words, and give the question as the citizen sees it."""
    house = reporter.house
    house.sandbox.send_text(house.officer, WORDS, chat=house.desk, reply_to=card.id)
    await officer.acts(await officer.form(card), "form_button.send")
    return await reporter.reads(WORDS)


async def presses(reporter: Reporter, under: Message, name: str) -> None:
    """Press an inline button by the name of its text."""
    reporter.last = max(m.id for m in reporter.sandbox.messages(reporter.id))
    label = reporter.stage.wording.texts.plain(reporter.language, f"buttons.{name}")
    press = reporter.sandbox.presses[reporter.sandbox.press(reporter.person, under.id, label)]
    await reporter.sandbox.wait_for(lambda: press.answered)


async def a_question_answered(reporter: Reporter) -> None:
    """The answer holds words, a forwarded person, a marked photo and a place; a number is refused."""
    officer, card = await a_den(reporter)
    question = await asked(reporter, officer, card)
    await presses(reporter, question, "answer")
    await reporter.reads("")
    reporter.types(reporter.words("green"))
    await reporter.reads("")
    reporter.sent(reporter.sandbox.forward_from_person(reporter.person, reporter.other, reporter.words("forwarded")))
    await reporter.reads("")
    reporter.sent(reporter.sandbox.send_contact(reporter.person, reporter.marks.phone))
    await reporter.reads("")
    reporter.location(TARAZ)
    await reporter.reads("")
    reporter.sent(reporter.sandbox.send_photos(reporter.person, [reporter.picture()])[0])
    await reporter.reads("")
    reporter.presses("send")
    await reporter.reads("")


async def questions_not_answered(reporter: Reporter) -> None:
    """One is declined; under another the address is erased; then nobody can be asked."""
    officer, card = await a_den(reporter)
    await presses(reporter, await asked(reporter, officer, card), "decline")
    officer, card = await a_den(reporter)
    await presses(reporter, await asked(reporter, officer, card), "erase")
    await officer.acts(card, "act.ask")


async def more_by_the_code(reporter: Reporter) -> None:
    """Words, a photo with a mark in its name and a place are added, by oneself and from another account."""
    await a_den(reporter)
    code = reporter.receipts[-1]
    other = Reporter(reporter.house, reporter.marks.n + 20_000)
    await other.begins_at_all()
    for each in (reporter, other):
        each.types(f"/add {code}")
        await each.reads("")
        each.types(each.words("more"))
        await each.reads("")
        each.document(f"{each.marks.tag('More')}.jpg", each.picture("JPEG"), "image/jpeg")
        await each.reads("")
        each.location(TARAZ)
        await each.reads("")
        each.presses("send")
        await each.reads("")


async def a_photo_that_knows_where(reporter: Reporter) -> None:
    """The file of a photo tells a place that is nobody's business; the citizen leaves it out."""
    await reporter.begins("graffiti")
    name = f"{reporter.marks.tag('Where')}.jpg"
    reporter.document(name, reporter.picture(point=POINT), "image/jpeg")
    question = await reporter.reads(f"{POINT[0]:.5f}, {POINT[1]:.5f}")
    await presses(reporter, question, "leave_place")
    reporter.types("/report")
    await reporter.reads("")
    await reporter.finishes()


async def codes_guessed(reporter: Reporter) -> None:
    """Guessing is slowed, by a count under a keyed hash of the chat."""
    for n in range(12):
        reporter.types(f"/status AAAA-BBBB-CCCC-{n:04}")
        await reporter.reads("")


async def abuse(reporter: Reporter) -> None:
    """An officer blocks whoever it is, who tries again; it comes last, for nothing of theirs is taken any more."""
    officer, card = await a_den(reporter)
    await officer.acts(card, "act.abuse")
    await officer.acts(await officer.form(card), "form_button.confirm")
    await officer.shows(card, "решено")
    reporter.types(f"t.me/{unique()}")
    await reporter.reads("")
