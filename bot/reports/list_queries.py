"""The statements of work lists: constant SQL on the driver's connection of an open transaction.

Listed is what has a card of its own and is not decided. Pages go on from a key, the last row's (opened_at, id), in the
queue (priority, opened_at, №, id): their cost is that of ten rows, wherever in a list they are. A desk is shown the
rows of certain offices, each by its own look at the index, whose first column is coalesce(office, 0): 0 is the main
desk.
`status <> 'decided' AND opened_at IS NOT NULL`, or `= 'new'`, stands in each look because the indexes hold these rows
alone.
"""

from __future__ import annotations

import re
from typing import Final

_ORDER: Final = r"(?<=ORDER BY )[^\n]*?(?= LIMIT| FETCH|\n)"


def _turned(forwards: str) -> str:
    """Give the statement that reads the other way: what lies before the key, the nearest first."""
    backwards = re.sub(_ORDER, lambda order: f"{order[0].replace(', ', ' DESC, ')} DESC", forwards)
    return backwards.replace(") > (", ") < (")


# $1 statuses, $2 for each the latest moment of opening; from the key ($3, $4) on, $5 rows; $6 offices.
FORWARDS: Final = """
SELECT found.sort, found.id, found.opened_at, found.status, found.claimed_name, found.kind, found.office,
  coalesce(found.number, (SELECT max(link.number) FROM report_links AS link WHERE link.resource_id = found.id))
    AS number,
  (SELECT card.message_id FROM cards AS card WHERE card.sort = found.sort AND card.subject = found.id) AS message_id,
  coalesce((SELECT decision FROM reports WHERE reports.id = found.id),
    (SELECT decision FROM resources WHERE resources.id = found.id)) IS NOT DISTINCT FROM 'sent_to_block' AS sent
FROM (
  SELECT page.* FROM unnest($1::text[], $2::timestamptz[]) AS wanted (status, latest)
  CROSS JOIN unnest($6::int[]) AS desk (office) CROSS JOIN LATERAL (
    (SELECT 'report' AS sort, id, opened_at, status, claimed_name, kind, number, office FROM reports
    WHERE coalesce(office, 0) = desk.office AND status = wanted.status AND status <> 'decided' AND opened_at IS NOT NULL
      AND opened_at <= wanted.latest AND (opened_at, id) > ($3, $4)
    ORDER BY opened_at, id LIMIT $5)
    UNION ALL
    (SELECT 'resource', id, opened_at, status, claimed_name, NULL, NULL, office FROM resources
    WHERE coalesce(office, 0) = desk.office AND status = wanted.status AND status <> 'decided' AND opened_at IS NOT NULL
      AND opened_at <= wanted.latest AND (opened_at, id) > ($3, $4)
      AND EXISTS (SELECT 1 FROM cards WHERE cards.sort = 'resource' AND cards.subject = resources.id)
    ORDER BY opened_at, id LIMIT $5)
  ) AS page ORDER BY page.opened_at, page.id LIMIT $5
) AS found ORDER BY found.opened_at, found.id
"""
BACKWARDS: Final = _turned(FORWARDS)
# What is new, the most urgent first, of these the oldest; from the key ($1, $2, $3) on, $4 rows; $5 offices. Moments
# are cut to the minute: of those that came in one, the first is that with the lowest №. So the whole minutes at a
# page's ends are looked at, and its rows chosen of these.
QUEUE_FORWARDS: Final = """
SELECT found.sort, found.id, found.opened_at, found.status, found.claimed_name, found.kind, found.office,
  coalesce(found.number, (SELECT max(link.number) FROM report_links AS link WHERE link.resource_id = found.id))
    AS number, found.priority,
  (SELECT card.message_id FROM cards AS card WHERE card.sort = found.sort AND card.subject = found.id) AS message_id,
  false AS sent
FROM (
  SELECT page.*, coalesce(page.number, (
    SELECT min(link.number) FROM report_links AS link WHERE link.resource_id = page.id), 0) AS place
  FROM unnest($5::int[]) AS desk (office) CROSS JOIN LATERAL (
    (SELECT 'report' AS sort, id, opened_at, status, claimed_name, kind, number, office, priority FROM reports
    WHERE coalesce(office, 0) = desk.office AND status = 'new' AND opened_at IS NOT NULL
      AND -priority = -$1::smallint AND opened_at = $2)
    UNION ALL
    (SELECT 'report', id, opened_at, status, claimed_name, kind, number, office, priority FROM reports
    WHERE coalesce(office, 0) = desk.office AND status = 'new' AND opened_at IS NOT NULL
      AND (-priority, opened_at) > (-$1::smallint, $2)
    ORDER BY -priority, opened_at FETCH FIRST $4 ROWS WITH TIES)
    UNION ALL
    (SELECT 'resource', id, opened_at, status, claimed_name, NULL, NULL, office, priority FROM resources
    WHERE coalesce(office, 0) = desk.office AND status = 'new' AND opened_at IS NOT NULL
      AND -priority = -$1::smallint AND opened_at = $2
      AND EXISTS (SELECT 1 FROM cards WHERE cards.sort = 'resource' AND cards.subject = resources.id))
    UNION ALL
    (SELECT 'resource', id, opened_at, status, claimed_name, NULL, NULL, office, priority FROM resources
    WHERE coalesce(office, 0) = desk.office AND status = 'new' AND opened_at IS NOT NULL
      AND (-priority, opened_at) > (-$1::smallint, $2)
      AND EXISTS (SELECT 1 FROM cards WHERE cards.sort = 'resource' AND cards.subject = resources.id)
    ORDER BY -priority, opened_at FETCH FIRST $4 ROWS WITH TIES)
  ) AS page
) AS found
WHERE (-found.priority, found.opened_at, found.place, found.id) > (-$1::smallint, $2, coalesce(
  (SELECT number FROM reports WHERE reports.id = $3),
  (SELECT min(link.number) FROM report_links AS link WHERE link.resource_id = $3), 0), $3)
ORDER BY -found.priority, found.opened_at, found.place, found.id LIMIT $4
"""
QUEUE_BACKWARDS: Final = _turned(QUEUE_FORWARDS)
# $1 the officer; from the key ($2, $3) on, $4 rows; $5 offices.
MINE_FORWARDS: Final = """
SELECT found.sort, found.id, found.opened_at, found.status, found.claimed_name, found.kind, found.office,
  coalesce(found.number, (SELECT max(link.number) FROM report_links AS link WHERE link.resource_id = found.id))
    AS number,
  (SELECT card.message_id FROM cards AS card WHERE card.sort = found.sort AND card.subject = found.id) AS message_id,
  coalesce((SELECT decision FROM reports WHERE reports.id = found.id),
    (SELECT decision FROM resources WHERE resources.id = found.id)) IS NOT DISTINCT FROM 'sent_to_block' AS sent
FROM (
  (SELECT 'report' AS sort, id, opened_at, status, claimed_name, kind, number, office FROM reports
  WHERE claimed_by = $1 AND coalesce(office, 0) = ANY($5::int[]) AND status <> 'decided' AND opened_at IS NOT NULL
    AND (opened_at, id) > ($2, $3)
  ORDER BY opened_at, id LIMIT $4)
  UNION ALL
  (SELECT 'resource', id, opened_at, status, claimed_name, NULL, NULL, office FROM resources
  WHERE claimed_by = $1 AND coalesce(office, 0) = ANY($5::int[]) AND status <> 'decided' AND opened_at IS NOT NULL
    AND (opened_at, id) > ($2, $3)
    AND EXISTS (SELECT 1 FROM cards WHERE cards.sort = 'resource' AND cards.subject = resources.id)
  ORDER BY opened_at, id LIMIT $4)
  ORDER BY opened_at, id LIMIT $4
) AS found ORDER BY found.opened_at, found.id
"""
MINE_BACKWARDS: Final = _turned(MINE_FORWARDS)
# $1 statuses, $2 for each the latest moment of opening; $3 offices.
COUNT: Final = """
SELECT wanted.status, (
  SELECT count(*) FROM reports
  WHERE coalesce(office, 0) = ANY($3::int[]) AND status = wanted.status AND status <> 'decided'
    AND opened_at IS NOT NULL AND opened_at <= wanted.latest
) + (
  SELECT count(*) FROM resources
  WHERE coalesce(office, 0) = ANY($3::int[]) AND status = wanted.status AND status <> 'decided'
    AND opened_at IS NOT NULL AND opened_at <= wanted.latest
    AND EXISTS (SELECT 1 FROM cards WHERE cards.sort = 'resource' AND cards.subject = resources.id)
) AS many FROM unnest($1::text[], $2::timestamptz[]) AS wanted (status, latest)
"""
# Where a resource has no card of its own, the newest list that names it has one.
RESOURCE_BY_KEY: Final = """
SELECT 'resource' AS sort, found.id, coalesce(found.opened_at, found.first_reported_at) AS opened_at, found.status,
  found.claimed_name, NULL AS kind, found.office,
  (SELECT max(link.number) FROM report_links AS link WHERE link.resource_id = found.id) AS number,
  coalesce(
    (SELECT card.message_id FROM cards AS card WHERE card.sort = 'resource' AND card.subject = found.id),
    (SELECT card.message_id FROM report_links AS link
    JOIN cards AS card ON card.sort = 'report' AND card.subject = link.report_id
    WHERE link.resource_id = found.id ORDER BY link.number DESC LIMIT 1)) AS message_id,
  found.decision IS NOT DISTINCT FROM 'sent_to_block' AS sent
FROM resources AS found WHERE found.key = ANY($1::bytea[]) AND coalesce(found.office, 0) = ANY($2::int[])
ORDER BY found.id LIMIT 1
"""
BY_NUMBER: Final = "SELECT id, office FROM reports WHERE number = $1 AND coalesce(office, 0) = ANY($2::int[])"
# The cards under which a report stands: its own, else those of its resources.
CARDS_OF_REPORT: Final = """
SELECT card.sort, card.subject, card.message_id, card.recipient FROM cards AS card
WHERE card.sort = 'report' AND card.subject = $1
UNION ALL
SELECT card.sort, card.subject, card.message_id, card.recipient FROM report_links AS link
JOIN cards AS card ON card.sort = 'resource' AND card.subject = link.resource_id
WHERE link.report_id = $1 AND NOT EXISTS (SELECT 1 FROM cards WHERE cards.sort = 'report' AND cards.subject = $1)
LIMIT $2
"""
IS_POST: Final = "SELECT EXISTS (SELECT 1 FROM desk_posts WHERE chat_id = $1 AND message_id = $2)"

STANDS_ALONE: Final = "UPDATE reports SET opened_at = filed_at WHERE id = $1 AND opened_at IS NULL"
REPORT_OPENED: Final = "UPDATE reports SET opened_at = $2 WHERE id = $1 AND opened_at IS NOT NULL"
RESOURCE_OPENED: Final = "UPDATE resources SET opened_at = $2 WHERE id = $1"
# Which day's reminder was looked after: who comes second changes nothing.
REMINDED: Final = """
INSERT INTO facts (name, value) VALUES ('overdue_told', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value
WHERE facts.value < excluded.value RETURNING 1
"""
