"""Bringing a database to the newest revision, and telling where it stands. Alembic is imported when it is needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

ROOT: Final = Path(__file__).resolve().parent.parent
_LOCK: Final = 7_340_021
"""The advisory lock that lets one process migrate while others wait."""


class NotMigrated(Exception):
    """The database's schema is not at the newest revision: run `shekteu migrate`."""


async def migrate(database: Database) -> None:
    """Run all migrations that are missing, one process at a time."""
    from alembic import command

    async with database.engine.connect() as connection:
        # A lock of the session: PgQueuer's tables and ours are made by several transactions. Who comes second waits
        # for as long as the first one's migrations take.
        await connection.execute(text("SET LOCAL lock_timeout = 0"))
        await connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        await connection.commit()
        try:
            await connection.run_sync(_with(command.upgrade, "head"))
            await connection.commit()
        finally:
            # After a failure the transaction is spoilt, and unlocking in it would hide what failed.
            await connection.rollback()
            await connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
            await connection.commit()


async def downgrade(database: Database, revision: str) -> None:
    """Go back to a revision (`base`: none)."""
    from alembic import command

    async with database.engine.connect() as connection:
        await connection.run_sync(_with(command.downgrade, revision))
        await connection.commit()


async def revision_of(connection: AsyncConnection) -> str | None:
    """Give the revision of a database, or None when it has none."""
    exists = await connection.scalar(text("SELECT to_regclass('alembic_version') IS NOT NULL"))
    if not exists:
        return None
    revision: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


async def require_newest(database: Database) -> None:
    """Raise NotMigrated unless a database stands at the newest revision."""
    async with database.transaction() as connection:
        if await revision_of(connection) != head():
            raise NotMigrated


def head() -> str:
    """Give the newest revision that this program brings."""
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory.from_config(config()).get_current_head())


def revisions() -> frozenset[str]:
    """Give every revision that this program knows."""
    from alembic.script import ScriptDirectory

    return frozenset(script.revision for script in ScriptDirectory.from_config(config()).walk_revisions())


async def hold_off(driver: Any) -> bool:
    """Keep every process from migrating until the driver's transaction ends; False when one is at it."""
    return bool(await driver.fetchval("SELECT pg_try_advisory_xact_lock($1)", _LOCK))


def config() -> Config:
    """Give Alembic's configuration."""
    from alembic.config import Config

    return Config(str(ROOT / "alembic.ini"))


def _with(command: Any, revision: str) -> Any:
    def run(connection: Any) -> None:
        alembic = config()
        alembic.attributes["connection"] = connection
        command(alembic, revision)

    return run
