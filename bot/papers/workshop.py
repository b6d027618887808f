"""Where papers are made: a process of its own for each, so that neither fonts nor plots stay in the bot's memory."""

from __future__ import annotations

import asyncio
from typing import Final

from pydantic import BaseModel

from bot.apart import PYTHON, NoAnswer, ask

WORKER: Final = (*PYTHON, "bot.papers.worker")
SECONDS: Final = 120.0
"""A paper of 5,000 links takes some ten; more only where the machine is at its end."""
MOST: Final = 256 << 20
"""Bytes of a paper."""
SETTINGS: Final = {"MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1"}


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
            try:
                command = (*PYTHON, worker, name) if worker else (*WORKER, name)
                return await ask(command, asked, seconds=self._seconds, most=MOST, settings=SETTINGS)
            except NoAnswer:
                raise NotMade from None
