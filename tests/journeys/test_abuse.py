"""Somebody abuses the bot: an officer blocks whoever it is without learning who; a volunteer is never taken for one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.embedded import Embedded
from bot.sandbox.world import Message
from bot.wording import Wording
from tests.journeys.acting import Citizen, Desk, texts_of, unique
from tests.journeys.conftest import module_stage, nothing_refused
from tests.stage import Stage

LIMIT = 2


@pytest.fixture(scope="module")
async def narrow_stage(cluster: Embedded, wording: Wording, no_waiting: None) -> AsyncIterator[Stage]:
    """A stage where two reports an hour are many, at the beginning of an hour."""
    async with module_stage(cluster, wording, reports_per_hour=LIMIT) as opened:
        opened.ahead = timedelta(hours=1) - timedelta(minutes=opened.now().minute, seconds=opened.now().second)
        yield opened


async def pastes(citizen: Citizen, *names: str) -> None:
    citizen.types(" ".join(f"t.me/{name}" for name in names))
    await citizen.reads(f"t.me/{names[0]}", "Если всё верно")


async def block(desk: Desk, card: Message) -> Message:
    """Press Abuse on a card, and confirm it."""
    await desk.press(card, "Злоупотребление")
    form = await desk.sees("не принимать новых")
    await desk.press(form, "Закрыть и не принимать")
    await desk.shows(form, "30 дней от отправителя ничего не принимаем")
    return form


async def test_an_officer_blocks_an_abuser_unseen_and_help_is_still_given(stage: Stage, citizen: Citizen) -> None:
    desk, words = Desk(stage), f"чушь {unique()}"
    receipt = await citizen.files("den", words)
    card = await desk.sees(words)
    await citizen.settled()
    await block(desk, card)
    await desk.shows(card, "решено", "злоупотребление")
    await citizen.settled()
    assert len(texts_of(citizen.heard)) == 1, "nobody tells the sender of it"
    for content in (f"t.me/{unique()}", "у соседей делают порошок по ночам"):
        citizen.types(content)
        told = await citizen.reads(citizen.text("blocked"))
        assert not [number for number in ("30", "дней", "нарушен") if number in told.words]
    citizen.location()
    await citizen.reads(citizen.text("blocked"))
    citizen.presses("help")
    await citizen.reads("112")
    citizen.types("помогите, передоз")
    await citizen.reads("112")
    citizen.types(f"/status {receipt}")
    await citizen.reads(citizen.text("status_decided"))
    assert not any("злоупотребл" in text.casefold() for text in texts_of(citizen.heard))
    other = Citizen(stage)
    await other.files("den", f"притон {unique()}")
    for post in desk.posts:
        assert str(citizen.id) not in post.words
        assert citizen.person.first_name not in post.words


async def test_of_a_link_that_others_reported_only_the_abusers_report_is_closed(stage: Stage) -> None:
    name, desk = unique(), Desk(stage)
    honest, abuser = Citizen(stage), Citizen(stage)
    await pastes(honest, name)
    await honest.sends()
    card = await desk.sees(name)
    await pastes(abuser, name)
    await abuser.sends()
    await desk.shows(card, "Сообщили: 2 человека")
    await abuser.settled()
    numbers = card.words.split("№")[1:]
    await desk.press(card, "Злоупотребление")
    form = await desk.sees("О каком сообщении речь")
    await desk.press(form, f"№{numbers[0].split()[0].rstrip(',')}")
    await desk.shows(form, "не принимать новых")
    await desk.press(form, "Закрыть и не принимать")
    await desk.shows(form, "30 дней от отправителя ничего не принимаем")
    abuser.types(f"t.me/{unique()}")
    await abuser.reads(abuser.text("blocked"))
    # The resource is open as before, and who reported it honestly gets the answer.
    await desk.press(card, "Доступ закрыт")
    await honest.reads(honest.text("kinds.link.feedback.blocked"))
    await abuser.settled()
    assert texts_of(abuser.heard) == [f"{abuser.text('blocked')}\n\n{abuser.text('menu')}"]
    await pastes(honest, unique())
    await honest.sends()


async def test_a_volunteer_above_the_limit_is_folded_into_one_list_and_told_so(narrow_stage: Stage) -> None:
    stage, desk, volunteer = narrow_stage, Desk(narrow_stage), Citizen(narrow_stage)
    for _ in range(LIMIT):
        await pastes(volunteer, unique())
        await volunteer.sends()
    names = [unique() for _ in range(4)]
    await pastes(volunteer, names[0])
    receipt = await volunteer.sends()
    for name in names[1:]:
        await pastes(volunteer, name)
        volunteer.presses("send")
        await volunteer.reads(volunteer.text("folded"), volunteer.text("menu"))
    the_list = await desk.sees(names[0], "Всего")
    await desk.shows(the_list, f"Всего {len(names)} ссылки", *names)
    await volunteer.settled()
    assert len(desk.posts) == LIMIT + 1, "one card for all that came above the limit"
    volunteer.types(receipt)
    await volunteer.reads(volunteer.text("status_new"))
    # What was added later is told of as well.
    await desk.press(the_list, "Доступ закрыт")
    await volunteer.reads(f"доступ закрыт к {len(names)}")
    nothing_refused(stage)


async def test_a_block_is_taken_back_by_its_form_where_the_report_has_no_card(stage: Stage, citizen: Citizen) -> None:
    name, desk = unique(), Desk(stage)
    await pastes(citizen, name)
    await citizen.sends()
    form = await block(desk, await desk.sees(name))
    citizen.types(f"t.me/{unique()}")
    await citizen.reads(citizen.text("blocked"))
    await desk.press(form, "Отменить")
    await desk.shows(form, "снова в работе")
    again = unique()
    await pastes(citizen, again)
    await citizen.sends()
    await desk.sees(again)
