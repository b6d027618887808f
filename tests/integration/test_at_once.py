"""Turns that are one statement: nothing is lost to what happens beside them, and what they cannot do is done all the
same, in a transaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from bot.at_once import AtOnce, Rider, joined
from bot.citizen import handlers
from bot.citizen.intake import Incoming, read_words
from bot.database import Database
from bot.privacy.blocks import BLOCK, KEEP_ADDRESS, KEEP_ADDRESS_TOO, looked_for
from bot.privacy.counting import COUNTED_AND_BLOCKED, NEXT_ROW_TOO, counted
from bot.reports.queries import FILE_LINKS
from bot.reports.sending import REPORTS
from bot.telegram.reply import Reply, say
from bot.telegram.statements import END_TURN, LOOK, OPEN
from bot.telegram.turn import Turn, Turns
from tests.journeys.acting import Citizen, unique
from tests.stage import Stage
from tests.workbench import CITIZEN, SORRY, Clock, Script, count, look, open_ring, private, tried_again, until

FACT = "INSERT INTO facts (name, value) VALUES ($1, 'x')"
FACT_TOO = Rider("noted AS (INSERT INTO facts (name, value) SELECT $1, 'x' FROM first)", "false")
LOCKED = "SELECT count(*) > 0 AS waits FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
Update = Mapping[str, Any]


async def turns_of(database: Database, handle: Script) -> Turns:
    """Make the turns of one process: among several, nothing but the database keeps them apart."""
    ring = await open_ring(database)
    return Turns(database, ring, handle, lambda *_: SORRY, Clock(), at_once=lambda actor, update: True)


async def append(turn: Turn, update: Update) -> Reply:
    """Add an update to the dialogue, and a fact."""
    turn.state, turn.data = "Step:filling", {"updates": [*turn.data.get("updates", []), update["update_id"]]}
    name = f"update {update['update_id']}"
    if isinstance(turn.driver, AtOnce):
        turn.driver.also(FACT_TOO, name)
    else:
        await turn.driver.execute(FACT, name)
    return say(str(turn.data["updates"]))


async def test_all_that_rides_is_written_with_the_dialogue_and_the_mark(database: Database, database_url: str) -> None:
    turns = await turns_of(database, append)
    assert await turns.take(CITIZEN, private(1)) == say("[1]")
    assert await turns.take(CITIZEN, private(2)) == say("[1, 2]")
    assert [await count(database_url, table) for table in ("facts", "dialogues", "handled_updates")] == [2, 1, 2]
    assert await turns.take(CITIZEN, private(1, text="other words, the same id")) == say("[1]")


async def test_a_dialogue_that_keeps_nothing_ends_and_one_that_did_not_change_stays(
    database: Database, database_url: str
) -> None:
    async def follow(turn: Turn, update: Update) -> Reply:
        words = update["message"]["text"]
        if words != "look":
            turn.state, turn.data = (None, {}) if words == "end" else ("Step:filling", {"words": words})
        return say(str(turn.data))

    turns = await turns_of(database, follow)
    assert await turns.take(CITIZEN, private(1, text="some")) == say("{'words': 'some'}")
    assert await turns.take(CITIZEN, private(2, text="look")) == say("{'words': 'some'}")
    assert await turns.take(CITIZEN, private(3, text="end")) == say("{}")
    assert await count(database_url, "dialogues") == 0


def after_each_look(turns: Turns, monkeypatch: pytest.MonkeyPatch, happens: Callable[[], Awaitable[Any]]) -> None:
    """Have something happen between a turn's look and its statement."""
    seen = turns.looks.look

    async def look_first(update_id: int, chat_hash: bytes) -> Mapping[str, Any]:
        row = await seen(update_id, chat_hash)
        await happens()
        return row

    monkeypatch.setattr(turns.looks, "look", look_first)


async def test_what_another_process_wrote_meanwhile_is_not_overwritten(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = await turns_of(database, append)
    tries = []

    async def overtaken(turn: Turn, update: Update) -> Reply:
        tries.append(isinstance(turn.driver, AtOnce))
        return await append(turn, update)

    turns = await turns_of(database, overtaken)
    after_each_look(turns, monkeypatch, lambda: others.take(CITIZEN, private(2)))
    assert await turns.take(CITIZEN, private(1)) == say("[2, 1]")
    assert tries == [True, False]
    assert await count(database_url, "facts") == 2


async def test_a_handler_that_waits_is_ended_and_taken_anew_in_a_transaction(
    database: Database, database_url: str
) -> None:
    tries, ended = [], []

    async def waits(turn: Turn, update: Update) -> Reply:
        tries.append(isinstance(turn.driver, AtOnce))
        try:
            await asyncio.sleep(0.01)
        finally:
            ended.append(turn.driver)
        return await append(turn, update)

    assert await (await turns_of(database, waits)).take(CITIZEN, private(1)) == say("[1]")
    assert tries == [True, False]
    assert len(ended) == 2
    assert await count(database_url, "facts") == 1


async def test_it_waits_for_a_transaction_that_holds_the_chat_and_sees_what_that_wrote(
    database: Database, database_url: str
) -> None:
    holds, goes_on = asyncio.Event(), asyncio.Event()

    async def slow(turn: Turn, update: Update) -> Reply:
        await turn.driver.execute(FACT, "a statement")
        holds.set()
        await goes_on.wait()
        return await append(turn, update)

    others, turns = await turns_of(database, slow), await turns_of(database, append)
    first = asyncio.create_task(others.take(CITIZEN, private(1)))
    await holds.wait()
    second = asyncio.create_task(turns.take(CITIZEN, private(2)))

    async def waits() -> bool:
        return bool((await look(database_url, LOCKED))[0]["waits"])

    await until(waits)
    goes_on.set()
    assert [await first, await second] == [say("[1]"), say("[1, 2]")]


async def test_an_update_that_two_processes_take_at_the_same_time_counts_once(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = asyncio.Barrier(2)

    async def meet(turn: Turn, update: Update) -> Reply:
        """Note something, whatever others noted, and leave the dialogue as it is."""
        if isinstance(turn.driver, AtOnce):
            turn.driver.also(FACT_TOO, str(uuid4()))
        else:
            await turn.driver.execute(FACT, str(uuid4()))
        return say("noted")

    takers = [await turns_of(database, meet) for _ in range(2)]
    for each in takers:
        after_each_look(each, monkeypatch, both.wait)
    assert await asyncio.gather(*(each.take(CITIZEN, private(1)) for each in takers)) == [say("noted")] * 2
    assert await count(database_url, "facts") == 1


async def test_an_error_of_the_handler_is_counted_and_writes_nothing(database: Database, database_url: str) -> None:
    async def fail(turn: Turn, update: Update) -> None:
        await append(turn, update)
        raise RuntimeError

    turns = await turns_of(database, fail)
    assert [await tried_again(turns.take(CITIZEN, private(1))) for _ in range(2)] == [True, True]
    assert await turns.take(CITIZEN, private(1)) == SORRY
    assert [await count(database_url, table) for table in ("facts", "dialogues")] == [0, 0]


class Heard:
    """A connection, and what was asked of it."""

    def __init__(self, driver: Any, said: list[str]) -> None:
        self._driver, self._said = driver, said

    def __getattr__(self, name: str) -> Any:
        work = getattr(self._driver, name)
        if name not in ("execute", "fetch", "fetchrow", "fetchval"):
            return work

        def ask(statement: str, *params: Any) -> Any:
            self._said.append(statement)
            return work(statement, *params)

        return ask


async def report(stage: Stage, first_id: int, link: str) -> None:
    """Bring the two updates of a link report, as somebody types them, to a bot that works already."""
    citizen = Citizen(stage)
    citizen.types("/start")
    await citizen.reads()
    await stage.app.intake.take(private(first_id, citizen.id, link))
    assert await stage.app.intake.take(private(first_id + 1, citizen.id, "Отправить")) is None


async def test_a_link_is_saved_and_sent_by_two_round_trips_each(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    lend = stage.database.lend

    @asynccontextmanager
    async def overheard() -> AsyncIterator[Any]:
        async with lend() as driver:
            yield Heard(driver, said)

    await report(stage, -2, f"t.me/{unique()}")
    monkeypatch.setattr(stage.database, "lend", overheard)
    await report(stage, -4, f"t.me/{unique()}")
    of_turns = [each for each in said if each in (LOOK, OPEN, COUNTED_AND_BLOCKED, KEEP_ADDRESS) or "end_turn" in each]
    link, sending = (joined(END_TURN, 8, riders) for riders in ((KEEP_ADDRESS_TOO,), (NEXT_ROW_TOO, FILE_LINKS)))
    assert of_turns == [LOOK, END_TURN, LOOK, link, LOOK, sending]


PLANNED = """
SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE '%end_turn%report_links%'
"""


async def test_the_statement_that_sends_is_not_planned_anew_for_each_report(stage: Stage) -> None:
    """To plan it takes as long as to carry it out; PostgreSQL does so for ever where a guess makes that look better."""
    citizen = Citizen(stage)
    citizen.types("/start")
    await citizen.reads()
    for number in range(0, 128, 2):
        await stage.app.intake.take(private(number - 1000, citizen.id, f"t.me/{unique()}"))
        await stage.app.intake.take(private(number - 999, citizen.id, "Отправить"))
    async with AsyncExitStack() as borrowed:
        lent = [await borrowed.enter_async_context(stage.database.lend()) for _ in range(8)]
        plans = [row for driver in lent for row in await driver.fetch(PLANNED)]
    assert sum(row["generic_plans"] for row in plans) > 0
    assert max(row["custom_plans"] for row in plans) <= 5


async def test_the_reports_of_an_hour_are_counted_one_by_one_whichever_way_they_are_sent(stage: Stage) -> None:
    citizen = Citizen(stage)
    citizen.types("/start")
    await citizen.reads()
    for number in range(10):
        await stage.app.intake.take(private(-100 + 2 * number, citizen.id, f"t.me/{unique()}"))
        assert await stage.app.intake.take(private(-99 + 2 * number, citizen.id, "Отправить")) is None
    async with stage.database.lend() as driver:
        assert await counted(driver, stage.app.ring, REPORTS, citizen.id, stage.app.clock()) == 10


async def test_who_is_blocked_while_their_report_waits_to_be_sent_is_told_so(stage: Stage) -> None:
    citizen = Citizen(stage)
    citizen.types("/start")
    await citizen.reads()
    await stage.app.intake.take(private(-200, citizen.id, f"t.me/{unique()}"))
    ring, now = stage.app.ring, stage.app.clock()
    hashes, today, keys = looked_for(ring, citizen.id, now)
    async with stage.database.lend() as driver:
        await driver.execute(BLOCK, hashes[0], keys[0], today + timedelta(days=1))
        refused = await stage.app.intake.take(private(-199, citizen.id, "Отправить"))
        assert await driver.fetchval("DELETE FROM blocks RETURNING 1") == 1
        assert await counted(driver, ring, REPORTS, citizen.id, now) == 0
    assert refused
    assert refused[1]["text"].startswith(stage.app.wording.texts.render("ru", "citizen.blocked"))


async def test_a_pasted_list_of_fifty_links_is_read_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """It needs a transaction: to try it without one first would read all of it for nothing."""
    read: list[str] = []

    def noted(text: str) -> Incoming:
        read.append(text)
        return read_words(text)

    monkeypatch.setattr(handlers, "read_words", noted)
    pasted = "\n".join(f"https://t.me/{unique()}" for _ in range(50))
    await report(stage, -2, pasted)
    assert read == [pasted]


async def test_a_link_whose_address_was_erased_is_sealed_anew_when_it_is_reported_again(
    stage: Stage, database_url: str
) -> None:
    invite = "t.me/+AbCdEfGhIjKlMnOp"
    await report(stage, -2, invite)
    assert await look(database_url, "UPDATE resources SET sealed = NULL RETURNING id")
    await report(stage, -4, invite)
    (row,) = await look(database_url, "SELECT id, sealed, times_reported FROM resources")
    assert stage.app.reports.open_url(row["id"], None, row["sealed"]) == "https://t.me/+AbCdEfGhIjKlMnOp"
    assert row["times_reported"] == 2
