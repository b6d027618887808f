"""The desk: who may act, what an act does to card, status, journal and the citizen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.delivery.limits import GROUP
from bot.sandbox.world import Message, Person
from bot.wording import Wording
from tests.conftest import open_stage
from tests.stage import Stage


@pytest.fixture
async def desk(database_url: str, wording: Wording) -> AsyncIterator[Stage]:
    async with open_stage(database_url, wording) as stage:
        yield stage
        assert stage.sandbox.errors == []
        assert stage.sandbox.refused_rides == []


async def report(stage: Stage, link: str = "t.me/some_shop") -> tuple[Person, Message]:
    """Report a link and give the citizen and the card."""
    citizen = stage.citizen()
    pasted = stage.sandbox.send_text(citizen, link)
    await stage.says(citizen, "Отправить", after=pasted)
    sent = stage.sandbox.press_reply(citizen, "Отправить")
    await stage.says(citizen, "Код:", after=sent)
    return citizen, await stage.card(link.rsplit("/", 1)[-1])


async def decisions(stage: Stage) -> list[str]:
    return [row["act"] for row in await stage.fetch("SELECT act FROM journal ORDER BY id")]


async def test_a_stranger_who_left_the_desk_cannot_act(desk: Stage) -> None:
    _, card = await report(desk)
    former = desk.sandbox.add_person("Бывший")
    desk.sandbox.join(former, desk.desk, status="member")
    desk.sandbox.leave(former, desk.desk)
    assert "только сотрудники" in await desk.press(former, card, "Взять")
    assert await decisions(desk) == []


@pytest.mark.parametrize(
    "data", ["x", "AAAA:1:claim", f"{'A' * 22}:1:claim", f"{'A' * 22}:1:hack", f"{'A' * 22}:z:claim"]
)
async def test_a_forged_button_does_nothing(desk: Stage, data: str) -> None:
    _, card = await report(desk)
    assert "изменилась" in await desk.press(desk.officer, card, data, outdated=True)
    assert await decisions(desk) == []


async def test_a_card_shows_who_has_it_and_others_are_told_by_whom(desk: Stage) -> None:
    _, card = await report(desk)
    other = desk.sandbox.add_person("Данияр")
    desk.sandbox.join(other, desk.desk, status="member")
    await desk.press(desk.officer, card, "Взять")
    await desk.sandbox.wait_for(lambda: "Айгерим" in (card.text or ""))
    assert "Айгерим" in await desk.press(other, card, "Доступ закрыт")
    assert await decisions(desk) == ["claim"]


async def test_two_officers_who_press_at_once_make_one_decision(desk: Stage) -> None:
    _, card = await report(desk)
    other = desk.sandbox.add_person("Данияр")
    desk.sandbox.join(other, desk.desk, status="member")
    answers = await asyncio.gather(
        desk.press(desk.officer, card, "Доступ закрыт"), desk.press(other, card, "Не подтвердилось")
    )
    assert len(await decisions(desk)) == 1
    assert len({answer for answer in answers if answer == "Готово"}) == 1


async def test_a_button_of_an_older_version_is_answered_look_again(desk: Stage) -> None:
    _, card = await report(desk)
    assert card.markup
    buttons = [button for row in card.markup["inline_keyboard"] for button in row]
    old = next(button["callback_data"] for button in buttons if button["text"] == "Доступ закрыт")
    await desk.press(desk.officer, card, "Взять")
    await desk.sandbox.wait_for(lambda: "Айгерим" in (card.text or ""))
    assert "изменилась" in await desk.press(desk.officer, card, old, outdated=True)
    assert await decisions(desk) == ["claim"]


async def test_a_decision_reopened_before_its_feedback_left_tells_the_citizen_nothing(
    database_url: str, wording: Wording
) -> None:
    async with open_stage(database_url, wording, feedback_delay_minutes="5-5") as stage:
        citizen, card = await report(stage)
        stage.sandbox.press(stage.officer, card.id, "Доступ закрыт", chat=stage.desk)
        await stage.sandbox.wait_for(lambda: "решено" in (card.text or ""))
        stage.sandbox.press(stage.officer, card.id, "Открыть снова", chat=stage.desk)
        await stage.sandbox.wait_for(lambda: "в работе" in (card.text or ""))
        await stage.until("SELECT status = 'in_progress' AND decision IS NULL FROM reports")
        waiting = await stage.fetch("SELECT 1 FROM messages WHERE template = 'feedback' AND outcome IS NULL")
        assert waiting == []
        assert not any("Есть ответ" in (message.text or "") for message in stage.sandbox.messages(citizen.id))


async def test_a_second_report_of_a_link_raises_the_count_on_the_same_card(desk: Stage) -> None:
    _, card = await report(desk)
    await report(desk)
    await desk.sandbox.wait_for(lambda: "№2" in (card.text or ""))
    assert "2 человека" in (card.text or "")
    cards = [m for m in desk.sandbox.messages(desk.desk.id) if m.from_bot and "some_shop" in (m.text or "")]
    assert len(cards) == 1


async def test_the_same_citizen_counts_once_a_day(desk: Stage) -> None:
    citizen, card = await report(desk)
    again = desk.sandbox.send_text(citizen, "t.me/some_shop")
    await desk.says(citizen, "Отправить", after=again)
    sent = desk.sandbox.press_reply(citizen, "Отправить")
    await desk.says(citizen, "Код:", after=sent)
    await desk.sandbox.wait_for(lambda: "№2" in (card.text or ""))
    assert "1 человек " in (card.text or "")


async def test_a_decided_link_that_is_reported_again_comes_back(desk: Stage) -> None:
    _, card = await report(desk)
    desk.sandbox.press(desk.officer, card.id, "Доступ закрыт", chat=desk.desk)
    await desk.sandbox.wait_for(lambda: "решено" in (card.text or ""))
    await report(desk)
    await desk.sandbox.wait_for(lambda: "Сообщили снова" in (card.text or ""))
    assert "новое" in (card.text or "")


async def test_a_list_is_decided_at_once_and_its_citizen_is_told_how_many_were_closed(desk: Stage) -> None:
    citizen = desk.citizen()
    links = "\n".join(f"t.me/shop_number_{n}" for n in range(12))
    pasted = desk.sandbox.send_text(citizen, links)
    await desk.says(citizen, "Отправить", after=pasted)
    sent = desk.sandbox.press_reply(citizen, "Отправить")
    thanks = await desk.says(citizen, "Код:", after=sent)
    card = await desk.card("Всего 12")
    desk.sandbox.press(desk.officer, card.id, "Доступ закрыт", chat=desk.desk)
    told = await desk.says(citizen, "Есть ответ", after=thanks)
    assert "12 ссылок, доступ закрыт к 12" in (told.text or "")
    rows = await desk.fetch("SELECT DISTINCT status, decision FROM resources")
    assert [tuple(row) for row in rows] == [("decided", "blocked")]
    assert len(await decisions(desk)) == 13


async def test_the_words_of_a_citizen_cannot_pose_as_a_card(desk: Stage) -> None:
    citizen = desk.citizen()
    words = "<b>№999</b> · Статус: решено\n</blockquote><b>x</b> t.me/some_shop"
    pasted = desk.sandbox.send_text(citizen, words)
    await desk.says(citizen, "Отправить", after=pasted)
    desk.sandbox.press_reply(citizen, "Отправить")
    card = await desk.card("some_shop")
    quotes = [entity for entity in card.entities or [] if entity["type"] == "blockquote"]
    assert len(quotes) == 1
    text = (card.text or "").encode("utf-16-le")
    quote = text[quotes[0]["offset"] * 2 : (quotes[0]["offset"] + quotes[0]["length"]) * 2].decode("utf-16-le")
    assert "№999" in quote
    assert "№999" not in (card.text or "").replace(quote, "")


async def test_the_desk_that_became_a_supergroup_is_followed(database_url: str, wording: Wording) -> None:
    async with open_stage(database_url, wording) as stage:
        _, card = await report(stage)
        new = stage.sandbox.migrate(stage.desk)
        again = await stage.sandbox.wait_text(new.id, "some_shop")
        stage.sandbox.press(stage.officer, again.id, "Взять", chat=new)
        await stage.sandbox.wait_for(lambda: "Айгерим" in (again.text or ""))
        assert card.chat_id != again.chat_id


async def test_a_link_reported_again_leaves_the_buttons_of_its_card_good(desk: Stage) -> None:
    _, card = await report(desk)
    assert card.markup
    buttons = [button for row in card.markup["inline_keyboard"] for button in row]
    shown = next(button["callback_data"] for button in buttons if button["text"] == "Взять")
    await report(desk)
    await desk.sandbox.wait_for(lambda: "№2" in (card.text or ""))
    assert await desk.press(desk.officer, card, shown, outdated=True) == "Готово"


async def test_a_reply_on_the_desk_counts_into_its_minute_where_the_courier_is(desk: Stage) -> None:
    async def helped() -> None:
        asked = desk.sandbox.send_text(desk.officer, "/help", chat=desk.desk)
        await desk.sandbox.wait_text(desk.desk.id, "", after=asked.id)

    await desk.sandbox.wait_for(lambda: all(courier.works for courier in desk.app.couriers))
    await helped()
    assert desk.app.limits.look(desk.desk.id, GROUP[0]) > 0
    for courier in desk.app.couriers:
        courier.works = False
    # Counted by a process that follows, it would keep that from learning what the leader has sent.
    await helped()
    assert desk.app.limits.look(desk.desk.id, GROUP[0] - 1) == 0


async def test_nobody_learns_a_decision_by_the_code_before_its_feedback_has_left(
    database_url: str, wording: Wording
) -> None:
    async with open_stage(database_url, wording, feedback_delay_minutes="5-5") as stage:
        citizen, card = await report(stage)
        thanks = next(m for m in stage.sandbox.messages(citizen.id) if "Код:" in (m.text or ""))
        receipt = (thanks.text or "").split("Код: ")[1].split()[0]
        await stage.press(stage.officer, card, "Доступ закрыт")
        await stage.until("SELECT status = 'decided' FROM reports")
        asked = stage.sandbox.send_text(citizen, receipt)
        told = await stage.says(citizen, "в работе", after=asked)
        assert "Есть ответ" not in (told.text or "")
        stage.ahead = timedelta(minutes=6)
        stage.app.wake()
        await stage.says(citizen, "Есть ответ", after=told)
        again = stage.sandbox.send_text(citizen, receipt)
        await stage.says(citizen, "Есть ответ", after=again)
