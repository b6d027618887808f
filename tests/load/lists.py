"""`make lists`: what an officer waits for, at 1,000 and at 1,000,000 stored reports, as ratios in one run."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from os import chmod, environ
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any, Final
from zoneinfo import ZoneInfo

import asyncpg

from bot.database import Database
from bot.embedded import Embedded
from bot.languages import Language
from bot.migrate import migrate
from bot.privacy.keyring import KeyRing
from bot.reports import list_queries
from bot.reports.lists import ListName, WorkLists
from bot.reports.register import Asked, Register
from bot.reports.register_files import write
from bot.reports.register_template import load_columns
from bot.wording import load_wording
from bot.working_time import WorkingTime
from tests.load.bench import say
from tests.load.stored import fill, open_some
from tests.load.telegram import DESK, TOKEN
from tests.stage import ROOT

STORED: Final = int(environ.get("STORED", "1000000"))
OPEN: Final = int(environ.get("OPEN", "20000"))
"""So many of them are not decided: more than any office could have in hand."""
FEW: Final = 1000
TIMES: Final = 20
OFFICER: Final = 7
ALMATY: Final = "Asia/Almaty"
KEY: Final = secrets.token_bytes(32)


async def made(cluster: Embedded, stored: int) -> str:
    """Make a database with its keys and so many reports."""
    name = f"stored_{stored}"
    await cluster.ensure_database(name)
    database = Database(cluster.url(name), pool_size=2)
    await migrate(database)
    await KeyRing(database, KEY).load()
    await database.close()
    await fill(cluster.url(name), stored)
    await open_some(cluster.url(name), min(OPEN, stored // 2))
    return cluster.url(name)


async def looks(url: str) -> dict[str, float]:
    """Give the milliseconds of each look, its statement and what is made of it."""
    lists, now = WorkLists(WorkingTime("Mon-Sun 00:00-24:00", ALMATY), 8, 1), datetime.now(UTC)
    raw = await asyncpg.connect(url)
    key, number = await raw.fetchrow("SELECT key, (SELECT max(number) / 2 FROM reports) FROM resources LIMIT 1")
    ways: dict[str, Callable[[], Awaitable[Any]]] = {
        "one round trip (SELECT 1)": lambda: raw.fetchval("SELECT 1"),
        "/queue": lambda: lists.page(raw, ListName.QUEUE, OFFICER, now, [0]),
        "/mine": lambda: lists.page(raw, ListName.MINE, OFFICER, now, [0]),
        "/overdue": lambda: lists.page(raw, ListName.OVERDUE, OFFICER, now, [0]),
        "the reminder's counts": lambda: lists.overdue(raw, now, [0]),
        "/find a link": lambda: raw.fetch(list_queries.RESOURCE_BY_KEY, [key], [0]),
        "/report №": lambda: raw.fetch(list_queries.BY_NUMBER, number, [0]),
    }
    found = {name: await _timed(way) for name, way in ways.items()}
    await raw.close()
    return found


async def _timed(way: Callable[[], Awaitable[Any]]) -> float:
    each = []
    for _ in range(TIMES):
        began = monotonic()
        await way()
        each.append(1000 * (monotonic() - began))
    return median(each)


async def command(url: str, *words: str) -> float:
    """Give the milliseconds of a command as an administrator gives it, its start-up included."""
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": url,
        "SECRET_KEY": base64.b64encode(KEY).decode(),
        "BOT_TOKEN": TOKEN,
        "STAFF_CHAT_ID": str(DESK),
    }
    began = monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words, cwd=ROOT, env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    if await process.wait():
        raise RuntimeError(f"{words[0]} failed")
    return 1000 * (monotonic() - began)


async def registers(url: str, folder: Path) -> dict[str, float]:
    """Give the milliseconds of registers as the desk asks for them, the bot being started already."""
    wording, columns = load_wording(ROOT / "templates"), load_columns(ROOT / "templates")
    database = Database(url, pool_size=2)
    ring = KeyRing(database, KEY)
    await ring.load()
    register, today = Register(database, ring, ZoneInfo(ALMATY)), datetime.now(UTC).date()
    found = {}
    for name, days in (("a day", 1), ("a week", 7)):
        for form in ("csv", "xlsx"):
            rows = register.rows(Asked(today - timedelta(days=days), today - timedelta(days=1)), [0])
            began = monotonic()
            count = await write(_new(folder, form), form, columns, Language.RU, wording.texts, rows)
            found[f"/register of {name}, {form}"] = 1000 * (monotonic() - began)
            say(f"{count:,} links in a register of {name}")
    await database.close()
    return found


def _new(folder: Path, form: str) -> Path:
    return folder / f"{secrets.token_hex(4)}.{form}"


async def measure(url: str, folder: Path) -> dict[str, float]:
    """Measure everything with one database."""
    found = await looks(url) | await registers(url, folder)
    today = datetime.now(UTC).date()
    days = ("--from", str(today - timedelta(days=30)), "--to", str(today))
    found["shekteu register, a month, csv"] = await command(url, "register", *days, "--out", str(_new(folder, "csv")))
    found["shekteu stats, a month"] = await command(url, "stats", *days)
    found["shekteu --help (start-up alone)"] = await command(url, "--help")
    return found


async def main() -> None:
    """Measure and print the table."""
    folder = Path(tempfile.mkdtemp(prefix="shekteu-lists-"))
    chmod(folder, 0o711)
    cluster = Embedded(folder)
    await cluster.start()
    try:
        few, many = [await measure(await made(cluster, stored), folder) for stored in (FEW, STORED)]
    finally:
        await cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
    say(f"{'':40} {FEW:>12,} {STORED:>12,} stored ({min(OPEN, STORED // 2):,} of them open)")
    for name, ms in many.items():
        say(f"{name:40} {few[name]:9.1f} ms {ms:9.1f} ms {ms / few[name]:8.2f} ×")


if __name__ == "__main__":
    asyncio.run(main())
