"""Migrations: up, down and up again; the models are what they make; a citizen's report survives them."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, text

from bot import migrate as migrations
from bot.database import Database, driver
from bot.embedded import Embedded
from bot.jobs import SCHEMA, enqueue
from bot.migrate import config, downgrade, head, migrate, revision_of
from bot.tables import METADATA
from bot.wording import Wording
from tests.conftest import open_stage
from tests.journeys.test_a_link import report_link
from tests.workbench import look, until

STOCK = Path("/usr/lib/postgresql/15/bin")


class Stock:
    """A PostgreSQL 15 as Debian has it, run for these tests."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.socket = folder, folder / "s"
        self._account: dict[str, Any] = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.socket.mkdir()
        if self._account:
            found = pwd.getpwnam("postgres")
            for path in (self.folder, self.socket):
                os.chown(path, found.pw_uid, found.pw_gid)
        self._run("initdb", "-D", str(self.folder / "data"), "-U", "shekteu", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses= -c fsync=off -c unix_socket_directories={self.socket}"
        self._run(
            "pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", str(self.folder / "log"), "-o", options, "start"
        )

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def url(self, name: str) -> str:
        return f"postgresql://shekteu@/{name}?host={self.socket}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(STOCK / program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **self._account)


@pytest.fixture(scope="module")
def stock() -> Iterator[Stock]:
    """A stock PostgreSQL 15; tests that want it are skipped where it is not installed."""
    if not (STOCK / "postgres").exists():
        pytest.skip("there is no PostgreSQL 15 here: install Debian's package postgresql-15")
    folder = Path(tempfile.mkdtemp(prefix="shekteu-15-"))
    folder.chmod(0o755)
    server = Stock(folder)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


async def fresh(admin: str, url: Any) -> str:
    name = f"fresh_{uuid4().hex}"
    connection = await asyncpg.connect(admin)
    await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    await connection.close()
    made: str = url(name)
    return made


@pytest.fixture(params=["embedded", "stock 15"])
async def empty_url(request: pytest.FixtureRequest, cluster: Embedded) -> str:
    """An empty database, on the embedded PostgreSQL and on a stock one."""
    server: Any = cluster if request.param == "embedded" else request.getfixturevalue("stock")
    return await fresh(server.url("postgres"), server.url)


@pytest.fixture
async def empty(empty_url: str) -> AsyncIterator[Database]:
    database = Database(empty_url, pool_size=3)
    yield database
    await database.close()


def revisions() -> list[str]:
    """List all revisions, the oldest first."""
    return [script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()][::-1]


async def at(database: Database) -> str | None:
    async with database.engine.connect() as connection:
        return await revision_of(connection)


async def schema(url: str) -> list[tuple[Any, ...]]:
    """Describe every table, column, index and constraint that is ours."""
    rows = await look(
        url,
        """
        SELECT 'column', table_schema, table_name, column_name, data_type, is_nullable, column_default, is_identity
        FROM information_schema.columns WHERE table_schema IN ('public', 'jobs')
        UNION ALL SELECT 'index', schemaname, tablename, indexname, indexdef, '', '', ''
        FROM pg_indexes WHERE schemaname IN ('public', 'jobs')
        UNION ALL SELECT 'constraint', n.nspname, r.relname, c.conname, pg_get_constraintdef(c.oid), '', '', ''
        FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace
        WHERE n.nspname IN ('public', 'jobs') AND c.contype <> 'n'
        UNION ALL SELECT 'table', n.nspname, r.relname, r.relpersistence::text, '', '', '', ''
        FROM pg_class r JOIN pg_namespace n ON n.oid = r.relnamespace
        WHERE n.nspname IN ('public', 'jobs') AND r.relkind = 'r'
        ORDER BY 1, 2, 3, 4, 5
        """,
    )
    return [tuple(row) for row in rows if row[2] != "alembic_version"]


async def test_every_revision_goes_up_down_and_up_again(empty: Database, empty_url: str) -> None:
    await migrate(empty)
    assert await at(empty) == head() == revisions()[-1]
    newest = await schema(empty_url)
    for target in [*revisions()[:-1][::-1], "base"]:
        await downgrade(empty, target)
    assert await at(empty) is None
    assert await schema(empty_url) == []
    await migrate(empty)
    assert await schema(empty_url) == newest


async def test_each_step_down_is_the_step_up_undone(empty: Database, empty_url: str) -> None:
    from alembic import command

    before: list[list[tuple[Any, ...]]] = [[]]
    for revision in revisions():
        async with empty.engine.connect() as connection:
            await connection.run_sync(migrations._with(command.upgrade, revision))
            await connection.commit()
        before.append(await schema(empty_url))
    for revision, expected in zip(["base", *revisions()][-2::-1], before[-2::-1], strict=True):
        await downgrade(empty, revision)
        assert await schema(empty_url) == expected


async def test_placements_from_before_are_found_by_their_names_however_they_are_capitalised(
    empty: Database, empty_url: str
) -> None:
    await migrate(empty)
    await downgrade(empty, "0018")
    for name in ("Ұлы Дала, ӘҒҚҢӨҮҺІ", "Абай 12"):
        await look(
            empty_url,
            """
            INSERT INTO placements (id, code, name, campaign, surface, languages, made_on)
            VALUES (gen_random_uuid(), $1, $1, 'Күз', 'stop', 'kk', '2026-11-23')
            """,
            name,
        )
    await migrate(empty)
    rows = await look(empty_url, "SELECT folded FROM placements ORDER BY name")
    assert [row["folded"] for row in rows] == ["абай 12", "ұлы дала, әғқңөүһі"]


async def test_models_equal_migrations(empty: Database) -> None:
    await migrate(empty)

    def compare(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "compare_server_default": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), METADATA))

    async with empty.engine.connect() as connection:
        assert await connection.run_sync(compare) == []


async def test_indexes_that_hold_for_some_rows_are_what_the_models_say(database: Database) -> None:
    """Alembic does not compare an index's condition: here the server tells how it reads each."""
    for table in METADATA.tables.values():
        for index in table.indexes:
            wanted = index.dialect_options["postgresql"]["where"]
            async with database.transaction() as connection:
                raw = await driver(connection)
                made = await raw.fetchval("SELECT indexdef FROM pg_indexes WHERE indexname = $1", index.name)
                columns = ", ".join(getattr(one, "name", None) or str(one) for one in index.expressions)
                condition = f" WHERE {wanted.text}" if wanted is not None else ""
                await raw.execute(f"CREATE INDEX compared ON {table.name} ({columns}){condition}")
                ours = await raw.fetchval("SELECT indexdef FROM pg_indexes WHERE indexname = 'compared'")
                await raw.execute("DROP INDEX compared")
            assert made.split(" ON ")[1] == ours.split(" ON ")[1], index.name
            assert ("UNIQUE" in made) == bool(index.unique), index.name


async def test_tables_without_a_log_and_with_one_are_what_the_models_say(database_url: str) -> None:
    rows = await look(database_url, "SELECT relname FROM pg_class WHERE relpersistence = 'u' AND relkind = 'r'")
    unlogged = {name for name, table in METADATA.tables.items() if "UNLOGGED" in table._prefixes}
    assert {row["relname"] for row in rows if row["relname"] in METADATA.tables} == unlogged == {"counters"}


async def test_the_tables_of_jobs_are_those_that_the_queue_asks_for(empty: Database, empty_url: str) -> None:
    await migrate(empty)
    rows = await look(empty_url, "SELECT tablename FROM pg_tables WHERE schemaname = $1", SCHEMA)
    assert {"pgqueuer", "pgqueuer_log", "pgqueuer_schedules"} <= {row["tablename"] for row in rows}
    connection = await asyncpg.connect(empty_url)
    try:
        from pgqueuer import AsyncpgDriver, PgQueuer

        from bot.jobs import _queries

        # The queue's own check of tables, columns, types and indexes: it raises what is missing.
        ours = AsyncpgDriver(connection)
        await PgQueuer(ours, queries=_queries(ours)).qm.verify_structure()
    finally:
        await connection.close()
    async with empty.transaction() as opened:
        await enqueue(await driver(opened), "job", uuid4())


async def test_several_processes_that_migrate_at_once_agree(empty_url: str) -> None:
    databases = [Database(empty_url, pool_size=2) for _ in range(4)]
    await asyncio.gather(*(migrate(database) for database in databases))
    assert [await at(database) for database in databases] == [head()] * 4
    for database in databases:
        await database.close()


async def test_who_comes_second_waits_for_as_long_as_the_migrations_take(database: Database, database_url: str) -> None:
    @event.listens_for(database.engine.sync_engine, "connect")
    def be_impatient(connection: Any, _: Any) -> None:
        connection.cursor().execute("SET lock_timeout = '20ms'")

    holder = await asyncpg.connect(database_url)
    await holder.execute("SELECT pg_advisory_lock($1)", migrations._LOCK)
    second = asyncio.create_task(migrate(database))
    await until(lambda: look(database_url, "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))
    # Ten times as long as any other lock is waited for; who waits well is not disturbed by it.
    await holder.execute("SELECT pg_sleep(0.2)")
    assert not second.done()
    await holder.close()
    await second


async def test_a_migration_again_changes_nothing_and_keeps_every_row(database_url: str, wording: Wording) -> None:
    async with open_stage(database_url, wording) as stage:
        await report_link(stage)
    tables = [row[2] for row in await schema(database_url) if row[0] == "table" and row[1] == "public"]
    statement = " UNION ALL ".join(
        f"SELECT '{name}', md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t" for name in tables
    )
    statement += " ORDER BY 1"
    before = await look(database_url, statement)
    database = Database(database_url, pool_size=2)
    await migrate(database)
    assert await look(database_url, statement) == before
    await database.close()


async def test_a_database_without_our_tables_has_no_revision(empty: Database) -> None:
    assert await at(empty) is None


async def test_a_link_goes_its_whole_road_on_a_stock_postgresql(stock: Stock, wording: Wording) -> None:
    url = await fresh(stock.url("postgres"), stock.url)
    database = Database(url, pool_size=2)
    await migrate(database)
    async with database.transaction() as connection:
        version = await connection.scalar(text("SHOW server_version"))
    assert str(version).startswith("15")
    await database.close()
    async with open_stage(url, wording) as stage:
        await report_link(stage)
        assert stage.sandbox.errors == []
