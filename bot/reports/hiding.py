"""Hiding: what a report holds leaves the desk at once, and stays sealed in its rows until its term is over.

What already stands there is emptied by deliveries that go before all else; what waits to be sent is withdrawn; what is
rendered from then on, a card, a form or what was added later, leaves it out. Its links stay: they are resources, which
others may have named too. The status stays, and no citizen is told.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.delivery.setbacks import HIDE
from bot.reports import form_queries, queries
from bot.reports.additions import Additions
from bot.reports.deciding import NoSuchCard, Officer
from bot.reports.forms import Forms
from bot.reports.lifecycle import Act, IllegalMove

GONE: Final = "hide_gone"
"""The message that deletes what was emptied, as far as Telegram lets a bot: an extra."""
BY_HAND: Final = "hide_by_hand"
"""The message that asks officers to delete a point, which a bot can neither change nor, after two days, delete."""
YOUNG: Final = timedelta(hours=47)
"""Telegram lets a bot delete messages for 48 hours."""

HIDDEN: Final = """
UPDATE reports SET hidden_by = $2, hidden_name = $3 WHERE id = $1 AND hidden_by IS NULL RETURNING id
"""
SHOWN: Final = """
UPDATE reports SET hidden_by = NULL, hidden_name = NULL WHERE id = $1 AND hidden_by IS NOT NULL RETURNING sealed
"""
# What empties something is not withdrawn, nor what tells of the report without showing anything of it.
WITHDRAW: Final = """
UPDATE messages SET outcome = 'withdrawn', sealed = NULL, done_at = date_trunc('minute', $2::timestamptz)
WHERE recipient <> 'citizen' AND lane = $1 AND outcome IS NULL
  AND (template IN ('photos', 'point', 'words') OR template LIKE 'addition%')
"""
POSTS: Final = """
SELECT chat_id, message_id, what, posted_at FROM desk_posts
WHERE what IN ('photo', 'place', 'text') AND ((sort = 'report' AND subject = $1)
  OR (sort = 'resource' AND subject IN (SELECT resource_id FROM report_links WHERE report_id = $1)))
ORDER BY what <> 'photo', chat_id, message_id
"""
OWN_WORDS: Final = "SELECT id FROM forms WHERE report_id = $1 AND sealed IS NOT NULL"


class Hiding:
    """Hides reports and shows them again, on the driver's connection of an open transaction."""

    def __init__(self, outbox: Outbox, additions: Additions, forms: Forms, line: Callable[[int], str]) -> None:
        """`line` gives the desk's line of a chat."""
        self._line = line
        self._outbox, self._additions, self._forms = outbox, additions, forms

    async def hide(self, driver: Any, report_id: UUID, officer: Officer, now: datetime) -> None:
        """Take all that a report holds off the desk; raise NoSuchCard, IllegalMove where that was done before."""
        await self._locked(driver, report_id)
        if await driver.fetchval(HIDDEN, report_id, officer.id, officer.name) is None:
            raise IllegalMove
        await self._note(driver, report_id, Act.HIDE, officer, now)
        # Withdrawn before the posts are read: what was on its way meanwhile is then among them, or is found withdrawn.
        await driver.execute(WITHDRAW, report_id, now)
        gone, lane = dict[int, list[int]](), (Recipient.DESK, report_id)
        for post in await driver.fetch(POSTS, report_id):
            chat_id, message_id, young = post["chat_id"], post["message_id"], post["posted_at"] > now - YOUNG
            template = BY_HAND if post["what"] == "place" and not young else f"{HIDE}{post['what']}"
            params = {"chat_id": chat_id, "message_id": message_id}
            await self._outbox.message(driver, *lane, template, params, now, self._line(chat_id))
            if young and post["what"] != "place":
                gone.setdefault(chat_id, []).append(message_id)
        for chat_id, ids in gone.items():
            for start in range(0, len(ids), 100):
                params = {"chat_id": chat_id, "message_ids": ids[start : start + 100]}
                await self._outbox.message(driver, *lane, GONE, params, now, self._line(chat_id))
        await self._outbox.hide(driver, CardSort.REPORT, [report_id], now)
        named = await driver.fetch(form_queries.RESOURCES_NAMED, report_id)
        await self._outbox.hide(driver, CardSort.RESOURCE, [row["resource_id"] for row in named], now)
        forms = await driver.fetch(OWN_WORDS, report_id)
        await self._outbox.hide(driver, CardSort.FORM, [row["id"] for row in forms], now)

    async def unhide(self, driver: Any, report_id: UUID, officer: Officer, now: datetime) -> None:
        """Show a report again: its cards as they were, the rest anew under them; raise NoSuchCard, IllegalMove."""
        await self._locked(driver, report_id)
        row = await driver.fetchrow(SHOWN, report_id)
        if row is None:
            raise IllegalMove
        await self._note(driver, report_id, Act.UNHIDE, officer, now)
        own = await driver.fetchval(queries.HAS_CARD, CardSort.REPORT.value, report_id)
        await self._additions.post_anew(driver, report_id, row["sealed"], now, own=own)
        await self._forms.asked.refresh(driver, report_id, now)

    async def _locked(self, driver: Any, report_id: UUID) -> None:
        if await driver.fetchrow(queries.REPORT_LOCKED, report_id) is None:
            raise NoSuchCard

    async def _note(self, driver: Any, report_id: UUID, act: Act, officer: Officer, now: datetime) -> None:
        entry = now, officer.id, officer.name, act.value, CardSort.REPORT.value, report_id
        await driver.execute(queries.JOURNAL, *entry)
