"""A task that is told to end ends, though the driver answers the cancellation with an error of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from bot.chaining import Chaining
from bot.database import end_if_told, patiently
from bot.delivery.courier import Courier
from bot.key_watch import KeyWatch
from bot.leader import Leader
from bot.looking import keep_looking


class Lost:
    """A database that is lost at the moment at which whoever asks it is told to end."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.is_lost = True

    async def ask(self, *_: Any, **__: Any) -> Any:
        self.asked.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if not self.is_lost:
                raise
            raise ConnectionResetError from None

    fetchval = fetchrow = fetch = execute = ask

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[Any]:
        yield self

    transaction = lend


class Sender:
    """What a courier needs of one that has nothing to send."""

    line, waits, recipient = None, False, "citizen"

    async def take_over(self) -> None:
        return

    settle = take_over

    def cut(self, deliveries: object) -> None:
        pass


def courier(lost: Lost) -> Awaitable[Any]:
    made: Any = object.__new__(Courier)
    made._sender, made._database, made._woken, made._under_way = Sender(), lost, asyncio.Event(), {}
    made._clock, made._at_once, made._recipient = (lambda: None), 8, Sender
    Sender.value = "citizen"  # type: ignore[attr-defined]
    return made.run()  # type: ignore[no-any-return]


def key_watch(lost: Lost) -> Awaitable[Any]:
    made: Any = object.__new__(KeyWatch)
    made._connection, made._ring, made._told = lost, None, False
    lost.is_closed = lambda: True  # type: ignore[attr-defined]
    made.start, made.close = lost.ask, lambda: None
    return made.run()  # type: ignore[no-any-return]


async def lead() -> None:
    return


LOOPS: dict[str, Callable[[Lost], Awaitable[Any]]] = {
    "keep_looking": lambda lost: keep_looking(lost.ask, 0, lambda _: None),
    "patiently": lambda lost: patiently(lost.ask, lambda _: None),
    "leader": lambda _: Leader("postgresql://", lead).run(),
    "chaining": lambda lost: Chaining(lost, None).run(),  # type: ignore[arg-type]
    "courier": courier,
    "key watch": key_watch,
}


@pytest.mark.parametrize("name", LOOPS)
async def test_it_ends_though_the_cancellation_was_answered_with_a_lost_connection(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = Lost()
    monkeypatch.setattr(asyncpg, "connect", lost.ask)
    monkeypatch.setattr("bot.key_watch.LOOK_EVERY", 0)
    task = asyncio.ensure_future(LOOPS[name](lost))
    async with asyncio.timeout(30):
        await lost.asked.wait()
    task.cancel()
    # Nothing is claimed about the time: one that goes on never ends.
    await asyncio.wait([task], timeout=10)
    ended, lost.is_lost = task.done(), False
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert ended
    assert task.cancelled()


async def test_who_was_not_told_goes_on() -> None:
    end_if_told()
