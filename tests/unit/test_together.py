"""What comes together is served in one go, and each who asks gets an answer or hears what failed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from bot.together import Together


class Served:
    """Doubles numbers, when it may, and notes the rounds."""

    def __init__(self) -> None:
        self.rounds: list[list[int]] = []
        self.goes_on = asyncio.Event()
        self.together = Together(self)

    async def __call__(self, items: Sequence[int]) -> list[int]:
        self.rounds.append(list(items))
        await self.goes_on.wait()
        if 13 in items:
            raise ValueError(13)
        return [2 * item for item in items]

    async def asks(self, *items: int) -> list[asyncio.Task[int]]:
        tasks = [asyncio.create_task(self.together.ask(item)) for item in items]
        for _ in range(5):
            await asyncio.sleep(0)
        return tasks


async def test_who_asks_while_others_are_served_is_served_in_the_next_round() -> None:
    served = Served()
    first, rest = await served.asks(1, 2), await served.asks(3, 4, 5)
    assert served.rounds == [[1, 2]]
    served.goes_on.set()
    assert await asyncio.gather(*first, *rest) == [2, 4, 6, 8, 10]
    assert served.rounds == [[1, 2], [3, 4, 5]]
    assert await served.together.ask(6) == 12, "a task of its own again"


async def test_a_round_that_fails_is_told_to_all_of_it_and_to_no_other() -> None:
    served = Served()
    failing, others = await served.asks(1, 13), await served.asks(2, 3)
    served.goes_on.set()
    ends = await asyncio.gather(*failing, *others, return_exceptions=True)
    assert [type(end) for end in ends[:2]] == [ValueError, ValueError]
    assert ends[2:] == [4, 6]


async def test_who_gives_up_is_served_all_the_same_and_disturbs_nobody() -> None:
    served = Served()
    one, other = await served.asks(1, 2)
    one.cancel()
    served.goes_on.set()
    assert await other == 4
    with pytest.raises(asyncio.CancelledError):
        await one
    assert served.rounds == [[1, 2]]


async def test_a_round_that_is_cut_off_leaves_nobody_waiting() -> None:
    served = Served()
    tasks = await served.asks(1, 2)
    assert served.together._serving
    served.together._serving.cancel()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(end) for end in ends] == [asyncio.CancelledError] * 2
