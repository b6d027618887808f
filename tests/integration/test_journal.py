"""The journal's chain: every act of the desk gets into it, and what is changed afterwards is found and named."""

from __future__ import annotations

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from bot.chaining import Chaining
from bot.checking.journal import check_journal
from bot.checking.lines import Lines
from bot.database import Database
from bot.journal import NAMED, Findings, Verifying
from bot.privacy.keyring import KeyRing
from bot.privacy.lasting import LASTING, LATER
from bot.privacy.wrapping import KeyringLost
from bot.reports import chain
from bot.reports.chain import PrintedHead, append, canonical, head
from bot.reports.queries import JOURNAL
from bot.wording import Wording
from tests.children import shekteu
from tests.conftest import open_stage
from tests.journeys.test_a_link import report_link
from tests.stage import ROOT
from tests.workbench import KEY, count, look, open_ring, until

NOW = datetime(2026, 11, 23, 10, 0, 0, 250_000, UTC)
CHAINED_ALL = "SELECT (SELECT count(*) FROM journal) = (SELECT count(*) FROM journal_chain) AS all"


def entry(number: int, at: datetime = NOW) -> tuple[Any, ...]:
    return at + timedelta(seconds=number), 5_000_000_000 + number, "Айгерим Сейтқали", "claim", "report", uuid4()


async def acted(url: str, acts: int, at: datetime = NOW) -> None:
    """Write acts as turns do."""
    connection = await asyncpg.connect(url)
    await connection.executemany(JOURNAL, [entry(number, at) for number in range(acts)])
    await connection.close()


async def chained(database: Database, ring: KeyRing) -> None:
    """Chain what there is, as a leader does at its first look."""
    async with database.lend() as driver:
        while await append(driver, ring, 0):
            pass


async def verify(database: Database, ring: KeyRing, printed: str | None = None, later: float = 3600) -> Findings:
    now = NOW + timedelta(seconds=later)
    return await Verifying(database, ring, now, PrintedHead.read(printed) if printed else None).run()


async def all_chained(url: str) -> bool:
    return bool((await look(url, CHAINED_ALL))[0]["all"])


@pytest.fixture
async def ring(database: Database) -> KeyRing:
    return await open_ring(database)


@pytest.fixture
async def seven(database: Database, ring: KeyRing, database_url: str) -> str:
    """A database in which seven acts are chained; the fourth is act 4, of 10:00:03."""
    await acted(database_url, 7)
    await chained(database, ring)
    assert (await verify(database, ring)).whole
    return database_url


async def test_each_act_of_a_desk_is_chained_soon_and_the_chain_is_whole(database_url: str, wording: Wording) -> None:
    async with open_stage(database_url, wording) as stage:
        # An officer claims it and closes it.
        await report_link(stage)
        await stage.until("SELECT count(*) = 2 FROM journal_chain")
        first = await stage.fetch("SELECT * FROM journal_chain ORDER BY position")
        await stage.stop_bot()
        # Nobody leads: what is written now is chained by whoever leads next.
        await acted(database_url, 3, stage.now())
        assert await count(database_url, "journal_chain") == 2
        await stage.start_bot()
        await stage.until("SELECT count(*) = 5 FROM journal_chain")
        assert (await stage.fetch("SELECT * FROM journal_chain ORDER BY position"))[:2] == first
        found = await Verifying(stage.database, stage.app.ring, stage.now() + timedelta(hours=1)).run()
        assert found.whole
        assert found.head
        assert found.head.position == 5


CHANGES = {
    "an act changed": ("UPDATE journal SET act = 'release' WHERE id = 4", 4, "act 4 of 2026-11-23 10:00:03 UTC"),
    "its officer changed": ("UPDATE journal SET officer = 1 WHERE id = 4", 4, "act 4 of 2026-11-23 10:00:03 UTC"),
    "its officer's name changed": ("UPDATE journal SET officer_name = 'X' WHERE id = 4", 4, "act 4 of"),
    "its subject changed": ("UPDATE journal SET subject = gen_random_uuid() WHERE id = 4", 4, "act 4 of"),
    "its sort changed": ("UPDATE journal SET sort = 'resource' WHERE id = 4", 4, "act 4 of"),
    "its time changed": (
        "UPDATE journal SET at = at + interval '1 microsecond' WHERE id = 4",
        4,
        "act 4 of 2026-11-23 10:00:03 UTC",
    ),
    "an act removed": ("DELETE FROM journal WHERE id = 4", 4, "act 4 is gone"),
    "an act and its link removed": (
        "WITH act AS (DELETE FROM journal WHERE id = 4) DELETE FROM journal_chain WHERE journal = 4",
        4,
        "nothing stands there; next, at 5, is act 5 of 2026-11-23 10:00:04 UTC",
    ),
    "an act and its link removed, and the gap closed": (
        "DELETE FROM journal_chain WHERE journal = 4; UPDATE journal_chain SET position = -position WHERE position > 4;"
        "UPDATE journal_chain SET position = -position - 1 WHERE position < 0; DELETE FROM journal WHERE id = 4",
        4,
        "act 5 of",
    ),
    "an act put in, with a link of somebody without the key": (
        "INSERT INTO journal OVERRIDING SYSTEM VALUE SELECT 8, at, officer, officer_name, act, sort, subject "
        "FROM journal WHERE id = 7; INSERT INTO journal_chain VALUES (8, 8, sha256('x'))",
        8,
        "act 8 of 2026-11-23 10:00:06 UTC",
    ),
    "two acts exchanged": (
        "UPDATE journal SET officer = CASE id WHEN 4 THEN (SELECT officer FROM journal WHERE id = 5) "
        "ELSE (SELECT officer FROM journal WHERE id = 4) END WHERE id IN (4, 5)",
        4,
        "act 4 of",
    ),
    "two positions exchanged": (
        "UPDATE journal_chain SET position = 99 WHERE position = 4; UPDATE journal_chain SET position = 4 "
        "WHERE position = 5; UPDATE journal_chain SET position = 5 WHERE position = 99",
        4,
        "act 5 of 2026-11-23 10:00:04 UTC",
    ),
    "a hash changed": ("UPDATE journal_chain SET hash = sha256('x') WHERE position = 4", 4, "act 4 of"),
    "the first act and its link removed": (
        "WITH act AS (DELETE FROM journal WHERE id = 1) DELETE FROM journal_chain WHERE position = 1",
        1,
        "nothing stands there; next, at 2, is act 2",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_what_was_changed_is_found_and_named(change: str, database: Database, ring: KeyRing, seven: str) -> None:
    statement, position, named = CHANGES[change]
    connection = await asyncpg.connect(seven)
    await connection.execute(statement)
    await connection.close()
    found = await verify(database, ring)
    assert not found.whole
    assert found.wrong[0].startswith(f"The chain is broken at position {position}: ")
    assert named in found.wrong[0]
    assert found.head is None if position == 1 else found.head and found.head.position == position - 1


async def test_a_chain_that_was_cut_at_its_end_does_not_reach_the_printed_head(
    database: Database, ring: KeyRing, seven: str
) -> None:
    async with database.lend() as driver:
        printed = await head(driver)
    assert printed
    assert printed.position == 7
    assert (await verify(database, ring, printed.short())).whole
    await acted(seven, 2)
    await chained(database, ring)
    assert (await verify(database, ring, printed.short())).whole
    await look(seven, "DELETE FROM journal WHERE id > 5")
    await look(seven, "DELETE FROM journal_chain WHERE journal > 5")
    # What was cut off at the end leaves a whole chain: paper alone tells.
    assert (await verify(database, ring)).whole
    found = await verify(database, ring, printed.short())
    assert found.wrong == ["The chain ends before position 7, whose head was printed."]
    await acted(seven, 2)
    await chained(database, ring)
    assert (await verify(database, ring)).whole
    found = await verify(database, ring, printed.short())
    assert "leads to another head than the printed one" in found.wrong[0]


async def test_a_new_chain_of_somebody_with_the_key_does_not_pass_the_printed_head(
    database: Database, ring: KeyRing, seven: str
) -> None:
    async with database.lend() as driver:
        printed = await head(driver)
    assert printed
    await look(seven, "UPDATE journal SET officer = 1 WHERE id = 1")
    await look(seven, "DELETE FROM journal_chain")
    await chained(database, ring)
    assert (await verify(database, ring)).whole
    found = await verify(database, ring, printed.short())
    assert "leads to another head than the printed one" in found.wrong[0]


async def test_an_act_that_was_put_in_with_a_past_time_is_named(database: Database, ring: KeyRing, seven: str) -> None:
    await acted(seven, 1, NOW - timedelta(days=30))
    await chained(database, ring)
    found = await verify(database, ring)
    assert found.wrong == [
        "Act 8 of 2026-10-24 10:00:00 UTC, position 8, was chained after one of 2026-11-23 10:00:06 UTC: "
        "was it put in by hand?"
    ]


async def test_acts_older_than_a_minute_without_a_position_are_named(
    database: Database, ring: KeyRing, seven: str
) -> None:
    await acted(seven, NAMED + 2)
    assert (await verify(database, ring, later=60)).whole
    found = await verify(database, ring, later=60.5)
    assert found.wrong == ["Act 8 of 2026-11-23 10:00:00 UTC has no position in the chain."]
    found = await verify(database, ring)
    assert len(found.wrong) == NAMED + 1
    assert found.wrong[-1] == "So have 2 more. Does a bot lead?"


async def test_an_empty_journal_is_whole(database: Database, ring: KeyRing) -> None:
    found = await verify(database, ring)
    assert found.whole
    assert found.lines() == ["✓ The journal is empty: no act is chained yet."]


async def test_a_thousand_acts_of_eight_connections_at_once_are_chained_whole(
    database: Database, ring: KeyRing, database_url: str
) -> None:
    async def act_by_act() -> None:
        connection = await asyncpg.connect(database_url)
        for number in range(125):
            # Ids are given before the commit: acts become visible in another order.
            async with connection.transaction():
                await connection.execute(JOURNAL, *entry(number))
                await asyncio.sleep(0.001 * (number % 3))
        await connection.close()

    leading = asyncio.create_task(Chaining(database, ring, look_every=0.01, settle_every=0.01).run())
    await asyncio.gather(*(act_by_act() for _ in range(8)))
    await until(lambda: all_chained(database_url))
    leading.cancel()
    found = await verify(database, ring)
    assert found.wrong == []
    assert found.head
    assert found.head.position == 1000


async def test_an_act_that_is_committed_long_after_later_ones_is_chained_too(
    database: Database, ring: KeyRing, database_url: str
) -> None:
    slow = await asyncpg.connect(database_url)
    chaining = Chaining(database, ring, look_every=0.01, settle_every=0.0)
    leading = asyncio.create_task(chaining.run())
    opened = slow.transaction()
    await opened.start()
    await slow.execute(JOURNAL, *entry(0))
    for number in range(1, 30):
        await acted(database_url, 1, NOW + timedelta(seconds=number))
        await until(partial(has_links, database_url, number))
    await opened.commit()
    await slow.close()
    await until(lambda: all_chained(database_url))
    leading.cancel()
    rows = await look(database_url, "SELECT journal FROM journal_chain ORDER BY position")
    assert [row["journal"] for row in rows] == [*range(2, 31), 1]
    assert (await verify(database, ring)).whole


async def has_links(url: str, links: int) -> bool:
    return await count(url, "journal_chain") == links


async def test_two_leaders_at_once_make_one_whole_chain(
    database: Database, ring: KeyRing, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "BATCH", 3)
    other = Database(database_url, pool_size=2)
    leading = [
        asyncio.create_task(Chaining(each, ring, look_every=0.001).run()) for each in (database, other, database)
    ]
    for _ in range(20):
        await acted(database_url, 10)
    await until(lambda: all_chained(database_url))
    assert not any(task.done() for task in leading)
    for task in leading:
        task.cancel()
    await asyncio.gather(*leading, return_exceptions=True)
    await other.close()
    found = await verify(database, ring)
    assert found.wrong == []
    assert found.head
    assert found.head.position == 200


async def test_the_second_of_two_leaders_writes_nothing_when_the_first_was_between(
    database: Database, ring: KeyRing, database_url: str
) -> None:
    await acted(database_url, 3)

    class Between:
        """The driver of a leader that another one overtakes right before it writes."""

        def __init__(self, driver: Any) -> None:
            self.fetch, self.fetchrow, self._driver = driver.fetch, driver.fetchrow, driver

        async def execute(self, *statement: Any) -> None:
            await append(self._driver, ring, 0)
            await self._driver.execute(*statement)

    async with database.lend() as driver:
        with pytest.raises(asyncpg.UniqueViolationError):
            await append(Between(driver), ring, 0)
    assert (await verify(database, ring)).whole
    assert await count(database_url, "journal_chain") == 3


async def test_a_database_from_before_the_chain_gets_its_key_and_one_with_a_chain_never_another(
    database: Database, ring: KeyRing, database_url: str
) -> None:
    assert set(LATER) <= set(LASTING)
    await look(
        database_url,
        "INSERT INTO reports (id, kind, status, filed_at, receipt_hash) "
        "VALUES (gen_random_uuid(), 'link', 'new', now(), 'a')",
    )
    await look(database_url, "DELETE FROM lasting_keys WHERE purpose = 'journal'")
    renewed = await open_ring(database)
    assert renewed.hash("receipt", b"x") == ring.hash("receipt", b"x")
    assert renewed.hash("journal", b"x") != ring.hash("journal", b"x")
    await acted(database_url, 1)
    await chained(database, renewed)
    await look(database_url, "DELETE FROM lasting_keys WHERE purpose = 'journal'")
    with pytest.raises(KeyringLost):
        await open_ring(database)


async def test_a_role_that_does_not_own_the_journal_adds_to_it_and_changes_nothing(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bot, keeper = f"bot_{uuid4().hex}", f"keeper_{uuid4().hex}"
    statements = (ROOT / "README.md").read_text("utf-8").split("CREATE ROLE shekteu_journal")[1].split("```")[0]
    statements = f"CREATE ROLE shekteu_journal{statements}".replace("shekteu_journal", keeper)
    admin = await asyncpg.connect(database_url)
    await admin.execute(f"CREATE ROLE {bot} LOGIN; GRANT CREATE ON SCHEMA public TO {bot}")
    for row in await admin.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        await admin.execute(f"ALTER TABLE {row['tablename']} OWNER TO {bot}")
    mine = Database(database_url.replace("//shekteu@", f"//{bot}@"), pool_size=2)
    try:
        await check_journal(Lines(), mine)
        assert capsys.readouterr().out.startswith("– journal: this role could change")
        await admin.execute(statements.replace("shekteu", bot))
        await check_journal(Lines(), mine)
        assert capsys.readouterr().out.startswith("✓ journal: ")
        ring = await open_ring(mine)
        async with mine.lend() as driver:
            await driver.execute(JOURNAL, *entry(1))
            assert await append(driver, ring, 0) == [1]
            for table in ("journal", "journal_chain"):
                for forbidden in (
                    f"DELETE FROM {table}",
                    f"UPDATE {table} SET {'act' if table == 'journal' else 'hash'} = DEFAULT",
                    f"TRUNCATE {table}",
                    f"DROP TABLE {table}",
                    f"ALTER TABLE {table} OWNER TO {bot}",
                ):
                    with pytest.raises(asyncpg.InsufficientPrivilegeError):
                        await driver.execute(forbidden)
        assert (await verify(mine, ring)).whole
    finally:
        await mine.close()
        await admin.execute(f"DROP OWNED BY {bot} CASCADE")
        await admin.execute(f"DROP ROLE {bot}")
        await admin.execute(f"DROP OWNED BY {keeper} CASCADE")
        await admin.execute(f"DROP ROLE {keeper}")
        await admin.close()


def test_an_act_is_written_in_one_way_and_a_later_empty_column_changes_nothing() -> None:
    subject = uuid4()
    act = {"id": 1, "at": NOW, "officer": 7, "officer_name": "Әсел", "act": "claim", "sort": "report"}
    written = canonical({**act, "subject": subject})
    assert written == canonical({"a_later_column": None, "subject": subject, **act})
    assert (
        written
        == (
            f'{{"act":"claim","at":"2026-11-23T10:00:00.250000+00:00","id":1,"officer":7,"officer_name":"Әсел",'
            f'"sort":"report","subject":"{subject}"}}'
        ).encode()
    )


async def command(database_url: str, folder: Path, *options: str) -> tuple[int, str, str]:
    key = base64.b64encode(KEY).decode()
    return await shekteu("journal", "verify", *options, folder=folder, DATABASE_URL=database_url, SECRET_KEY=key)


async def test_the_command_tells_of_a_whole_journal_and_of_one_that_was_changed(
    database: Database, seven: str, tmp_path: Path
) -> None:
    async with database.lend() as driver:
        newest = await head(driver)
    assert newest
    whole = "✓ The journal is whole: 7 acts, the newest of 2026-11-23 10:00:06 UTC.\n"
    assert await command(seven, tmp_path) == (0, f"{whole}  Its head: {newest.short()}\n", "")
    code, told, _ = await command(seven, tmp_path, "--head", f"6-{'0' * 16}")
    assert code == 1
    assert "leads to another head" in told
    await look(seven, "UPDATE journal SET act = 'release' WHERE id = 4")
    code, told, trouble = await command(seven, tmp_path)
    assert (code, trouble) == (1, "")
    assert told.splitlines()[0] == (
        "✗ The chain is broken at position 4: act 4 of 2026-11-23 10:00:03 UTC, or its link, is not what was chained."
    )
    code, _, trouble = await command(seven, tmp_path, "--head", "yesterday's")
    assert code == 2
    assert "is not as a head is printed" in trouble
