"""Closed reports whose term is over: what people wrote and sent goes, what is counted stays, the desk is emptied."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from bot.delivery.outbox import Outbox, Recipient
from bot.purge_rules import affected

BATCH: Final = 500
"""Rows a step takes in one transaction."""
SPACING: Final = timedelta(seconds=6)
"""Between two messages of the desk that are emptied: half of Telegram's 20 a minute is left to what is new."""
TRY_AGAIN: Final = timedelta(days=1)

FREE_SLOT: Final = """
SELECT greatest($1::timestamptz,
  (SELECT max(due_at) FROM messages WHERE recipient <> 'citizen' AND outcome IS NULL AND template LIKE 'empty\\_%'),
  (SELECT max(due_at) FROM cards
  WHERE recipient <> 'citizen' AND wanted_version > shown_version AND message_id IS NOT NULL)
)
"""
SHOW_ANEW: Final = """
WITH posted AS (
  SELECT id, $2::timestamptz + row_number() OVER (ORDER BY ordinal) * $3::interval AS slot FROM cards
  WHERE recipient <> 'citizen' AND subject = ANY($1::uuid[]) AND message_id IS NOT NULL
)
UPDATE cards SET wanted_version = wanted_version + 1, attempts = 0,
  due_at = CASE WHEN wanted_version > shown_version THEN least(due_at, slot) ELSE slot END
FROM posted WHERE cards.id = posted.id
"""
ERASE_CONTENTS: Final = """
WITH due AS (
  SELECT id FROM reports WHERE decided_at < $1 AND sealed IS NOT NULL ORDER BY decided_at, id LIMIT $2
  FOR UPDATE SKIP LOCKED
)
UPDATE reports SET sealed = NULL, trade = 0, near = 0, priority = 0 FROM due WHERE reports.id = due.id
RETURNING reports.id
"""
DROP_PARTS: Final = "DELETE FROM parts WHERE report_id = ANY($1::uuid[])"
DROP_PLACES: Final = "DELETE FROM near_places WHERE report_id = ANY($1::uuid[])"
NAMED_BY: Final = "SELECT DISTINCT resource_id FROM report_links WHERE report_id = ANY($1::uuid[])"
ERASE_ADDITIONS: Final = """
UPDATE additions SET sealed = NULL FROM reports
WHERE reports.id = additions.report_id AND additions.sealed IS NOT NULL AND reports.decided_at < $1
  AND additions.at < $1 RETURNING additions.id
"""
DROP_FORMS: Final = """
WITH over AS (
  DELETE FROM forms WHERE sealed IS NULL AND at < $1
    AND (report_id IS NULL OR EXISTS (SELECT 1 FROM reports WHERE reports.id = report_id AND decided_at < $1))
    AND NOT EXISTS (
      SELECT 1 FROM cards WHERE sort = 'form' AND subject = forms.id AND wanted_version > shown_version)
  RETURNING id
), shown AS (
  DELETE FROM cards WHERE sort = 'form' AND subject IN (SELECT id FROM over)
), posted AS (
  DELETE FROM desk_posts WHERE sort = 'form' AND subject IN (SELECT id FROM over)
), photos AS (
  DELETE FROM parts WHERE report_id IN (SELECT id FROM over)
)
SELECT count(*) FROM over
"""
ERASE_FORMS: Final = """
UPDATE forms SET sealed = NULL
WHERE sealed IS NOT NULL AND at < $1
  AND (report_id IS NULL OR EXISTS (SELECT 1 FROM reports WHERE reports.id = report_id AND decided_at < $1))
RETURNING id
"""
# Of a report as of its other forms; of a resource, which is never closed for good, by its own age.
ERASE_DECISIONS: Final = """
UPDATE decisions SET sealed = NULL
WHERE sealed IS NOT NULL AND at < $1
  AND (sort <> 'report' OR EXISTS (SELECT 1 FROM reports WHERE reports.id = subject AND decided_at < $1))
RETURNING id
"""
PHOTOS_OF_DECISIONS: Final = """
SELECT made.id FROM decisions AS made JOIN parts AS part ON part.report_id = made.id
WHERE made.at < $1
  AND (made.sort <> 'report' OR EXISTS (SELECT 1 FROM reports WHERE reports.id = made.subject AND decided_at < $1))
LIMIT $2
"""
PRIVATE_LOCKED: Final = """
SELECT id FROM resources WHERE url IS NULL AND sealed IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM report_links AS link JOIN reports AS report ON report.id = link.report_id
  WHERE link.resource_id = resources.id AND (report.sealed IS NOT NULL OR EXISTS (
    SELECT 1 FROM additions WHERE additions.report_id = report.id AND additions.sealed IS NOT NULL))
) ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
"""
ERASE_PRIVATE: Final = """
UPDATE resources SET sealed = NULL, trade = 0 WHERE id = ANY($1::uuid[]) AND NOT EXISTS (
  SELECT 1 FROM report_links AS link JOIN reports AS report ON report.id = link.report_id
  WHERE link.resource_id = resources.id AND (report.sealed IS NOT NULL OR EXISTS (
    SELECT 1 FROM additions WHERE additions.report_id = report.id AND additions.sealed IS NOT NULL))
) RETURNING id
"""
NAMING: Final = "SELECT DISTINCT report_id FROM report_links WHERE resource_id = ANY($1::uuid[])"
WITHDRAW: Final = """
UPDATE messages SET outcome = 'withdrawn', sealed = NULL, done_at = $2 FROM reports
WHERE recipient <> 'citizen' AND outcome IS NULL AND lane = reports.id AND template NOT LIKE 'empty\\_%'
  AND reports.sealed IS NULL AND reports.decided_at < $1
  AND NOT EXISTS (SELECT 1 FROM additions WHERE additions.report_id = reports.id AND additions.sealed IS NOT NULL)
"""
POSTS_DUE: Final = """
SELECT post.chat_id, post.message_id, post.subject, post.what, coalesce('desk:' || (
    SELECT max(id) FROM offices WHERE offices.chat_id = post.chat_id), 'desk') AS desk
FROM desk_posts AS post JOIN reports AS report ON report.id = post.subject
WHERE post.sort = 'report' AND post.what IN ('photo', 'place', 'text')
  AND report.sealed IS NULL AND report.decided_at < $1
  AND post.posted_at < coalesce(
    (SELECT min(at) FROM additions WHERE additions.report_id = report.id AND additions.sealed IS NOT NULL), 'infinity')
  AND NOT EXISTS (
    SELECT 1 FROM messages WHERE recipient <> 'citizen' AND lane = report.id AND template LIKE 'empty\\_%'
      AND (outcome IS NULL OR (outcome = 'failed' AND done_at > $2)))
ORDER BY post.posted_at, post.message_id LIMIT $3 FOR UPDATE OF post SKIP LOCKED
"""


class ClosedReports:
    """Erases what is over, step by step, each on the driver's connection of an open transaction.

    The term of what was added or asked later runs from its own moment. What was erased is read off the rows themselves,
    so that a purge which was cut short goes on where it was.
    """

    def __init__(self, outbox: Outbox, retention: timedelta) -> None:
        self._outbox, self._retention = outbox, retention

    async def forms(self, raw: Any, now: datetime) -> dict[str, int]:
        """Drop the forms whose cards were shown without their words; erase the words of others."""
        before = now - self._retention
        # Dropped first: a card must have come to show its form without words before there is nothing to show it from.
        dropped = int(await raw.fetchval(DROP_FORMS, before))
        erased = [row["id"] for row in await raw.fetch(ERASE_FORMS, before)]
        await self._show_anew(raw, erased, now)
        return {"officers' words about closed reports": len(erased), "forms about closed reports": dropped}

    async def contents(self, raw: Any, now: datetime) -> dict[str, int]:
        """Erase words, places, photos and lists of reports; their cards become stubs."""
        erased = [row["id"] for row in await raw.fetch(ERASE_CONTENTS, now - self._retention, BATCH)]
        parts = affected(await raw.execute(DROP_PARTS, erased))
        await raw.execute(DROP_PLACES, erased)
        resources = [row["resource_id"] for row in await raw.fetch(NAMED_BY, erased)]
        await self._show_anew(raw, [*erased, *resources], now)
        return {"words and places of closed reports": len(erased), "photos and lists of closed reports": parts}

    async def additions(self, raw: Any, now: datetime) -> dict[str, int]:
        """Erase what was added to reports."""
        erased = [row["id"] for row in await raw.fetch(ERASE_ADDITIONS, now - self._retention)]
        parts = affected(await raw.execute(DROP_PARTS, erased))
        return {"additions to closed reports": len(erased), "photos added to closed reports": parts}

    async def decisions(self, raw: Any, now: datetime) -> dict[str, int]:
        """Erase what officers said with decisions, and their photos; a case's number and its article stay."""
        before = now - self._retention
        erased = affected(await raw.execute(ERASE_DECISIONS, before))
        shown = [row["id"] for row in await raw.fetch(PHOTOS_OF_DECISIONS, before, BATCH)]
        parts = affected(await raw.execute(DROP_PARTS, shown))
        return {"what was said with decisions": erased, "photos of decisions": parts}

    async def private_resources(self, raw: Any, now: datetime) -> dict[str, int]:
        """Erase sealed addresses that only erased reports name. Row and key stay: a later report finds its resource."""
        # Locked first, looked at again after: a report that names one may be on its way in at this moment.
        locked = [row["id"] for row in await raw.fetch(PRIVATE_LOCKED, BATCH)]
        erased = [row["id"] for row in await raw.fetch(ERASE_PRIVATE, locked)]
        reports = [row["report_id"] for row in await raw.fetch(NAMING, erased)]
        await self._show_anew(raw, [*erased, *reports], now)
        return {"private addresses of closed reports": len(erased)}

    async def waiting(self, raw: Any, now: datetime) -> dict[str, int]:
        """Drop what still waits to be sent to the desk about erased reports."""
        withdrawn = await raw.execute(WITHDRAW, now - self._retention, now)
        return {"messages about closed reports that were never sent": affected(withdrawn)}

    async def posts(self, raw: Any, now: datetime) -> dict[str, int]:
        """Queue the emptying of what stands on the desk about erased reports; its rows go when it is done."""
        posts = await raw.fetch(POSTS_DUE, now - self._retention, now - TRY_AGAIN, BATCH)
        due = await raw.fetchval(FREE_SLOT, now)
        for place, post in enumerate(posts, 1):
            params = {"chat_id": post["chat_id"], "message_id": post["message_id"]}
            template = f"empty_{post['what']}"
            slot, desk = due + place * SPACING, post["desk"]
            await self._outbox.message(raw, Recipient.DESK, post["subject"], template, params, slot, desk)
        return {"messages on the desk to be emptied": len(posts)}

    async def _show_anew(self, raw: Any, subjects: Iterable[UUID], now: datetime) -> None:
        """Have the cards that stand on the desk edited; none is posted for this alone."""
        await raw.execute(SHOW_ANEW, list(subjects), await raw.fetchval(FREE_SLOT, now), SPACING)
