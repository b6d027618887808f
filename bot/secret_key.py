"""SECRET_KEY: from the setting, from a file, or made once and kept in DATA_DIR."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path
from typing import Final

from bot.settings import BadSetting, Settings, decode_key

FILE: Final = "secret.key"


def secret_key(settings: Settings, *, make: bool = True) -> bytes:
    """Give the 32-byte key; raise BadSetting. Without the setting one is generated, mode 0600, if `make`."""
    if settings.secret_key:
        return decode_key(settings.secret_key.get_secret_value())
    if settings.secret_key_file:
        return _read(settings.secret_key_file, "SECRET_KEY_FILE")
    path = key_path(settings)
    if not path.exists():
        if not make:
            raise BadSetting(f"SECRET_KEY: there is none yet; `run` makes one in {FILE} of DATA_DIR")
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
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(secrets.token_bytes(32)) + b"\n")
