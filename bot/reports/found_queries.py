"""The statements of links that captures name: constant SQL on the driver's connection of an open transaction."""

from __future__ import annotations

from typing import Final

# In the order of their keys: two pages that name the same links must not wait for each other in a circle.
# What is reported already is no find, unless it was one. $1 ids, $2 keys, $3 platforms, $4 what, $5 addresses,
# $6 whether the page goes on there; $7 office, $8 resource, $9 capture, $10 now; $11 how many one page may propose.
PROPOSE: Final = """
INSERT INTO found_links (
  id, key, platform, what, url, office, resource_id, capture_id, successor, state, at)
SELECT id, key, platform, what, url, $7, $8, $9, successor, 'proposed', $10 FROM (
  SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::boolean[])
    WITH ORDINALITY AS named (id, key, platform, what, url, successor, place)
  WHERE NOT EXISTS (SELECT FROM resources WHERE resources.key = named.key)
    AND NOT EXISTS (SELECT FROM found_links WHERE found_links.key = named.key)
  ORDER BY place LIMIT greatest(0, $11 - (SELECT count(*) FROM found_links WHERE resource_id = $8))
) AS chosen ORDER BY key
ON CONFLICT (key) DO NOTHING RETURNING id
"""
# $1 keys, $2 the resource on whose page they stand. Gives the captures whose messages tell of one that is open.
SEEN_AT: Final = """
WITH seen AS (
  INSERT INTO found_places (found_id, resource_id, at) SELECT id, $2, $3 FROM found_links WHERE key = ANY($1::bytea[])
  ON CONFLICT DO NOTHING RETURNING found_id
)
SELECT DISTINCT capture_id FROM found_links JOIN seen ON seen.found_id = found_links.id WHERE state = 'proposed'
"""
# When the next message about a capture may go to a desk: what an officer waits for must not queue behind hundreds.
NEXT_DUE: Final = """
SELECT greatest($2::timestamptz, max(due_at) + $3::interval) FROM cards
WHERE sort = 'found' AND recipient = $1 AND wanted_version > shown_version AND message_id IS NULL
"""
LOCKED: Final = """
SELECT found.id, found.key, found.platform, found.what, found.url, found.capture_id, found.state, found.answered_name,
  (SELECT id FROM offices WHERE offices.id = found.office AND closed_at IS NULL) AS office,
  (SELECT recipient FROM cards WHERE cards.sort = 'found' AND cards.subject = found.capture_id) AS desk
FROM found_links AS found WHERE found.id = $1 FOR UPDATE OF found
"""
# Nobody has reported it: it has no first report, and counts for no one.
OPEN: Final = """
INSERT INTO resources (
  id, key, platform, what, url, status, reopened, first_reported_at, found_at, opened_at, times_reported, office)
VALUES ($1, $2, $3, $4, $5, 'new', false, NULL, $6, $6, 0, $7) ON CONFLICT (key) DO NOTHING RETURNING id
"""
ANSWER: Final = "UPDATE found_links SET state = $2, answered_at = $3, answered_name = $4 WHERE id = $1"
# What was proposed and is reported meanwhile is a resource like any other. What somebody answers at this moment is left
# to the next look: two officers who each hold one must not wait for each other's.
REPORTED: Final = """
WITH reported AS (
  SELECT found.id FROM found_links AS found JOIN resources ON resources.key = found.key
  WHERE found.state = 'proposed' ORDER BY found.id FOR UPDATE OF found SKIP LOCKED
)
UPDATE found_links SET state = 'reported', answered_at = $1 FROM reported
WHERE found_links.id = reported.id RETURNING found_links.capture_id
"""
OF_CAPTURE: Final = """
SELECT found.id, found.platform, found.what, found.url, found.successor, found.state, found.answered_name, found.at,
  (SELECT count(*) FROM found_places AS place WHERE place.found_id = found.id) AS places,
  page.url AS page, page.id AS page_id
FROM found_links AS found LEFT JOIN resources AS page ON page.id = found.resource_id
WHERE found.capture_id = $1 ORDER BY NOT found.successor, found.url, found.id
"""
NUMBERS: Final = "SELECT number FROM report_links WHERE resource_id = $1 ORDER BY number DESC LIMIT $2"
# The newest first, from the key ($1, $2) on, $3 rows; $4 offices, $5 the line of the desk that asks.
WAITING: Final = """
SELECT found.id, found.platform, found.what, found.url, found.successor, found.at, found.office, page.url AS page,
  (SELECT count(*) FROM found_places AS place WHERE place.found_id = found.id) AS places,
  (SELECT card.message_id FROM cards AS card
  WHERE card.sort = 'found' AND card.subject = found.capture_id AND card.recipient = $5) AS message_id
FROM found_links AS found LEFT JOIN resources AS page ON page.id = found.resource_id
WHERE found.state = 'proposed' AND coalesce(found.office, 0) = ANY($4::int[]) AND (found.at, found.id) < ($1, $2)
ORDER BY found.at DESC, found.id DESC LIMIT $3
"""
COUNT_WAITING: Final = """
SELECT count(*) FROM found_links WHERE state = 'proposed' AND coalesce(office, 0) = ANY($1::int[])
"""
# How a resource was found, for its card.
FOUND_AT: Final = """
SELECT page.url AS page, found.successor
FROM resources AS resource JOIN found_links AS found ON found.key = resource.key
LEFT JOIN resources AS page ON page.id = found.resource_id WHERE resource.id = $1 AND resource.found_at IS NOT NULL
"""
TO_MAIN: Final = """
WITH held AS (SELECT id FROM found_links WHERE office = $1 AND state = 'proposed' ORDER BY id FOR UPDATE)
UPDATE found_links SET office = NULL FROM held WHERE found_links.id = held.id
"""
