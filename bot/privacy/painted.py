"""Handles painted on walls: read off clean photos by a process of its own, with the extra `shekteu[ocr]` alone."""

import asyncio
import json
from importlib.util import find_spec

from bot.apart import PYTHON, NoAnswer, ask
from bot.log import get_logger

WORKER = (*PYTHON, "bot.privacy.painted_worker")
SECONDS = 90.0
SETTINGS = {"OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
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
        try:
            return await ask(WORKER, jpeg, seconds=SECONDS, most=MAX_BYTES, settings=SETTINGS)
        except NoAnswer:
            log.warning("painted_not_read")
            return b""


def _lines(told: bytes) -> tuple[str, ...]:
    try:
        lines = json.loads(told) if told else []
    except (ValueError, RecursionError):
        return ()
    if not isinstance(lines, list):
        return ()
    return tuple(line for line in lines[:LINES_MOST] if isinstance(line, str) and 0 < len(line) <= LINE_LONGEST)
