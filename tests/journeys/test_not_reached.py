"""An answer that reaches nobody: the desk learns that, and by nothing why, be the address erased or the bot blocked."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.delivery.setbacks import TRIES
from bot.embedded import Embedded
from bot.sandbox.world import Message
from bot.wording import Wording
from tests.journeys.acting import Citizen, Desk, settled, unique
from tests.journeys.conftest import module_stage
from tests.journeys.test_conversation import ASKED, a_den, ask
from tests.stage import Stage

TOLD = "ответ не доставлен"
HOW = ("erased", "blocked")
SEEN = 0.5
"""Seconds in which the courier has looked at what became due without a word: the journeys make it look each 0.2 s."""


@pytest.fixture(scope="module")
async def slow_stage(cluster: Embedded, wording: Wording, no_waiting: None) -> AsyncIterator[Stage]:
    """A stage where a press can be taken back for half a minute, and two minutes pass until a phone lights up."""
    async with module_stage(cluster, wording, undo_seconds=30, feedback_delay_minutes="2-2") as opened:
        yield opened


async def goes_away(citizen: Citizen, how: str) -> None:
    """Erase the address, or block the bot."""
    if how == "blocked":
        citizen.sandbox.block(citizen.person)
        return
    citizen.types("/forget")
    await citizen.reads("стёрты")
    await citizen.settled()


def seen(desk: Desk) -> list[tuple[str, bool, bool, bool]]:
    """What an officer sees of a story: the words without their numbers, and how they came."""
    own = re.compile(r"№\d+|\d\d\.\d\d\.\d{4} \d\d:\d\d|\d\d:\d\d:\d\d|подъезд \w+|shop_\w+")
    words = [own.sub("…", post.words) for post in desk.posts]
    how = [(post.reply_to is not None, post.silent, post.protect) for post in desk.posts]
    return [(text, *rest) for text, rest in zip(words, how, strict=True)]


async def a_decision(stage: Stage, how: str) -> list[list[tuple[str, bool, bool, bool]]]:
    """Decide what somebody reported who is gone since; give what the desk saw before the answer was due, and after."""
    citizen = Citizen(stage)
    desk, card, _ = await a_den(stage, citizen)
    await goes_away(citizen, how)
    await desk.press(card, "Не подтвердилось")
    await desk.shows(card, "не подтвердилось")
    stage.ahead += timedelta(seconds=100)
    await settled(stage, SEEN)
    before = seen(desk)
    stage.ahead += timedelta(seconds=60)
    await desk.sees(TOLD)
    await settled(stage)
    return [before, seen(desk)]


async def test_an_answer_to_an_erased_address_and_one_to_whoever_blocked_the_bot_look_alike(slow_stage: Stage) -> None:
    erased, blocked = [await a_decision(slow_stage, how) for how in HOW]
    slow_stage.sandbox.calls.clear()
    assert erased == blocked
    before, after = erased
    assert [row for row in before if TOLD in row[0]] == [], "when it would have left, and no sooner"
    assert [row for row in after if TOLD in row[0]] == [("…: ответ не доставлен, в этот чат больше не дойдёт.", *PLAIN)]


async def test_all_whom_one_decision_about_a_link_did_not_reach_are_told_of_in_one_notice(slow_stage: Stage) -> None:
    stage, name = slow_stage, unique()
    desk, people = Desk(stage), [Citizen(stage) for _ in range(4)]
    for citizen in people:
        citizen.types(f"t.me/{name}")
        await citizen.reads(name)
        await citizen.sends()
    card = await desk.sees(name)
    await desk.shows(card, "Сообщили: 4 человека")
    numbers = sorted(int(found) for found in re.findall(r"№(\d+)", card.words))
    for citizen, how in zip(people[1:], ("erased", "blocked", "erased"), strict=True):
        await goes_away(citizen, how)
    await desk.press(card, "Доступ закрыт")
    await desk.shows(card, "решено")
    stage.ahead += timedelta(seconds=31)
    await stage.fetch("UPDATE jobs.pgqueuer SET execute_after = now() WHERE execute_after > now()")
    await settled(stage, SEEN)
    stage.ahead += timedelta(seconds=121)
    await people[0].reads("Есть ответ")
    await settled(stage, SEEN)
    assert not [post for post in desk.posts if TOLD in post.words], "it waits for those whose answer leaves later"
    stage.ahead += timedelta(seconds=121)
    await desk.sees(TOLD)
    await settled(stage, SEEN)
    stage.sandbox.calls.clear()
    [notice] = [post for post in desk.posts if TOLD in post.words]
    named = ", ".join(f"№{number}" for number in numbers[1:])
    assert notice.words == f"{named}: ответ не доставлен, в эти чаты больше не дойдёт."


PLAIN = (False, False, True)
"""In reply to nothing, not silent, protected."""


@pytest.mark.parametrize("how", HOW)
async def test_the_progress_of_several_links_is_told_of_like_any_answer(stage: Stage, how: str) -> None:
    citizen, desk, names = Citizen(stage), Desk(stage), (unique(), unique())
    citizen.types(" ".join(f"t.me/{name}" for name in names))
    await citizen.reads(names[1])
    await citizen.sends()
    card = await desk.sees(names[0])
    await goes_away(citizen, how)
    await desk.press(card, "Доступ закрыт")
    await desk.sees(TOLD)
    stage.sandbox.calls.clear()


@pytest.mark.parametrize("how", HOW)
async def test_a_question_that_came_too_late_is_no_answer_that_reached_nobody(slow_stage: Stage, how: str) -> None:
    stage, citizen = slow_stage, Citizen(slow_stage)
    desk, card, _ = await a_den(stage, citizen)
    form = await ask(desk, card)
    await desk.press(card, "Не подтвердилось")
    # The question falls due now, the decision's own answer later.
    await stage.fetch("UPDATE messages SET due_at = due_at + interval '1 hour' WHERE template = 'feedback'")
    await goes_away(citizen, how)
    stage.ahead += timedelta(seconds=151)
    await desk.shows(form, "вопрос отменён")
    await settled(stage, SEEN)
    assert not [post for post in desk.posts if TOLD in post.words]
    stage.ahead += timedelta(hours=1)
    await desk.sees(TOLD)
    stage.sandbox.calls.clear()


async def test_of_what_no_officer_caused_the_desk_learns_nothing(stage: Stage, citizen: Citizen) -> None:
    desk, name = Desk(stage), unique()
    citizen.types(f"t.me/{name}")
    await citizen.reads(name)
    stage.sandbox.fail_next("sendMessage", 403, "Forbidden: bot was blocked by the user", chat_id=citizen.id)
    citizen.presses("send")
    card = await desk.sees(name)
    await stage.until("SELECT EXISTS (SELECT 1 FROM messages WHERE template = 'received' AND outcome = 'unreachable')")
    await settled(stage, SEEN)
    stage.sandbox.calls.clear()
    assert not [post for post in desk.posts if TOLD in post.words]
    # Whoever lets the bot write again gets what comes later.
    await desk.press(card, "Доступ закрыт")
    await citizen.reads("Есть ответ")


async def test_a_question_that_telegram_refuses_to_the_end_cannot_be_reached_on_its_form(slow_stage: Stage) -> None:
    stage, citizen = slow_stage, Citizen(slow_stage)
    desk, card, _ = await a_den(stage, citizen)
    form = await ask(desk, card)
    stage.sandbox.fail_next("sendMessage", 400, "Bad Request: refused", times=TRIES + 1, chat_id=citizen.id)
    for _ in range(TRIES + 2):
        stage.ahead += timedelta(minutes=6)
        await settled(stage)
    await desk.shows(form, "связи с гражданином нет")
    await desk.shows(card, "в работе")
    [told] = [post for post in desk.posts if TOLD in post.words]
    assert isinstance(told, Message)
    assert not [heard for heard in citizen.heard if ASKED in heard.words]
    stage.sandbox.calls.clear()
