"""The keyring and what hangs on it: made once, opened only with its key, and gone when a key is destroyed."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from bot.database import Database, driver
from bot.languages import Language
from bot.privacy import addresses
from bot.privacy.keyring import KeyRing, keyed, week_of
from bot.privacy.lasting import LASTING
from bot.privacy.sealing import CannotOpen
from bot.privacy.wrapping import KeyringLost, WrongKey
from tests.workbench import KEY, Clock, count, look, open_ring

OTHER_KEY = bytes(reversed(KEY))
CHAT = 5_012_345_678


async def keep(database: Database, ring: KeyRing, report: UUID, chat: int, clock: Clock, language: str = "kk") -> None:
    await ring.ready(clock())
    async with database.transaction() as connection:
        await addresses.keep(await driver(connection), ring, report, chat, language, clock())


async def open_one(database: Database, ring: KeyRing, report: UUID) -> tuple[int, Language] | None:
    async with database.transaction() as connection:
        return await addresses.open_address(await driver(connection), ring, report)


async def test_keys_are_made_once_and_stay(database: Database, database_url: str) -> None:
    first = await open_ring(database)
    second = await open_ring(database)
    for purpose in LASTING:
        assert first.hash(purpose, b"x") == second.hash(purpose, b"x")
    assert len({first.hash(purpose, b"x") for purpose in LASTING}) == len(LASTING)
    assert second.open("reports", b"id", first.seal("reports", b"id", b"words")) == b"words"
    assert await count(database_url, "lasting_keys") == len(LASTING)


async def test_two_processes_that_start_at_once_agree(database_url: str) -> None:
    databases = [Database(database_url, pool_size=2) for _ in range(4)]
    rings = await asyncio.gather(*(open_ring(database) for database in databases))
    assert len({ring.hash("receipt", b"x") for ring in rings}) == 1
    clock = Clock()
    await asyncio.gather(*(ring.ready(clock()) for ring in rings))
    assert len({ring.day(clock()) for ring in rings}) == len({ring.week(clock()) for ring in rings}) == 1
    assert await count(database_url, "lasting_keys") == len(LASTING)
    assert await count(database_url, "period_keys") == 3
    for database in databases:
        await database.close()


async def test_keys_lie_wrapped_in_the_database(database: Database, database_url: str) -> None:
    ring, clock = await open_ring(database), Clock()
    await ring.ready(clock())
    plain = [*ring._lasting.values(), *ring._periods.values()]
    rows = await look(database_url, "SELECT wrapped FROM lasting_keys UNION ALL SELECT wrapped FROM period_keys")
    assert len(rows) == len(plain)
    assert not any(key in row["wrapped"] for key in plain for row in rows)


async def test_a_wrong_key_is_told_of_and_nothing_is_written(database: Database, database_url: str) -> None:
    ring = await open_ring(database)
    await ring.ready(Clock()())
    statement = "SELECT id, wrapped FROM lasting_keys UNION ALL SELECT id, wrapped FROM period_keys ORDER BY id"
    before = await look(database_url, statement)
    with pytest.raises(WrongKey):
        await open_ring(database, OTHER_KEY)
    assert await look(database_url, statement) == before
    assert WrongKey.__doc__
    assert "SECRET_KEY" in WrongKey.__doc__


async def test_a_wrong_key_finds_out_even_when_only_some_keys_are_its_own(database: Database) -> None:
    ring = await open_ring(database)
    async with database.transaction() as connection:
        await (await driver(connection)).execute("DELETE FROM lasting_keys WHERE purpose = 'receipt'")
    with pytest.raises(WrongKey):
        await open_ring(database, OTHER_KEY)
    again = await open_ring(database)
    assert again.hash("chat", b"x") == ring.hash("chat", b"x")


async def test_the_previous_key_still_opens_the_keyring(database: Database) -> None:
    ring, clock = await open_ring(database), Clock()
    await ring.ready(clock())
    changed = await open_ring(database, OTHER_KEY, previous=KEY)
    assert changed.hash("receipt", b"x") == ring.hash("receipt", b"x")
    assert changed.week(clock()) == ring.week(clock())
    clock.forward(days=7)
    await changed.ready(clock())
    # What is made during the change is wrapped by the new key, so both are needed until all is wrapped anew.
    with pytest.raises(WrongKey):
        await open_ring(database)
    assert (await open_ring(database, KEY, previous=OTHER_KEY)).week(clock()) == changed.week(clock())


async def test_keys_of_day_and_week_change_with_them_and_no_sooner(database: Database) -> None:
    ring, clock = await open_ring(database), Clock()
    seen: list[tuple[UUID, UUID]] = []
    for _ in range(15):
        await ring.ready(clock())
        await ring.ready(clock())
        seen.append((ring.day(clock())[0], ring.week(clock())[0]))
        clock.forward(days=1)
    # The first of these days is a Wednesday.
    assert len({day for day, _ in seen}) == 15
    assert [len({week for _, week in seen[begin:end]}) for begin, end in ((0, 5), (5, 12), (12, 15))] == [1, 1, 1]
    assert len({week for _, week in seen}) == 3


def test_a_week_begins_on_monday() -> None:
    clock = Clock()
    for _ in range(30):
        begins = week_of(clock())
        assert begins.weekday() == 0
        assert timedelta(0) <= clock().date() - begins < timedelta(days=7)
        clock.forward(hours=31)


async def test_counts_of_a_day_cannot_be_matched_with_those_of_another(database: Database) -> None:
    ring, clock = await open_ring(database), Clock()
    await ring.ready(clock())
    first = keyed(ring, "person", clock(), b"chat", b"resource")
    assert first == keyed(ring, "person", clock(), b"chat", b"resource")
    assert first[1] != keyed(ring, "person", clock(), b"chat", b"other")[1]
    clock.forward(days=1)
    await ring.ready(clock())
    assert first[1] != keyed(ring, "person", clock(), b"chat", b"resource")[1]


async def test_a_destroyed_key_is_gone_from_memory_and_database(database: Database, database_url: str) -> None:
    ring, clock = await open_ring(database), Clock()
    for _ in range(3):
        await ring.ready(clock())
        clock.forward(days=7)
    old = ring.week(clock() - timedelta(days=21))[0]
    kept = ring.week(clock() - timedelta(days=14))[0]
    today = clock().date()
    assert await ring.destroy("week", today, keep=frozenset({kept})) == 2
    assert ring.period(old) is None
    assert ring.period(kept) is not None
    assert await count(database_url, "period_keys WHERE purpose = 'week'") == 1
    assert await count(database_url, "period_keys WHERE purpose = 'day'") == 3
    assert await ring.destroy("day", date(2026, 1, 1)) == 0


async def test_a_key_that_is_missed_again_is_made_again(database: Database) -> None:
    ring, clock = await open_ring(database), Clock()
    await ring.ready(clock())
    first = ring.day(clock())[0]
    await ring.destroy("day", clock().date() + timedelta(days=1))
    await ring.ready(clock())
    assert ring.day(clock())[0] != first


async def test_an_address_is_opened_by_its_report_alone(database: Database, database_url: str) -> None:
    ring, clock, report, other = await open_ring(database), Clock(), uuid4(), uuid4()
    await keep(database, ring, report, CHAT, clock)
    await keep(database, ring, other, 7, clock, "ru")
    assert await open_one(database, ring, report) == (CHAT, Language.KK)
    assert await open_one(database, ring, other) == (7, Language.RU)
    assert await open_one(database, ring, uuid4()) is None
    rows = await look(database_url, "SELECT sealed FROM return_addresses")
    # All are of one length: a long id tells nothing.
    assert len({len(row["sealed"]) for row in rows}) == 1
    assert not any(CHAT.to_bytes(8, "big") in row["sealed"] for row in rows)
    swapped = "UPDATE return_addresses SET sealed = (SELECT sealed FROM return_addresses WHERE report_id = $1)"
    await look(database_url, swapped, other)
    assert await open_one(database, ring, report) is None


async def test_a_later_address_takes_the_place_of_the_first(database: Database, database_url: str) -> None:
    ring, clock, report = await open_ring(database), Clock(), uuid4()
    await keep(database, ring, report, CHAT, clock)
    await keep(database, ring, report, CHAT, clock, "en")
    assert await open_one(database, ring, report) == (CHAT, Language.EN)
    assert await count(database_url, "return_addresses") == 1


async def test_an_address_whose_key_was_destroyed_is_closed_and_no_error(database: Database) -> None:
    ring, clock, report = await open_ring(database), Clock(), uuid4()
    await keep(database, ring, report, CHAT, clock)
    await ring.destroy("week", clock().date() + timedelta(days=1))
    assert await open_one(database, ring, report) is None
    assert await open_one(database, await open_ring(database), report) is None
    async with database.transaction() as connection:
        assert await addresses.reports_of(await driver(connection), ring, CHAT) == []


async def test_addresses_are_closed_after_a_restore_without_the_keys_of_weeks(
    database: Database, database_url: str
) -> None:
    ring, clock, report = await open_ring(database), Clock(), uuid4()
    await keep(database, ring, report, CHAT, clock)
    receipt = ring.hash("receipt", b"code")
    await look(database_url, "DELETE FROM period_keys")
    restored = await open_ring(database)
    assert await open_one(database, restored, report) is None
    assert restored.hash("receipt", b"code") == receipt


async def test_a_key_that_another_process_made_is_found_without_a_second_connection(database_url: str) -> None:
    made, clock, reports = Database(database_url, pool_size=1), Clock(), [uuid4(), uuid4()]
    one = Database(database_url, pool_size=1)
    ours, theirs = await open_ring(one), await open_ring(made)
    await keep(made, theirs, reports[0], CHAT, clock)
    # A pool of one: who asked for another connection here would wait for itself.
    async with asyncio.timeout(60):
        assert await open_one(one, ours, reports[0]) == (CHAT, Language.KK)
    await one.close()
    await made.close()


async def test_an_address_read_with_its_message_opens_for_that_report_and_where_its_key_is_known(
    database: Database, database_url: str
) -> None:
    early, late, clock, report = await open_ring(database), await open_ring(database), Clock(), uuid4()
    await keep(database, late, report, CHAT, clock)
    (row,) = await look(database_url, "SELECT key_id, sealed FROM return_addresses")
    assert addresses.opened(late, report, *row) == (CHAT, Language.KK)
    assert addresses.opened(late, uuid4(), *row) is None
    assert addresses.opened(late, report, None, None) is None
    # Another process made the key: a look finds it.
    assert addresses.opened(early, report, *row) is None
    assert await open_one(database, early, report) == (CHAT, Language.KK)


async def test_forgetting_finds_every_report_of_a_chat_whoever_made_its_key(database_url: str) -> None:
    database, other = Database(database_url, pool_size=2), Database(database_url, pool_size=2)
    clock, reports = Clock(), [uuid4() for _ in range(4)]
    ours, theirs = await open_ring(database), await open_ring(other)
    for report, chat in zip(reports, (CHAT, CHAT, 7, CHAT), strict=True):
        # Each in a week of its own, in which the process that is asked took no turn.
        await keep(other, theirs, report, chat, clock)
        clock.forward(days=7)
    async with database.transaction() as connection:
        raw = await driver(connection)
        found = await addresses.reports_of(raw, ours, CHAT)
        assert set(found) == {reports[0], reports[1], reports[3]}
        assert await addresses.erase(raw, found) == 3
        assert await addresses.reports_of(raw, ours, CHAT) == []
    assert await open_one(database, ours, reports[2]) == (7, Language.KK)
    await database.close()
    await other.close()


async def test_what_is_sealed_for_one_table_opens_in_no_other(database: Database) -> None:
    ring = await open_ring(database)
    sealed = ring.seal("reports", b"id", b"words")
    for table, row in (("dialogues", b"id"), ("reports", b"di"), ("report", b"s\0id"), ("reports\0id", b"")):
        with pytest.raises(CannotOpen):
            ring.open(table, row, sealed)


async def test_verifying_opens_every_key_and_writes_nothing(database: Database, database_url: str) -> None:
    assert await KeyRing(database, KEY).verify() == 0
    assert await count(database_url, "lasting_keys") == 0
    await (await open_ring(database)).ready(Clock()())
    assert await KeyRing(database, KEY).verify() == len(LASTING) + 3  # of the day, the week, the month
    with pytest.raises(WrongKey):
        await KeyRing(database, OTHER_KEY).verify()


SEALED_DATA = {
    "dialogues": "INSERT INTO dialogues (chat_hash, sealed, touched_at) VALUES ('a', 'b', now())",
    "return_addresses": "INSERT INTO return_addresses (report_id, key_id, sealed) "
    "VALUES (gen_random_uuid(), gen_random_uuid(), 'b')",
    "reports": "INSERT INTO reports (id, kind, status, filed_at, receipt_hash) "
    "VALUES (gen_random_uuid(), 'link', 'new', now(), 'a')",
}


@pytest.mark.parametrize("lost", ["true", "purpose = 'seal1'", "purpose = 'receipt'"])
@pytest.mark.parametrize("table", SEALED_DATA)
async def test_a_lost_keyring_is_told_of_and_no_other_is_made(
    table: str, lost: str, database: Database, database_url: str
) -> None:
    await open_ring(database)
    await look(database_url, SEALED_DATA[table])
    await look(database_url, f"DELETE FROM lasting_keys WHERE {lost}")
    statement = "SELECT id, purpose, wrapped FROM lasting_keys ORDER BY id"
    before = await look(database_url, statement)
    with pytest.raises(KeyringLost):
        await open_ring(database)
    with pytest.raises(KeyringLost):
        await KeyRing(database, KEY).verify()
    assert await look(database_url, statement) == before


async def test_a_later_generation_needs_no_first_one(database: Database, database_url: str) -> None:
    ring = await open_ring(database)
    sealed = ring.seal("reports", b"id", b"words")
    await look(database_url, SEALED_DATA["reports"])
    await look(database_url, "UPDATE lasting_keys SET purpose = 'seal2' WHERE purpose = 'seal1'")
    again = await open_ring(database)
    assert await count(database_url, "lasting_keys") == len(LASTING)
    assert again.seal("reports", b"id", b"words")[0] == 2
    assert sealed[0] == 1


async def test_a_database_from_before_near_places_gets_their_key_and_one_with_such_places_never_another(
    database: Database, database_url: str
) -> None:
    ring = await open_ring(database)
    await look(database_url, "DELETE FROM lasting_keys WHERE purpose = 'cells'")
    renewed = await open_ring(database)
    assert renewed.hash("receipt", b"x") == ring.hash("receipt", b"x")
    assert renewed.hash("cells", b"x") != ring.hash("cells", b"x")
    await look(database_url, "INSERT INTO near_places (report_id, cell) VALUES (gen_random_uuid(), 'a')")
    await look(database_url, "DELETE FROM lasting_keys WHERE purpose = 'cells'")
    with pytest.raises(KeyringLost):
        await open_ring(database)
