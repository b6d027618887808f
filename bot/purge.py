"""What is stored only for a while goes when its time is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text

from bot.clock import Clock
from bot.database import Database
from bot.privacy.keyring import KeyRing
from bot.settings import Settings

MARKS: Final = timedelta(hours=26)
"""Telegram brings an update again for 24 hours."""
DELIVERED: Final = timedelta(hours=48)
JOB_LOG: Final = timedelta(hours=24)

ERASE_CONTENTS: Final = """
WITH erased AS (
  UPDATE reports SET sealed = NULL WHERE decided_at < :before AND sealed IS NOT NULL RETURNING id
), shown AS (
  UPDATE cards SET wanted_version = wanted_version + 1 WHERE subject IN (
    SELECT id FROM erased UNION SELECT resource_id FROM report_links WHERE report_id IN (SELECT id FROM erased)
  )
)
SELECT id FROM erased
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is purged: which rows, and before which moment they count as due."""

    what: str
    statement: str
    before: Callable[[datetime], datetime]


class Purge:
    """Carries out every rule; the schedule runs it each hour."""

    def __init__(self, database: Database, ring: KeyRing, clock: Clock, settings: Settings) -> None:
        self._database, self._ring, self._clock = database, ring, clock
        self._retention = timedelta(days=settings.retention_days)
        self._address_days = timedelta(days=settings.return_address_days)
        self._address_max = timedelta(days=settings.return_address_max_days)

    def rules(self) -> list[Rule]:
        """List the rules."""
        return [
            Rule("handled updates", "DELETE FROM handled_updates WHERE at < :before", lambda now: now - MARKS),
            Rule("delivered messages", "DELETE FROM messages WHERE done_at < :before", lambda now: now - DELIVERED),
            Rule("the log of jobs", "DELETE FROM jobs.pgqueuer_log WHERE created < :before", lambda now: now - JOB_LOG),
            Rule(
                "return addresses of decided reports",
                "DELETE FROM return_addresses USING reports "
                "WHERE reports.id = return_addresses.report_id AND reports.decided_at < :before",
                lambda now: now - self._address_days,
            ),
            Rule(
                "return addresses at their longest term",
                "DELETE FROM return_addresses USING reports "
                "WHERE reports.id = return_addresses.report_id AND reports.filed_at < :before",
                lambda now: now - self._address_max,
            ),
            Rule(
                "photos and lists of closed reports",
                "DELETE FROM parts USING reports WHERE reports.id = parts.report_id AND reports.decided_at < :before",
                lambda now: now - self._retention,
            ),
            # The card is shown anew without what was erased.
            Rule("words and places of closed reports", ERASE_CONTENTS, lambda now: now - self._retention),
        ]

    async def run(self) -> dict[str, int]:
        """Purge what is due and give how many rows went, by rule."""
        now = self._clock()
        gone = {}
        for rule in self.rules():
            async with self._database.transaction() as connection:
                result = await connection.execute(text(rule.statement), {"before": rule.before(now)})
                gone[rule.what] = result.rowcount
        await self._keys(now)
        return gone

    async def _keys(self, now: datetime) -> None:
        """Destroy the keys of past days with their counters, and of weeks that no address is sealed under."""
        async with self._database.transaction() as connection:
            used = await connection.scalars(text("SELECT DISTINCT key_id FROM return_addresses"))
            weeks = frozenset(used.all())
        yesterday = now.date() - timedelta(days=1)
        await self._ring.destroy("day", yesterday)
        await self._ring.destroy("week", now.date() - timedelta(days=14), keep=weeks)
        async with self._database.transaction() as connection:
            await connection.execute(text("DELETE FROM counters WHERE key_id NOT IN (SELECT id FROM period_keys)"))
