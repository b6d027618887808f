"""After sending, and what is left lying: addresses erased, /forget, reminders, the purge of a draft."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.citizen.upkeep import Upkeep
from bot.embedded import Embedded
from bot.wording import Wording
from tests.journeys.acting import TARAZ, Citizen, Desk, texts_of, unique
from tests.journeys.conftest import module_stage, nothing_refused
from tests.stage import Stage


@pytest.fixture(scope="module")
async def late_stage(cluster: Embedded, wording: Wording, no_waiting: None) -> AsyncIterator[Stage]:
    """A stage whose clock is moved."""
    async with module_stage(cluster, wording) as opened:
        yield opened


async def files_link(citizen: Citizen) -> tuple[str, str]:
    name = unique()
    citizen.types(f"t.me/{name}")
    await citizen.reads(f"t.me/{name}")
    return await citizen.sends(), name


async def addresses(stage: Stage) -> int:
    [row] = await stage.fetch("SELECT count(*) AS n FROM return_addresses")
    return int(row["n"])


async def until(stage: Stage, left: int) -> None:
    """Wait until so many addresses are left: the courier erases right after the message has left."""
    for _ in range(1200):
        if await addresses(stage) == left:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{await addresses(stage)} addresses are left, not {left}")


async def test_erasing_the_address_leaves_the_report_and_ends_the_answers(stage: Stage, citizen: Citizen) -> None:
    desk, before = Desk(stage), await addresses(stage)
    receipt, name = await files_link(citizen)
    citizen.presses("erase")
    # By the answer, or by the courier where the code had left a moment ago and was not marked yet.
    await citizen.reads(citizen.text("erased"))
    assert citizen.label("erase") not in citizen.buttons
    await until(stage, before)
    card = await desk.sees(name)
    await desk.press(card, "Доступ закрыт")
    await citizen.settled()
    assert len(citizen.heard) == 1, "nobody can answer any more"
    citizen.types(receipt)
    await citizen.reads(citizen.text("status_decided"), citizen.text("kinds.link.feedback.blocked"))
    citizen.types(citizen.label("erase"))
    await citizen.reads(citizen.text("erase_nothing"))


async def test_an_erasure_asked_before_the_code_left_is_done_right_after_it(stage: Stage, citizen: Citizen) -> None:
    before = await addresses(stage)
    name = unique()
    citizen.types(f"t.me/{name}")
    await citizen.reads(f"t.me/{name}")
    # Telegram fails a while: the acknowledgement waits, and the address is erased meanwhile.
    stage.sandbox.fail_next("sendMessage", 500, "Internal Server Error", times=1000, chat_id=citizen.person.id)
    citizen.presses("send")
    start = citizen.last
    citizen.types(citizen.label("erase"))
    citizen.types(citizen.label("erase"))
    await stage.until("SELECT count(*) = 1 FROM messages WHERE template = 'erased' AND outcome IS NULL")
    stage.sandbox.faults.clear()
    citizen.last = start
    await citizen.receipt()
    await citizen.reads(citizen.text("erased"))
    await citizen.settled()
    said = texts_of(citizen.heard)
    assert said.count(citizen.text("erased")) == 1, said
    await until(stage, before)
    assert {call.error.code for call in stage.sandbox.errors if call.error} == {500}
    stage.sandbox.calls.clear()


async def test_the_label_erases_though_the_dialogue_is_long_forgotten(stage: Stage, citizen: Citizen) -> None:
    """The keyboard outlives the dialogue, and the address too: «we have no address of yours» would be a lie."""
    before = await addresses(stage)
    await files_link(citizen)
    await stage.fetch("DELETE FROM dialogues")
    citizen.presses("erase")
    await citizen.reads(citizen.text("erased"))
    await until(stage, before)


async def test_forget_erases_all_addresses_of_this_chat_and_its_draft_and_of_nobody_else(stage: Stage) -> None:
    citizen, other = Citizen(stage), Citizen(stage)
    await files_link(other)
    before = await addresses(stage)
    receipts = [(await files_link(citizen))[0] for _ in range(3)]
    citizen.location()
    await citizen.reads(citizen.text("which_kind_location"))
    assert await addresses(stage) == before + 4
    citizen.types("/forget")
    await citizen.reads(citizen.text("forgotten"), citizen.text("menu"))
    await until(stage, before)
    citizen.types(receipts[0])
    await citizen.reads(citizen.text("status_new"))
    citizen.types("/forget")
    await citizen.reads(citizen.text("forgotten"))


def upkeep(stage: Stage) -> Upkeep:
    app = stage.app
    return Upkeep(stage.database, app.ring, app.outbox, app.reports, stage.now)


async def counts(stage: Stage) -> Any:
    [row] = await stage.fetch(
        "SELECT (SELECT count(*) FROM dialogues) AS dialogues, (SELECT count(*) FROM parts) AS parts,"
        " (SELECT count(*) FROM return_addresses) AS addresses, (SELECT count(*) FROM reports) AS reports,"
        " (SELECT count(*) FROM resources) AS resources, (SELECT count(*) FROM cards) AS cards"
    )
    return tuple(row)


async def test_a_draft_left_lying_gets_one_reminder_and_goes_after_a_day_with_all_it_had(late_stage: Stage) -> None:
    stage = late_stage
    citizen = Citizen(stage)
    before = await counts(stage)
    names = [unique() for _ in range(3)]
    for name in names:
        citizen.types(f"t.me/{name}")
    citizen.photos(2)
    await citizen.reads("Фото: 1")
    await citizen.settled()
    await upkeep(stage).drafts()
    await citizen.settled()
    assert citizen.text("reminder") not in texts_of(citizen.heard), "not yet"
    try:
        for hours in (2, 3, 12):
            stage.ahead = timedelta(hours=hours, minutes=1)
            await upkeep(stage).drafts()
            await citizen.settled()
            await citizen.reads(citizen.text("reminder"))
        assert texts_of(citizen.heard).count(citizen.text("reminder")) == 1
        assert citizen.label("send") in citizen.buttons
        stage.ahead = timedelta(hours=24, minutes=2)
        await upkeep(stage).drafts()
        assert await counts(stage) == before, "a purge leaves nothing"
        citizen.types(citizen.label("send"))
        await citizen.reads(citizen.text("nothing_to_send"))
    finally:
        stage.ahead = timedelta()
    nothing_refused(stage)


async def test_a_report_that_was_sent_outlives_its_dialogue(late_stage: Stage) -> None:
    stage, citizen = late_stage, Citizen(late_stage)
    receipt, _ = await files_link(citizen)
    try:
        stage.ahead = timedelta(hours=25)
        await upkeep(stage).drafts()
        assert await stage.fetch("SELECT 1 FROM dialogues") == []
        citizen.types(receipt)
        await citizen.reads(citizen.text("status_new"))
    finally:
        stage.ahead = timedelta()


async def test_a_citizen_who_blocked_the_bot_ends_in_silence_and_the_desk_is_told(stage: Stage) -> None:
    desk, citizen = Desk(stage), Citizen(stage)
    _, name = await files_link(citizen)
    card = await desk.sees(name)
    await citizen.settled()
    stage.sandbox.block(citizen.person)
    await desk.press(card, "Доступ закрыт")
    await desk.sees("ответ не доставлен")
    refused = [call.method for call in stage.sandbox.errors]
    assert refused == ["sendMessage"]
    stage.sandbox.calls.clear()
    stage.sandbox.unblock(citizen.person)


async def test_an_outage_of_telegram_loses_no_receipt(stage: Stage, citizen: Citizen) -> None:
    name = unique()
    citizen.types(f"t.me/{name}")
    await citizen.reads(f"t.me/{name}")
    stage.sandbox.fail_next("sendMessage", 502, "Bad Gateway", times=2)
    stage.sandbox.hang_up("sendMessage")
    await citizen.sends()
    stage.sandbox.calls.clear()


async def test_a_place_is_answered_in_the_chat_that_sent_it_and_nowhere_else(stage: Stage) -> None:
    first, second = Citizen(stage), Citizen(stage)
    for person in (first, second):
        person.location(TARAZ)
        await person.reads(person.text("which_kind_location"))
        person.presses("kind:place")
        await person.reads(person.text("kinds.place.ask.words"))
        person.types(f"видел, {unique('mark')}")
        await person.reads(person.text("ask_photos", most=10))
        person.presses("skip")
        await person.reads("42.90000")
    desk = Desk(stage)
    receipts = [await person.sends() for person in (first, second)]
    assert receipts[0] != receipts[1]
    card = next(iter([await desk.sees("Геометка")]))
    await desk.decide(card, "Передано на проверку")
    told = first.text("kinds.place.feedback.passed_on")
    await stage.sandbox.wait_for(lambda: told in texts_of(first.heard) + texts_of(second.heard))
    await first.settled()
    assert (texts_of(first.heard) + texts_of(second.heard)).count(told) == 1
