"""The turn: one update is one transaction, and its reply goes out only after the commit."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from bot import jobs
from bot.database import Database
from bot.delivery.errors import TelegramDown, TooMany
from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.telegram import ways
from bot.telegram.actors import Actor, Side
from bot.telegram.reply import Reply, say
from bot.telegram.turn import TryAgain, Turn, Turns
from tests.workbench import (
    CHAT,
    CITIZEN,
    SORRY,
    Clock,
    count,
    end_backend,
    look,
    open_ring,
    open_turns,
    private,
    tried_again,
    until,
)

FACT = "INSERT INTO facts (name, value) VALUES ($1, 'x')"
Update = Mapping[str, Any]


async def write_fact(turn: Turn, update: Update) -> Reply | None:
    await turn.driver.execute(FACT, f"update {update['update_id']}")
    return say("written")


async def failures(url: str, update_id: int) -> int | None:
    rows = await look(url, "SELECT failures FROM handled_updates WHERE update_id = $1", update_id)
    return rows[0]["failures"] if rows else None


async def test_a_known_update_runs_no_handler_and_repeats_its_recorded_reply(
    database: Database, database_url: str
) -> None:
    turns = await open_turns(database, write_fact)
    first = await turns.take(CITIZEN, private(1))
    again = await turns.take(CITIZEN, private(1, text="other words, the same id"))
    assert first == again == say("written")
    assert await count(database_url, "facts") == 1


async def test_an_update_without_a_reply_is_known_as_well(database: Database, database_url: str) -> None:
    async def silent(turn: Turn, update: Update) -> None:
        await write_fact(turn, update)

    turns = await open_turns(database, silent)
    assert [await turns.take(CITIZEN, private(1)) for _ in range(3)] == [None, None, None]
    assert await count(database_url, "facts") == 1


async def test_a_recorded_reply_is_sealed_and_tells_no_chat(database: Database, database_url: str) -> None:
    turns = await open_turns(database, write_fact)
    await turns.take(CITIZEN, private(1))
    (row,) = await look(database_url, "SELECT reply, failures FROM handled_updates WHERE handled")
    assert b"written" not in row["reply"]
    assert len(row["reply"]) > 1024
    opened = (await open_ring(database)).open("handled_updates", (1).to_bytes(8, "big"), row["reply"])
    assert b"written" in opened
    assert str(CHAT).encode() not in opened


async def test_nothing_half_written_stays_when_a_handler_raises(database: Database, database_url: str) -> None:
    outbox = Outbox(await open_ring(database))

    async def break_off(turn: Turn, update: Update) -> None:
        await write_fact(turn, update)
        await outbox.message(turn.driver, Recipient.CITIZEN, uuid4(), "received", {}, turn.now)
        await outbox.want(turn.driver, Recipient.DESK, CardSort.REPORT, [uuid4()], turn.now)
        await jobs.enqueue(turn.driver, "job", uuid4())
        turn.state, turn.data = "Step:filling", {"draft": "words"}
        raise ValueError("what people wrote")

    turns = await open_turns(database, break_off)
    assert await tried_again(turns.take(CITIZEN, private(1)))
    for table in ("facts", "messages", "cards", "dialogues", "jobs.pgqueuer"):
        assert await count(database_url, table) == 0, table
    assert await failures(database_url, 1) == 1


async def test_a_job_that_follows_an_update_is_queued_with_it(database: Database, database_url: str) -> None:
    async def queue(turn: Turn, update: Update) -> None:
        await jobs.enqueue(turn.driver, "job", uuid4())

    await (await open_turns(database, queue)).take(CITIZEN, private(1))
    assert await count(database_url, "jobs.pgqueuer") == 1


async def test_the_third_failure_sets_an_update_aside_with_an_apology(database: Database, database_url: str) -> None:
    runs = []

    async def fail(turn: Turn, update: Update) -> None:
        runs.append(update["update_id"])
        raise RuntimeError

    turns = await open_turns(database, fail)
    assert await tried_again(turns.take(CITIZEN, private(1)))
    assert await tried_again(turns.take(CITIZEN, private(1)))
    assert await turns.take(CITIZEN, private(1)) == SORRY
    assert await turns.take(CITIZEN, private(1)) == SORRY
    assert runs == [1, 1, 1]


async def test_an_update_is_set_aside_even_when_the_apology_breaks_too(database: Database) -> None:
    async def fail(turn: Turn, update: Update) -> None:
        raise RuntimeError

    def break_too(_: Update, __: Mapping[str, Any]) -> Reply:
        raise KeyError

    turns = Turns(database, await open_ring(database), fail, break_too, Clock())
    assert [await tried_again(turns.take(CITIZEN, private(1))) for _ in range(4)] == [True, True, False, False]


async def test_a_failure_leaves_other_updates_and_chats_alone(database: Database) -> None:
    async def fail_one(turn: Turn, update: Update) -> Reply:
        if update["update_id"] == 1:
            raise RuntimeError
        return say("fine")

    turns = await open_turns(database, fail_one)
    assert await tried_again(turns.take(CITIZEN, private(1)))
    assert await turns.take(Actor(Side.CITIZEN, 9, 9), private(2, chat=9)) == say("fine")
    assert await turns.take(CITIZEN, private(3)) == say("fine")


async def test_a_lost_connection_is_not_counted_as_a_failure_of_the_update(
    database: Database, database_url: str
) -> None:
    lost: list[int] = []

    async def lose(turn: Turn, update: Update) -> Reply:
        if len(lost) < 5:
            lost.append(turn.driver.get_server_pid())
            await end_backend(database_url, lost[-1])
        await turn.driver.execute(FACT, "after")
        return say("done")

    turns = await open_turns(database, lose)
    for _ in range(5):
        assert await tried_again(turns.take(CITIZEN, private(1)))
        assert await failures(database_url, 1) is None
    assert await turns.take(CITIZEN, private(1)) == say("done")


async def test_a_database_that_is_away_is_not_a_failure_either(database: Database) -> None:
    turns = await open_turns(database, write_fact)
    ring = await open_ring(database)
    away = Turns(Database("postgresql://nobody@/nothing?host=/nowhere"), ring, write_fact, lambda *_: SORRY, Clock())
    await ring.ready(Clock()())
    assert [await tried_again(away.take(CITIZEN, private(1))) for _ in range(4)] == [True] * 4
    assert await turns.take(CITIZEN, private(1)) == say("written")


async def test_a_handler_that_hangs_is_counted_and_its_connection_is_good_again(
    database: Database, database_url: str
) -> None:
    async def hang(turn: Turn, update: Update) -> None:
        await turn.driver.execute("SELECT pg_sleep(600)")

    turns = await open_turns(database, hang, time_limit=0.05)
    assert await tried_again(turns.take(CITIZEN, private(1)))
    assert await tried_again(turns.take(CITIZEN, private(1)))
    assert await turns.take(CITIZEN, private(1)) == SORRY
    running = await look(database_url, "SELECT count(*) AS n FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)'")
    assert running[0]["n"] <= 1  # the look itself


async def test_a_handler_that_hangs_and_loses_its_connection_is_counted_too(
    database: Database, database_url: str
) -> None:
    async def hang(turn: Turn, update: Update) -> None:
        # As the server does with a session that stands idle in its transaction.
        await end_backend(database_url, turn.driver.get_server_pid())
        await asyncio.Event().wait()

    turns = await open_turns(database, hang, time_limit=0.3)
    assert [await tried_again(turns.take(CITIZEN, private(1))) for _ in range(3)] == [True, True, False]


async def test_a_handler_that_computes_until_the_server_ends_its_session_is_counted(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways, "IDLE_LIMIT", 0.0)

    async def compute(turn: Turn, update: Update) -> None:
        await end_backend(database_url, turn.driver.get_server_pid())
        await turn.driver.execute("SELECT 1")

    turns = await open_turns(database, compute)
    assert [await tried_again(turns.take(CITIZEN, private(1))) for _ in range(3)] == [True, True, False]


async def test_a_wrong_use_of_the_driver_is_counted_rather_than_tried_for_ever(database: Database) -> None:
    async def misuse(turn: Turn, update: Update) -> None:
        await asyncio.gather(turn.driver.execute("SELECT 1"), turn.driver.execute("SELECT 2"))

    turns = await open_turns(database, misuse)
    assert [await tried_again(turns.take(CITIZEN, private(1))) for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize("words", ["\ud800", "a\0b"])
async def test_words_that_the_database_cannot_hold_are_counted(database: Database, words: str) -> None:
    async def write(turn: Turn, update: Update) -> None:
        await turn.driver.execute(FACT, words)

    turns = await open_turns(database, write)
    assert [await tried_again(turns.take(CITIZEN, private(1))) for _ in range(3)] == [True, True, False]


async def test_a_reply_is_held_back_when_the_commit_fails(database: Database, database_url: str) -> None:
    await look(
        database_url,
        """DO $$ BEGIN
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';
        CREATE CONSTRAINT TRIGGER late AFTER INSERT ON facts DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW EXECUTE FUNCTION refuse();
        END $$""",
    )
    woken = []

    async def write(turn: Turn, update: Update) -> Reply | None:
        turn.after_commit.append(lambda: woken.append(1))
        turn.state, turn.data = "Step:kind", {"a": 1}
        return await write_fact(turn, update)

    turns = await open_turns(database, write)
    assert await tried_again(turns.take(CITIZEN, private(1)))
    assert woken == []
    assert await count(database_url, "facts") == await count(database_url, "dialogues") == 0


async def test_a_connection_that_dies_in_the_commit_leaves_the_update_for_another_time(
    database: Database, database_url: str
) -> None:
    await look(
        database_url,
        """DO $$ BEGIN
        CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
          'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM 1; RETURN NULL; END';
        CREATE CONSTRAINT TRIGGER late AFTER INSERT ON facts DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW EXECUTE FUNCTION die();
        END $$""",
    )
    turns = await open_turns(database, write_fact)
    for _ in range(4):
        assert await tried_again(turns.take(CITIZEN, private(1)))
    assert await failures(database_url, 1) is None
    await look(database_url, "DROP TRIGGER late ON facts")
    assert await turns.take(CITIZEN, private(1)) == say("written")
    assert await count(database_url, "facts") == 1


async def test_what_follows_the_commit_sees_what_was_committed(database: Database, database_url: str) -> None:
    seen: list[asyncio.Task[int]] = []

    async def write(turn: Turn, update: Update) -> Reply | None:
        turn.after_commit.append(lambda: seen.append(asyncio.ensure_future(count(database_url, "facts"))))
        assert await count(database_url, "facts") == 0
        return await write_fact(turn, update)

    await (await open_turns(database, write)).take(CITIZEN, private(1))
    assert [await task for task in seen] == [1]


async def test_a_dialogue_is_sealed_for_its_row_and_ends_with_the_dialogue(
    database: Database, database_url: str
) -> None:
    seen: list[tuple[str | None, Any]] = []

    async def talk(turn: Turn, update: Update) -> None:
        seen.append((turn.state, turn.data))
        match update["message"]["text"]:
            case "begin":
                turn.state, turn.data = "Step:filling", {"words": "who sells what"}
            case "end":
                turn.state, turn.data = None, {}

    turns = await open_turns(database, talk)
    await turns.take(CITIZEN, private(1, text="begin"))
    (row,) = await look(database_url, "SELECT chat_hash, sealed FROM dialogues")
    assert b"who sells" not in row["sealed"]
    assert len(row["sealed"]) in range(1024, 1100)
    assert CHAT.to_bytes(8, "big") not in row["chat_hash"]
    await turns.take(CITIZEN, private(2, text="look"))
    await turns.take(Actor(Side.CITIZEN, 9, 9), private(3, chat=9, text="look"))
    await turns.take(CITIZEN, private(4, text="end"))
    assert seen == [(None, {}), ("Step:filling", {"words": "who sells what"}), (None, {}), seen[1]]
    assert await count(database_url, "dialogues") == 0


async def test_a_dialogue_that_no_key_opens_begins_anew(database: Database, database_url: str) -> None:
    async def talk(turn: Turn, update: Update) -> Reply:
        found, turn.state = turn.state, "Step:kind"
        return say(str(found))

    turns = await open_turns(database, talk)
    await turns.take(CITIZEN, private(1))
    # A generation far from any that was made: nobody looks for its key.
    await look(database_url, "UPDATE dialogues SET sealed = 'rubbish'::bytea")
    assert await turns.take(CITIZEN, private(2)) == say("None")
    assert await turns.take(CITIZEN, private(3)) == say("Step:kind")


async def test_a_dialogue_that_looks_newer_than_every_key_is_looked_for_once_and_then_begins_anew(
    database: Database, database_url: str
) -> None:
    async def talk(turn: Turn, update: Update) -> Reply:
        found, turn.state = turn.state, "Step:kind"
        return say(str(found))

    turns = await open_turns(database, talk)
    await turns.take(CITIZEN, private(1))
    # Its first byte names the next generation, which another process may have made a moment ago.
    await look(database_url, "UPDATE dialogues SET sealed = set_byte(sealed, 0, 2)")
    with pytest.raises(TryAgain):
        await turns.take(CITIZEN, private(2))
    assert await turns.take(CITIZEN, private(2)) == say("None")
    assert await turns.take(CITIZEN, private(3)) == say("Step:kind")


async def test_updates_of_one_chat_are_taken_in_the_order_in_which_they_came(database: Database) -> None:
    taken = []

    async def note(turn: Turn, update: Update) -> None:
        taken.append(update["update_id"])

    turns = await open_turns(database, note)
    # The keys of this day and week are not there yet: making them must not shuffle the updates.
    await asyncio.gather(*(turns.take(CITIZEN, private(n)) for n in range(20)))
    assert taken == list(range(20))


async def test_a_press_waits_until_the_desk_was_asked_for_the_press_before(database: Database) -> None:
    taken, asked = [], asyncio.Event()

    async def note(turn: Turn, update: Update) -> None:
        taken.append(update["update_id"])

    async def prepare(update: Update) -> bool:
        if update["update_id"] == 1:
            await asked.wait()
        return True

    officer = Actor(Side.DESK, -100, 3)
    turns = await open_turns(database, note)
    both = [asyncio.create_task(turns.take(officer, private(n), prepare)) for n in (1, 2)]
    await turns.take(Actor(Side.DESK, -100, 4), private(3), prepare)
    asked.set()
    await asyncio.gather(*both)
    assert taken == [3, 1, 2]


async def test_a_flood_of_one_chat_holds_one_connection_and_nobody_else(database_url: str) -> None:
    database = Database(database_url, pool_size=2)
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def hold(turn: Turn, update: Update) -> Reply:
        if update["message"]["chat"]["id"] == CHAT:
            entered.set()
            await go_on.wait()
        return say("done")

    turns = await open_turns(database, hold)
    flood = [asyncio.create_task(turns.take(CITIZEN, private(n))) for n in range(60)]
    await entered.wait()
    # Sixty updates wait: with one connection in use, a pool of two has room for everybody else.
    assert database.in_use == 1
    for n in range(100, 110):
        assert await turns.take(Actor(Side.CITIZEN, n, n), private(n, chat=n)) == say("done")
    assert not any(task.done() for task in flood)
    waiting = await look(database_url, "SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    assert waiting[0]["n"] == 0
    go_on.set()
    assert await asyncio.gather(*flood) == [say("done")] * 60
    await database.close()


async def test_two_processes_do_not_take_updates_of_one_chat_at_the_same_time(
    database: Database, database_url: str
) -> None:
    entered, go_on, inside = asyncio.Event(), asyncio.Event(), []

    async def hold(turn: Turn, update: Update) -> Reply:
        inside.append(update["update_id"])
        entered.set()
        await go_on.wait()
        return await write_fact(turn, update) or SORRY

    other = Database(database_url, pool_size=2)
    one, two = await open_turns(database, hold), await open_turns(other, hold)
    first = asyncio.create_task(one.take(CITIZEN, private(1)))
    await entered.wait()
    second = asyncio.create_task(two.take(CITIZEN, private(1)))
    waits = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    await until(lambda: look(database_url, waits))
    go_on.set()
    assert await first == await second == say("written")
    assert inside == [1]
    await other.close()


async def test_telegram_being_away_before_the_turn_is_not_counted(database: Database, database_url: str) -> None:
    async def away(_: Update) -> bool:
        raise TelegramDown

    async def busy(_: Update) -> bool:
        raise TooMany(5)

    turns = await open_turns(database, write_fact)
    for prepare in (away, busy, away, busy):
        with pytest.raises(TryAgain):
            await turns.take(CITIZEN, private(1), prepare)
    assert await count(database_url, "handled_updates") == 0


async def test_an_update_that_cannot_be_prepared_is_set_aside_in_the_end(database: Database) -> None:
    async def broken(update: Update) -> bool:
        return bool(update["callback_query"]["from"]["id"])

    turns = await open_turns(database, write_fact)
    assert [await tried_again(turns.take(CITIZEN, private(1), broken)) for _ in range(3)] == [True, True, False]


async def test_unrelated_talk_on_the_desk_costs_no_transaction(database: Database, database_url: str) -> None:
    async def unrelated(_: Update) -> bool:
        return False

    turns = await open_turns(database, write_fact)
    assert await turns.take(CITIZEN, private(1), unrelated) is None
    assert await count(database_url, "handled_updates") == await count(database_url, "facts") == 0


async def test_the_keys_of_the_moment_are_there_even_when_midnight_passes_meanwhile(database: Database) -> None:
    clock, ring = Clock(), await open_ring(database)

    async def use_keys(turn: Turn, update: Update) -> Reply:
        return say(str(ring.day(turn.now)[0] is not None and ring.week(turn.now)[0] is not None))

    async def past_midnight(_: Update) -> bool:
        clock.forward(days=9)
        return True

    turns = Turns(database, ring, use_keys, lambda *_: SORRY, clock)
    for number in range(3):
        assert await turns.take(CITIZEN, private(number), past_midnight) == say("True")


async def test_a_connection_left_in_a_transaction_is_thrown_away(database_url: str) -> None:
    database = Database(database_url, pool_size=1)
    async with database.lend() as raw:
        left = raw.get_server_pid()
        await raw.execute("BEGIN")
        await raw.execute(FACT, "left behind")
    async with database.transaction() as connection:
        fresh: Any = (await connection.get_raw_connection()).driver_connection
        assert fresh.get_server_pid() != left
        assert await connection.scalar(text("SELECT count(*) FROM facts")) == 0
    await until(
        lambda: look(database_url, "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid = $1)", left)
    )
    await database.close()


async def test_a_cancelled_turn_leaves_nothing_and_a_clean_connection(database: Database, database_url: str) -> None:
    entered = asyncio.Event()

    async def hang(turn: Turn, update: Update) -> None:
        await write_fact(turn, update)
        entered.set()
        await turn.driver.execute("SELECT pg_sleep(600)")

    turns = await open_turns(database, hang)
    task = asyncio.create_task(turns.take(CITIZEN, private(1)))
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await count(database_url, "facts") == await count(database_url, "handled_updates") == 0
    assert database.in_use == 0
    async with database.transaction() as connection:
        assert await connection.scalar(text("SELECT 1")) == 1
