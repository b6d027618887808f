"""`shekteu run` as an operator meets it: a process of its own, started, stopped, and refused."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import sys
import tempfile
from asyncio.subprocess import STDOUT
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from bot.database import Database
from bot.embedded import Embedded
from bot.privacy.keyring import KeyRing
from tests import children
from tests.children import PLAIN, Child
from tests.stage import free_port

PATIENCE = 120.0


class Started:
    """One `shekteu run`."""

    def __init__(self, process: asyncio.subprocess.Process | Child, health: str) -> None:
        self.process, self.health = process, health
        self.told = ""

    async def says(self, words: str) -> str:
        """Wait until it has printed something; give the line."""
        assert self.process.stdout
        async with asyncio.timeout(PATIENCE):
            while line := (await self.process.stdout.readline()).decode():
                self.told += line
                if words in line:
                    return line
        raise AssertionError(f"it ended ({await self.process.wait()}) without saying {words!r}: {self.told}")

    async def works(self) -> None:
        """Wait until its health is good."""
        async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
            while True:
                try:
                    async with session.get(f"http://{self.health}/healthz") as answer:
                        assert answer.status == 200
                        return
                except aiohttp.ClientConnectionError:
                    assert self.process.returncode is None, self.told
                    await asyncio.sleep(0.1)

    async def ends(self) -> int:
        """Wait until it has ended, and read the rest."""
        async with asyncio.timeout(PATIENCE):
            out, _ = await self.process.communicate()
        self.told += out.decode()
        return self.process.returncode or 0


Start = Callable[..., Awaitable[Started]]


@contextmanager
def empty_folder() -> Iterator[Path]:
    """Give an empty folder that the database's user may pass through, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="run-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@asynccontextmanager
async def starter(folder: Path) -> AsyncIterator[Start]:
    """Give what starts `shekteu run` in a folder, with nothing set but where it listens; none outlives it.

    `really`: with nothing imported before.
    """
    begun: list[Started] = []

    async def one(*options: str, really: bool = False, **settings: str) -> Started:
        environment = (
            PLAIN
            | {
                "SANDBOX_LISTEN": f"127.0.0.1:{free_port()}",
                "HEALTH_LISTEN": f"127.0.0.1:{free_port()}",
            }
            | settings
        )
        process: asyncio.subprocess.Process | Child
        if really:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "run", *options),
                cwd=folder,
                env=environment,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
        else:
            process = await children.start(
                "bot", "run", *options, folder=folder, environment=environment, stderr=STDOUT
            )
        begun.append(Started(process, environment["HEALTH_LISTEN"]))
        return begun[-1]

    try:
        yield one
    finally:
        for each in begun:
            if each.process.returncode is None:
                each.process.kill()
                await each.process.wait()


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder of a test."""
    with empty_folder() as made:
        yield made


@pytest.fixture
async def start(folder: Path) -> AsyncIterator[Start]:
    """Start `shekteu run` in that folder."""
    async with starter(folder) as one:
        yield one


@dataclass
class Home:
    """A folder, and what starts a bot in it."""

    folder: Path
    start: Start

    @property
    def key(self) -> Path:
        return self.folder / ".shekteu" / "sandbox" / "secret.key"


@pytest.fixture(scope="module")
async def lived_in() -> AsyncIterator[Home]:
    """A folder in which a bot has run, was well, and was stopped."""
    with empty_folder() as folder:
        async with starter(folder) as start:
            run = await start()
            await run.says("Open http://")
            await run.works()
            run.process.send_signal(signal.SIGTERM)
            assert await run.ends() == 0, run.told
            yield Home(folder, start)


def servers_of(folder: Path) -> list[int]:
    """The processes of PostgreSQL that run a cluster of this folder."""
    place = Embedded(folder / ".shekteu" / "sandbox").cluster.place
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                if Path(os.readlink(process / "cwd")) == place.cluster:
                    found.append(int(process.name))
            except OSError:
                continue
    return found


async def test_without_anything_set_it_is_a_sandbox_that_answers_and_stops_clean(start: Start, folder: Path) -> None:
    port = free_port()
    run = await start(really=True, SANDBOX_LISTEN=f"127.0.0.1:{port}")
    assert f"http://127.0.0.1:{port}" in await run.says("Open http://")
    assert "This is a sandbox" in run.told
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/") as page:
        assert page.status == 200
        assert "sandbox" in (await page.text()).lower()
    assert servers_of(folder)
    # The key that it has made can be read by its owner alone.
    key = Home(folder, start).key
    assert key.stat().st_mode & 0o777 == 0o600
    assert len(base64.b64decode(key.read_text())) == 32
    # A second run on the same data says what is the matter, and leaves the first one alone.
    second = await start()
    assert await second.ends() == 1
    assert second.told.startswith("Another `shekteu` works on this DATA_DIR")
    assert len(second.told.splitlines()) == 1
    await run.works()
    run.process.send_signal(signal.SIGTERM)
    assert await run.ends() == 0, run.told
    assert "Stopped." in run.told
    assert "Traceback" not in run.told
    assert servers_of(folder) == []


async def test_its_health_answers_and_it_starts_again_on_the_same_data(lived_in: Home) -> None:
    run = await lived_in.start()
    await run.says("Open http://")
    await run.works()
    run.process.send_signal(signal.SIGINT)
    assert await run.ends() == 0, run.told


async def test_a_port_that_is_taken_is_one_line_and_no_server_stays(start: Start, folder: Path) -> None:
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    run = await start(SANDBOX_LISTEN=f"127.0.0.1:{port}")
    assert await run.ends() == 1
    assert run.told.splitlines()[-1].startswith(f"SANDBOX_LISTEN: another program listens on 127.0.0.1:{port}")
    assert "Traceback" not in run.told
    assert servers_of(folder) == []
    taken.close()


async def test_the_sandbox_refuses_a_database_that_ever_ran_with_a_token(start: Start, database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("INSERT INTO facts (name, value) VALUES ('token', 'yes')")
    await connection.close()
    run = await start(DATABASE_URL=database_url)
    assert await run.ends() == 1
    assert run.told.startswith("This database has served a real bot")
    assert len(run.told.splitlines()) == 1


async def test_with_a_token_the_database_is_marked_as_a_real_bots(start: Start, database_url: str) -> None:
    run = await start(
        BOT_TOKEN="123456789:" + "A" * 35,
        STAFF_CHAT_ID="-1001234567890",
        TELEGRAM_API_URL=f"http://127.0.0.1:{free_port()}",
        DATABASE_URL=database_url,
    )
    await run.says("The bot runs on Telegram")
    run.process.send_signal(signal.SIGTERM)
    assert await run.ends() == 0, run.told
    connection = await asyncpg.connect(database_url)
    assert await connection.fetchval("SELECT value FROM facts WHERE name = 'token'") == "yes"
    await connection.close()


async def test_a_wrong_key_is_one_line_and_writes_nothing(lived_in: Home) -> None:
    kept = lived_in.key.read_text()
    lived_in.key.write_text("A" * 43 + "=\n")
    try:
        run = await lived_in.start()
        assert await run.ends() == 78
        assert run.told.splitlines()[-1].startswith("SECRET_KEY does not open this database's keyring")
        assert "Traceback" not in run.told
    finally:
        lived_in.key.write_text(kept)


async def test_a_key_that_is_gone_is_one_line_and_no_other_is_made(lived_in: Home) -> None:
    key = lived_in.key
    kept = key.read_text()
    key.unlink()
    try:
        run = await lived_in.start()
        assert await run.ends() == 78
        assert run.told.splitlines()[-1].startswith("SECRET_KEY is gone, and this database is sealed with it")
        assert "Traceback" not in run.told
        assert sorted(path.name for path in key.parent.glob("secret.key*")) == []
    finally:
        key.write_text(kept)
    back = await lived_in.start()
    await back.says("Open http://")
    back.process.send_signal(signal.SIGTERM)
    assert await back.ends() == 0, back.told


async def test_in_a_container_a_wrong_key_is_told_once_and_then_it_waits_to_be_stopped(
    start: Start, database_url: str
) -> None:
    database = Database(database_url, pool_size=1)
    await KeyRing(database, bytes(32)).load()
    await database.close()
    run = await start("--hold", DATABASE_URL=database_url, SECRET_KEY=base64.b64encode(bytes(range(32))).decode())
    await run.says("so this waits to be stopped")
    assert run.told.startswith("SECRET_KEY does not open this database's keyring")
    assert len(run.told.splitlines()) == 2
    assert run.process.returncode is None
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectionError):  # so its container is unhealthy
            await session.get(f"http://{run.health}/healthz")
    connection = await asyncpg.connect(database_url)
    left = await connection.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'shekteu%'"
    )
    await connection.close()
    assert left == 0
    run.process.send_signal(signal.SIGTERM)
    assert await run.ends() == 78
