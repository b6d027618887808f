"""One piece of work in a process of its own, which is ended when it takes too long, says too much, or is not wanted."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

PYTHON: Final = (sys.executable, "-s", "-B", "-m")
"""What the module that does it is started with."""
HANDED_DOWN: Final = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "TMPDIR")
"""All that it gets of our environment."""


class NoAnswer(Exception):
    """The process failed, or was ended."""


async def ask(
    command: tuple[str, ...], asked: bytes, *, seconds: float, most: int, settings: Mapping[str, str] | None = None
) -> bytes:
    """Hand something in by stdin and give what comes out, of at most so many bytes; raise NoAnswer.

    `settings` is what stands in its environment beside what is handed down.
    """
    environment = {each: os.environ[each] for each in HANDED_DOWN if each in os.environ}
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # a traceback could quote what people wrote
        cwd=Path(__file__).parents[1],
        env=environment | {"LC_ALL": "C.UTF-8"} | dict(settings or {}),
        start_new_session=True,  # Ctrl-C is for the bot
    )
    try:
        async with asyncio.timeout(seconds):
            answer = await _answer(process, asked, most)
            code = await process.wait()
    except (TimeoutError, OSError):
        raise NoAnswer from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if code or not answer:
        raise NoAnswer
    return answer


async def _answer(process: asyncio.subprocess.Process, asked: bytes, most: int) -> bytes:
    requests, replies = cast(asyncio.StreamWriter, process.stdin), cast(asyncio.StreamReader, process.stdout)
    requests.write(asked)
    await requests.drain()
    requests.close()
    try:
        await replies.readexactly(most + 1)
    except asyncio.IncompleteReadError as whole:
        return whole.partial
    raise NoAnswer
