"""What a card has no room for can be read all the same: it follows under the card, whole."""

from __future__ import annotations

import pytest

from bot.sandbox.world import Message
from tests.journeys.acting import Citizen, Desk, settled, unique
from tests.stage import Stage

LONG = {"words": "этаж дверь " * 200, "emoji": "🚪🚪🚪 двор " * 300}


def told(posts: list[Message], title: str = "полностью") -> str:
    """What the messages under a card say without their first line."""
    return "".join(post.words.split("\n", 1)[1] for post in posts if title in post.words)


def plain(words: str) -> str:
    return "".join(words.split())


async def a_den(citizen: Citizen, *messages: str) -> str:
    """Report a den, and add to it; give its mark."""
    mark = unique("den")
    receipt = await citizen.files("den", mark)
    citizen.types(f"/add {receipt}")
    await citizen.reads("Не пишите имя")
    for words in messages:
        citizen.types(words)
        await citizen.reads("Дополнение")
    citizen.presses("send")
    await citizen.reads("Передали прокурору")
    return mark


@pytest.mark.parametrize("sort", LONG)
async def test_long_words_of_a_report_follow_whole_under_its_card(stage: Stage, citizen: Citizen, sort: str) -> None:
    desk, words = Desk(stage), LONG[sort]
    await citizen.files("den", words)
    card = await desk.sees("Слова гражданина", "…")
    under = await desk.under(card, 1 if sort == "words" else 2)
    assert plain(told(under)) == plain(words)
    assert all(post.protect for post in under)


async def test_words_beside_a_link_follow_whole_under_the_card_of_its_resource(stage: Stage, citizen: Citizen) -> None:
    desk, name, words = Desk(stage), unique(), "продают ночью " * 20
    citizen.types(f"t.me/{name} {words}")
    await citizen.reads(name)
    await citizen.sends()
    card = await desk.sees(name, "…")
    [post] = await desk.under(card, 1)
    assert plain(told([post])) == plain(words)
    # An officer's reply to it is one to the card.
    stage.sandbox.send_text(stage.officer, "Кто видел?", chat=stage.desk, reply_to=post.id)
    assert (await desk.sees("это ещё не отправлено", "Кто видел?")).reply_to == card.id


@pytest.mark.parametrize("sort", LONG)
async def test_long_words_that_were_added_follow_whole_too(stage: Stage, citizen: Citizen, sort: str) -> None:
    desk, words = Desk(stage), LONG[sort][:1900]
    mark = await a_den(citizen, words, words)
    card = await desk.sees(mark)
    await desk.sees("гражданин дополнил", "…")
    under = await desk.under(card, 3)
    assert plain(told(under)) == plain(words) * 2


async def test_under_what_is_shown_whole_nothing_follows(stage: Stage, citizen: Citizen) -> None:
    desk = Desk(stage)
    mark = await a_den(citizen, "б" * 1900)
    card = await desk.sees(mark)
    await desk.sees("гражданин дополнил")
    await settled(stage)
    assert len(desk.replies(card)) == 1
