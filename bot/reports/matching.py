"""Matching: which of the links of a list were reported, and what is told of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final
from uuid import UUID

from bot.links.shown import readable
from bot.privacy.keyring import KeyRing
from bot.reports import batch_queries
from bot.reports.batches import Batches, BatchState, Found
from bot.reports.naming import resource_key
from bot.reports.returned import Read

LOOKED_UP: Final = 1000
"""Links that are looked up at once."""
UNKNOWN_NAMED: Final = 5


class Matching:
    """Finds the links of a list among those that were reported, on the driver's connection of an open transaction."""

    def __init__(self, ring: KeyRing, batches: Batches, scope: Callable[[str], list[int]]) -> None:
        """`scope` lists the offices whose links the desk of a line is shown."""
        self._ring, self._batches, self._scope = ring, batches, scope

    async def hold(self, raw: Any, batch_id: UUID, desk: str, found: Read) -> tuple[BatchState, Found]:
        """Hold for a batch the links that are to be marked, and seal what is to be told of the others.

        Give how far the batch is by that: a table that does not say which links are closed is asked about.
        """
        closed = [url for url, is_closed in found.closed.items() if is_closed]
        known = await self._known(raw, desk, closed)
        unknown = [url for url in closed if url not in known]
        await raw.execute(batch_queries.WAIT_LINKS, batch_id, sorted(known.values()))
        told = Found(
            links=len(found.closed),
            unknown=len(unknown),
            unknown_links=[readable(url) for url in unknown[:UNKNOWN_NAMED]],
            others=len(found.closed) - len(closed),
            answers=found.others,
            bad=found.bad,
            bad_lines=found.bad_lines,
            cut=found.cut,
        )
        state = BatchState.ASKED if found.unsure and known else BatchState.MARKING
        await raw.execute(batch_queries.READ, batch_id, state.value, self._batches.seal(batch_id, told))
        return state, told

    async def _known(self, raw: Any, desk: str, urls: list[str]) -> dict[str, UUID]:
        """Give the resources of those links that were reported, as far as this desk is shown them."""
        known: dict[str, UUID] = {}
        for some in _pieces(urls, LOOKED_UP):
            # What a restricted desk has is a row of its own beside everybody's; a desk is shown one of the two.
            both = ((url, restricted) for url in some for restricted in (False, True))
            by_key = {resource_key(self._ring, url, restricted=restricted): url for url, restricted in both}
            for row in await raw.fetch(batch_queries.KNOWN, list(by_key), self._scope(desk)):
                known[by_key[row["key"]]] = row["id"]
        return known


def _pieces(urls: list[str], size: int) -> Iterator[list[str]]:
    rest = iter(urls)
    while piece := list(islice(rest, size)):
        yield piece
