"""Edited texts taken up while the bot runs: whole or not at all, in every process whose folder holds the same.

A row holds the digest of what an administrator had taken up. A process that sees another one than its own reads its
folder: if that has come to hold the same, it is taken up there too. Otherwise the process keeps what it has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from bot.log import get_logger
from bot.texts import TextsBroken

FACT: Final = "templates"
ORDER: Final = """
INSERT INTO facts (name, value) VALUES ('templates', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""
log = get_logger()


@dataclass(frozen=True, slots=True)
class Read:
    """What a folder held, without a fault."""

    digest: str
    texts: int
    kinds: int
    take_up: Callable[[], None]
    """Puts it in the place of what this process works with."""


class Reloading:
    """Reads the folder beside the turns, and has what it holds taken up."""

    def __init__(self, current: str, digest: Callable[[], str], read: Callable[[], Read]) -> None:
        """`current` is the digest of what this process works with; `digest` and `read` look at the folder.

        Both raise TextsBroken.
        """
        self.current = current
        self._digest, self._read = digest, read
        self._told = ""
        """What was said of the folder: once of each."""

    async def look(self) -> Read | TextsBroken:
        """Read the folder, or give what is wrong with it. In a thread: compiling all texts takes a second."""
        try:
            return await asyncio.to_thread(self._read)
        except TextsBroken as broken:
            return broken

    async def order(self, driver: Any, read: Read) -> None:
        """Have every process take up what was read, in an open transaction."""
        await driver.execute(ORDER, read.digest)

    def take_up(self, read: Read) -> None:
        """Take up what was read, here and now."""
        if read.digest != self.current:
            read.take_up()
            self.current = read.digest

    async def follow(self, ordered: str | None) -> None:
        """Take up what was ordered, if this process's folder holds just that."""
        if ordered is None or ordered == self.current:
            return
        try:
            holds = self._digest()
            read = await self.look() if holds == ordered else None
        except TextsBroken as broken:
            read = broken
        if isinstance(read, TextsBroken):
            self._tell("broken", ordered)
        elif read is None or read.digest != ordered:
            self._tell("differs", ordered)
        else:
            self.take_up(read)
            log.info("templates_taken_up")

    def _tell(self, state: str, ordered: str) -> None:
        """Log how the folder is, once for each order."""
        if self._told != f"{state} {ordered}":
            self._told = f"{state} {ordered}"
            log.warning("templates_not_followed", state=state)
