"""The end of a process that was told to stop: what is in hand has its seconds, and then it ends, whatever still waits.

Each part that is waited for is given up by itself after some seconds. What cannot be given up is a thread: one that
asks for the address of a name, and gets no answer, would keep the process for half a minute.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from typing import Any, Final

from bot.log import get_logger

LIMIT: Final = 9.0
"""Seconds from the signal to the end in any case: a container is given ten."""
SAID: Final = 0.5
"""Seconds in which what is still in hand is named: whoever reads the log may hang as well."""
GIVEN_UP: Final = 1.0
"""Seconds that what was not finished in time may take to be given up."""
log = get_logger()


async def give_up(task: asyncio.Task[Any], seconds: float) -> None:
    """Cancel a task, and wait so many seconds for its end; of what came of it nobody learns."""
    task.add_done_callback(_unasked)
    task.cancel()
    await asyncio.wait([task], timeout=seconds)


def _unasked(task: asyncio.Task[Any]) -> None:
    if not task.cancelled():
        task.exception()


def end_within(seconds: float, loop: asyncio.AbstractEventLoop) -> None:
    """Have the process end within so many seconds, with 0: what is not committed is done by the next one, as ever."""
    # Not a timer of the loop, which may have ended while a thread of it has not.
    timer = threading.Timer(seconds, _end, (loop,))
    timer.daemon = True
    timer.start()


def _end(loop: asyncio.AbstractEventLoop) -> None:
    last = threading.Timer(SAID, os._exit, (0,))
    last.daemon = True
    last.start()
    try:
        for name in waiting(loop):
            log.error("stopped_in_hand", job=name)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    finally:
        os._exit(0)


def waiting(loop: asyncio.AbstractEventLoop) -> list[str]:
    """Name what a loop is still at: functions, without anything that they were given."""
    tasks = [] if loop.is_closed() else list(asyncio.all_tasks(loop))
    return sorted({getattr(task.get_coro(), "__qualname__", "?") for task in tasks}) or ["a thread"]
