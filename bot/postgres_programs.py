"""pg_dump and pg_restore as children: which one is taken, and how it learns where the database is.

That stands in its environment, which other accounts cannot read, and never on its command line, which all can.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import re
import shutil
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import make_url

from bot.backup_rules import BackupRefused
from bot.embedded_binaries import major, programs

DEBIAN: Final = Path("/usr/lib/postgresql")
SOCKETS: Final = ("/run/postgresql", "/var/run/postgresql", "/var/pgsql_socket", "/private/tmp", "/tmp")  # noqa: S108
"""Where the driver looks for a socket when no host is named; each build of libpq knows one of them."""
NAMES: Final = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "database": "PGDATABASE",
    "dbname": "PGDATABASE",
    "passfile": "PGPASSFILE",
    "ssl": "PGSSLMODE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}
TOLD_MOST: Final = 300
PR_SET_PDEATHSIG: Final = 1
ENCRYPTED: Final = "SELECT coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false)"


class NoProgram(BackupRefused):
    """This database wants TLS or a newer pg_dump than the bot brings: install its version's postgresql-client here."""


class ProgramFailed(BackupRefused):
    """A program of PostgreSQL failed."""

    def __init__(self, program: str, told: bytes) -> None:
        lines = told.decode(errors="replace").splitlines()
        why = next((line for line in lines if "error:" in line), lines[-1] if lines else "it said nothing")
        super().__init__(why[:TOLD_MOST] if why.startswith(program) else f"{program}: {why[:TOLD_MOST]}")


def environment(url: str) -> dict[str, str]:
    """Give a child's environment for a DATABASE_URL: libpq's variables, and none of our own secrets."""
    address = make_url(url)
    named: dict[str, Any] = {
        "user": address.username,
        "password": address.password,
        "host": address.host,
        "port": address.port,
        "database": address.database,
    }
    for name, value in address.query.items():
        if not named.get(name):
            named[name] = value if isinstance(value, str) else ",".join(value)
    found = {name: value for name, value in os.environ.items() if name.startswith("PG") or name == "HOME"}
    found |= {NAMES[name]: str(value) for name, value in named.items() if name in NAMES and value}
    if "PGHOST" not in found and (folder := _socket(found.get("PGPORT", "5432"))):
        found["PGHOST"] = folder
    return found | {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


async def find_dump(connection: Any) -> Path:
    """Give the pg_dump for a server: ours, which knows every version up to its own, but no TLS. Raise NoProgram.

    What the bot itself reaches by TLS must not cross the network in clear because a backup is made.
    """
    wanted = connection.get_server_version().major
    if wanted <= int(major()) and not await connection.fetchval(ENCRYPTED):
        return programs() / "pg_dump"
    for program in _installed():
        child = await start(program, ["--version"], {"PATH": "/usr/bin:/bin"}, stdout=PIPE)
        told, _ = await child.communicate()
        version = re.search(rb"\) (\d+)", told)
        if version and int(version[1]) >= wanted:
            return program
    raise NoProgram


async def start(program: Path, arguments: Sequence[str], env: dict[str, str], *, stdout: int) -> Process:
    """Start a program that ends when we do."""
    return await asyncio.create_subprocess_exec(
        program, *arguments, env=env, stdin=DEVNULL, stdout=stdout, stderr=PIPE, preexec_fn=_end_with_us()
    )


async def finish(child: Process, program: str) -> None:
    """Wait until a program has ended; raise ProgramFailed."""
    told = await child.stderr.read() if child.stderr else b""
    if await child.wait() != 0:
        raise ProgramFailed(program, told)


async def stop(child: Process) -> None:
    """End a program that may still run, and wait until it is gone."""
    if child.returncode is None:
        child.kill()
    await child.wait()


async def tidily(work: Coroutine[Any, Any, None]) -> None:
    """Carry a command out; SIGTERM ends it as Ctrl+C does: its children end, and its half-written file goes.

    Raises KeyboardInterrupt then. (Where Ctrl+C is ignored, as under `nohup`, SIGTERM must do it all the same.)
    """
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def _end_with_us() -> Callable[[], None]:
    libc, parent = ctypes.CDLL(None), os.getpid()

    def prepare() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))
        if os.getppid() != parent:  # we died before the line above
            os._exit(1)

    return prepare


def _socket(port: str) -> str | None:
    return next((folder for folder in SOCKETS if Path(folder, f".s.PGSQL.{port}").exists()), None)


def _installed() -> Iterator[Path]:
    """List the other programs on this machine, the newest of Debian's first."""
    found = [path for path in DEBIAN.glob("*/bin/pg_dump") if path.parts[-3].isdigit()]
    yield from sorted(found, key=lambda path: int(path.parts[-3]), reverse=True)
    if other := shutil.which("pg_dump"):
        yield Path(other)
