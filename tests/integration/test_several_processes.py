"""Several processes on one database: updates, jobs and schedules are shared, and one leads, whatever becomes of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bot.database import Database, driver
from bot.delivery import limits
from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.jobs import Jobs
from bot.languages import Language
from bot.sandbox import limits as sandbox_limits
from bot.sandbox.world import Person
from bot.staff.desks import Desks
from bot.telegram.actors import Side
from bot.telegram.intake import Intake
from bot.telegram.reply import Reply, say
from bot.telegram.turn import Turn
from bot.wording import Wording
from tests.conftest import open_stage
from tests.integration.several import LONG, Several, several
from tests.journeys.acting import picture
from tests.workbench import Clock, look, open_ring, open_turns, until

OLD, NEW = -5_001, -1_001_000_005_001


async def file_link(all_of_them: Several, name: str) -> Person:
    """Report a link, and wait for the code."""
    sandbox = all_of_them.sandbox
    citizen = sandbox.add_person("Citizen", language_code="ru")
    pasted = sandbox.send_text(citizen, f"t.me/{name}")
    await sandbox.wait_text(citizen.id, name, after=pasted.id, timeout=LONG)
    sent = sandbox.press_reply(citizen, "Отправить")
    await sandbox.wait_text(citizen.id, "Код:", after=sent.id, timeout=LONG)
    return citizen


async def file_photo(all_of_them: Several, number: int) -> Person:
    """Report a graffiti by a photo, and wait for the code."""
    sandbox = all_of_them.sandbox
    citizen = sandbox.add_person("Citizen", language_code="ru")
    sandbox.send_photos(citizen, [picture(number)])

    def offers(label: str) -> bool:
        return label in str(sandbox.keyboard(citizen.id))

    for label in ("Граффити", "Пропустить", "Пропустить"):
        await sandbox.wait_for(partial(offers, label), LONG)
        pressed = sandbox.press_reply(citizen, label)
        await sandbox.wait_text(citizen.id, "", after=pressed.id, timeout=LONG)
    sent = sandbox.press_reply(citizen, "Отправить")
    await sandbox.wait_text(citizen.id, "Код:", after=sent.id, timeout=LONG)
    return citizen


async def at_rest(url: str) -> bool:
    return not await look(
        url,
        """
        SELECT 1 FROM messages WHERE outcome IS NULL
        UNION ALL SELECT 1 FROM cards WHERE wanted_version > shown_version UNION ALL SELECT 1 FROM jobs.pgqueuer
        """,
    )


def said(all_of_them: Several, chat: int, words: str) -> int:
    return sum(words in one.words for one in all_of_them.sandbox.messages(chat) if one.from_bot and not one.deleted)


async def test_three_processes_share_the_work_and_another_leads_when_the_leader_is_killed(
    database_url: str, tmp_path: Path
) -> None:
    async with several(database_url, tmp_path, 3) as bots:
        first = await bots.leader()
        people = {f"shop_number_{n}": file_link(bots, f"shop_number_{n}") for n in range(6)}
        citizens = dict(zip(people, await asyncio.gather(*people.values()), strict=True))
        reporters = await asyncio.gather(*(file_photo(bots, number) for number in range(3)))
        await until(lambda: at_rest(database_url), LONG)
        taken = [(await each.counts("shekteu_updates_total"))[("taken",)] for each in bots.members]
        assert all(taken), "the updates were spread over all"
        jobs: Counter[tuple[str, ...]] = Counter()
        sent: list[int] = []
        for each in bots.members:
            jobs += await each.counts("shekteu_jobs_total")
            sent.append(sum((await each.counts("shekteu_deliveries_total")).values()))
        assert jobs["read_part", "done"] == 3, "each job was done once"
        assert [count > 0 for count in sent] == [each is first for each in bots.members], "one was the courier"

        first.process.kill()
        await first.process.wait()
        second = await bots.leader()
        assert second is not first
        for n in range(3):
            citizens[f"later_number_{n}"] = await file_link(bots, f"later_number_{n}")
        await until(lambda: at_rest(database_url), LONG)
        for name, citizen in citizens.items():
            assert said(bots, citizen.id, "Код:") == 1
            assert said(bots, bots.desk.id, name) == 1
        for reporter in reporters:
            assert said(bots, reporter.id, "Код:") == 1
        assert sum("photo" in one.content for one in bots.sandbox.messages(bots.desk.id)) == 3
        rows = await look(database_url, "SELECT count(*) AS n FROM reports")
        assert rows[0]["n"] == 12


async def test_the_next_leader_keeps_to_the_limits_that_the_one_before_has_used_up(
    database_url: str, wording: Wording, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A minute is long for a test. The bot keeps to a longer one than Telegram has, for what is on its way meanwhile.
    for module, seconds in ((limits, 8.0), (sandbox_limits, 6.0)):
        monkeypatch.setattr(module, "GROUP", (20, seconds))
    # Replies do not pass the courier; here they come faster than people write.
    monkeypatch.setattr(sandbox_limits, "ALL", (1000, 1.0))
    async with open_stage(database_url, wording, webhook=True) as stage:
        stage.sandbox.limits.enabled = True
        for life in range(2):
            if life:
                await stage.stop_bot()
                await stage.start_bot()
            for n in range(12):
                citizen = stage.citizen()
                pasted = stage.sandbox.send_text(citizen, f"t.me/shop_{life}_{n}_x")
                await stage.says(citizen, f"shop_{life}_{n}_x", after=pasted)
                sent = stage.sandbox.press_reply(citizen, "Отправить")
                await stage.says(citizen, "Код:", after=sent)
        await until(lambda: at_rest(database_url), LONG)
        posted = [one.words for one in stage.sandbox.messages(stage.desk.id) if one.from_bot]
        assert len(posted) == 24
        assert [call for call in stage.sandbox.errors if call.parameters["chat_id"] == stage.desk.id] == []


async def test_when_somebody_else_polls_the_leader_steps_down_and_another_takes_over(
    database_url: str, tmp_path: Path
) -> None:
    async with several(database_url, tmp_path, 2, webhook=False) as bots:
        first = await bots.leader()
        bots.sandbox.fail_next("getUpdates", 409, "Conflict: terminated by other getUpdates request")

        async def another() -> bool:
            return [await each.leads() for each in bots.members] == [each is not first for each in bots.members]

        citizen = bots.sandbox.add_person("Citizen", language_code="ru")
        asked = bots.sandbox.send_text(citizen, "/help")
        await until(another, LONG)
        await bots.sandbox.wait_text(citizen.id, "/status", after=asked.id, timeout=LONG)
        assert first.process.returncode is None
        await bots.works(first)


async def test_of_three_processes_one_does_what_a_schedule_asks_for(database_url: str) -> None:
    done: list[int] = []
    entered = asyncio.Event()

    def worker(number: int) -> Jobs:
        async def chore() -> None:
            done.append(number)
            entered.set()

        return Jobs({}, {("yearly", "0 0 1 1 *"): chore})

    async def known() -> bool:
        return bool(await look(database_url, "SELECT 1 FROM jobs.pgqueuer_schedules"))

    maker = worker(0)
    making = asyncio.create_task(maker.run(database_url))
    await until(known)
    maker.stop()
    await making
    await look(database_url, "UPDATE jobs.pgqueuer_schedules SET next_run = now() - interval '1 second'")
    workers = [worker(number) for number in range(3)]
    running = [asyncio.create_task(each.run(database_url)) for each in workers]
    await entered.wait()
    for each in workers:
        each.stop()
    await asyncio.gather(*running)
    assert len(done) == 1


class Cards:
    """A desk's cards on a database, and processes that know where the desk is."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def desks(self) -> Desks:
        return Desks(self.database, OLD, Language.RU)

    async def versions(self) -> list[tuple[int, int]]:
        async with self.database.transaction() as connection:
            raw = await driver(connection)
            return [tuple(row) for row in await raw.fetch("SELECT wanted_version, message_id FROM cards")]


async def test_a_process_gives_the_old_desk_up_only_when_that_is_committed(database: Database) -> None:
    desks = Cards(database).desks()
    async with database.transaction() as connection:
        moved = await desks.migrated_in(await driver(connection), NEW)
        await connection.rollback()
    assert desks.ids() == {OLD, NEW}, "Telegram tells it again, in the old chat"
    assert desks.main() == (NEW, "ru"), "no call reaches the old one any more"
    async with database.transaction() as connection:
        moved = await desks.migrated_in(await driver(connection), NEW)
    moved()
    assert desks.ids() == {NEW}
    again = Cards(database).desks()
    await again.load()
    assert again.main() == (NEW, "ru")


async def test_cards_are_posted_anew_once_though_two_processes_learn_that_the_desk_moved(database: Database) -> None:
    cards, outbox = Cards(database), Outbox(await open_ring(database))
    one, two = cards.desks(), cards.desks()
    form = """
    INSERT INTO forms (id, act, sort, subject, state, officer, officer_name, at)
    SELECT subject, 'ask', 'report', subject, 'open', 1, 'A', now() FROM cards
    """
    async with database.transaction() as connection:
        raw = await driver(connection)
        await outbox.want(raw, Recipient.DESK, CardSort.FORM, [uuid4()], Clock()())
        await raw.execute(form)
        await raw.execute("UPDATE cards SET shown_version = 1, message_id = 7")
    await one.migrated(NEW)
    async with database.transaction() as connection:
        # Posted in the new chat, before the other process learns of it.
        await (await driver(connection)).execute("UPDATE cards SET shown_version = 2, message_id = 70")
    await two.migrated(NEW)
    assert await cards.versions() == [(2, 70)]
    assert one.ids() == two.ids() == {NEW}


async def test_a_process_that_has_not_heard_that_the_desk_moved_looks_when_it_meets_the_new_chat(
    database: Database,
) -> None:
    knows, late = Cards(database).desks(), Cards(database).desks()
    await knows.migrated(NEW)
    sides: list[Side] = []

    async def note(turn: Turn, _: Mapping[str, Any]) -> Reply:
        sides.append(turn.actor.side)
        return say("noted")

    async def pass_all(_: Mapping[str, Any]) -> bool:
        return True

    intake = Intake(await open_turns(database, note), late.ids, pass_all, None, late.look_for)
    officer = {"id": 5, "is_bot": False, "first_name": "A"}
    message = {"message_id": 1, "date": 1, "chat": {"id": NEW, "type": "supergroup"}, "from": officer, "text": "/help"}
    await intake.take({"update_id": 1, "message": message})
    stranger = message | {"chat": {"id": NEW - 1, "type": "supergroup"}}
    await intake.take({"update_id": 2, "message": stranger})
    assert sides == [Side.DESK, Side.GROUP]
    assert late.ids() == {NEW}
