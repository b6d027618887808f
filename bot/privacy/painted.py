"""Handles painted on walls: read off clean photos by a process of its own, with the extra `shekteu[ocr]` alone."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from bot.log import get_logger
from bot.privacy.photos import HANDED_DOWN

WORKER = (sys.executable, "-s", "-B", "-m", "bot.privacy.painted_worker")
SECONDS = 90.0
LINES_MOST, LINE_LONGEST, MAX_BYTES = 100, 200, 256 * 1024
log = get_logger()


def installed() -> bool:
    """Tell whether the extra is there."""
    return find_spec("rapidocr") is not None


class PaintedReader:
    """Reads one photo at a time. What cannot be read is nothing: the photo is there all the same."""

    def __init__(self) -> None:
        self._works = installed()
        self._turn = asyncio.Lock()

    async def read(self, jpeg: bytes) -> tuple[str, ...]:
        """Give the lines that stand on a clean photo; nothing without the extra."""
        if not self._works:
            return ()
        async with self._turn:
            return _lines(await self._exchange(jpeg))

    async def _exchange(self, jpeg: bytes) -> bytes:
        environment = {name: os.environ[name] for name in HANDED_DOWN if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            *WORKER,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # a traceback could quote what was read
            cwd=Path(__file__).parents[2],
            env=environment | {"LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"},
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(SECONDS):
                told = await _told(process, jpeg)
        except (TimeoutError, OSError):
            told = b""
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        if not told:
            log.warning("painted_not_read", code=process.returncode)
        return told


async def _told(process: asyncio.subprocess.Process, jpeg: bytes) -> bytes:
    """Give all that the worker says; nothing when it says too much."""
    requests, replies = cast(asyncio.StreamWriter, process.stdin), cast(asyncio.StreamReader, process.stdout)
    requests.write(jpeg)
    await requests.drain()
    requests.close()
    try:
        await replies.readexactly(MAX_BYTES)
    except asyncio.IncompleteReadError as whole:
        return whole.partial
    return b""


def _lines(told: bytes) -> tuple[str, ...]:
    try:
        lines = json.loads(told) if told else []
    except (ValueError, RecursionError):
        return ()
    if not isinstance(lines, list):
        return ()
    return tuple(line for line in lines[:LINES_MOST] if isinstance(line, str) and 0 < len(line) <= LINE_LONGEST)
