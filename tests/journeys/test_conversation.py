"""A conversation with somebody unknown: an officer asks, the citizen answers, declines, or is gone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.embedded import Embedded
from bot.sandbox.world import Message
from bot.wording import Wording
from tests.journeys.acting import TARAZ, Citizen, Desk, unique
from tests.journeys.conftest import module_stage
from tests.stage import Stage

ASKED = "Прокурор спрашивает"
WHERE = "Где именно это?"


async def ask(desk: Desk, card: Message, question: str = "Где именно") -> Message:
    """Ask a ready question and give its form on the desk."""
    await desk.press(card, "Спросить")
    form = await desk.sees("вопрос гражданину")
    await desk.press(form, question)
    return form


async def a_den(stage: Stage, citizen: Citizen) -> tuple[Desk, Message, str]:
    desk, words = Desk(stage), f"притон, подъезд {unique()}"
    receipt = await citizen.files("den", words)
    return desk, await desk.sees(words), receipt


def inline(citizen: Citizen, message: Message, button: str) -> str:
    """Press a button under a message of the bot, and give the press's id."""
    citizen.last = max(message.id for message in citizen.sandbox.messages(citizen.id))
    return citizen.sandbox.press(citizen.person, message.id, button)


async def toast(citizen: Citizen, query: str) -> str:
    await citizen.sandbox.wait_for(lambda: citizen.sandbox.presses[query].answered)
    return citizen.sandbox.presses[query].text or ""


async def test_a_citizen_is_asked_and_the_answer_lands_under_the_card(stage: Stage, citizen: Citizen) -> None:
    desk, card, _ = await a_den(stage, citizen)
    form = await ask(desk, card)
    assert form.reply_to == card.id
    question = await citizen.reads(ASKED, WHERE, "Не пишите имя, адрес, работу и откуда вы это знаете")
    assert question.words.startswith("Есть ответ."), "the lock screen shows nothing else"
    assert question.silent
    await desk.shows(form, "спросили, ждём ответа", WHERE)
    await desk.shows(card, "ждём ответа")
    query = inline(citizen, question, "Ответить")
    await citizen.reads("Напишите ответ")
    await toast(citizen, query)
    citizen.types("второй подъезд, направо")
    await citizen.reads("Ответ прокурору", "второй подъезд")
    citizen.location(TARAZ)
    await citizen.reads("Точка на карте")
    citizen.photos(2)
    await citizen.settled()
    assert not [post for post in desk.posts if "второй подъезд" in post.words], "nothing leaves before Send"
    citizen.presses("send")
    await citizen.reads("Передали прокурору")
    answer = await desk.sees("ответ гражданина", "второй подъезд, направо", WHERE)
    assert answer.reply_to == card.id
    await desk.shows(form, "ответ пришёл")
    await desk.shows(card, "в работе")
    under = await desk.under(card, 5)
    assert [bool(post.location) for post in under].count(True) == 1
    assert sum(bool(post.photo) for post in under) == 2
    assert all(post.protect for post in under)


async def test_an_officers_own_words_leave_only_by_a_press(stage: Stage, citizen: Citizen) -> None:
    desk, card, _ = await a_den(stage, citizen)
    stage.sandbox.send_text(stage.officer, "Коллеги, кто свободен?", chat=stage.desk, reply_to=card.id)
    form = await desk.sees("это ещё не отправлено", "кто свободен")
    await desk.press(form, "Только для нас")
    await desk.shows(form, "ничего не отправлено")
    stage.sandbox.send_text(stage.officer, "Какого цвета <дверь>?", chat=stage.desk, reply_to=card.id)
    form = await desk.sees("Какого цвета <дверь>?")
    await desk.press(form, "Отправить гражданину")
    await citizen.reads(ASKED, "Какого цвета <дверь>?")
    assert not [heard for heard in citizen.heard if "кто свободен" in heard.words]
    [row] = await stage.fetch("SELECT count(*) AS n FROM forms WHERE state = 'dropped' AND sealed IS NOT NULL")
    assert row["n"] == 0, "what was not sent is not kept"
    [row] = await stage.fetch("SELECT act, officer, subject FROM journal ORDER BY id DESC LIMIT 1")
    assert (row["act"], row["officer"]) == ("ask", stage.officer.id)


@pytest.mark.parametrize(
    "words",
    ["Напишите мне @prosecutor", "смотрите https://t.me/office", "+7 701 123 45 67"],
    ids=["name", "link", "phone"],
)
async def test_words_that_lead_away_are_refused_with_the_reason(stage: Stage, citizen: Citizen, words: str) -> None:
    desk, card, _ = await a_den(stage, citizen)
    stage.sandbox.send_text(stage.officer, words, chat=stage.desk, reply_to=card.id)
    refusal = await desk.sees("есть ссылка, @имя или телефон")
    assert words not in refusal.words
    await citizen.settled()
    assert not [heard for heard in citizen.heard if ASKED in heard.words]


async def test_a_citizen_who_will_not_answer_is_asked_no_further(stage: Stage, citizen: Citizen) -> None:
    desk, card, _ = await a_den(stage, citizen)
    form = await ask(desk, card)
    question = await citizen.reads(ASKED)
    assert "отвечать не нужно" in await toast(citizen, inline(citizen, question, "Не отвечать"))
    await desk.shows(form, "отвечать не будет")
    await desk.shows(card, "в работе")


async def test_whoever_erases_the_address_cannot_be_reached_and_the_desk_learns_no_more(
    stage: Stage, citizen: Citizen
) -> None:
    desk, card, receipt = await a_den(stage, citizen)
    form = await ask(desk, card)
    question = await citizen.reads(ASKED)
    assert "Обратный адрес стёрт" in await toast(citizen, inline(citizen, question, "Стереть мой адрес"))
    await desk.shows(form, "связи с гражданином нет")
    second = await ask(desk, card, "Что вы видели")
    await desk.shows(second, "связи с гражданином нет")
    await desk.shows(card, "в работе")
    assert not [heard for heard in citizen.heard if ASKED in heard.words]
    citizen.types(receipt)
    await citizen.reads(citizen.text("status_in_progress"))


async def test_whoever_blocked_the_bot_is_just_as_unreachable(stage: Stage, citizen: Citizen) -> None:
    desk, card, _ = await a_den(stage, citizen)
    stage.sandbox.block(citizen.person)
    form = await ask(desk, card)
    await desk.shows(form, "связи с гражданином нет")
    await desk.sees("ответ не доставлен")
    stage.sandbox.calls.clear()


async def test_a_question_about_a_link_goes_to_the_report_that_is_chosen(stage: Stage) -> None:
    name, first, second = unique(), Citizen(stage), Citizen(stage, "kk")
    desk = Desk(stage)
    for citizen in (first, second):
        citizen.types(f"t.me/{name}")
        await citizen.reads(name)
        await citizen.sends()
    card = await desk.sees(name)
    await desk.shows(card, "Сообщили: 2 человека")
    numbers = [row["number"] for row in await stage.fetch("SELECT number FROM reports ORDER BY number DESC LIMIT 2")]
    await desk.press(card, "Спросить")
    form = await desk.sees("О каком сообщении речь?")
    await desk.press(form, f"№{numbers[0]}")
    await desk.shows(form, f"№{numbers[0]}", "вопрос гражданину")
    await desk.press(form, "Другие ссылки")
    await second.reads("Жауап бар.", "Сол сатушының басқа сілтемелерін")
    await first.settled()
    assert not [heard for heard in first.heard if ASKED in heard.words]


async def test_a_button_that_was_copied_into_another_chat_does_nothing(stage: Stage, citizen: Citizen) -> None:
    desk, card, _ = await a_den(stage, citizen)
    form = await ask(desk, card)
    question = await citizen.reads(ASKED)
    assert question.markup
    data = question.markup["inline_keyboard"][0][0]["callback_data"]
    stranger = Citizen(stage)
    stranger.types("/start")
    other = await stranger.reads(stranger.text("menu"))
    query = stage.sandbox.press(stranger.person, other.id, data, outdated=True)
    assert "больше не действует" in await toast(stranger, query)
    await stranger.settled()
    await desk.shows(form, "ждём ответа")


async def test_what_is_being_written_does_not_land_in_an_answer(stage: Stage, citizen: Citizen) -> None:
    desk, card, _ = await a_den(stage, citizen)
    await ask(desk, card)
    question = await citizen.reads(ASKED)
    name = unique()
    citizen.types(f"t.me/{name}")
    await citizen.reads(name)
    assert "Сначала закончите" in await toast(citizen, inline(citizen, question, "Ответить"))
    await citizen.sends()
    inline(citizen, question, "Ответить")
    await citizen.reads("Напишите ответ")
    citizen.types("/cancel")
    await citizen.reads("Отменили")
    await desk.sees(name)


async def test_by_the_code_more_can_be_added_from_any_account_and_nobody_is_written_down(stage: Stage) -> None:
    reporter, other = Citizen(stage), Citizen(stage)
    desk, card, receipt = await a_den(stage, reporter)
    form = await ask(desk, card)
    await reporter.reads(ASKED)
    addresses = await stage.fetch("SELECT count(*) AS n FROM return_addresses")
    other.types(f"/status {receipt}")
    await other.reads("У прокурора есть вопрос", WHERE, "/add")
    other.types("/add")
    await other.reads("Пришлите код сообщения, которое хотите дополнить")
    other.types(receipt.lower())
    await other.reads("Пришлите, что хотите добавить")
    other.photos(1)
    await other.reads("Дополнение")
    other.types("железная дверь, код домофона не знаю")
    await other.reads("железная дверь")
    other.presses("send")
    await other.reads("Передали прокурору")
    await desk.sees("ответ гражданина", "железная дверь")
    await desk.shows(form, "ответ пришёл")
    assert await stage.fetch("SELECT count(*) AS n FROM return_addresses") == addresses
    other.types(f"/add {receipt}")
    await other.reads("Пришлите, что хотите добавить")
    other.types("и ещё окно во двор")
    await other.reads("окно во двор")
    other.presses("send")
    await other.reads("Передали прокурору")
    await desk.sees("гражданин дополнил", "окно во двор")


async def test_links_are_added_to_a_report_of_links_and_get_their_cards(stage: Stage, citizen: Citizen) -> None:
    desk, first, more = Desk(stage), unique(), [unique() for _ in range(3)]
    citizen.types(f"t.me/{first}")
    await citizen.reads(first)
    receipt = await citizen.sends()
    await desk.sees(first)
    citizen.types(f"/add {receipt}")
    await citizen.reads("слова, ссылки")
    for name in more:
        citizen.types(f"t.me/{name}")
        await citizen.reads(name)
    citizen.presses("send")
    await citizen.reads("Передали прокурору")
    for name in more:
        await desk.sees("Сообщили: 1 человек", name)
    [row] = await stage.fetch(
        "SELECT count(*) AS n FROM report_links WHERE report_id = (SELECT id FROM reports ORDER BY number DESC LIMIT 1)"
    )
    assert row["n"] == 4


@pytest.fixture(scope="module")
async def slow_stage(cluster: Embedded, wording: Wording, no_waiting: None) -> AsyncIterator[Stage]:
    """A stage with the real waits: 30 seconds to undo, 2 to 20 minutes until a phone lights up."""
    async with module_stage(cluster, wording, feedback_delay_minutes="2-20", undo_seconds=30) as opened:
        yield opened


async def test_a_question_waits_unseen_can_be_taken_back_and_survives_a_restart_of_days(slow_stage: Stage) -> None:
    stage, citizen = slow_stage, Citizen(slow_stage)
    desk, card, receipt = await a_den(stage, citizen)
    form = await ask(desk, card)
    await desk.shows(form, "пока его можно отменить")
    [row] = await stage.fetch(
        "SELECT extract(epoch FROM message.due_at - form.at) AS wait FROM messages AS message, forms AS form "
        "WHERE template = 'question'"
    )
    assert 120 + 30 <= row["wait"] <= 20 * 60 + 31
    citizen.types(receipt)
    await citizen.reads(citizen.text("status_in_progress"))
    await desk.press(form, "Отменить вопрос")
    await desk.shows(form, "отменён")
    other = Citizen(slow_stage)
    desk_of_other, decided, _ = await a_den(stage, other)
    late = await ask(desk_of_other, decided)
    await desk_of_other.press(decided, "Не подтвердилось")
    form = await ask(desk, card, "Что вы видели")
    await stage.stop_bot()
    await stage.start_bot()
    stage.ahead += timedelta(minutes=25)
    question = await citizen.reads(ASKED, "что именно вы видели")
    assert not [heard for heard in citizen.heard if WHERE in heard.words], "what was taken back is never sent"
    await desk_of_other.shows(late, "отменён")
    assert not [heard for heard in other.heard if ASKED in heard.words], "what is decided is asked no more"
    stage.ahead += timedelta(days=9)
    inline(citizen, question, "Ответить")
    await citizen.reads("Напишите ответ")
    citizen.types("людей с пакетами")
    await citizen.reads("людей с пакетами")
    citizen.presses("send")
    await citizen.reads("Передали прокурору")
    await desk.sees("ответ гражданина", "людей с пакетами")
    await desk.shows(form, "ответ пришёл")
