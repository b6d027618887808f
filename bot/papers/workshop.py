"""Where papers are made: a process of its own for each, so that neither fonts nor plots stay in the bot's memory."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import Final

from pydantic import BaseModel

PYTHON: Final = (sys.executable, "-s", "-B", "-m")
WORKER: Final = (*PYTHON, "bot.papers.worker")
SECONDS: Final = 120.0
"""A paper of 5,000 links takes some ten; more only where the machine is at its end."""
HANDED_DOWN: Final = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "TMPDIR")
"""All that the worker gets of our environment."""


class NotMade(Exception):
    """The process that draws papers failed: try again; if it does so again, memory or fonts are missing."""


class Workshop:
    """Makes one paper after another."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._turn, self._seconds = asyncio.Semaphore(1), seconds

    async def make(self, paper: BaseModel, worker: str = "") -> bytes:
        """Give the file that a paper is drawn as: PDF for a Sheet, PNG for a Picture. Raises NotMade.

        `worker` is the module that draws it, where that is not ours.
        """
        name, asked = type(paper).__name__.lower(), paper.model_dump_json().encode()
        async with self._turn:
            return await self._made((*PYTHON, worker, name) if worker else (*WORKER, name), asked)

    async def _made(self, command: tuple[str, ...], asked: bytes) -> bytes:
        environment = {each: os.environ[each] for each in HANDED_DOWN if each in os.environ}
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # a traceback could quote what people wrote
            cwd=Path(__file__).parents[2],
            env=environment | {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1"},
            start_new_session=True,  # Ctrl-C is for the bot
        )
        try:
            async with asyncio.timeout(self._seconds):
                made, _ = await process.communicate(asked)
        except TimeoutError:
            raise NotMade from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        if process.returncode or not made:
            raise NotMade
        return made
