"""The desk's line: what is to be sent there next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bot.delivery import statements
from bot.delivery.digest import Digest
from bot.delivery.outbox import Outbox
from bot.delivery.precedence import Rank, Shares


@dataclass(frozen=True, slots=True)
class Next:
    """A delivery to be made: its row's id, or for a message its lane, and the row."""

    key: UUID
    row: Mapping[str, Any]
    is_message: bool


class DeskLine:
    """Chooses from all that waits for one desk, on the driver's connection of an open transaction."""

    def __init__(self, outbox: Outbox, shares: Shares, line: str) -> None:
        self._digest, self._shares, self._line = Digest(outbox, line), shares, line

    async def next(self, raw: Any, now: datetime) -> Next | None:
        """Give what is to be sent next; None when nothing is due."""
        await self._digest.look(raw, now)
        heads: dict[Rank, Next] = {}
        for row in await raw.fetch(statements.DESK_CARDS, now, self._line):
            heads[Rank(row["rank"])] = Next(row["id"], row, is_message=False)
        message = await raw.fetchrow(statements.DESK_MESSAGE, now, self._line)
        edit = heads.get(Rank.FOLLOWING)
        if message is not None and (edit is None or message["due_at"] < edit.row["due_at"]):
            heads[Rank.FOLLOWING] = Next(message["lane"], message, is_message=True)
        hides = await raw.fetchrow(statements.DESK_HIDES, now, self._line)
        if hides is not None:
            # Photos before the words of a card. Its key is its own: what its lane is busy with must not hold it back.
            heads[Rank.HIDE] = Next(UUID(int=hides["id"]), hides, is_message=True)
        if not heads:
            return None
        costs = {rank: self._shares.cost(head.row["id"]) for rank, head in heads.items()}
        return heads[self._shares.first(costs)]
