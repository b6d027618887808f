"""Changing the keys while the bot runs: nothing is lost or overwritten, and the old keys are gone at the end."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import LargeBinary, insert, text

from bot import key_watch, rotation
from bot.database import Database, driver
from bot.key_watch import HELD, KNOWS, KeyWatch
from bot.privacy.generations import FORGET_AFTER, Generations, NewGeneration
from bot.privacy.keyring import KeyRing
from bot.privacy.lasting import IN_USE, LASTING
from bot.privacy.sealing import CannotOpen
from bot.privacy.wrapping import WrongKey
from bot.resealing import Resealing
from bot.rotation import AnotherRotation, NoKeyring, Rotation
from bot.sealed_columns import SEALED, SealedColumn
from bot.tables import METADATA
from bot.telegram.reply import say
from bot.telegram.turn import Turn
from bot.wording import Wording
from tests.conftest import open_stage
from tests.stage import ROOT
from tests.workbench import KEY, Clock, look, open_ring, open_turns, private, tried_again, until

NEW_KEY = bytes(reversed(KEY))
AT = datetime(2026, 11, 4, 12, 0, tzinfo=UTC)
NOT_OF_A_GENERATION = {
    "lasting_keys.wrapped": "a key, wrapped",
    "period_keys.wrapped": "a key, wrapped",
    "return_addresses.sealed": "under the key of its week",
    "dialogues.chat_hash": "a keyed hash",
    "reports.receipt_hash": "a keyed hash",
    "resources.key": "a keyed hash",
    "found_links.key": "a keyed hash",
    "counters.hash": "a keyed hash of the day",
    "blocks.hash": "a keyed hash of the month",
    "journal_chain.hash": "a keyed hash",
    "near_places.cell": "a keyed hash",
    "strokes.sealed": "under the key of its day",
    "areas.geometry": "a border on a map, for all to see",
    "captures.sha256": "a digest of a page that anybody may open",
}


def rotation_of(
    database: Database, url: str, told: list[str] | None = None, key: bytes = KEY, previous: bytes | None = None
) -> Rotation:
    """A rotation that waits for processes, and not for the clock."""
    tell = (told if told is not None else []).append
    return Rotation(database, url, KeyRing(database, key, previous), tell, settle=0, linger=0, look=0.01)


def value_of(column: SealedColumn, number: int) -> bytes:
    """What a test seals into a column."""
    return f"{column.table}.{column.column} {number}".encode()


ROWS: dict[str, dict[str, Any]] = {
    "dialogues": {"touched_at": AT},
    "handled_updates": {"handled": True, "failures": 0, "at": AT},
    "messages": {"recipient": "citizen", "template": "feedback", "due_at": AT, "attempts": 0},
    "cards": {"recipient": "desk", "sort": "report", "due_at": AT, "attempts": 0},
    "reports": {"kind": "link", "status": "new", "filed_at": AT},
    "resources": {"platform": "telegram", "what": "channel", "status": "new", "first_reported_at": AT},
    "additions": {"at": AT},
    "batches": {"desk": "desk", "state": "done", "officer": 1, "officer_name": "A", "made_at": AT},
    "forms": {"act": "ask", "sort": "report", "state": "open", "officer": 1, "officer_name": "A", "at": AT},
    "decisions": {
        "sort": "report",
        "decision": "passed_on",
        "officer": 1,
        "officer_name": "A",
        "at": AT,
        "until": AT,
        "status_before": "new",
        "reopened_before": False,
        "withdrew": False,
    },
    "parts": {"sort": "photo", "position": 0, "state": "ready", "made_on": AT.date()},
    "originals": {},
    "watches": {"host": "t.me", "failures": 0},
    "captures": {"at": AT},
    "placement_days": {},
}


class Row:
    """One row of every sealed table, as the program would bind its values to it."""

    def __init__(self, number: int) -> None:
        self.id, self.part_id, self.lane, self.subject, self.report_id = (uuid4() for _ in range(5))
        self.chat_hash, self.receipt_hash, self.key = (uuid4().bytes * 2 for _ in range(3))
        self.update_id, self.template = number, "feedback"
        self.day = AT.date() + timedelta(days=number)
        self.resource_id, self.sha256 = uuid4(), bytes(32)


async def fill(database: Database, ring: KeyRing, rows: int = 3) -> list[tuple[str, Row]]:
    """Seal a value into every sealed column of so many rows of each table."""
    filled = []
    async with database.transaction() as connection:
        for name, common in ROWS.items():
            table = METADATA.tables[name]
            for number in range(1, rows + 1):
                row = Row(number)
                if name == "messages":
                    values = {"lane": row.lane}
                else:
                    own = {column.name: getattr(row, column.name, None) for column in table.columns}
                    values = {column: value for column, value in own.items() if value is not None}
                sealed = {
                    column.column: ring.seal(column.name, column.row(row), value_of(column, number))
                    for column in SEALED
                    if column.table == name
                }
                await connection.execute(insert(table).values(**common, **values, **sealed))
                filled.append((name, row))
    return filled


async def all_opens(database: Database, ring: KeyRing, filled: list[tuple[str, Row]]) -> bool:
    """Whether every value that was filled in opens as it was, and lies under the ring's generation."""
    async with database.transaction() as connection:
        for column in SEALED:
            wanted = [row for name, row in filled if name == column.table]
            found = (await connection.execute(column.value.table.select())).all()
            assert len(found) == len(wanted), column
            values = {ring.open(column.name, column.row(row), getattr(row, column.column)) for row in found}
            assert values == {value_of(column, row.update_id) for row in wanted}, column
            assert {getattr(row, column.column)[0] for row in found} == {ring.generations.current}, column
    return True


async def generations(url: str) -> list[str]:
    """The purposes of the generations' keys."""
    rows = await look(url, "SELECT purpose FROM lasting_keys WHERE purpose ~ '[0-9]$' ORDER BY purpose")
    return [row["purpose"] for row in rows]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rotation that tells at each look what it waits for."""
    monkeypatch.setattr(rotation, "REMIND", 0.0)


def test_every_sealed_column_is_sealed_anew_by_a_rotation_or_is_known_to_need_none() -> None:
    binary = {
        f"{table.name}.{column.name}"
        for table in METADATA.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    listed = [f"{column.table}.{column.column}" for column in SEALED]
    assert len(listed) == len(set(listed))
    assert set(listed).isdisjoint(NOT_OF_A_GENERATION)
    assert set(listed) | set(NOT_OF_A_GENERATION) == binary
    assert set(ROWS) == {column.table for column in SEALED}


def test_every_name_that_something_is_sealed_under_is_one_that_a_rotation_knows() -> None:
    program = "\n".join(path.read_text("utf-8") for path in (ROOT / "bot").rglob("*.py"))
    used = set(re.findall(r"\b_?ring\.(?:seal|open)\(\s*\"([^\"]+)\"", program))
    assert used <= {column.name for column in SEALED}
    assert {"dialogues", "reports", "parts", "messages"} <= used
    unnamed = set(re.findall(r"^.*\b_?ring\.(?:seal|open)\(\s*[^\"\s].*$", program, re.MULTILINE))
    assert all("column.name" in line for line in unnamed), "a name that this test cannot read"


def test_a_lost_keyring_is_looked_for_in_every_table_that_it_sealed() -> None:
    asked = set(re.findall(r"SELECT FROM (\w+)", IN_USE))
    assert asked == {column.table for column in SEALED} | {"return_addresses"}


async def test_after_a_rotation_all_is_sealed_under_a_new_key_and_the_old_one_is_gone(
    database: Database, database_url: str
) -> None:
    before = await open_ring(database)
    filled, told = await fill(database, before), list[str]()
    assert await rotation_of(database, database_url, told).run()
    after = await open_ring(database)
    assert after.generations.current == 2
    assert await all_opens(database, after, filled)
    assert await generations(database_url) == ["seal2"]
    assert before.hash("receipt", b"code") == after.hash("receipt", b"code")
    with pytest.raises(CannotOpen):
        after.open("reports", b"id", before.seal("reports", b"id", b"words"))
    assert "Nothing is sealed under generation 1 any more: its key is destroyed." in told
    assert await rotation_of(database, database_url).run()
    assert await generations(database_url) == ["seal3"]


async def test_a_new_secret_key_alone_opens_everything_after_a_rotation(database: Database, database_url: str) -> None:
    old, clock = await open_ring(database), Clock()
    await old.ready(clock())
    filled = await fill(database, old)
    with pytest.raises(WrongKey):
        await rotation_of(database, database_url, key=NEW_KEY).run()
    assert await rotation_of(database, database_url, key=NEW_KEY, previous=KEY).run()
    new = await open_ring(database, NEW_KEY)
    assert await all_opens(database, new, filled)
    assert (new.day(clock()), new.week(clock())) == (old.day(clock()), old.week(clock()))
    for purpose in LASTING[:-1]:
        assert new.hash(purpose, b"x") == old.hash(purpose, b"x")
    with pytest.raises(WrongKey):
        await open_ring(database, KEY)
    assert await count_wrapped_by(database_url, database, KEY) == 0


async def count_wrapped_by(url: str, database: Database, key: bytes) -> int:
    wrapping = KeyRing(database, key).wrapping
    rows = await look(url, "SELECT id, wrapped FROM lasting_keys UNION ALL SELECT id, wrapped FROM period_keys")
    assert rows
    return sum(wrapping.is_newest(row["id"], row["wrapped"]) for row in rows)


@pytest.fixture
async def two(database_url: str) -> AsyncIterator[list[tuple[KeyRing, KeyWatch]]]:
    """Two processes on one database, each with its keyring and its watch, that look when the test says so."""
    processes, databases = [], []
    for _ in range(2):
        databases.append(Database(database_url, pool_size=2))
        ring = await open_ring(databases[-1])
        watch = KeyWatch(database_url, ring)
        await watch.start()
        processes.append((ring, watch))
    yield processes
    for (_, watch), each in zip(processes, databases, strict=True):
        watch.close()
        await each.close()


async def test_nobody_seals_under_a_new_key_before_every_process_can_open_it_and_none_is_destroyed_in_use(
    database: Database, database_url: str, two: list[tuple[KeyRing, KeyWatch]], impatient: None
) -> None:
    (first, first_watch), (second, second_watch) = two
    told: list[str] = []

    async def says(words: str) -> bool:
        return any(words in line for line in told)

    at_work = asyncio.create_task(rotation_of(database, database_url, told).run())
    await until(lambda: says("2 of 2 running processes do not know"))
    await first_watch.look()
    await until(lambda: says("1 of 2 running processes do not know"))
    assert await generations(database_url) == ["next2", "seal1"]
    await first_watch.look()
    assert (first.generations.newest, first.generations.current) == (2, 1)
    # The second has not looked yet: what the first seals must open for it.
    assert second.open("reports", b"id", first.seal("reports", b"id", b"words")) == b"words"

    await second_watch.look()
    await until(lambda: says("2 of 2 running processes do not seal under generation 2"))
    await first_watch.look()
    assert first.generations.current == 2
    assert second.open("reports", b"id", first.seal("reports", b"id", b"words")) == b"words"
    await until(lambda: says("1 of 2 running processes do not seal under generation 2"))

    # The second, which is slow, still seals under the old key; that is sealed anew before the old key goes.
    filled = await fill(database, second)
    assert await generations(database_url) == ["seal1", "seal2"]
    await second_watch.look()
    assert await at_work
    assert await generations(database_url) == ["seal2"]
    assert await all_opens(database, second, filled)


async def test_a_process_that_cannot_open_the_new_key_holds_a_rotation_up_and_goes_on_itself(
    database: Database, database_url: str, impatient: None
) -> None:
    left = await open_ring(database)
    watch, told = KeyWatch(database_url, left), list[str]()
    await watch.start()

    async def waits() -> bool:
        return any("do not know generation 2 and the new SECRET_KEY" in line for line in told)

    at_work = asyncio.create_task(rotation_of(database, database_url, told, NEW_KEY, previous=KEY).run())
    await until(waits)
    await watch.look()
    assert left.open("reports", b"id", left.seal("reports", b"id", b"words")) == b"words"
    assert await count_wrapped_by(database_url, database, NEW_KEY) == 1, "only the generation that nobody uses"
    # It was started with the old settings: it is started again.
    watch.close()
    assert await at_work


async def test_a_process_that_starts_during_a_rotation_is_waited_for(
    database: Database, database_url: str, two: list[tuple[KeyRing, KeyWatch]], impatient: None
) -> None:
    class Late(KeyRing):
        """Looks whether the lock is held already when it looks for keys: what came in between would not be seen."""

        async def refresh(self, driver: Any) -> None:
            pid = await driver.fetchval("SELECT pg_backend_pid()")
            held.append(pid in {row["pid"] for row in await driver.fetch(HELD, KNOWS)})
            await super().refresh(driver)

    (ring, watch), _ = two
    held: list[bool] = []
    late = Late(database, KEY)
    await late.load()
    told: list[str] = []
    two[1][1].close()
    at_work = asyncio.create_task(rotation_of(database, database_url, told).run())

    async def says(words: str) -> bool:
        return any(words in line for line in told)

    await until(lambda: says("Still waiting"))
    await watch.look()
    await until(lambda: says("do not seal under generation 2"))
    # Its keyring is older than the new generation; holding the lock it looks again, before it seals anything.
    late_watch = KeyWatch(database_url, late)
    await late_watch.start()
    assert late.generations.current == 2
    assert held == [True]
    await watch.look()
    assert await at_work
    assert ring.generations.current == 2
    late_watch.close()


async def test_a_lost_watch_comes_back_with_what_is_new(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_watch, "LOOK_EVERY", 0.01)
    ring = await open_ring(database)
    watch = KeyWatch(database_url, ring)
    await watch.start()
    running = asyncio.create_task(watch.run())
    await look(
        database_url,
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND application_name = 'shekteu-keys'",
    )
    assert await rotation_of(database, database_url).run()

    async def knows() -> bool:
        return ring.generations.current == 2

    await until(knows)
    running.cancel()
    watch.close()


async def test_a_turn_that_meets_a_key_of_another_process_is_tried_again_and_loses_nothing(
    database: Database, database_url: str
) -> None:
    seen: list[dict[str, Any]] = []

    async def handle(turn: Turn, update: Any) -> Any:
        seen.append(dict(turn.data))
        turn.state, turn.data = "filling", {"words": "a stash"}
        return say("and then?")

    from tests.workbench import CITIZEN

    turns = await open_turns(database, handle)
    assert await turns.take(CITIZEN, private(1))
    assert await rotation_of(database, database_url).run()
    assert await tried_again(turns.take(CITIZEN, private(2)))
    assert await turns.take(CITIZEN, private(2))
    assert seen == [{}, {"words": "a stash"}]


async def test_a_rotation_that_is_stopped_anywhere_goes_on_when_it_is_run_again(
    database: Database, database_url: str
) -> None:
    class StoppedHere(Exception):
        pass

    before = await open_ring(database)
    await before.ready(Clock()())
    filled = await fill(database, before)
    key, previous, stops, ends = NEW_KEY, KEY, 0, 0
    while not ends:
        left = stops

        def tell(_: str) -> None:
            nonlocal left
            if not left:
                raise StoppedHere
            left -= 1

        stopped = Rotation(
            database, database_url, KeyRing(database, key, previous), tell, settle=0, linger=0, look=0.01
        )
        try:
            assert await stopped.run()
            ends = 1
        except StoppedHere:
            stops += 1
        # Wherever it stopped, a bot that is started now opens all that there is.
        ring = await open_ring(database, key, previous)
        async with database.transaction() as connection:
            for column in SEALED:
                for row in (await connection.execute(column.value.table.select())).all():
                    assert ring.open(column.name, column.row(row), getattr(row, column.column))
    assert stops > 5
    assert len(await generations(database_url)) == 1
    assert await all_opens(database, await open_ring(database, NEW_KEY), filled)


async def test_one_that_was_stopped_and_whose_secret_key_is_changed_since_makes_another_key(
    database: Database, database_url: str
) -> None:
    ring = await open_ring(database)
    filled = await fill(database, ring)
    async with database.transaction() as connection:
        key_id = uuid4()
        await (await driver(connection)).execute(
            "INSERT INTO lasting_keys (id, purpose, wrapped) VALUES ($1, 'next2', $2)",
            key_id,
            ring.wrapping.wrap(key_id, bytes(32)),
        )
    # Whoever had the old SECRET_KEY could have opened the second generation's key.
    assert await rotation_of(database, database_url, key=NEW_KEY, previous=KEY).run()
    assert await generations(database_url) == ["seal3"]
    assert await all_opens(database, await open_ring(database, NEW_KEY), filled)


async def test_what_the_bot_writes_meanwhile_is_never_overwritten(database: Database, database_url: str) -> None:
    ring = await open_ring(database)
    await fill(database, ring, rows=1)
    (row,) = await look(database_url, "SELECT chat_hash FROM dialogues")
    chat_hash = row["chat_hash"]
    async with database.transaction() as connection:
        key_id = uuid4()
        await (await driver(connection)).execute(
            "INSERT INTO lasting_keys (id, purpose, wrapped) VALUES ($1, 'seal2', $2)",
            key_id,
            ring.wrapping.wrap(key_id, bytes(32)),
        )
    newer = await open_ring(database)
    async with database.transaction() as connection:
        raw = await driver(connection)
        await raw.execute("UPDATE dialogues SET sealed = $1", ring.seal("dialogues", chat_hash, b"newer"))
        passing = asyncio.create_task(Resealing(database, newer, lambda _: None).once())

        async def waits() -> Any:
            return await look(
                database_url,
                "SELECT FROM pg_stat_activity WHERE datname = current_database() "
                "AND wait_event_type = 'Lock' AND query LIKE 'UPDATE dialogues%'",
            )

        await until(waits)
    done = await passing
    assert done.busy == 1
    await Resealing(database, newer, lambda _: None).run()
    (row,) = await look(database_url, "SELECT sealed FROM dialogues")
    assert newer.open("dialogues", chat_hash, row["sealed"]) == b"newer"
    assert row["sealed"][0] == 2


async def test_a_row_that_is_held_for_long_is_passed_over_and_tried_again(
    database: Database, database_url: str
) -> None:
    ring = await open_ring(database)
    await fill(database, ring, rows=1)
    impatient = Database(database_url, pool_size=1)
    async with database.transaction() as connection:
        key_id = uuid4()
        await (await driver(connection)).execute(
            "INSERT INTO lasting_keys (id, purpose, wrapped) VALUES ($1, 'seal2', $2)",
            key_id,
            ring.wrapping.wrap(key_id, bytes(32)),
        )
    newer = await open_ring(database)
    async with impatient.connect(autocommit=True) as connection:
        await connection.execute(text("SET lock_timeout = '50ms'"))
    async with database.transaction() as holder:
        await holder.execute(text("SELECT FROM reports FOR UPDATE"))
        done = await Resealing(impatient, newer, lambda _: None).once()
        assert (done.busy, done.shut) == (1, 0)
    done = await Resealing(impatient, newer, lambda _: None).once()
    assert (done.sealed, done.busy) == (1, 0)
    await impatient.close()


async def test_of_two_rotations_the_second_is_refused(
    database: Database, database_url: str, two: list[tuple[KeyRing, KeyWatch]], impatient: None
) -> None:
    told: list[str] = []
    first = asyncio.create_task(rotation_of(database, database_url, told).run())

    async def waits() -> bool:
        return any("Still waiting" in line for line in told)

    await until(waits)
    with pytest.raises(AnotherRotation):
        await rotation_of(database, database_url).run()
    for _, watch in two:
        watch.close()
    assert await first
    assert await rotation_of(database, database_url).run()


async def test_what_does_not_open_keeps_its_key_and_hinders_no_later_rotation(
    database: Database, database_url: str
) -> None:
    ring, told = await open_ring(database), list[str]()
    filled = await fill(database, ring)
    moved = ring.seal("reports", UUID(int=1).bytes, b"of another row")
    await look(
        database_url,
        "INSERT INTO additions (id, report_id, at, sealed) VALUES ($1, $1, $2, $3)",
        UUID(int=2),
        AT,
        moved,
    )
    assert not await rotation_of(database, database_url, told).run()
    assert any("1 values of generation 1 do not open, so its key stays" in line for line in told)
    assert await generations(database_url) == ["kept1", "seal2"]
    # A start with them goes well, and seals under the newest.
    assert (await open_ring(database)).generations.current == 2
    assert not await rotation_of(database, database_url).run()
    assert await generations(database_url) == ["kept1", "seal3"]
    await look(database_url, "DELETE FROM additions WHERE id = $1", UUID(int=2))
    assert await rotation_of(database, database_url).run()
    assert await generations(database_url) == ["seal4"]
    assert await all_opens(database, await open_ring(database), filled)


async def test_there_is_nothing_to_rotate_before_the_first_start(database: Database, database_url: str) -> None:
    with pytest.raises(NoKeyring):
        await rotation_of(database, database_url).run()
    assert await look(database_url, "SELECT FROM lasting_keys") == []


def test_a_destroyed_key_is_kept_in_memory_for_what_was_just_read_and_then_forgotten() -> None:
    now = 0.0
    known = Generations(lambda: now)
    known.learn({"seal1": bytes(32), "receipt": bytes(32)})
    sealed = known.seal(b"row", b"words")
    known.learn({"seal2": bytes(reversed(range(32)))})
    now += FORGET_AFTER
    known.learn({"seal2": bytes(reversed(range(32)))})
    assert known.open(b"row", sealed) == b"words"
    now += 1
    known.learn({"seal2": bytes(reversed(range(32)))})
    with pytest.raises(CannotOpen):
        known.open(b"row", sealed)


def test_what_is_newer_is_looked_for_once_and_damage_never() -> None:
    other, known = Generations(), Generations()
    other.learn({"seal3": bytes(32)})
    known.learn({"seal2": bytes(32)})
    sealed = other.seal(b"row", b"words")
    with pytest.raises(NewGeneration):
        known.open(b"row", sealed)
    assert known.behind
    known.learn({"seal2": bytes(32)})
    assert not known.behind
    # Looked for in vain, it is told for good: nothing is tried again for ever.
    for damaged in (sealed, b"rubbish", b"", b"\x01" + sealed[1:]):
        with pytest.raises(CannotOpen):
            known.open(b"row", damaged)
    assert not known.behind


def test_a_look_that_comes_late_takes_no_process_back() -> None:
    known = Generations()
    known.learn({"seal1": bytes(32), "seal2": bytes(range(32))})
    known.learn({"seal1": bytes(32), "next2": bytes(range(32))})
    assert known.current == 2


async def test_the_bot_goes_on_while_its_keys_are_changed(
    database_url: str, wording: Wording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_watch, "LOOK_EVERY", 0.05)
    async with open_stage(database_url, wording) as stage:
        citizen, writing = stage.citizen("en"), stage.citizen("en")
        stage.sandbox.send_text(citizen, "t.me/the_first_shop")
        await stage.says(citizen, "Send")
        stage.sandbox.send_text(citizen, "Send")
        code = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", (await stage.says(citizen, "Code: ")).text or "")
        assert code
        stage.sandbox.send_text(writing, "t.me/the_second_shop")
        await stage.says(writing, "the_second_shop")

        changing = Database(database_url, pool_size=2)
        at_work = asyncio.create_task(rotation_of(changing, database_url, key=stage._key).run())
        others = []
        while not at_work.done():
            others.append(stage.citizen("en"))
            stage.sandbox.send_text(others[-1], f"t.me/shop_number_{len(others)}")
            await stage.says(others[-1], f"shop_number_{len(others)}")
        assert await at_work
        await changing.close()
        assert await generations(database_url) == ["seal2"]

        for each in (writing, *others[-3:]):
            stage.sandbox.send_text(each, "Send")
            await stage.says(each, "Code: ")
        await stage.card("the_second_shop")
        stage.sandbox.send_text(writing, f"/status {code[0]}")
        await stage.says(writing, "eceived")
        await stage.stop_bot()
        await stage.start_bot()
        stage.sandbox.send_text(citizen, f"/status {code[0]}")
        await stage.says(citizen, "eceived")
