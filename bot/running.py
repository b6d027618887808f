"""`shekteu run`: database, migrations, keys and texts made ready, then the bot, on Telegram or in the sandbox."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import text

from bot.collecting import collect_rarely
from bot.database import Database, patiently
from bot.embedded import Embedded
from bot.keys import key_ring
from bot.migrate import migrate, require_newest
from bot.privacy.keyring import KeyRing
from bot.secret_key import given_key
from bot.settings import BadSetting, Settings
from bot.stopping import LIMIT, end_within
from bot.wording import load_wording

BANNER: Final = """
  This is a sandbox: no token, nothing leaves this computer.
  Open {url} in a browser: citizens on the left, the desk on the right.
  Ctrl+C stops it.
"""


class RanWithToken(Exception):
    """This database has served a real bot: the sandbox does not touch it. Unset DATABASE_URL, or set BOT_TOKEN."""


class AlreadyRuns(Exception):
    """Another `shekteu` works on this DATA_DIR: stop it first, or set another DATA_DIR. (Several need DATABASE_URL.)"""


def tell(line: str) -> None:
    """Tell the operator something, in the terminal."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@asynccontextmanager
async def open_database(settings: Settings, *, alone: bool = False) -> AsyncIterator[tuple[Database, str]]:
    """Open DATABASE_URL, waiting until it answers, or the embedded PostgreSQL in DATA_DIR.

    With `alone` raise AlreadyRuns where another process has that: it would end under us, or answer in our place.
    """
    if settings.database_url:
        url, embedded = settings.database_url.get_secret_value(), None
    else:
        embedded = Embedded(settings.home)
        await embedded.start()
        if alone and not embedded.cluster.ours:
            await embedded.stop()
            raise AlreadyRuns
        await embedded.ensure_database()
        for notice in embedded.notices:
            tell(notice)
        url = embedded.url()
    database = Database(url)
    try:
        await _answers(database)
        yield database, url
    finally:
        await database.close()
        if embedded:
            await embedded.stop()


@asynccontextmanager
async def open_with_keys(settings: Settings) -> AsyncIterator[tuple[Database, KeyRing]]:
    """Open the database for a command that opens what is sealed; raise NotMigrated and whatever the keyring raises."""
    async with open_database(settings) as (database, _url):
        await require_newest(database)
        ring = await key_ring(settings, database)
        await ring.load()
        yield database, ring


async def refuse_real(database: Database) -> None:
    """Refuse the sandbox on a database that ever served a real bot, before anything is written to it."""
    async with database.transaction() as connection:
        made = await connection.scalar(text("SELECT to_regclass('facts') IS NOT NULL"))
        if made and await connection.scalar(text("SELECT value FROM facts WHERE name = 'token'")):
            raise RanWithToken


async def note_token(database: Database) -> None:
    """Note that a database serves a real bot."""
    async with database.transaction() as connection:
        await connection.execute(
            text("INSERT INTO facts (name, value) VALUES ('token', 'yes') ON CONFLICT (name) DO NOTHING")
        )


async def run(settings: Settings) -> None:
    """Run the bot until SIGTERM or SIGINT, which may come while it still starts."""
    await _until_signal(_run(settings))


async def _run(settings: Settings) -> None:
    wording = load_wording(settings.templates_dir)
    if not settings.sandboxed and settings.staff_chat_id is None:
        raise BadSetting("STAFF_CHAT_ID: with BOT_TOKEN it is needed; `shekteu check` finds it for you")
    given_key(settings)  # a key that cannot be read is told before the database is opened
    async with open_database(settings, alone=True) as (database, url):
        # The database may go away once more while the bot starts.
        waiting = _Waiting()
        if settings.sandboxed:
            await patiently(lambda: refuse_real(database), waiting)
        await patiently(lambda: migrate(database), waiting)
        if not settings.sandboxed:
            await patiently(lambda: note_token(database), waiting)
        ring = await patiently(lambda: key_ring(settings, database, make=True), waiting)
        await patiently(ring.verify, waiting)  # a wrong key is told before it is said that the bot runs
        # aiogram takes seconds to import: a wrong setting is told before.
        from bot.bootstrap import App, Telegram
        from bot.process import Process

        collect_rarely()
        if settings.sandboxed:
            from bot.sandbox.town import Town

            async with Town(*settings.sandbox_listen, settings.home / "chats", ZoneInfo(settings.timezone)) as town:
                telegram = Telegram(town.sandbox.token, town.sandbox.url, town.desk.id)
                tell(BANNER.format(url=town.sandbox.url))
                await Process(App(settings, telegram, database, url, ring, wording)).run()
        elif settings.bot_token and settings.staff_chat_id:
            token = settings.bot_token.get_secret_value()
            telegram = Telegram(token, settings.telegram_api_url, settings.staff_chat_id)
            tell("The bot runs on Telegram. Ctrl+C stops it.")
            await Process(App(settings, telegram, database, url, ring, wording)).run()


async def _answers(database: Database) -> None:
    async def once() -> None:
        async with database.transaction() as connection:
            await connection.execute(text("SELECT 1"))

    await patiently(once, _Waiting())


class _Waiting:
    """Tells once that the database is waited for."""

    def __init__(self) -> None:
        self._told = False

    def __call__(self, _: Exception) -> None:
        if not self._told:
            tell("The database does not answer yet; waiting for it.")
        self._told = True


async def _until_signal(work: Coroutine[Any, Any, None]) -> None:
    """Run until it ends by itself or a signal asks to stop; then what is in hand is finished."""
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)

    def stop() -> None:
        end_within(LIMIT, loop)
        task.cancel()

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop)
    try:
        await task
    except asyncio.CancelledError:
        tell("Stopped.")


async def purge_now(settings: Settings, *, dry: bool = False) -> None:
    """Carry out the purge once and tell what went; `dry`: only tell what is due."""
    from bot.clock import utc_now
    from bot.purge import Purge

    async with open_database(settings) as (database, _):
        ring = await key_ring(settings, database)
        await ring.load()
        purge = Purge(database, ring, utc_now, settings)
        counts = await (purge.dry_run() if dry else purge.run())
    tell("This is due; nothing was deleted:" if dry else "This was deleted:")
    for what, count in counts.items():
        tell(f"{count:8} {what}")
