"""Pages read in a process of their own, one or two at a time."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass
from typing import Any, Final

from bot.apart import PYTHON, NoAnswer, ask
from bot.evidence.exchange import Exchange, Fetched
from bot.evidence.naming import Named
from bot.evidence.succession import Succession
from bot.evidence.telegram_page import NOTHING, Seen, Sort

WORKER: Final = (*PYTHON, "bot.evidence.worker")
SECONDS: Final = 30.0
AT_ONCE: Final = 2
MOST: Final = 32 << 20
"""Bytes of an answer."""


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
    named: tuple[Named, ...] = ()
    """Links that it names and that may be of use."""
    whole: bool = True
    """False: it could not be read, and is kept unread."""


class Pages:
    """Reads pages."""

    def __init__(self, succession: Succession | None = None, seconds: float = SECONDS) -> None:
        """Without `succession` nothing is named."""
        self._room, self._seconds = asyncio.Semaphore(AT_ONCE), seconds
        self._succession = succession

    async def read(self, fetched: Fetched, *, telegram: bool, before: str | None) -> Read:
        """Read a page, and compare it with a text from before; raise NotRead if it cannot even be packed."""
        wanted = self._succession
        naming = {"phrases": wanted.phrases, "never": wanted.never} if wanted else None
        exchanges = [_told(each) for each in fetched.exchanges]
        asked = {"exchanges": exchanges, "telegram": telegram, "before": before, "naming": naming}
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
            tuple(Named(**each) for each in told["named"]),
        )

    async def _answer(self, asked: dict[str, Any]) -> Any:
        try:
            return json.loads(await ask(WORKER, json.dumps(asked).encode(), seconds=self._seconds, most=MOST))
        except NoAnswer:
            raise NotRead from None


def _told(exchange: Exchange) -> dict[str, Any]:
    return {
        **{name: getattr(exchange, name) for name in Exchange.__slots__},
        "asked_at": exchange.asked_at.isoformat(),
        "body": base64.b64encode(exchange.body).decode(),
    }
