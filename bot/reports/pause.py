"""Intake that administrators of the desk have closed for a while. A row says so, and each process remembers it.

Nothing is asked of the database while intake is open: `Orders` looks at the row every few seconds.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel

from bot import metrics

FACT: Final = "paused"
WORDS_MOST: Final = 500
"""UTF-16 units of the office's own words: they stand beside a summary and the numbers of help in one message."""

STILL: Final = "SELECT value FROM facts WHERE name = 'paused'"
CLOSE: Final = """
INSERT INTO facts (name, value) VALUES ('paused', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""
OPEN: Final = "DELETE FROM facts WHERE name = 'paused' RETURNING 1"


class Closed(BaseModel):
    """Since when intake is closed, and what the office says of it, as it was typed."""

    since: datetime
    words: str = ""


class WordsTooLong(Exception):
    """The office's words are longer than `WORDS_MOST`."""


class Pause:
    """Whether intake is closed, as this process knows it."""

    def __init__(self) -> None:
        self.closed: Closed | None = None
        """None: intake is open."""

    def learn(self, value: str | None) -> None:
        """Take up what the row says."""
        self.closed = read(value)
        metrics.PAUSED.set(self.closed is not None)

    async def follow(self, value: str | None) -> None:
        """Do so when another process may have written it."""
        self.learn(value)

    async def still(self, driver: Any) -> Closed | None:
        """Tell for certain whether intake is closed: of the database it is asked only when this process thinks so."""
        return read(await driver.fetchval(STILL)) if self.closed else None


def read(value: str | None) -> Closed | None:
    """Read the row's value."""
    return Closed.model_validate_json(value) if value else None


async def close(driver: Any, words: str, now: datetime) -> str:
    """Close intake in an open transaction, or change the words of a pause; give the row's value."""
    if len(words.encode("utf-16-le")) > 2 * WORDS_MOST:
        raise WordsTooLong
    before = read(await driver.fetchval(STILL))
    value = Closed(since=before.since if before else now.replace(second=0, microsecond=0), words=words)
    written = value.model_dump_json()
    await driver.execute(CLOSE, written)
    return written


async def reopen(driver: Any) -> bool:
    """Open intake in an open transaction; False when it was open."""
    return bool(await driver.fetchval(OPEN))
