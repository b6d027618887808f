"""Where the tests' databases and folders lie: in memory, where there is room for them.

A test's database is some 900 small files, made and removed; on a disk that takes four times the processor.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

MEMORY: Final = Path("/dev/shm")
NEEDED: Final = (1 + len(os.sched_getaffinity(0))) << 30
"""Bytes that must be free: each process of the tests uses a third of a gigabyte, at its worst."""
HOUR: Final = 3600.0


def use_memory() -> None:
    """Have temporary files made in memory, unless somebody said where, or there is too little of it."""
    if "TMPDIR" not in os.environ and _has_room(MEMORY):
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None


def clear_away() -> None:
    """Remove the databases of runs that were killed: they would take memory until the machine starts again."""
    for lock in Path(tempfile.gettempdir()).glob("shekteu-*/postgres/lock"):
        # A younger one may be about to take its lock.
        with suppress(OSError):
            if lock.stat().st_mtime < time.time() - HOUR:
                with lock.open() as held:
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(lock.parents[1], ignore_errors=True)


def _has_room(folder: Path) -> bool:
    """Tell whether the folder takes all that the tests make, programs among it. A container's takes 64 MB."""
    try:
        found = os.statvfs(folder)
        free = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemAvailable"))
    except (OSError, StopIteration):
        return False
    room = min(found.f_bavail * found.f_frsize, int(free.split()[1]) * 1024 // 2)
    return room >= NEEDED and not found.f_flag & os.ST_NOEXEC and os.access(folder, os.W_OK | os.X_OK)
