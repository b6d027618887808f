"""SECRET_KEY: from the setting, from a file, or made once and kept in DATA_DIR."""

from __future__ import annotations

import base64
import os
import secrets
import tempfile
from pathlib import Path
from typing import Final

from bot.settings import BadSetting, Settings, decode_key

FILE: Final = "secret.key"


def given_key(settings: Settings) -> bytes | None:
    """Give the 32-byte key, or None when none was set and none made yet; raise BadSetting."""
    if settings.secret_key:
        return decode_key(settings.secret_key.get_secret_value())
    if settings.secret_key_file:
        return _read(settings.secret_key_file, "SECRET_KEY_FILE")
    path = key_path(settings)
    return _read(path, f"{FILE} in DATA_DIR") if path.exists() else None


def secret_key(settings: Settings, *, make: bool = True) -> bytes:
    """Give the 32-byte key; raise BadSetting. Without the setting one is generated, mode 0600, if `make`."""
    key = given_key(settings)
    if key is not None:
        return key
    if not make:
        raise BadSetting(f"SECRET_KEY: there is none yet; `run` makes one in {FILE} of DATA_DIR")
    path = key_path(settings)
    _make(path)
    return _read(path, f"{FILE} in DATA_DIR")


def key_path(settings: Settings) -> Path:
    """Give where a generated key lies."""
    return settings.home / FILE


def _read(path: Path, name: str) -> bytes:
    try:
        return decode_key(path.read_text("ascii"))
    except (OSError, ValueError) as error:
        raise BadSetting(f"{name}: wants a readable file with 32 random bytes in base64") from error


def _make(path: Path) -> None:
    # Run by root, PostgreSQL is another user's, who must get through to its own folder beside the key.
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
    # Whole, and on the disk before anything is sealed: half a key, or one lost with the power, opens nothing.
    handle, half = tempfile.mkstemp(prefix=f"{FILE}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(32)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(half, path)
    finally:
        os.unlink(half)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
