"""`shekteu backup`: one file with all that may be kept, written while the bot runs. It needs no secret key."""

from __future__ import annotations

import fcntl
import os
from asyncio.subprocess import DEVNULL
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import asyncpg

from bot import migrate
from bot.backup_rules import BackupRefused, patterns
from bot.embedded_binaries import find_place
from bot.postgres_programs import environment, find_dump, finish, start, stop
from bot.settings import Settings

LOCK_WAIT: Final = "60s"
"""How long it waits for a table that somebody holds alone: a migration, or keys that leave no trace."""
OPTIONS: Final = (
    "--format=custom",
    "--compress=1",  # what is sealed does not shrink
    "--no-password",
    "--no-unlogged-table-data",
    "--no-publications",
    "--no-subscriptions",
    f"--lock-wait-timeout={LOCK_WAIT}",
)
SESSION: Final = {
    "application_name": "shekteu-backup",
    "idle_in_transaction_session_timeout": "0",
    "lock_timeout": LOCK_WAIT,
}
REVISION: Final = "SELECT version_num FROM alembic_version"
HOLDS: Final = """
SELECT (SELECT count(*) FROM reports) AS reports, (SELECT coalesce(max(number), 0) FROM reports) AS newest,
  (SELECT count(*) FROM resources) AS links, (SELECT count(*) FROM parts WHERE sort = 'photo') AS photos,
  (SELECT count(*) FROM journal) AS acts
"""


class NothingToBackUp(BackupRefused):
    """There is no database of a bot here: run it where DATA_DIR, DATABASE_URL and .env are those of the bot."""


class NewerDatabase(BackupRefused):
    """A newer program has migrated this database: use that one, for this one does not know what must be left out."""


class FileThere(BackupRefused):
    """That file is there already, and is not written over: give another name, such as one with the day in it."""


class BeingWritten(BackupRefused):
    """Another backup writes this file at the moment: let it end, or give another name."""


class Held(BackupRefused):
    """Somebody holds a table of this database for themselves, perhaps a migration: try again when that is over."""


class CannotWrite(BackupRefused):
    """The file cannot be written."""


@dataclass(frozen=True, slots=True)
class Holds:
    """What a database, or a backup of it, holds."""

    reports: int
    newest: int
    links: int
    photos: int
    acts: int

    def __str__(self) -> str:
        numbered = f" (the newest is № {self.newest})" if self.reports else ""
        return f"reports: {self.reports}{numbered}, links: {self.links}, photos: {self.photos}, acts: {self.acts}"


@dataclass(frozen=True, slots=True)
class Written:
    """A backup that is whole and on the disk; `size` is in bytes."""

    file: Path
    size: int
    holds: Holds

    def lines(self) -> list[str]:
        """Give what an operator is told."""
        return [
            f"{self.file} is written: {self.size / 1e6:.1f} MB.",
            f"It holds {self.holds}.",
            "It holds no return address, no key of a day, a week or a block, and nothing that is being written: after "
            "a restore, old addresses are closed for good.",
            "It opens with the SECRET_KEY of today alone. Keep that, and keep it apart from this file.",
        ]


def require_database(settings: Settings) -> None:
    """Raise NothingToBackUp where an embedded database would have to be made first."""
    # The home is looked for first: asking for the place of a cluster makes it.
    home = settings.home.resolve()
    if not settings.database_url and not (home.exists() and find_place(home).cluster.exists()):
        raise NothingToBackUp


async def back_up(url: str, file: Path) -> Written:
    """Write a backup of a database into a new file; raise BackupRefused."""
    connection = await asyncpg.connect(url, server_settings=SESSION)
    try:
        with _new_file(file) as (part, opened):
            # One snapshot for what is written and for what is said of it.
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                await _require_known(connection)
                holds = await what_it_holds(connection)
                await _dump(connection, url, part)
            size = os.fstat(opened).st_size
        return Written(file, size, holds)
    except asyncpg.LockNotAvailableError:
        raise Held from None
    finally:
        await connection.close(timeout=5)


async def what_it_holds(connection: Any) -> Holds:
    """Count what a database holds."""
    return Holds(**dict(await connection.fetchrow(HOLDS)))


async def _require_known(connection: Any) -> None:
    try:
        revision = await connection.fetchval(REVISION)
    except asyncpg.UndefinedTableError:
        raise NothingToBackUp from None
    if revision not in migrate.revisions():
        raise NewerDatabase


async def _dump(connection: Any, url: str, part: Path) -> None:
    snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
    left_out = [f"--exclude-table-data={pattern}" for pattern in patterns()]
    # To its standard output it writes no offsets of what is where, and the table of contents twice.
    arguments = [*OPTIONS, f"--snapshot={snapshot}", f"--file={part}", *left_out]
    child = await start(await find_dump(connection), arguments, environment(url), stdout=DEVNULL)
    try:
        await finish(child, "pg_dump")
    finally:
        await stop(child)


@contextmanager
def _new_file(file: Path) -> Iterator[tuple[Path, int]]:
    """Open FILE.part for its owner alone; at the end of the block it is on the disk as FILE, after a failure gone."""
    part = file.absolute().with_name(f"{file.name}.part")
    with _telling(part):
        if file.exists() or file.is_symlink():
            raise FileThere
        opened = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        with _telling(part):
            _alone(opened)
        try:
            yield part, opened
            with _telling(file):
                _put_in_place(opened, part, file)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    finally:
        os.close(opened)


def _put_in_place(opened: int, part: Path, file: Path) -> None:
    os.fsync(opened)
    if file.exists():
        raise FileThere
    part.rename(file)
    folder = os.open(file.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    """Turn what the system refuses into a line for the operator."""
    try:
        yield
    except OSError as error:
        raise CannotWrite(f"{path}: {os.strerror(error.errno or 0)}") from error


def _alone(opened: int) -> None:
    """Take what a backup that was cut short has left; refuse what another one is writing."""
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BeingWritten from None
    os.fchmod(opened, 0o600)
    os.ftruncate(opened, 0)
