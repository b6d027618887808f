"""Copies of cards that nobody marked: who presses one makes it known, and it goes with its card."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.delivery.outbox import CardSort
from bot.delivery.statements import POSTED
from bot.embedded import Embedded
from bot.sandbox.world import Message
from bot.wording import Wording
from tests.integration.test_passing import House, standing
from tests.journeys.acting import Desk, settled, unique
from tests.journeys.conftest import module_stage, no_waiting, nothing_refused  # noqa: F401 — a fixture
from tests.journeys.test_hiding import hides


@pytest.fixture(scope="module")
async def house(cluster: Embedded, wording: Wording, no_waiting: None) -> AsyncIterator[House]:  # noqa: F811
    async with module_stage(cluster, wording) as stage:
        house = House(stage, wording)
        # Cards are offered to be passed on where there is an office.
        await house.office("First")
        yield house


async def copied(house: House, words: str) -> tuple[Message, Message]:
    """Give a card that stands, and a copy of it that was sent as well, and never marked."""
    card, desk = await house.main.sees(words), house.main
    await settled(house.stage)
    known = {post.id for post in desk.posts}
    params = {"chat_id": desk.chat.id, "text": card.words, "reply_markup": card.markup}
    await house.stage.app.api.call("sendMessage", params)
    [copy] = [post for post in desk.posts if post.id not in known]
    return card, copy


async def passed_on(house: House, pressed: Message, name: str) -> Desk:
    """Pass a card on, from one of its messages."""
    there = await house.office(name)
    await house.main.press(pressed, "Передать в другую прокуратуру")
    form = await house.main.sees("кому передать?")
    await house.main.press(form, name)
    await settled(house.stage)
    return there


async def test_a_copy_that_was_pressed_goes_with_its_card_to_another_desk(house: House) -> None:
    words = unique("seen")
    await house.report(words)
    card, copy = await copied(house, words)
    there = await passed_on(house, copy, "Away")
    await there.sees(words)
    assert not standing(house.main, words)
    for left in (card, copy):
        assert "другой прокуратуре: Away" in left.words
        assert not left.inline
    nothing_refused(house.stage)


async def test_a_copy_that_is_pressed_once_its_card_has_another_desk_is_emptied(house: House) -> None:
    name, _ = await house.link("words")
    card, copy = await copied(house, name)
    there = await passed_on(house, card, "Abroad")
    await there.sees(name)
    assert standing(house.main, name) == [copy], "nobody knows of it yet"
    await house.main.press(copy, "Взять", "Карточка изменилась, посмотрите ещё раз")
    await settled(house.stage)
    assert not standing(house.main, name)
    assert "другой прокуратуре: Abroad" in copy.words


async def test_a_copy_that_was_pressed_is_hidden_with_its_report(house: House) -> None:
    words = unique("seen")
    await house.report(words)
    card, copy = await copied(house, words)
    await house.main.press(copy, "Взять")
    await settled(house.stage)
    await hides(house.main, card)
    assert not standing(house.main, words)


async def test_a_card_itself_that_is_pressed_is_noted_nowhere_and_one_pressed_before_its_mark_is_still_a_card(
    house: House,
) -> None:
    words = unique("seen")
    report = await house.report(words)
    card = await house.main.sees(words)
    await settled(house.stage)
    await house.main.press(card, "Взять")
    about = house.main.chat.id, card.id
    noted = "SELECT what FROM desk_posts WHERE chat_id = $1 AND message_id = $2"
    assert [row["what"] for row in await house.stage.fetch(noted, *about)] == ["card"]
    mark = (CardSort.REPORT.value, report, house.stage.now())
    await house.stage.fetch("DELETE FROM desk_posts WHERE chat_id = $1 AND message_id = $2", *about)
    for what in ("text", "card", "text"):
        await house.stage.fetch(POSTED, *about, *mark, what)
    assert [row["what"] for row in await house.stage.fetch(noted, *about)] == ["card"]
