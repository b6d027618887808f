"""A writing on a wall: a case is registered, and it is painted over. Both stand, in either order; each is told of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from bot.embedded import Embedded
from bot.reports.figures import Period
from bot.sandbox.world import Message, Person
from bot.wording import Wording
from tests.journeys.acting import Citizen, Desk, settled, unique
from tests.journeys.conftest import module_stage, no_waiting, nothing_refused
from tests.journeys.test_case_file import chosen, made, number_of
from tests.journeys.test_codes_on_photos import photo_with, sends
from tests.journeys.test_decision_forms import ERDR, opens, reported
from tests.journeys.test_photo_place import begins
from tests.journeys.test_taking_back import AMENDS, GETS, NOTHING, UNDO, acts, buttons, later, told
from tests.stage import Stage

__all__ = ["no_waiting"]

REGISTER, PAINT, OPEN = "Внесено в ЕРДР", "Надпись закрашена", "Открыть снова"


@pytest.fixture(scope="module")
async def undo_stage(cluster: Embedded, wording: Wording, no_waiting: None) -> AsyncIterator[Stage]:
    async with module_stage(cluster, wording, undo_seconds=UNDO) as opened:
        yield opened


@pytest.fixture
async def stage(undo_stage: Stage) -> AsyncIterator[Stage]:
    yield undo_stage
    nothing_refused(undo_stage)


@pytest.fixture
def second(stage: Stage) -> Person:
    person = stage.sandbox.add_person("Данияр")
    stage.sandbox.join(person, stage.desk, status="member")
    return person


def heard(citizen: Citizen, decision: str) -> str:
    return citizen.text(f"kinds.graffiti.feedback.{decision}")


async def painted(desk: Desk, card: Message, officer: Person) -> None:
    """Another officer than the one who decided says that it was painted over."""
    stage, before = desk.stage, {post.id for post in desk.replies(card)}
    assert await stage.press(officer, card, PAINT) == "Готово"
    form = await desk.sandbox.wait_for(
        lambda: next((post for post in desk.replies(card) if post.id not in before and post.inline), None), 15.0
    )
    await settled(stage)
    assert await stage.press(officer, form, "Без фото") == "Готово"
    await settled(stage)


async def reads_by_code(stage: Stage, receipt: str, *contains: str) -> Message:
    asker = Citizen(stage)
    asker.types(receipt)
    return await asker.reads(*contains)


async def stand(stage: Stage) -> tuple[int, int, int, int]:
    """How many reports there are, how many were acted on, and under which of the two they stand."""
    today = stage.now().date()
    period = Period(date(2020, 1, 1), today + timedelta(days=2))
    (figures,) = await stage.app.counting.figures(period)
    counts = figures.reports
    return counts.total, counts.acted, counts.by_standing.get("registered", 0), counts.by_standing.get("removed", 0)


async def test_what_was_registered_is_painted_over_too_and_the_second_is_taken_back_alone(
    stage: Stage, citizen: Citizen, second: Person
) -> None:
    desk, card, receipt = await reported(stage, citizen, "graffiti")
    await desk.decide(card, REGISTER, ERDR, "299-1")
    await desk.shows(card, GETS)
    assert PAINT not in buttons(card), "as long as the first can be taken back"
    await later(stage)
    assert len(told(citizen)) == 1
    assert buttons(card)[:2] == [PAINT, OPEN]
    assert REGISTER not in buttons(card)
    alone, figures = card.words, await stand(stage)
    # Nothing holds but what is confirmed; and what the citizen gets is shown first.
    form = await opens(desk, card, PAINT)
    await desk.press(form, "Отмена")
    assert card.words == alone
    await painted(desk, card, second)
    await desk.shows(card, "решено · Данияр", f"внесено в ЕРДР · ЕРДР {ERDR}, ст. 299-1; надпись закрашена", GETS)
    await desk.shows(card, heard(citizen, "removed"))
    assert buttons(card)[:3] == AMENDS
    answer = await reads_by_code(stage, receipt, heard(citizen, "registered"))
    assert heard(citizen, "removed") not in answer.words, "it may still be taken back"
    # Taken back, the first stands as it did.
    assert await stage.press(second, card, "Отменить") == "Готово"
    await desk.shows(card, alone)
    await later(stage)
    assert len(told(citizen)) == 1
    assert await acts(stage, 3) == ["registered", "removed", "undo"]
    assert await stand(stage) == figures
    # And again, for good.
    await painted(desk, card, second)
    await later(stage)
    assert told(citizen) == [heard(citizen, "registered"), heard(citizen, "removed")]
    assert buttons(card)[0] == OPEN
    assert {REGISTER, PAINT}.isdisjoint(buttons(card))
    total, acted, registered, removed = figures
    assert await stand(stage) == (total, acted, registered, removed + 1), "both are counted, and the report once"
    await reads_by_code(stage, receipt, heard(citizen, "registered"), heard(citizen, "removed"))
    for asked in (f"/find {ERDR}", f"/report {number_of(card)}"):
        sent = stage.sandbox.send_text(stage.officer, asked, stage.desk)
        await stage.sandbox.wait_text(stage.desk.id, f"№{number_of(card)}", after=sent.id)
    await stage.sandbox.wait_text(stage.desk.id, f"ЕРДР {ERDR}, ст. 299-1; надпись закрашена", after=sent.id)
    _, case = await made(stage, await chosen(stage, number_of(card)))
    assert "внесено в ЕРДР; надпись закрашена" in case.cover
    # Opened again, both are taken back.
    await desk.press(card, OPEN)
    await desk.shows(card, "в работе")
    assert "ЕРДР" not in card.words
    assert {REGISTER, PAINT} <= set(buttons(card))
    assert await stand(stage) == (total, acted - 1, registered - 1, removed)


async def test_of_two_decisions_each_answer_goes_or_is_silent_without_the_other(stage: Stage) -> None:
    citizen = Citizen(stage)
    desk, card, receipt = await reported(stage, citizen, "graffiti")
    await desk.decide(card, PAINT)
    # Its answer waits for longer than it takes until the second is made, taken back, made again and silenced.
    hours = "UPDATE messages SET due_at = due_at + interval '3 hours' WHERE template = 'feedback' AND outcome IS NULL"
    await stage.fetch(hours)
    await later(stage)
    await reads_by_code(stage, receipt, citizen.text("status_in_progress"))
    assert buttons(card)[:2] == [REGISTER, OPEN]
    await desk.decide(card, REGISTER, ERDR, "299-1")
    await desk.shows(card, "надпись закрашена; внесено в ЕРДР", GETS)
    await desk.press(card, "Отменить")
    await settled(stage)
    await desk.decide(card, REGISTER, ERDR, "299-1")
    await desk.shows(card, GETS)
    await desk.press(card, "Без ответа")
    await desk.shows(card, NOTHING)
    await later(stage)
    assert told(citizen) == []
    await stage.fetch("UPDATE messages SET due_at = now() WHERE template = 'feedback' AND outcome IS NULL")
    await later(stage)
    assert told(citizen) == [heard(citizen, "removed")]
    answer = await reads_by_code(stage, receipt, heard(citizen, "removed"))
    assert heard(citizen, "registered") not in answer.words
    # A line goes with the answer of the second alone, after the first's that had waited.
    other = Citizen(stage)
    desk, card, receipt = await reported(stage, other, "graffiti")
    await desk.decide(card, PAINT)
    await stage.fetch(hours)
    await later(stage)
    await desk.decide(card, REGISTER, ERDR, "299-1")
    await desk.shows(card, GETS)
    form = await opens(desk, card, "Добавить строку")
    desk.answers(form, "Спасибо за фото")
    await desk.shows(form, "Спасибо за фото")
    await settled(stage)
    await desk.press(form, "Добавить к ответу")
    await stage.fetch("UPDATE messages SET due_at = now() WHERE template = 'feedback' AND outcome IS NULL")
    await later(stage)
    first, last = told(other)
    assert first == heard(other, "removed")
    assert heard(other, "registered") in last
    assert "Спасибо за фото" in last
    # What has not left when it is opened again never leaves.
    third = Citizen(stage)
    desk, card, _ = await reported(stage, third, "graffiti")
    await desk.decide(card, PAINT)
    await stage.fetch(hours)
    await later(stage)
    await desk.decide(card, REGISTER)
    await stage.fetch(hours.replace("'feedback'", "'also'"))
    await later(stage)
    await desk.press(card, OPEN)
    await desk.shows(card, "в работе")
    assert not await stage.fetch("SELECT 1 FROM messages WHERE recipient = 'citizen' AND outcome IS NULL")


async def test_a_link_of_a_code_on_the_wall_is_decided_by_itself_and_the_wall_by_two(
    stage: Stage, citizen: Citizen, second: Person
) -> None:
    desk, mark, names = Desk(stage), unique(), [unique(), unique()]
    await begins(citizen, "graffiti")
    sends(citizen, photo_with(*(f"https://t.me/{name}" for name in names)))
    await citizen.reads("")
    while citizen.label("send") not in citizen.buttons:
        citizen.presses("done" if citizen.label("done") in citizen.buttons else "skip")
        await citizen.reads("")
    citizen.types(mark)
    await citizen.reads(mark)
    receipt = await citizen.sends()
    card = await desk.sees(mark)
    post = await desk.sees("QR-код", names[0], names[1])
    await desk.press(post, "Взять как ссылку")
    cards = [
        await stage.sandbox.wait_for(
            lambda name=name: next(  # type: ignore[misc]
                (m for m in desk.posts if name in m.words and m.inline and m.id not in (post.id, card.id)), None
            ),
            15.0,
        )
        for name in names
    ]
    await settled(stage)
    # One link is closed: that is no answer about the wall.
    await desk.decide(cards[0], "Доступ закрыт")
    await later(stage)
    assert told(citizen) == []
    assert {REGISTER, PAINT} <= set(buttons(card))
    await desk.decide(card, REGISTER, ERDR, "299-1")
    await later(stage)
    assert told(citizen) == [heard(citizen, "registered")]
    assert "В Кибернадзор" in buttons(cards[1]), "it waits for its own decision"
    await painted(desk, card, second)
    await desk.shows(card, f"внесено в ЕРДР · ЕРДР {ERDR}, ст. 299-1; надпись закрашена", GETS)
    await later(stage)
    await desk.decide(cards[1], "Доступ закрыт")
    await later(stage)
    assert told(citizen) == [heard(citizen, "registered"), heard(citizen, "removed")]
    await desk.shows(card, f"внесено в ЕРДР · ЕРДР {ERDR}, ст. 299-1; надпись закрашена")
    answer = await reads_by_code(stage, receipt, heard(citizen, "registered"), heard(citizen, "removed"))
    assert citizen.text("progress", closed=2, sent=0, total=2) not in answer.words
    await desk.press(card, OPEN)
    await desk.shows(card, "в работе")
    assert OPEN in buttons(cards[0]), "and the links stand as they stood"
