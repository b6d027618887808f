"""A workbench for the foundation: turns with a scripted handler, a clock, and looks into the database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from bot.database import Database
from bot.privacy.keyring import KeyRing
from bot.telegram.actors import Actor, Side
from bot.telegram.reply import Reply, say
from bot.telegram.turn import TIME_LIMIT, TryAgain, Turn, Turns

KEY = bytes(range(32))
CHAT = 5_012_345_678
CITIZEN = Actor(Side.CITIZEN, CHAT, CHAT)
SORRY = say("we are sorry")
Script = Callable[[Turn, Mapping[str, Any]], Coroutine[Any, Any, Reply | None]]


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 4, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **amount: float) -> None:
        self.now += timedelta(**amount)


async def open_ring(database: Database, key: bytes = KEY, previous: bytes | None = None) -> KeyRing:
    """Load a keyring of this database."""
    ring = KeyRing(database, key, previous)
    await ring.load()
    return ring


async def open_turns(
    database: Database, handle: Script, clock: Clock | None = None, time_limit: float = TIME_LIMIT
) -> Turns:
    """Make turns whose handler is scripted."""
    return Turns(database, await open_ring(database), handle, lambda *_: SORRY, clock or Clock(), time_limit)


def private(update_id: int, chat: int = CHAT, text: str = "hello") -> dict[str, Any]:
    """Give the update of a message that somebody wrote."""
    person = {"id": chat, "is_bot": False, "first_name": "Aigul", "language_code": "kk"}
    message = {"message_id": 7, "date": 1_790_000_000, "chat": {"id": chat, "type": "private"}, "from": person}
    return {"update_id": update_id, "message": {**message, "text": text}}


async def tried_again(work: Awaitable[object]) -> bool:
    """Tell whether an update is to be brought again."""
    try:
        await work
    except TryAgain:
        return True
    return False


async def look(url: str, statement: str, *params: Any) -> list[Any]:
    """Look into the database, from outside."""
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(statement, *params))
    finally:
        await connection.close()


async def count(url: str, table: str) -> int:
    """Count the rows of a table, from outside."""
    return int((await look(url, f"SELECT count(*) AS rows FROM {table}"))[0]["rows"])


async def until(told: Callable[[], Awaitable[object]], limit: float = 60.0) -> None:
    """Ask again until it is true; the limit only ends a test that would wait for ever."""
    async with asyncio.timeout(limit):
        while not await told():  # noqa: ASYNC110 — the database tells nobody
            await asyncio.sleep(0.01)


async def end_backend(url: str, pid: int) -> None:
    """Cut a connection from the server's side, and wait until it is gone."""
    await look(url, "SELECT pg_terminate_backend($1, 10000)", pid)
