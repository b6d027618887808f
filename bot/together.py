"""What comes together is done at once: who asks while others are served is served with those who ask meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Together(Generic[Item, Answer]):
    """Serves all that came since the last time in one go, by a task that lives as long as somebody asks."""

    def __init__(self, serve: Callable[[Sequence[Item]], Awaitable[Sequence[Answer]]]) -> None:
        """`serve` gives the answers to some items, in their order."""
        self._serve = serve
        self._asked: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._serving: asyncio.Task[None] | None = None

    async def ask(self, item: Item) -> Answer:
        """Give the answer to one item; raise what was raised for all that it was served with.

        It may have been the fault of another one: who asks decides whether to try it alone. Who gives up waiting is
        served all the same.
        """
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._asked.append((item, answer))
        if self._serving is None:
            self._serving = asyncio.create_task(self._serve_all())
        return await answer

    async def _serve_all(self) -> None:
        try:
            while self._asked:
                round_, self._asked = self._asked, []
                await self._answer(round_)
        finally:
            self._serving = None

    async def _answer(self, round_: list[tuple[Item, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._serve([item for item, _ in round_])
        except Exception as error:
            for _, answer in round_:
                if not answer.done():
                    answer.set_exception(error)
        else:
            for (_, answer), found in zip(round_, answers, strict=True):
                if not answer.done():
                    answer.set_result(found)
        finally:
            # Only a process that ends cuts a round off.
            for _, answer in round_:
                answer.cancel()
