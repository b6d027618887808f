"""What is stored only for a while goes when its time is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from bot import purge_keys
from bot.clock import Clock
from bot.database import Database, driver
from bot.delivery.outbox import Outbox
from bot.privacy.keyring import KeyRing
from bot.purge_drafts import LostDrafts
from bot.purge_reports import BATCH, ClosedReports
from bot.purge_rules import COUNTERS, ORIGINALS, rules
from bot.reports.tallying import Tallying
from bot.settings import Settings

Step = Callable[[Any, datetime], Awaitable[dict[str, int]]]
"""Takes what is due away on the driver's connection of an open transaction, and counts it by what it was."""


class Purge:
    """Carries every rule out; the schedule runs it each hour."""

    def __init__(self, database: Database, ring: KeyRing, clock: Clock, settings: Settings) -> None:
        self._database, self._ring, self._clock = database, ring, clock
        closed = ClosedReports(Outbox(ring), timedelta(days=settings.retention_days))
        self._steps: list[Step] = [
            *(rule.carry_out for rule in rules(settings)),
            closed.forms,
            closed.contents,
            closed.additions,
            closed.decisions,
            closed.private_resources,
            closed.waiting,
            closed.posts,
            LostDrafts(ring).drop,
            Tallying(database, ring).step,
            ORIGINALS.carry_out,
        ]

    async def run(self) -> dict[str, int]:
        """Purge what is due and give how many rows went, by what they were."""
        now = self._clock()
        gone: Counter[str] = Counter()
        for step in self._steps:
            while True:
                async with self._database.transaction() as connection:
                    counts = await step(await driver(connection), now)
                gone.update(counts)
                if max(counts.values()) < BATCH:
                    break
        gone.update(await purge_keys.destroy(self._database, self._ring, now))
        async with self._database.transaction() as connection:
            gone.update(await COUNTERS.carry_out(await driver(connection), now))
        await purge_keys.bury(self._database, now)
        return dict(gone)

    async def dry_run(self) -> dict[str, int]:
        """Give what `run` would purge now. It is done and taken back, so that the two cannot differ."""
        now = self._clock()
        due: Counter[str] = Counter()
        async with self._database.connect() as connection:
            raw = await driver(connection)
            for step in self._steps:
                while True:
                    counts = await step(raw, now)
                    due.update(counts)
                    if max(counts.values()) < BATCH:
                        break
            due.update(await purge_keys.try_out(raw, now))
            due.update(await COUNTERS.carry_out(raw, now))
            await connection.rollback()
        return dict(due)
