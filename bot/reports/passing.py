"""Passing a card to another desk, with all that stands under it.

One transaction: the card, its questions and what waits to be sent get the other desk's line; what had been sent is
queued anew there, and of each message on the old desk no more is left than where the thing went. What leaves at this
very moment finds out when it is marked: the marks are of the old line, which does not have it any more.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from bot import jobs
from bot.delivery.outbox import CardSort, Outbox, Recipient, line
from bot.offices.office import MAIN
from bot.reports import found_queries, queries
from bot.reports.additions import Additions
from bot.reports.deciding import SPREAD, SPREAD_LIST, NoSuchCard, Officer, Taken
from bot.reports.forms import Forms
from bot.reports.lifecycle import Act, IllegalMove, Status, move

# A closed office takes nothing more, a restricted one nothing that others have seen.
TAKES: Final = "SELECT id FROM offices WHERE id = $1 AND closed_at IS NULL AND NOT restricted FOR SHARE"
RESTRICTED: Final = "SELECT EXISTS (SELECT 1 FROM offices WHERE id = $1 AND restricted)"
# Of a resource's reports those whose photos, words and additions stand under its card.
UNDER_LOCKED: Final = """
SELECT report.id FROM report_links AS link JOIN reports AS report ON report.id = link.report_id
WHERE link.resource_id = $1 AND report.opened_at IS NULL AND $1 = (
  SELECT card.subject FROM report_links AS other
  JOIN cards AS card ON card.sort = 'resource' AND card.subject = other.resource_id
  WHERE other.report_id = report.id ORDER BY card.ordinal LIMIT 1)
ORDER BY report.id FOR UPDATE OF report
"""
GIVE_REPORT: Final = """
UPDATE reports SET office = $2, status = $3, claimed_by = NULL, claimed_name = NULL WHERE id = $1
"""
GIVE_RESOURCE: Final = """
UPDATE resources SET office = $2, status = $3, claimed_by = NULL, claimed_name = NULL, settled = false WHERE id = $1
"""
GIVE_UNDER: Final = "UPDATE reports SET office = $2 WHERE id = ANY($1::uuid[])"
# The links of a list that have no card of their own stand on its card.
GIVE_LISTED: Final = """
WITH listed AS (
  SELECT resource.id FROM report_links AS link JOIN resources AS resource ON resource.id = link.resource_id
  WHERE link.report_id = $1 AND NOT EXISTS (
    SELECT 1 FROM cards WHERE cards.sort = 'resource' AND cards.subject = resource.id)
  ORDER BY resource.key FOR UPDATE OF resource
)
UPDATE resources SET office = $2, claimed_by = NULL, claimed_name = NULL, settled = false,
  status = CASE WHEN status = 'in_progress' AND decision IS NULL THEN 'new' ELSE status END
FROM listed WHERE resources.id = listed.id
"""
DROP_OPEN: Final = """
UPDATE forms SET state = 'dropped', sealed = NULL WHERE sort = $1 AND subject = $2 AND state IN ('choosing', 'open')
"""
FORMS: Final = "SELECT id FROM forms WHERE sort = $1 AND subject = $2"
# Questions that wait for their answer go along. What is over does not: an answer quotes its question.
CARDS_GO: Final = """
UPDATE cards SET recipient = $2, message_id = NULL, attempts = 0, for_officer = false, due_at = $3,
  wanted_version = greatest(wanted_version, shown_version + 1)
WHERE (sort = $4 AND subject = $5) OR (sort = 'form' AND recipient = $1 AND subject IN (
  SELECT id FROM forms WHERE sort = $4 AND subject = $5 AND state IN ('waiting', 'asked', 'declined', 'unreachable')))
"""
END_OTHERS: Final = """
DELETE FROM cards WHERE sort = 'form' AND recipient = $1 AND subject = ANY($2::uuid[])
"""
# What is queued anew is withdrawn; the rest, such as that a citizen cannot be reached, goes along.
WAITING_GO: Final = """
UPDATE messages SET recipient = $2,
  outcome = CASE WHEN again THEN 'withdrawn' END, sealed = CASE WHEN again THEN NULL ELSE messages.sealed END,
  done_at = CASE WHEN again THEN date_trunc('minute', $4::timestamptz) END
FROM (
  SELECT id, template IN ('photos', 'point', 'words') OR template LIKE 'addition%' AS again FROM messages
  WHERE lane = ANY($3::uuid[]) AND recipient = $1 AND outcome IS NULL
    AND template NOT LIKE 'empty\\_%' AND template NOT LIKE 'hide\\_%'
) AS waiting WHERE messages.id = waiting.id AND messages.recipient = $1 AND messages.outcome IS NULL
RETURNING messages.lane
"""
POSTS: Final = """
SELECT post.chat_id, post.message_id, post.sort, post.subject, post.what,
  coalesce('desk:' || (SELECT max(id) FROM offices WHERE offices.chat_id = post.chat_id), 'desk') AS desk
FROM desk_posts AS post WHERE post.subject = ANY($1::uuid[]) ORDER BY post.posted_at, post.message_id
"""
CONTENTS: Final = "SELECT sealed, hidden_by, opened_at IS NOT NULL AS own FROM reports WHERE id = $1"

ALL_POSTS: Final = "SELECT chat_id, message_id, sort, subject, what, $2 AS desk FROM desk_posts WHERE chat_id = $1"
CHAT: Final = "SELECT chat_id FROM offices WHERE id = $1"
CARDS_TO_MAIN: Final = (
    "UPDATE cards SET recipient = 'desk' WHERE recipient = $1 AND sort IN ('report', 'resource', 'form', 'found')"
)
CARDS_END: Final = "DELETE FROM cards WHERE recipient = $1"
MESSAGES_TO_MAIN: Final = """
UPDATE messages SET recipient = 'desk' WHERE recipient = $1 AND outcome IS NULL
  AND template NOT LIKE 'empty\\_%' AND template NOT LIKE 'hide\\_%'
"""
REPORTS_TO_MAIN: Final = """
WITH held AS (SELECT id FROM reports WHERE office = $1 AND status <> 'decided' ORDER BY id FOR UPDATE)
UPDATE reports SET office = NULL, claimed_by = NULL, claimed_name = NULL,
  status = CASE WHEN claimed_by IS NOT NULL AND status = 'in_progress' AND decision IS NULL THEN 'new' ELSE status END
FROM held WHERE reports.id = held.id
"""
RESOURCES_TO_MAIN: Final = """
WITH held AS (SELECT id FROM resources WHERE office = $1 AND status <> 'decided' ORDER BY key FOR UPDATE)
UPDATE resources SET office = NULL, claimed_by = NULL, claimed_name = NULL, settled = false,
  status = CASE WHEN claimed_by IS NOT NULL AND status = 'in_progress' AND decision IS NULL THEN 'new' ELSE status END
FROM held WHERE resources.id = held.id RETURNING resources.id
"""
OPEN_CARDS: Final = """
SELECT count(*) FROM cards WHERE recipient = $1 AND subject IN (
  SELECT id FROM reports WHERE status <> 'decided' UNION ALL SELECT id FROM resources WHERE status <> 'decided')
"""


class NoSuchOffice(Exception):
    """The office that a card was to be passed to is closed, or has it already."""


class Passing:
    """Passes cards, on the driver's connection of an open transaction."""

    def __init__(self, outbox: Outbox, additions: Additions, forms: Forms) -> None:
        self._outbox, self._additions, self._forms = outbox, additions, forms

    async def pass_on(
        self, driver: Any, form_id: UUID, sort: CardSort, subject: UUID, office: int, officer: Officer, now: datetime
    ) -> None:
        """Pass a card as its form says; raise NoSuchOffice, FormOver, NoSuchCard, Taken, IllegalMove.

        The claim ends, and what is in progress by it alone is new again: it stands in the other desk's queue. `office`
        is MAIN for the main desk.
        """
        under = [row["id"] for row in await driver.fetch(UNDER_LOCKED, subject)] if sort is CardSort.RESOURCE else []
        locked = queries.RESOURCE_LOCKED if sort is CardSort.RESOURCE else queries.REPORT_LOCKED
        row = await driver.fetchrow(locked, subject)
        if row is None:
            raise NoSuchCard
        if row["claimed_by"] not in (None, officer.id):
            raise Taken(row["claimed_name"] or "")
        move(Status(row["status"]), Act.PASS)
        await self._look(driver, row["office"], office)
        await self._forms.finish(driver, form_id, str(office), now)
        await self._move(driver, sort, subject, row, under, office or None)
        await driver.execute(queries.JOURNAL, now, officer.id, officer.name, Act.PASS.value, sort.value, subject)
        lanes = await self._carry(driver, sort, subject, under, (line(row["office"]), line(office)), now)
        for report_id in lanes:
            await self._post_anew(driver, report_id, now)

    async def _look(self, driver: Any, now_at: int | None, office: int) -> None:
        """Raise unless what is at one desk may be passed to the other."""
        if await driver.fetchval(RESTRICTED, now_at):
            raise IllegalMove
        if office == (now_at or MAIN) or (office != MAIN and await driver.fetchval(TAKES, office) is None):
            raise NoSuchOffice

    async def _move(
        self, driver: Any, sort: CardSort, subject: UUID, row: Any, under: list[UUID], office: int | None
    ) -> None:
        """Give what is passed to its new office, and end the claim."""
        claimed = row["status"] == Status.IN_PROGRESS and row["decision"] is None
        status = Status.NEW.value if claimed else row["status"]
        if sort is CardSort.RESOURCE:
            await driver.execute(GIVE_RESOURCE, subject, office, status)
            await driver.execute(GIVE_UNDER, under, office)
            await jobs.enqueue(driver, SPREAD, subject)
            return
        await driver.execute(GIVE_REPORT, subject, office, status)
        if await driver.fetchval(queries.RESOURCES_OF_REPORT, subject):
            await driver.execute(GIVE_LISTED, subject, office)
            await jobs.enqueue(driver, SPREAD_LIST, subject)

    async def _carry(
        self, driver: Any, sort: CardSort, subject: UUID, under: list[UUID], lines: tuple[str, str], now: datetime
    ) -> list[UUID]:
        """Take all from one line to the other; give the reports of which something stood on the old desk."""
        old, new = lines
        about = sort.value, subject
        await driver.execute(DROP_OPEN, *about)
        forms = [row["id"] for row in await driver.fetch(FORMS, *about)]
        await driver.execute(CARDS_GO, old, new, now, *about)
        await driver.execute(END_OTHERS, old, forms)
        reports = under if sort is CardSort.RESOURCE else [subject]
        waiting = await driver.fetch(WAITING_GO, old, new, reports, now)
        # Read after all rows of deliveries are ours: what was on its way is among these, or finds its row passed.
        posts = await driver.fetch(POSTS, [subject, *forms, *reports])
        await empty(driver, self._outbox, posts, now)
        if sort is CardSort.REPORT:
            return reports
        told = {row["lane"] for row in waiting} | {post["subject"] for post in posts}
        return [report_id for report_id in under if report_id in told]

    async def _post_anew(self, driver: Any, report_id: UUID, now: datetime) -> None:
        """Queue what stands under a report's card, unless that is hidden or erased."""
        row = await driver.fetchrow(CONTENTS, report_id)
        if row is None or row["hidden_by"] is not None:
            return
        await self._additions.post_anew(driver, report_id, row["sealed"], now, own=row["own"])


async def all_to_main(driver: Any, outbox: Outbox, office: int, now: datetime) -> int:
    """Bring what an office's desk has to the main one, and empty the old one; give how many open cards there were.

    What was decided keeps its office, for its figures; what its officers had in hand is free.
    """
    old, chat_id = line(office), await driver.fetchval(CHAT, office)
    cards: int = await driver.fetchval(OPEN_CARDS, old)
    await driver.execute(REPORTS_TO_MAIN, office)
    await driver.execute(found_queries.TO_MAIN, office)
    resources = await driver.fetch(RESOURCES_TO_MAIN, office)
    await driver.execute(queries.DESK_MOVED, old)
    await driver.execute(CARDS_TO_MAIN, old)
    await driver.execute(CARDS_END, old)
    await driver.execute(MESSAGES_TO_MAIN, old)
    for row in resources:
        await jobs.enqueue(driver, SPREAD, row["id"])
    await empty(driver, outbox, await driver.fetch(ALL_POSTS, chat_id, old), now)
    return cards


async def empty(driver: Any, outbox: Outbox, posts: list[Any], now: datetime) -> None:
    """Have messages on a desk say no more than where the thing went."""
    for post in posts:
        template = f"empty_{post['what'] if post['what'] in ('photo', 'place') else 'text'}"
        params = {"chat_id": post["chat_id"], "message_id": post["message_id"], "passed": True}
        await outbox.message(driver, Recipient.DESK, post["subject"], template, params, now, post["desk"])
