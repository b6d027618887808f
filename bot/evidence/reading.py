"""Pages read in a process of their own, one or two at a time."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.evidence.exchange import Exchange, Fetched
from bot.evidence.telegram_page import NOTHING, Seen, Sort

WORKER: Final = (sys.executable, "-s", "-B", "-m", "bot.evidence.worker")
SECONDS: Final = 30.0
AT_ONCE: Final = 2
MOST: Final = 32 << 20
"""Bytes of an answer."""
HANDED_DOWN: Final = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH")
"""All that the process gets of our environment."""


class NotRead(Exception):
    """The process that reads pages failed."""


@dataclass(frozen=True, slots=True)
class Read:
    """A page as it was read."""

    warc: bytes
    title: str = ""
    description: str = ""
    text: str = ""
    difference: str = ""
    """What changed since the text that it was compared with."""
    seen: Seen = NOTHING
    whole: bool = True
    """False: it could not be read, and is kept unread."""


class Pages:
    """Reads pages."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._room, self._seconds = asyncio.Semaphore(AT_ONCE), seconds

    async def read(self, fetched: Fetched, *, telegram: bool, before: str | None) -> Read:
        """Read a page, and compare it with a text from before; raise NotRead if it cannot even be packed."""
        asked = {"exchanges": [_told(each) for each in fetched.exchanges], "telegram": telegram, "before": before}
        async with self._room:
            try:
                told = await self._answer(asked | {"read": True})
            except NotRead:
                return Read(base64.b64decode((await self._answer(asked | {"read": False}))["warc"]), whole=False)
        seen = told["seen"]
        return Read(
            base64.b64decode(told["warc"]),
            told["title"],
            told["description"],
            told["text"],
            told["difference"],
            Seen(**(seen | {"sort": Sort(seen["sort"]) if seen["sort"] else None})),
        )

    async def _answer(self, asked: dict[str, Any]) -> Any:
        process = await asyncio.create_subprocess_exec(
            *WORKER,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # a traceback could quote the page
            cwd=Path(__file__).parents[2],
            env={each: os.environ[each] for each in HANDED_DOWN if each in os.environ} | {"LC_ALL": "C.UTF-8"},
            start_new_session=True,  # Ctrl-C is for the bot
        )
        try:
            async with asyncio.timeout(self._seconds):
                made, _ = await process.communicate(json.dumps(asked).encode())
        except TimeoutError:
            raise NotRead from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        if process.returncode or not 0 < len(made) <= MOST:
            raise NotRead
        return json.loads(made)


def _told(exchange: Exchange) -> dict[str, Any]:
    return {
        **{name: getattr(exchange, name) for name in Exchange.__slots__},
        "asked_at": exchange.asked_at.isoformat(),
        "body": base64.b64encode(exchange.body).decode(),
    }
