"""What befalls the bot, at random instants: each trouble by a task of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any, Final

from bot.sandbox.errors import ApiError
from tests.chaos.town import Town

TAIL: Final = 0.15
"""The share of kills that fall when the citizens are done and the bot still sends."""
LOST: Final = 0.05
"""Of the webhook's answers so many are lost."""
DOUBLED: Final = 0.2
"""Of the updates so many are brought twice at the same moment, to different processes if there are several."""
SENDING: Final = ("sendMessage", "sendMessage", "editMessageText", "sendMediaGroup", "sendPhoto", "sendLocation", "*")


class Troubles:
    """Makes trouble for a town until `over`."""

    def __init__(self, town: Town) -> None:
        self._town, self._scale, self._tasks = town, town.scale, list[asyncio.Task[None]]()
        self._filed = asyncio.Event()

    def begin(self) -> None:
        """Let it begin."""
        scale, tail = self._scale, round(self._scale.kills * TAIL)
        self._town.door.loses, self._town.door.doubles = LOST, DOUBLED
        self._spread("kills", scale.kills - tail, self._kill)
        self._spread("restarts", scale.restarts, lambda _: self._town.restart_database())
        self._spread("storms", scale.storms, self._storm)
        self._spread("cuts", max(4, scale.reports // 4), self._cut)
        self._spread("again", scale.reports, self._bring_again)
        if not scale.webhook:
            self._spread("pollers", scale.storms, self._poll)
        self._tasks.append(asyncio.create_task(self._kills_at_last(tail)))

    async def end(self) -> None:
        """The citizens are done: finish what is left of the troubles, and have no more of them."""
        self._filed.set()
        await asyncio.gather(*self._tasks)
        self._town.door.loses = self._town.door.doubles = 0.0
        self._town.sandbox.faults.clear()

    def _spread(self, name: str, count: int, trouble: Callable[[Random], Awaitable[object]]) -> None:
        """Spread so many troubles over the run, by how many reports were begun."""

        async def one_after_another() -> None:
            rng = self._scale.rng(name)
            for when in sorted(rng.uniform(0.0, 1.0) for _ in range(count)):
                while self._town.begun < when * self._scale.reports and not self._filed.is_set():  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
                await asyncio.sleep(rng.uniform(0.0, 0.4))
                await trouble(rng)

        self._tasks.append(asyncio.create_task(one_after_another()))

    async def _kills_at_last(self, count: int) -> None:
        rng = self._scale.rng("last kills")
        await self._filed.wait()
        for _ in range(count):
            await asyncio.sleep(rng.uniform(0.1, 1.5))
            await self._kill(rng)

    async def _kill(self, rng: Random) -> None:
        self._town.note("kill -9")
        await self._town.fleet.kill(rng.randrange(self._scale.processes))

    async def _storm(self, rng: Random) -> None:
        desk = self._town.desk.id
        sorts: tuple[tuple[str, int, str, dict[str, Any] | None, int | None], ...] = (
            ("429 storm", 429, "Too Many Requests: retry after 1 (storm)", {"retry_after": 1}, None),
            ("429 storm", 429, "Too Many Requests: retry after 2 (storm)", {"retry_after": 2}, desk),
            ("5xx storm", 502, "Bad Gateway", None, None),
            ("5xx storm", 500, "Internal Server Error: restart", None, desk),
        )
        name, code, description, parameters, chat = rng.choice(sorts)
        self._town.counts[name] += 1
        self._town.sandbox.fail_next("*", code, description, parameters, times=rng.randint(3, 25), chat_id=chat)

    async def _cut(self, rng: Random) -> None:
        self._town.counts["connection ordered cut"] += 1
        self._town.sandbox.hang_up(rng.choice(SENDING), before=rng.random() < 0.5)

    async def _bring_again(self, rng: Random) -> None:
        """Deliver an update that was sent before again, up to four times."""
        updates = self._town.sandbox.updates
        known = list(updates.known)
        if not known:
            return
        chosen = rng.choice(known[-60:])
        for _ in range(rng.randint(1, 4)):
            self._town.counts["update brought again"] += 1
            self._town.sandbox.redeliver(chosen)
            await asyncio.sleep(rng.uniform(0.0, 0.1))

    async def _poll(self, _: Random) -> None:
        """Poll with the bot's token, as a forgotten second installation does."""
        self._town.counts["another poller"] += 1
        try:
            await self._town.sandbox.updates.get(0, 1, 0)
        except ApiError:
            return
