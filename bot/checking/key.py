"""What `shekteu check` says of the secret key: is it there, who can read it, does it lie beside what it seals."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import asyncpg

from bot.checking.lines import Lines
from bot.secret_key import key_path, secret_key
from bot.settings import BadSetting, Settings

SECRETS: Final = Path("/run/secrets")
"""Where containers get secrets; their modes are the container engine's, and nobody else is in there."""
ENV: Final = Path(".env")
LOCAL: Final = ("", "localhost", "127.0.0.1", "::1")
APART: Final = "keep it on another one, and name it by SECRET_KEY_FILE"


def check_key(lines: Lines, settings: Settings) -> bytes | None:
    """Give the key if there is one: a missing one may be right, which the database tells."""
    if settings.secret_key:
        lines.fine("key", "SECRET_KEY is set")
        return secret_key(settings, make=False)
    path = settings.secret_key_file or key_path(settings)
    if not settings.secret_key_file and not path.exists():
        lines.note("key", "there is none yet; `run` makes one in DATA_DIR")
        return None
    try:
        key = secret_key(settings, make=False)
    except BadSetting as bad:
        lines.wrong(
            "key", str(bad), "bring the file back from where you keep its copy, readable for the bot's user alone"
        )
        return None
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077 and SECRETS not in path.parents:
        lines.wrong("key", f"others on this machine can read it (mode {mode:04o})", f"chmod 600 {path}")
    else:
        lines.fine(
            "key", "SECRET_KEY_FILE holds it" if settings.secret_key_file else f"{path.name} in DATA_DIR holds it"
        )
    return key


def check_disk(lines: Lines, settings: Settings, data: Path) -> None:
    """Warn if the key lies on the disk of the database, whose folder is `data`."""
    path = _lies_in(settings)
    if path is None or path.stat().st_dev != _standing(data).stat().st_dev:
        return
    harmless = "for a sandbox that does no harm" if settings.sandboxed else APART
    lines.note("key", f"it lies on the database's disk ({path}): who gets that disk has both; {harmless}")


async def check_server_disk(lines: Lines, settings: Settings, connection: Any, url: str) -> None:
    """Warn if the key lies on the disk of a PostgreSQL of one's own on this machine."""
    path = _lies_in(settings)
    if path is None or not _is_local(url):
        return
    try:
        data = await connection.fetchval("SHOW data_directory")
    except asyncpg.InsufficientPrivilegeError:
        data = ""
    if os.path.exists(data):  # noqa: ASYNC240 — a command for one person
        check_disk(lines, settings, Path(data))
    else:
        lines.note("key", f"the database is on this machine too: see that {path} is on another disk than its data")


def _lies_in(settings: Settings) -> Path | None:
    """Give the file that holds the key, or None when it comes from elsewhere."""
    path = settings.secret_key_file or key_path(settings)
    if settings.secret_key:
        from dotenv import dotenv_values

        named = {name.upper() for name in dotenv_values(ENV, interpolate=False)} if ENV.exists() else set()
        given = {name.upper() for name, value in os.environ.items() if value}
        path = ENV if "SECRET_KEY" in named - given else Path()
    return path if path.is_file() else None


def _is_local(url: str) -> bool:
    """Tell whether an address names a PostgreSQL of this machine."""
    parts = urlsplit(url)
    hosts = parse_qs(parts.query).get("host", [parts.hostname or ""])
    return all(host in LOCAL or host.startswith("/") for host in hosts)


def _standing(path: Path) -> Path:
    """Give the path, or the nearest folder above it that is there already."""
    return next(each for each in (path.absolute(), *path.absolute().parents) if os.path.exists(each))
