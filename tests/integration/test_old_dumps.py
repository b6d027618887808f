"""With SECRET_KEY and an old backup nothing of past weeks opens; nor, after the purge, with today's database.

A backup leaves out what `shekteu backup` does, but for the return addresses: were they in it, nothing would open them
either.
"""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
import pytest

from bot.backup_rules import patterns
from bot.database import Database
from bot.embedded import Embedded
from bot.privacy import addresses
from bot.privacy.keyring import KeyRing
from bot.privacy.sealing import CannotOpen, derive, open_sealed
from bot.purge import Purge
from bot.wording import Wording
from tests.conftest import open_stage
from tests.integration.test_desk import report
from tests.stage import Stage

BACKUP: Final = [f"--exclude-table-data={pattern}" for pattern in patterns()]
WITH_ADDRESSES: Final = [option for option in BACKUP if not option.endswith("return_addresses")]
TERM: Final = timedelta(days=15)
LONGEST: Final = timedelta(days=98)
"""RETURN_ADDRESS_MAX_DAYS, and a week in which its last address can lie."""


async def backup(cluster: Embedded, url: str, *more: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        str(cluster.binaries / "pg_dump"), *more, url, stdout=subprocess.PIPE
    )
    written, _ = await process.communicate()
    assert process.returncode == 0
    return written


@asynccontextmanager
async def restored(cluster: Embedded, dumped: bytes) -> AsyncIterator[str]:
    """A database from a dump."""
    name = f"restored_{uuid4().hex}"
    connection = await asyncpg.connect(cluster.url("postgres"))
    await connection.execute(f'CREATE DATABASE "{name}"')
    try:
        program = str(cluster.binaries / "psql")
        quiet = ("-q", "-v", "ON_ERROR_STOP=1", cluster.url(name))
        process = await asyncio.create_subprocess_exec(
            program, *quiet, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        await process.communicate(dumped)
        assert process.returncode == 0
        yield cluster.url(name)
    finally:
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await connection.close()


async def opened(url: str, key: bytes) -> list[UUID]:
    """What a thief opens with SECRET_KEY and a database: the reports whose citizen is told."""
    database = Database(url, pool_size=3)
    ring = KeyRing(database, key)
    await ring.load()
    found = []
    async with database.transaction() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        for row in await raw.fetch("SELECT report_id FROM return_addresses"):
            if await addresses.open_address(raw, ring, row["report_id"]):
                found.append(row["report_id"])
    await database.close()
    return found


async def every_key(url: str, secret_key: bytes) -> list[bytes]:
    """Every key that SECRET_KEY gives and that a database holds, whatever it is for."""
    connection = await asyncpg.connect(url)
    wrapping = derive(secret_key, "wrap")
    keys = [secret_key, wrapping, *(derive(secret_key, word) for word in ("week", "day", "return_addresses", ""))]
    for table in ("lasting_keys", "period_keys"):
        for row in await connection.fetch(f"SELECT id, wrapped FROM {table}"):
            keys.append(open_sealed({1: wrapping}, row["id"].bytes, row["wrapped"], padded=False))
    await connection.close()
    return keys


async def tried(url: str, keys: list[bytes]) -> int:
    """Try every key on every address of a database; give how many open."""
    connection = await asyncpg.connect(url)
    rows = await connection.fetch("SELECT report_id, key_id, sealed FROM return_addresses")
    await connection.close()
    count = 0
    for row in rows:
        for key in keys:
            for bound in (row["report_id"].bytes, row["key_id"].bytes, b""):
                try:
                    open_sealed({0: key, 1: key}, bound, row["sealed"], padded=False)
                    count += 1
                except CannotOpen:
                    continue
    return count


@pytest.fixture
async def weeks_ago(database_url: str, wording: Wording) -> AsyncIterator[Stage]:
    """A stage on which three citizens have reported; one report is decided."""
    async with open_stage(database_url, wording) as stage:
        for name in ("first_shop", "second_shop", "third_shop"):
            citizen, card = await report(stage, f"t.me/{name}")
        await stage.press(stage.officer, card, "Доступ закрыт")
        await stage.says(citizen, "Есть ответ")
        yield stage


async def test_a_backup_and_the_secret_key_open_no_return_address(weeks_ago: Stage, cluster: Embedded) -> None:
    stage, key = weeks_ago, weeks_ago._key
    whole, old = await backup(cluster, stage.url), await backup(cluster, stage.url, *WITH_ADDRESSES)
    async with restored(cluster, whole) as url:
        assert len(await opened(url, key)) == 3, "a dump with the keys of its weeks opens: that is why none has them"
        assert await tried(url, await every_key(url, key)) == 3
    async with restored(cluster, old) as url:
        assert len(await rows(url, "SELECT 1 FROM return_addresses")) == 3
        assert await rows(url, "SELECT 1 FROM period_keys") == []
        assert await opened(url, key) == []
        assert await tried(url, await every_key(url, key)) == 0
    async with restored(cluster, await backup(cluster, stage.url, *BACKUP)) as url:
        assert await rows(url, "SELECT 1 FROM return_addresses UNION ALL SELECT 1 FROM period_keys") == []
        assert len(await rows(url, "SELECT 1 FROM reports")) == 3


async def test_after_the_term_neither_todays_database_nor_an_old_backup_opens(
    weeks_ago: Stage, cluster: Embedded
) -> None:
    stage, key = weeks_ago, weeks_ago._key
    old = await backup(cluster, stage.url, *WITH_ADDRESSES)
    stage.ahead += LONGEST
    await report(stage, "t.me/todays_shop")
    await Purge(stage.database, stage.app.ring, stage.now, stage.app.settings).run()
    today = await opened(stage.url, key)
    assert len(today) == 1, "only today's"
    past = await rows(stage.url, "SELECT 1 FROM period_keys WHERE begins < $1", (stage.now() - TERM).date())
    assert past == [], "no key of a past week or day"
    async with restored(cluster, old) as url:
        keys = [*await every_key(url, key), *await every_key(stage.url, key)]
        assert await tried(url, keys) == 0, "the old addresses, with all keys of then and of today"
    # What another process still held in memory went as well.
    assert len(stage.app.ring._periods) == len(await rows(stage.url, "SELECT 1 FROM period_keys"))


async def test_two_weeks_after_the_decision_its_address_is_gone_and_others_stand(
    weeks_ago: Stage, cluster: Embedded
) -> None:
    stage, key = weeks_ago, weeks_ago._key
    stage.ahead += TERM
    await Purge(stage.database, stage.app.ring, stage.now, stage.app.settings).run()
    assert len(await opened(stage.url, key)) == 2, "two are not decided, and may be answered yet"
    async with restored(cluster, await backup(cluster, stage.url, *WITH_ADDRESSES)) as url:
        assert await tried(url, await every_key(url, key)) == 0


async def rows(url: str, statement: str, *params: Any) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(statement, *params))
    finally:
        await connection.close()
