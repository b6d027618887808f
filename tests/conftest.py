"""One PostgreSQL a test process, migrated once; each test gets a copy of that database, and a bot on a sandbox."""

from __future__ import annotations

import gc
import importlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import structlog
from hypothesis import HealthCheck, settings

from bot.database import Database
from bot.embedded import Embedded
from bot.migrate import migrate
from bot.wording import Wording, load_wording
from tests.examples import ASKED, some
from tests.room import clear_away, use_memory
from tests.stage import Stage

# Before anything asks where temporary files lie; the workers of a run are told by the environment.
use_memory()

# A slow machine is no reason to fail.
# `make test` tries the same examples each time, to say the same of the same code; `make thorough` tries others.
settings.register_profile(
    "shekteu",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
    max_examples=some(100),
    derandomize=not ASKED,
    database=None,
)
settings.load_profile("shekteu")

ROOT = Path(__file__).resolve().parent.parent
LONGEST = (
    "test_restore_troubles",
    "test_outage",
    "test_photos",
    "test_embedded",
    "test_identities",
    "test_purge",
    "test_shutdown",
    "test_pairs",
    "test_check",
    "test_aiogram_types",
    "test_migrations",
    "test_passing",
    "test_links_of_an_hour",
    "test_beside",
    "test_work_lists",
    "test_marked_lists",
    "test_posters",
    "test_taking_back",
    "test_chaos",
    "test_links_finding",
    "test_case_file",
    "test_courier",
    "test_placements",
    "test_several_processes",
    "test_photo_codes",
    "test_browser",
    "test_pilot_month",
    "test_told_after_sending",
    "test_bursts",
    "test_emptying",
    "test_not_reached",
    "test_list_plans",
    "test_papers",
    "test_six_kinds",
    "test_rotation",
    "test_desk_line",
    "test_outsiders",
    "test_reading",
    "test_dialogue_matrix",
    "test_placements_on_the_desk",
    "test_run",
    "test_captures",
    "test_desk",
    "test_offices",
    "test_figures",
    "test_journal",
    "test_limits_of_people",
    "test_commands",
    "test_core_dumps",
    "test_encoder",
    "test_statistics",
    "test_hostile_photos",
)
"""The files that take longest: they come first, so that no core is left alone with one of them at the end."""


def pytest_sessionstart(session: pytest.Session) -> None:
    """Import a share of the test files before they are collected: each other process does so with another share.

    pytest rewrites the assertions of a file that it has not met, and keeps what it wrote: all of them begin at once,
    and without shares each would rewrite every file.
    """
    name, count = os.environ.get("PYTEST_XDIST_WORKER", ""), os.environ.get("PYTEST_XDIST_WORKER_COUNT", "")
    if not name or [Path(each).resolve() for each in session.config.args] != [ROOT / "tests"]:
        return
    for file in sorted(ROOT.glob("tests/*/test_*.py"))[int(name.removeprefix("gw")) :: int(count)]:
        # Whoever collects it tells what is wrong with it.
        with suppress(Exception, pytest.skip.Exception):
            importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))


def pytest_collection_finish() -> None:
    """Leave what was imported and collected, which stays, out of every later search for garbage."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files; the tests of each keep theirs."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Take one process more than there are processors: each test waits at times, and these then rest."""
    return int(os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS") or len(os.sched_getaffinity(0)) + 1)


@pytest.fixture(autouse=True)
def log_of_its_own() -> Iterator[None]:
    """Undo what a command run in this process did to the log: the tests after it would read theirs in vain."""
    yield
    if structlog.is_configured():
        structlog.reset_defaults()


@pytest.fixture(scope="session")
async def cluster() -> AsyncIterator[Embedded]:
    """A PostgreSQL of this test process, with the migrated database `template`."""
    clear_away()
    folder = Path(tempfile.mkdtemp(prefix="shekteu-test-"))
    # Run by root, the server is another user's, who must get through.
    os.chmod(folder, 0o711)
    embedded = Embedded(folder, durable=False)
    await embedded.start()
    await embedded.ensure_database("migrated")
    database = Database(embedded.url("migrated"), pool_size=2)
    await migrate(database)
    await database.close()
    yield embedded
    await embedded.stop()
    shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def migrated_database(cluster: Embedded) -> AsyncIterator[str]:
    """Make a migrated database, and drop it in the end; gives its address."""
    name = f"test_{uuid4().hex}"
    connection = await asyncpg.connect(cluster.url("postgres"))
    # As files: without it each page of it is written to the log of the server too, which takes thrice as long.
    await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE migrated STRATEGY FILE_COPY')
    try:
        yield cluster.url(name)
    finally:
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await connection.close()


@pytest.fixture
async def database_url(cluster: Embedded) -> AsyncIterator[str]:
    """The address of a migrated database of this test's own."""
    async with migrated_database(cluster) as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated database of this test's own."""
    database = Database(database_url, pool_size=5)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def wording() -> Wording:
    """All texts."""
    return load_wording(ROOT / "templates")


@pytest.fixture
async def stage(database_url: str, wording: Wording) -> AsyncIterator[Stage]:
    """A bot on a sandbox, by polling."""
    async with open_stage(database_url, wording) as opened:
        yield opened


@asynccontextmanager
async def open_stage(database_url: str, wording: Wording, **settings: Any) -> AsyncIterator[Stage]:
    """Open a stage with settings of one's own."""
    opened = Stage(database_url, wording, **settings)
    await opened.open()
    try:
        yield opened
    finally:
        await opened.close()


Make = Callable[..., Awaitable[Stage]]
