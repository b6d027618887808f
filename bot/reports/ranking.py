"""What makes a link or report more or less urgent after it was filed: more words, a page that was looked at."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from bot.delivery.outbox import CardSort, Outbox
from bot.reports.priority import level_of, place_counts
from bot.reports.trade import Trade

_PLACE: Final = level_of(place_counts("reports.near"), "NULL", "reports.trade | $2::smallint", "false")
_REPORTS: Final = "resources.times_reported - resources.times_refuted"
_WORDS: Final = level_of(_REPORTS, "resources.reach", "resources.trade | $2::smallint", "resources.returned")
_SEEN: Final = level_of(_REPORTS, "$2::bigint", "resources.trade | $3::smallint", "resources.returned OR $4::boolean")
REPORT_WORDS: Final = f"""
UPDATE reports SET trade = trade | $2::smallint, priority = {_PLACE}
WHERE id = $1 AND trade | $2::smallint <> trade RETURNING id
"""  # noqa: S608 — constants
LINKS_WORDS: Final = f"""
WITH named AS (
  SELECT id FROM resources WHERE id IN (SELECT resource_id FROM report_links WHERE report_id = $1)
    AND trade | $2::smallint <> trade ORDER BY key FOR UPDATE
)
UPDATE resources SET trade = trade | $2::smallint, priority = {_WORDS}
FROM named WHERE resources.id = named.id RETURNING resources.id
"""  # noqa: S608 — constants
# One that somebody changes at this moment is left to the next look: what was seen is written down without waiting.
# `rose`: it stands further to the front of `/queue` from now on.
SEEN: Final = f"""
WITH before AS (
  SELECT id, priority FROM resources WHERE id = $1 AND (reach IS DISTINCT FROM $2::bigint
    OR trade | $3::smallint <> trade OR $4::boolean AND NOT returned) FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE resources SET reach = $2::bigint, trade = trade | $3::smallint, returned = returned OR $4::boolean,
  priority = {_SEEN}
FROM before WHERE resources.id = before.id
RETURNING resources.priority > before.priority AS rose, resources.priority > 0 OR before.priority > 0 AS told
"""  # noqa: S608 — constants


class Ranking:
    """Writes facts and the level that they make, on the driver's connection of an open transaction."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    async def words(self, driver: Any, report_id: UUID, trade: Trade, now: datetime) -> None:
        """Take up what stands in words that were added to a report, whose row is locked: for it and its links."""
        if not trade:
            return
        reports = await driver.fetch(REPORT_WORDS, report_id, trade.value)
        links = await driver.fetch(LINKS_WORDS, report_id, trade.value)
        await self._outbox.refresh(driver, CardSort.REPORT, [row["id"] for row in reports], now)
        await self._outbox.refresh(driver, CardSort.RESOURCE, [row["id"] for row in links], now)

    async def seen(
        self, driver: Any, resource_id: UUID, reach: int | None, trade: Trade, now: datetime, *, returned: bool
    ) -> None:
        """Take up what a look at a link has found: its subscribers, the words of its page, that it is there again."""
        row = await driver.fetchrow(SEEN, resource_id, reach, trade.value, returned)
        if row and row["rose"]:
            await self._outbox.refresh(driver, CardSort.RESOURCE, [resource_id], now)
        elif row and row["told"]:
            await self._outbox.settle(driver, CardSort.RESOURCE, resource_id, now)
