"""A press that decides: for half a minute the card shows what the citizen will get, and it can be taken back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from bot.database import driver
from bot.delivery.outbox import CardSort
from bot.embedded import Embedded
from bot.reports.deciding import Officer
from bot.reports.lifecycle import Decision
from bot.sandbox.world import Message
from bot.wording import Wording
from tests.journeys.acting import Citizen, Desk, plain, settled, texts_of, unique
from tests.journeys.conftest import module_stage, nothing_refused
from tests.stage import Stage

UNDO = 30
GETS, NOTHING = "Гражданину уйдёт:", "Гражданину ничего не уйдёт"
AMENDS = ["Отменить", "Без ответа", "Добавить строку"]
STOOD = "SELECT status, decision, claimed_by, claimed_name, decided_at, opened_at FROM {} ORDER BY id"


@pytest.fixture(scope="module")
async def undo_stage(cluster: Embedded, wording: Wording, no_waiting: None) -> AsyncIterator[Stage]:
    """A stage where a press can be taken back for half a minute; answers leave at once after that."""
    async with module_stage(cluster, wording, undo_seconds=UNDO) as opened:
        yield opened


@pytest.fixture
async def stage(undo_stage: Stage) -> AsyncIterator[Stage]:
    yield undo_stage
    nothing_refused(undo_stage)


async def later(stage: Stage, seconds: float = UNDO + 1) -> None:
    """Let time pass, for the jobs too, and what comes of it happen."""
    stage.ahead += timedelta(seconds=seconds)
    await stage.fetch("UPDATE jobs.pgqueuer SET execute_after = now() WHERE execute_after > now()")
    await settled(stage, 0.3)


def buttons(card: Message) -> list[str]:
    return [button["text"] for row in card.inline for button in row if "callback_data" in button]


async def a_den(stage: Stage, citizen: Citizen) -> tuple[Desk, Message, str]:
    desk, mark = Desk(stage), f"третий подъезд, {unique()}"
    receipt = await citizen.files("den", mark)
    card = await desk.sees(mark)
    await settled(stage)
    return desk, card, receipt


async def a_link(stage: Stage, *citizens: Citizen) -> tuple[Desk, Message]:
    desk, name = Desk(stage), unique()
    for citizen in citizens:
        citizen.types(f"t.me/{name}")
        await citizen.reads(name)
        await citizen.sends()
    card = await desk.sees(name)
    await desk.shows(card, f"Сообщили: {len(citizens)} человек")
    await settled(stage)
    return desk, card


async def stood(stage: Stage, table: str) -> list[Any]:
    return [tuple(row) for row in await stage.fetch(STOOD.format(table))]


async def acts(stage: Stage, last: int) -> list[str]:
    rows = await stage.fetch("SELECT act FROM journal ORDER BY id DESC LIMIT $1", last)
    return [row["act"] for row in rows][::-1]


def told(citizen: Citizen) -> list[str]:
    return [text for text in texts_of(citizen.heard) if "Есть ответ" in text or "Жауап бар" in text]


async def test_a_press_on_a_report_shows_the_answer_and_is_taken_back_whole(stage: Stage) -> None:
    citizen = Citizen(stage, "kk")
    desk, card, receipt = await a_den(stage, citizen)
    await desk.press(card, "Взять")
    await desk.shows(card, "в работе")
    before, words = await stood(stage, "reports"), card.words
    await desk.press(card, "Не подтвердилось")
    feedback = plain(stage.wording.texts.render("ru", "kinds.den.feedback.not_confirmed"))
    await desk.shows(card, "решено", GETS, feedback)
    assert feedback in (card.html or "").split("<blockquote>")[-1]
    assert buttons(card) == [*AMENDS, "Скрыть"]
    assert "Открыть снова" not in buttons(card)
    # Nobody learns by the code what may still be taken back.
    asked = Citizen(stage)
    asked.types(receipt)
    await asked.reads(asked.text("status_in_progress"))
    await desk.press(card, "Отменить")
    await desk.shows(card, words)
    assert await stood(stage, "reports") == before
    assert await acts(stage, 2) == ["not_confirmed", "undo"]
    await later(stage)
    assert told(citizen) == []
    assert card.words == words
    # Decided again and left alone: it is told, the buttons go, and it can be opened again.
    await desk.press(card, "Не подтвердилось")
    await desk.shows(card, "решено", GETS)
    late = next(b["callback_data"] for row in card.inline for b in row if b["text"] == "Отменить")
    await later(stage)
    await citizen.reads(citizen.text("kinds.den.feedback.not_confirmed"))
    assert "Открыть снова" in buttons(card)
    assert not set(AMENDS) & set(buttons(card))
    assert GETS not in card.words
    before = await stood(stage, "reports")
    assert "Поздно" in await stage.press(stage.officer, card, late, outdated=True)
    assert await stood(stage, "reports") == before


async def test_who_reports_a_link_while_its_decision_can_be_taken_back_hears_of_it_too(stage: Stage) -> None:
    """Else nobody would: sent in again and again, a link would never be closed."""
    first, second, third = (Citizen(stage) for _ in range(3))
    desk, card = await a_link(stage, first)
    name = (card.html or "").partition("t.me/")[2][: len(unique())]
    for citizen, button in ((second, "Доступ закрыт"), (third, "Отменить")):
        await desk.press(card, button)
        citizen.types(f"t.me/{name}")
        await citizen.reads(name)
        await citizen.sends()
        await settled(stage)
    await desk.shows(card, "Сообщили: 3 человека")
    assert "снова" not in card.words, "it was not opened by that"
    await later(stage)
    assert [told(citizen) for citizen in (first, second, third)] == [[], [], []]
    await desk.press(card, "Доступ закрыт")
    fourth = Citizen(stage)
    fourth.types(f"t.me/{name}")
    await fourth.reads(name)
    receipt = await fourth.sends()
    await settled(stage)
    await desk.shows(card, "решено", GETS)
    await later(stage)
    for citizen in (first, second, third, fourth):
        await citizen.reads(citizen.text("kinds.link.feedback.blocked"))
    fourth.types(receipt)
    await fourth.reads(fourth.text("status_decided"), fourth.text("kinds.link.feedback.blocked"))


async def test_who_presses_too_late_on_a_card_that_was_not_redrawn_yet_sees_it_as_it_is(stage: Stage) -> None:
    desk, card, _ = await a_den(stage, Citizen(stage))
    await desk.press(card, "Не подтвердилось")
    until = stage.now() + timedelta(seconds=UNDO)
    await desk.shows(card, GETS, "Отменить можно до ")
    (shown,) = re.findall(r"Отменить можно до ([\d:]{8})\.", card.words)
    latest = until.astimezone(ZoneInfo("Asia/Almaty"))
    assert shown in {f"{latest - timedelta(seconds=ago):%H:%M:%S}" for ago in range(60)}
    # As on a desk that has no room: the job that has the card redrawn was not there yet.
    stage.ahead += timedelta(seconds=UNDO + 1)
    assert "Поздно" in await stage.press(stage.officer, card, "Отменить")
    await settled(stage)
    assert GETS not in card.words
    assert "Отменить можно" not in card.words
    assert "Открыть снова" in buttons(card)
    await later(stage)


async def test_a_link_is_taken_back_before_its_reporters_hear_of_it(stage: Stage) -> None:
    people = [Citizen(stage), Citizen(stage, "kk")]
    desk, card = await a_link(stage, *people)
    resources, reports = await stood(stage, "resources"), await stood(stage, "reports")
    await desk.press(card, "Доступ закрыт")
    await desk.shows(card, "решено", GETS)
    await desk.press(card, "Отменить")
    await desk.shows(card, "новое")
    assert await stood(stage, "resources") == resources
    await later(stage)
    assert [told(one) for one in people] == [[], []]
    assert await stood(stage, "reports") == reports
    # Sent to be blocked, that is told; then a wrong press is taken back: nobody hears of anything more.
    await desk.press(card, "В Кибернадзор")
    await desk.shows(card, "направлено в «Кибернадзор»")
    await later(stage)
    for one in people:
        await one.reads(one.text("kinds.link.feedback.sent_to_block"))
    resources, reports = await stood(stage, "resources"), await stood(stage, "reports")
    await desk.press(card, "Не подтвердилось")
    await desk.shows(card, "не подтвердилось")
    await desk.press(card, "Отменить")
    await desk.shows(card, "направлено в «Кибернадзор»")
    await later(stage)
    assert await stood(stage, "resources") == resources
    assert await stood(stage, "reports") == reports
    assert [len(told(one)) for one in people] == [1, 1]


async def test_what_can_still_be_taken_back_is_told_by_no_job_of_a_decision_before_it(stage: Stage) -> None:
    citizen = Citizen(stage)
    desk, card = await a_link(stage, citizen)
    await desk.press(card, "В Кибернадзор")
    await desk.shows(card, "направлено в «Кибернадзор»", GETS)
    stage.ahead += timedelta(seconds=UNDO - 10)
    # The buttons of what comes after are not shown yet, and a phone may still show those of before.
    [row] = await stage.fetch("SELECT subject AS id FROM cards WHERE message_id = $1", card.id)
    await decides(stage, row["id"], Decision.NOT_CONFIRMED)
    await later(stage, 20)
    await desk.shows(card, "не подтвердилось", GETS)
    assert told(citizen) == [], "the job of the first has come, the second can still be taken back"
    await desk.press(card, "Отменить")
    await desk.shows(card, "направлено в «Кибернадзор»")
    await later(stage)
    await citizen.reads(citizen.text("kinds.link.feedback.sent_to_block"))
    assert len(told(citizen)) == 1


async def decides(stage: Stage, resource_id: UUID, decision: Decision) -> None:
    """Decide as the stage's officer, whatever the card shows."""
    officer = Officer(stage.officer.id, stage.officer.first_name)
    async with stage.database.transaction() as connection:
        raw = await driver(connection)
        await stage.app.decisions.act(raw, CardSort.RESOURCE, resource_id, decision, officer, stage.now())
    stage.app.wake()


async def test_a_list_is_taken_back_with_all_its_links_but_what_others_hold(stage: Stage) -> None:
    citizen, desk, names = Citizen(stage), Desk(stage), [unique() for _ in range(7)]
    citizen.types(" ".join(f"t.me/{name}" for name in names))
    await citizen.reads("Если всё верно")
    await citizen.sends()
    card = await desk.sees(names[0], "Всего 7")
    await settled(stage)
    resources, reports = await stood(stage, "resources"), await stood(stage, "reports")
    await desk.press(card, "Доступ закрыт")
    await desk.shows(card, "решено", GETS, "доступ закрыт к 7")
    assert buttons(card)[:2] == AMENDS[:2], "a list has no line: its citizen gets a count"
    assert "Добавить строку" not in buttons(card)
    assert len([act for act in await acts(stage, 8) if act == "blocked"]) == 8
    await desk.press(card, "Отменить")
    await desk.shows(card, "новое")
    assert await acts(stage, 8) == ["undo"] * 8
    assert await stood(stage, "resources") == resources
    await later(stage)
    assert told(citizen) == []
    assert await stood(stage, "reports") == reports
    await desk.press(card, "Доступ закрыт")
    await desk.shows(card, "решено")
    await later(stage)
    await citizen.reads("доступ закрыт к 7")
    assert (await stage.fetch("SELECT count(*) FROM jobs.pgqueuer WHERE status = 'exception'"))[0][0] == 0


@pytest.mark.parametrize("kind", ["den", "link"])
async def test_a_silent_decision_stands_and_nobody_is_told(stage: Stage, kind: str) -> None:
    citizen = Citizen(stage)
    if kind == "den":
        desk, card, receipt = await a_den(stage, citizen)
    else:
        desk, name = Desk(stage), unique()
        receipt = await citizen.files("link", f"t.me/{name}")
        card = await desk.sees(name)
        await settled(stage)
    await desk.press(card, "Не подтвердилось")
    await desk.shows(card, GETS)
    await desk.press(card, "Без ответа")
    await desk.shows(card, NOTHING)
    assert buttons(card)[0] == "Отменить"
    assert not {"Без ответа", "Добавить строку"} & set(buttons(card))
    assert await acts(stage, 2) == ["not_confirmed", "silence"]
    await later(stage)
    assert "Открыть снова" in buttons(card)
    assert "не подтвердилось" in card.words
    assert told(citizen) == []
    citizen.types(f"/status {receipt}")
    answer = await citizen.reads(citizen.text("status_decided"))
    assert "Есть ответ" not in answer.words


async def test_a_silent_decision_is_taken_back_too(stage: Stage) -> None:
    citizen = Citizen(stage)
    desk, card, _ = await a_den(stage, citizen)
    before = await stood(stage, "reports")
    await desk.press(card, "Не подтвердилось")
    await desk.shows(card, GETS)
    await desk.press(card, "Без ответа")
    await desk.shows(card, NOTHING)
    await desk.press(card, "Отменить")
    await desk.shows(card, "новое")
    assert await stood(stage, "reports") == before


async def line_form(desk: Desk, card: Message) -> Message:
    before = {post.id for post in desk.replies(card)}
    await desk.press(card, "Добавить строку")
    [form] = [post for post in await desk.under(card, len(before) + 1) if post.id not in before]
    # That this message is the form's is marked right after it is posted; nobody answers it sooner.
    await settled(desk.stage)
    return form


async def refused(desk: Desk, answer: Message, why: str) -> None:
    def said() -> bool:
        return any(post.reply_to == answer.id and why in post.words for post in desk.posts)

    await desk.sandbox.wait_for(said)


LINE = "Спасибо. Если увидите ещё, пишите, <b>мы</b> рядом"


@pytest.mark.parametrize("kind", ["den", "link"])
async def test_a_line_goes_with_the_answer_only_when_it_was_confirmed(stage: Stage, kind: str) -> None:
    citizen = Citizen(stage, "kk")
    receipt = ""
    if kind == "den":
        desk, card, receipt = await a_den(stage, citizen)
    else:
        desk, card = await a_link(stage, citizen)
    await desk.press(card, "Не подтвердилось")
    await desk.shows(card, GETS)
    form = await line_form(desk, card)
    for bad, why in (
        ("пишите на t.me/shop", "ссылка, @имя или телефон"),
        ("т" * 301, "до 300"),
    ):
        await refused(desk, desk.answers(form, bad), why)
    await later(stage)
    assert told(citizen) == [], "while it is being written the answer waits"
    desk.answers(form, LINE)
    await desk.shows(form, LINE, "ещё не отправлена")
    await settled(stage, 0.3)
    assert told(citizen) == []
    await desk.press(form, "Добавить к ответу")
    await desk.shows(form, "Строка уйдёт вместе с ответом")
    await later(stage, 0)
    answer = await citizen.reads(citizen.text(f"kinds.{kind}.feedback.not_confirmed"), "Прокуратурадан:", LINE)
    assert f"<blockquote>{LINE.replace('<', '&lt;').replace('>', '&gt;')}</blockquote>" in (answer.html or "")
    assert (await acts(stage, 1)) == ["line"]
    if receipt:
        asked = Citizen(stage, "en")
        asked.types(receipt)
        await asked.reads(asked.text("kinds.den.feedback.not_confirmed"), "From the prosecutor's office:", LINE)
    for table in ("forms", "decisions", "journal", "messages"):
        rows = await stage.fetch(f"SELECT * FROM {table}")
        assert not [row for row in rows if any(LINE[:20] in str(value) for value in row.values())], table


async def test_a_line_that_comes_too_late_or_is_dropped_is_not_sent(stage: Stage) -> None:
    late, dropped = Citizen(stage), Citizen(stage)
    desk, card, _ = await a_den(stage, late)
    await desk.press(card, "Не подтвердилось")
    await desk.shows(card, GETS)
    form = await line_form(desk, card)
    desk.answers(form, LINE)
    await desk.shows(form, LINE)
    add = next(b["callback_data"] for row in form.inline for b in row if b["text"] == "Добавить к ответу")
    await later(stage, 15 * 60 + 1)
    await late.reads(late.text("kinds.den.feedback.not_confirmed"))
    await desk.shows(form, "Строка не добавлена")
    assert await stage.press(stage.officer, form, add, outdated=True) != "Готово"
    desk, card, _ = await a_den(stage, dropped)
    await desk.press(card, "Не подтвердилось")
    await desk.shows(card, GETS)
    form = await line_form(desk, card)
    desk.answers(form, LINE)
    await desk.shows(form, LINE)
    await desk.press(form, "Без строки")
    await later(stage)
    await dropped.reads(dropped.text("kinds.den.feedback.not_confirmed"))
    for one in (late, dropped):
        assert [text for text in told(one) if "От прокуратуры" in text] == []
        assert len(told(one)) == 1


async def test_taking_back_or_silence_closes_a_line_that_is_being_written(stage: Stage) -> None:
    citizen = Citizen(stage)
    desk, card, _ = await a_den(stage, citizen)
    for button in ("Отменить", "Без ответа"):
        await desk.press(card, "Не подтвердилось")
        await desk.shows(card, GETS)
        form = await line_form(desk, card)
        desk.answers(form, LINE)
        await desk.shows(form, LINE)
        add = next(b["callback_data"] for row in form.inline for b in row if b["text"] == "Добавить к ответу")
        await desk.press(card, button)
        await desk.shows(form, "Строка не добавлена")
        assert await stage.press(stage.officer, form, add, outdated=True) != "Готово"
        await settled(stage)
    await later(stage, 20 * 60)
    assert told(citizen) == []


async def test_only_who_decided_takes_it_back_and_a_second_press_is_told(stage: Stage) -> None:
    desk, card, _ = await a_den(stage, Citizen(stage))
    other = stage.sandbox.add_person("Данияр")
    stage.sandbox.join(other, stage.desk, status="member")
    decide = next(b["callback_data"] for row in card.inline for b in row if b["text"] == "Не подтвердилось")
    await desk.press(card, "Не подтвердилось")
    await desk.shows(card, GETS)
    assert await stage.press(stage.officer, card, decide, outdated=True) == "Это уже сделано"
    assert "Айгерим" in await stage.press(other, card, decide, outdated=True)
    assert "Айгерим" in await stage.press(other, card, "Отменить")
    assert "Айгерим" in await stage.press(other, card, "Без ответа")
    assert await acts(stage, 1) == ["not_confirmed"]
