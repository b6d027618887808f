"""`shekteu restore`: a backup brought into an empty database, whole or not at all, so that a bot goes on with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg

from bot import migrate
from bot.archive import Archive, Rows
from bot.backup import Holds, what_it_holds
from bot.backup_rules import BackupRefused
from bot.clock import to_minute
from bot.key_watch import HELD, KNOWS
from bot.keys import KeyGone
from bot.privacy.wrapping import Wrapping
from bot.secret_key import given_key
from bot.settings import Settings, decode_key

SESSION: Final = {
    "application_name": "shekteu-restore",
    "idle_in_transaction_session_timeout": "0",
    "statement_timeout": "0",
    "timezone": "UTC",
}
UNKNOWN_BEFORE: Final = 17
"""Servers before this one do not know the setting, which pg_restore writes for all of them."""
UNKNOWN: Final = "SET transaction_timeout = 0;\n"
BOOKKEEPING: Final = re.compile(r"^ALTER TABLE (?:ONLY )?\S+ ALTER COLUMN \S+ SET \(pg_attver=\d+\);\n", re.MULTILINE)
"""A number of their own that servers of November 2026 keep with each column (seen in 15.20). A pg_dump from before
writes it out, and a server from before refuses it."""
FREE_NUMBERS: Final = 1000
"""Cards on the desk may bear numbers that were given after the backup was made: so many are not given again."""
RECENT: Final = timedelta(days=7)
SPACING: Final = timedelta(seconds=6)
"""Between two cards that are shown anew: half of Telegram's 20 a minute is left to what is new."""
ANY_TABLE: Final = """
SELECT EXISTS (
  SELECT FROM pg_class AS class JOIN pg_namespace AS schema ON schema.oid = class.relnamespace
  WHERE class.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND schema.nspname !~ '^pg_'
    AND schema.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = class.oid AND deptype = 'e')
)
"""
SKIP_NUMBERS: Final = """
SELECT setval('reports_number_seq', last_value + $1) - $1 FROM reports_number_seq WHERE is_called
"""
# What was done after the backup still stands on the desk: a card must say what is known, or its buttons do nothing.
SHOW_ANEW: Final = """
WITH posted AS (
  SELECT card.id, $1::timestamptz + row_number() OVER (ORDER BY card.ordinal DESC) * $2::interval AS slot
  FROM cards AS card
  LEFT JOIN reports AS report ON card.sort = 'report' AND report.id = card.subject
  LEFT JOIN resources AS resource ON card.sort = 'resource' AND resource.id = card.subject
  WHERE card.recipient <> 'citizen' AND card.message_id IS NOT NULL AND card.sort IN ('report', 'resource')
    AND (coalesce(report.status, resource.status) <> 'decided'
      OR coalesce(report.decided_at, resource.decided_at) > $3::timestamptz)
)
UPDATE cards SET wanted_version = wanted_version + 1, attempts = 0,
  due_at = CASE WHEN wanted_version > shown_version THEN least(due_at, slot) ELSE slot END
FROM posted WHERE cards.id = posted.id
"""
REAL: Final = "SELECT EXISTS (SELECT FROM facts WHERE name = 'token')"
NEWEST_ACT: Final = "SELECT coalesce(max(at), $1) FROM journal"


class NotEmpty(BackupRefused):
    """This database has tables already and is left as it is: name an empty one, by DATABASE_URL or another DATA_DIR."""


class InUse(BackupRefused):
    """A bot runs on this database: stop it, and restore into an empty database of its own."""


class NewerBackup(BackupRefused):
    """A newer program has made this backup: bring this one up to date first."""


class Refused(BackupRefused):
    """PostgreSQL did not take what the backup holds, and nothing of it was kept."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore has brought back."""

    holds: Holds
    shown_anew: int
    real: bool

    def lines(self, settings: Settings) -> list[str]:
        """Give what an operator is told."""
        told = [
            f"Restored: {self.holds}.",
            "The secret key that is set opens it. Every code that was given until the backup finds its report.",
            "Return addresses are closed for good: whoever reported reads the answer by the code, and the desk is told "
            "of each question and answer that it is not delivered.",
        ]
        if self.holds.reports:
            told.append(
                f"The next report is № {self.holds.newest + FREE_NUMBERS + 1} or higher: the numbers between may stand "
                "on the desk for reports that came after the backup."
            )
        if self.shown_anew:
            minutes = -(-self.shown_anew * SPACING // timedelta(minutes=1))
            told.append(f"Cards that are shown anew once the bot runs: {self.shown_anew}, within {minutes} min.")
        if self.real and settings.sandboxed:
            told.append("It is the database of a real bot, which the sandbox does not touch: set BOT_TOKEN to run it.")
        return told


async def require_fit(archive: Archive, settings: Settings) -> None:
    """Look whether a file is a backup of ours, for this program and this key, before anything is touched.

    Raise BackupRefused, KeyTrouble or BadSetting.
    """
    await archive.require_ours()
    if {row[0] for row in await archive.small("alembic_version")} - migrate.revisions():
        raise NewerBackup
    wrapped_keys = await archive.small("lasting_keys")
    key, previous = given_key(settings), settings.secret_key_previous
    if key is None:
        if wrapped_keys:
            raise KeyGone
        return
    wrapping = Wrapping(key, decode_key(previous.get_secret_value()) if previous else None)
    for key_id, _, wrapped in wrapped_keys:
        wrapping.unwrap(UUID(key_id), bytes.fromhex(wrapped.removeprefix(r"\\x")))


async def restore(url: str, archive: Archive, now: datetime) -> Restored:
    """Bring a backup into an empty database, in one transaction; raise BackupRefused."""
    connection = await asyncpg.connect(url, server_settings=SESSION)
    try:
        async with connection.transaction():
            await _require_free(connection)
            await _bring(connection, archive)
            restored = await _set_right(connection, now)
        await connection.execute("ANALYZE")
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        # Its text may quote a row.
        raise Refused(f"{Refused.__doc__} ({type(error).__name__})") from error
    finally:
        await connection.close(timeout=5)
    return restored


async def _require_free(connection: Any) -> None:
    """Raise InUse or NotEmpty; a bot that starts from here on waits until the transaction ends."""
    if not await migrate.hold_off(connection) or await connection.fetch(HELD, KNOWS):
        raise InUse
    if await connection.fetchval(ANY_TABLE):
        raise NotEmpty


async def _bring(connection: Any, archive: Archive) -> None:
    old = connection.get_server_version().major < UNKNOWN_BEFORE
    await connection.execute(_understood(await archive.statements("pre-data"), old=old))
    async with archive.data() as parts:
        async for part in parts:
            if isinstance(part, Rows):
                await connection.copy_to_table(
                    part.table, schema_name=part.schema, columns=part.columns, source=part.pieces
                )
            elif (statement := _understood(part.decode(), old=old).strip()) and not statement.startswith("--"):
                await connection.execute(statement)
    await connection.execute(_understood(await archive.statements("post-data"), old=old))


def _understood(statements: str, *, old: bool) -> str:
    statements = BOOKKEEPING.sub("", statements)
    return statements.replace(UNKNOWN, "", 1) if old else statements


async def _set_right(connection: Any, now: datetime) -> Restored:
    """Have the bot go on with a desk and with numbers that went on without this database."""
    await connection.execute("RESET search_path")
    holds = await what_it_holds(connection)
    await connection.fetchval(SKIP_NUMBERS, FREE_NUMBERS)
    since = await connection.fetchval(NEWEST_ACT, now) - RECENT
    shown = await connection.execute(SHOW_ANEW, to_minute(now), SPACING, since)
    return Restored(holds, int(shown.rsplit(" ", 1)[-1]), await connection.fetchval(REAL))
