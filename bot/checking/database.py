"""What `shekteu check` asks a database: is it one that we can use, where does it stand, does the key open it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot import migrate
from bot.checking.journal import check_journal
from bot.checking.key import check_server_disk
from bot.checking.lines import Lines
from bot.database import Database
from bot.privacy.keyring import KeyRing
from bot.privacy.wrapping import KeyringLost, WrongKey
from bot.reports import pause
from bot.settings import Settings, decode_key
from bot.staff.desks import Desks

OLDEST: Final = 15
ANSWERS_WITHIN: Final = 10.0
POOLERS: Final = (
    asyncpg.InvalidSQLStatementNameError,
    asyncpg.DuplicatePreparedStatementError,
    asyncpg.ProtocolViolationError,
)
"""How a pooler shows itself that gives each transaction another server connection."""


@dataclass(frozen=True, slots=True)
class Chats:
    """The chats of desks as a database knows them."""

    main: int | None
    offices: Mapping[str, int] = field(default_factory=dict)
    """By the names of offices."""


async def check_database(lines: Lines, settings: Settings, url: str, key: bytes | None) -> Chats:
    """Check one database; give the chats of the desks, which may have moved since the setting was made."""
    if not await _usable(lines, settings, url):
        return Chats(settings.staff_chat_id)
    database = Database(url, pool_size=1)
    try:
        if not await _migrated(lines, database):
            return Chats(settings.staff_chat_id)
        await _history(lines, database, settings)
        await _opens(lines, database, settings, key)
        if settings.database_url:
            await check_journal(lines, database)
        if settings.staff_chat_id is None:
            return Chats(None)
        desks = Desks(database, settings.staff_chat_id, settings.desk_language)
        await desks.load()
        main = desks.main()
        return Chats(main[0] if main else None, {office.name: office.chat_id for office in desks.offices.open})
    except DBAPIError as error:
        reason = type((error.orig and error.orig.__cause__) or error.orig).__name__
        mend = "let DATABASE_URL name the role that owns the tables, and no pooler that refuses settings of a session"
        lines.wrong("database", f"it answers, but refuses what the bot does ({reason})", mend)
        return Chats(settings.staff_chat_id)
    finally:
        await database.close()


async def _usable(lines: Lines, settings: Settings, url: str) -> bool:
    try:
        first = await asyncpg.connect(url, timeout=ANSWERS_WITHIN)
    except POOLERS:
        return _pooled(lines)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        lines.wrong("database", *_unreachable(error))
        return False
    try:
        second = await asyncpg.connect(url, timeout=ANSWERS_WITHIN)
        try:
            if await _is_pooled(first, second):
                return _pooled(lines)
        finally:
            second.terminate()
        if not await _fit(lines, first):
            return False
        if settings.database_url:
            await check_server_disk(lines, settings, first, url)
        return True
    except POOLERS:
        return _pooled(lines)
    finally:
        first.terminate()


def _unreachable(error: Exception) -> tuple[str, str]:
    """Say why there is no connection, without the error's text: it may hold parts of the address."""
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
        return "it refuses this user or password", "correct DATABASE_URL, or the role and pg_hba.conf on the server"
    if isinstance(error, asyncpg.InvalidCatalogNameError):
        return "the server has no database of this name", "create it (`createdb NAME`), or correct DATABASE_URL"
    if isinstance(error, OSError):
        return "it does not answer", "start it, or correct host and port in DATABASE_URL; a firewall may stand between"
    if isinstance(error, (ValueError, asyncpg.InterfaceError)):
        return "DATABASE_URL cannot be read", "write it as postgresql://user:password@host:5432/name"
    return f"it refuses the connection ({type(error).__name__})", "look into the server's log"


async def _is_pooled(first: Any, second: Any) -> bool:
    """Tell whether a pooler stands between that lends one client's idle server connection to another."""
    mine = await first.fetchval("SELECT pg_backend_pid()")
    async with second.transaction():
        theirs = await second.fetchval("SELECT pg_backend_pid()")
        again = await first.fetchval("SELECT pg_backend_pid()")
    return bool(mine == theirs or mine != again)


def _pooled(lines: Lines) -> bool:
    lines.wrong(
        "database",
        "a pooler in transaction mode stands before it: locks of a session and prepared statements get lost",
        "let DATABASE_URL name PostgreSQL itself, or a pooler in session mode",
    )
    return False


async def _fit(lines: Lines, connection: Any) -> bool:
    """Tell whether this server will do."""
    major = connection.get_server_version().major
    if major < OLDEST:
        lines.wrong("database", f"it is PostgreSQL {major}", f"bring it to PostgreSQL {OLDEST} or newer")
        return False
    if await connection.fetchval("SELECT pg_is_in_recovery()"):
        lines.wrong("database", "it is a standby, which can only be read", "let DATABASE_URL name the primary")
        return False
    if (encoding := await connection.fetchval("SHOW server_encoding")) != "UTF8":
        lines.wrong("database", f"its encoding is {encoding}", "create it anew with ENCODING 'UTF8'")
        return False
    lines.fine("database", f"PostgreSQL {major} answers")
    return True


async def _migrated(lines: Lines, database: Database) -> bool:
    from alembic.script import ScriptDirectory

    async with database.transaction() as connection:
        revision = await migrate.revision_of(connection)
        may_create = await connection.scalar(
            text(
                "SELECT has_database_privilege(current_database(), 'CREATE') "
                "AND coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)"
            )
        )
    head = migrate.head()
    if revision == head:
        lines.fine("migrations", f"at the newest revision ({head})")
        return True
    known = {script.revision for script in ScriptDirectory.from_config(migrate.config()).walk_revisions()}
    if revision is None and not may_create:
        mend = "give the role the right: GRANT CREATE ON DATABASE …, or make it the owner"
        lines.wrong("migrations", "there are no tables, and this role may not make any", mend)
    elif revision is None or revision in known:
        stands = f"it stands at {revision}, the newest is {head}" if revision else "there are no tables yet"
        lines.wrong("migrations", stands, "`shekteu migrate`; `run` does the same before it starts")
    else:
        stands = f"it stands at {revision}, which this program does not know"
        lines.wrong("migrations", stands, "a newer program made it: bring this one up to date")
    return False


async def _history(lines: Lines, database: Database, settings: Settings) -> None:
    async with database.transaction() as connection:
        token = await connection.scalar(text("SELECT value FROM facts WHERE name = 'token'"))
        reports = await connection.scalar(text("SELECT EXISTS (SELECT FROM reports)"))
        closed = pause.read(await connection.scalar(text(pause.STILL)))
    if closed:
        lines.note("intake", f"closed since {closed.since:%Y-%m-%d %H:%M} UTC; /resume on the main desk opens it")
    if settings.sandboxed and token:
        lines.wrong(
            "database",
            "it has served a real bot: the sandbox does not touch it",
            "unset DATABASE_URL, or set BOT_TOKEN",
        )
    elif not settings.sandboxed and reports and not token:
        lines.note("database", "it holds reports made in a sandbox; a real bot wants a new database")


async def _opens(lines: Lines, database: Database, settings: Settings, key: bytes | None) -> None:
    """Tell whether the key is the one that this database's keys are wrapped by."""
    previous = settings.secret_key_previous
    ring = KeyRing(database, key or bytes(32), decode_key(previous.get_secret_value()) if previous else None)
    try:
        keys = await ring.verify()
    except WrongKey:
        found = "it does not open this database's keyring" if key else "it is gone, and this database's keyring is shut"
        lines.wrong("key", found, "bring back the key that this database was made with, from where you keep its copy")
        return
    except KeyringLost:
        found = "this database's keyring is gone, but not what it sealed"
        lines.wrong("key", found, "bring back the table lasting_keys from a backup of this database")
        return
    if not keys:
        lines.note("key", "this database's keyring is empty; `run` fills it")
        return
    lines.fine("key", f"it opens this database's keyring ({keys} keys)")
    if previous:
        await _changing(lines, database, key or bytes(32))


async def _changing(lines: Lines, database: Database, key: bytes) -> None:
    """Tell how far a change of the key is."""
    try:
        await KeyRing(database, key).verify()
    except WrongKey:
        lines.note("key", "some keys are still wrapped by SECRET_KEY_PREVIOUS; `shekteu keys rotate` changes that")
    else:
        lines.note("key", "SECRET_KEY_PREVIOUS is needed no longer: take it out of the settings")
