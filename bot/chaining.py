"""The leader's chaining of the journal: it looks each second for acts that were committed, so that no turn waits."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any, Final

import asyncpg

from bot.database import CUT_OFF, WAITS, Database, end_if_told, is_outage
from bot.log import error_fields, get_logger
from bot.privacy.keyring import KeyRing
from bot.reports import chain

LOOK_EVERY: Final = 0.8
"""Seconds between looks."""
SETTLE_EVERY: Final = 60.0
"""Seconds between the moments at which the past is looked at less: far longer than between an act's id and its xid."""
STATE: Final = """
SELECT (SELECT coalesce(max(id), 0) FROM journal) AS newest,
  pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest_open,
  pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next
"""
log = get_logger()


class Chaining:
    """Gives acts their positions in the chain, in the order in which it sees them committed."""

    def __init__(
        self, database: Database, ring: KeyRing, look_every: float = LOOK_EVERY, settle_every: float = SETTLE_EVERY
    ) -> None:
        self._database, self._ring = database, ring
        self._look_every, self._settle_every = look_every, settle_every

    async def run(self) -> None:
        """Chain for ever, beginning with whatever was committed while nobody led."""
        settled = _Settled(self._settle_every)
        while True:
            end_if_told()
            pause = self._look_every
            try:
                async with self._database.lend() as driver:
                    await self._look(driver, settled)
            except asyncpg.UniqueViolationError:
                # Another leader, for an instant: the next look begins behind what it has chained.
                log.info("chain_overlaps")
            except Exception as error:
                if not (is_outage(error) or isinstance(error, CUT_OFF)):
                    raise
                log.warning("chain_waits", **error_fields(error))
                pause = WAITS
            await asyncio.sleep(pause)

    async def _look(self, driver: Any, settled: _Settled) -> None:
        state = await settled.state(driver)
        after = settled.mark
        while len(ids := await chain.append(driver, self._ring, after)) == chain.BATCH:
            after = ids[-1]
        if state:
            settled.note(state)


class _Settled:
    """Up to which id every act is chained, so that a look does not go through the whole journal.

    Ids are given before the commit: a lower one may be committed after a higher one. The mark moves to an id only when
    every transaction has ended that was open, or came, before that id was seen.
    """

    def __init__(self, every: float) -> None:
        self.mark = 0
        self._every, self._due = every, monotonic()
        self._seen: Any = None

    async def state(self, driver: Any) -> Any:
        """Read the journal's state if it is time to; before the acts are read, or some might come in between."""
        return await driver.fetchrow(STATE) if monotonic() >= self._due else None

    def note(self, state: Any) -> None:
        """Every act that was committed before this state is chained now."""
        if self._seen is None or state["oldest_open"] >= self._seen["next"]:
            self.mark = self._seen["newest"] if self._seen else self.mark
            self._seen = state
        self._due = monotonic() + self._every
