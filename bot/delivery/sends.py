"""What of the desk's minute is used up, written down with each send: the next leader keeps to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.clock import Clock
from bot.delivery import limits, statements
from bot.delivery.limits import Limits
from bot.delivery.marks import Mark, Marks
from bot.delivery.precedence import Rank, Shares
from bot.delivery.road import Outgoing


class Sends:
    """Notes the desk's sends; with no `shares`, as among citizens, there is nothing to note."""

    def __init__(self, marks: Marks, windows: Limits, shares: Shares | None, clock: Clock, line: str) -> None:
        self._marks, self._windows, self._shares, self._clock = marks, windows, shares, clock
        self._line = line

    def cost(self, row: Mapping[str, Any]) -> int:
        """Give how many messages a delivery is, as far as that is known."""
        return self._shares.cost(row["id"]) if self._shares else 1

    def learn(self, row: Mapping[str, Any], outgoing: Outgoing) -> None:
        """Note how many messages a delivery is: it may be overtaken while it waits for so much room."""
        if self._shares and outgoing.cost > 1:
            self._shares.learn(row["id"], outgoing.cost)

    def over(self, row: Mapping[str, Any]) -> None:
        """Forget what a delivery costs: it is done with."""
        if self._shares:
            self._shares.forget(row["id"])

    def sent(self, chat_id: int, rank: Rank | None, cost: int) -> list[Mark]:
        """Give the marks of a send; edits count as messages do."""
        if rank is None:
            return []
        now = self._clock()
        return [
            (statements.SENT_LONG_AGO, (now - timedelta(seconds=2 * limits.GROUP[1]),)),
            (statements.SENT, (chat_id, now, int(rank), cost, self._line)),
        ]

    async def pause(self, chat_id: int, seconds: float) -> bool:
        """Note that the desk may get nothing for so long, as if its minute were used up until then.

        False where there is no desk: there one delivery waits, here all do, and keep their order.
        """
        if not self._shares:
            return False
        most, minute = limits.GROUP
        until = self._clock() + timedelta(seconds=seconds - minute)
        await self._marks.write((statements.SENT, (chat_id, until, int(Rank.NEW), most, self._line)))
        return True

    async def take_over(self) -> None:
        """Count what another process has sent into Telegram's limits and into the shares of the ranks."""
        if not self._shares:
            return
        now, ages, ranked = self._clock(), defaultdict[int, list[float]](list), list[tuple[float, Rank, int]]()
        since = now - timedelta(seconds=limits.GROUP[1])
        for row in await self._marks.read(statements.SENT_SINCE, since, self._line):
            age = (now - row["at"]).total_seconds()
            ages[row["chat_id"]] += [age] * row["cost"]
            ranked.append((age, Rank(row["rank"]), row["cost"]))
        for chat_id, of_chat in ages.items():
            self._windows.refill(chat_id, of_chat)
        self._shares.refill(ranked)
