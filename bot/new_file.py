"""Files for the one who asked for them alone."""

from __future__ import annotations

import os
from pathlib import Path


class NotTakenOut(Exception):
    """There is nothing to write, or nowhere to write it to; the message says which."""


def write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, readable for nobody else; raise OSError."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


def own_folder(folder: Path) -> None:
    """Make a folder that nobody else may look into, or take an empty one; raise NotTakenOut."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        empty = not any(folder.iterdir())
    except OSError as error:
        raise NotTakenOut(f"{folder}: {error.strerror}.") from None
    if not empty:
        raise NotTakenOut(f"{folder} is not empty, and nothing is written over: name another folder.")


def write_into(path: Path, data: bytes) -> None:
    """Write a file of such a folder; raise NotTakenOut."""
    try:
        write_new(path, data)
    except OSError as error:
        raise NotTakenOut(f"{path}: {error.strerror}.") from None
