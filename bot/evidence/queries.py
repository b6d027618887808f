"""The statements of watching: constant SQL on the driver's connection of an open transaction."""

from __future__ import annotations

from typing import Final

# Open links with a public address that are not watched yet, or not any more.
UNWATCHED: Final = """
SELECT resource.id, resource.url FROM resources AS resource
LEFT JOIN watches AS watch ON watch.resource_id = resource.id
WHERE resource.status <> 'decided' AND resource.opened_at IS NOT NULL AND resource.url IS NOT NULL
  AND watch.next_at IS NULL
LIMIT $1
"""
WATCH: Final = """
INSERT INTO watches (resource_id, host, next_at, failures)
SELECT id, host, next_at, 0 FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS wanted (id, host, next_at)
ON CONFLICT (resource_id) DO UPDATE SET next_at = excluded.next_at, host = excluded.host
WHERE watches.next_at IS NULL
"""
# What could not be looked at as the settings were: with a proxy it may be.
AGAIN: Final = "UPDATE watches SET next_at = NULL WHERE host = '' AND next_at > $1"
# One of each host that may be asked now: first what an officer asked for.
DUE: Final = """
SELECT resource_id FROM (
  SELECT DISTINCT ON (host) resource_id, asked_report IS NULL AS unasked, next_at FROM watches
  WHERE next_at <= $1 AND host <> ALL($2::text[]) ORDER BY host, asked_report IS NULL, next_at
) AS due ORDER BY unasked, next_at LIMIT $3
"""
# Until $3 nobody else takes them. What was decided meanwhile is looked at no more, unless an officer asks.
TAKE: Final = """
UPDATE watches SET
  next_at = CASE WHEN resource.status <> 'decided' OR watches.asked_report IS NOT NULL THEN $3::timestamptz END
FROM resources AS resource
WHERE resource.id = watches.resource_id AND watches.resource_id = ANY($1::uuid[]) AND watches.next_at <= $2
RETURNING watches.resource_id, watches.host, watches.next_at IS NOT NULL AS wanted
"""
SUBJECT: Final = """
SELECT resource.id, resource.url, resource.platform, watch.host, watch.sealed, watch.asked_report IS NOT NULL AS asked,
  capture.id AS capture, capture.page, capture.at AS captured_at, office.id AS office,
  coalesce(office.restricted, false) AS restricted,
  (SELECT count(*) FROM captures WHERE captures.resource_id = resource.id) AS captures
FROM resources AS resource JOIN watches AS watch ON watch.resource_id = resource.id
LEFT JOIN offices AS office ON office.id = resource.office AND office.closed_at IS NULL
LEFT JOIN LATERAL (
  SELECT id, page, at FROM captures WHERE captures.resource_id = resource.id ORDER BY at DESC, id LIMIT 1
) AS capture ON true
WHERE resource.id = $1
"""
LOCKED: Final = "SELECT * FROM watches WHERE resource_id = $1 FOR UPDATE"
SEEN: Final = """
UPDATE watches SET next_at = $2, state = $3, looked_at = $4, alive_at = $5, away_at = $6, proposed_at = $7,
  failures = $8, subscribers = $9, sealed = $10, asked_report = $11, asked_desk = $12
WHERE resource_id = $1
"""
PUT_OFF: Final = "UPDATE watches SET next_at = $2 WHERE resource_id = $1"
LOOK: Final = "INSERT INTO looks (id, resource_id, at, state, subscribers) VALUES ($1, $2, $3, $4, $5)"
CAPTURE: Final = """
INSERT INTO captures (id, resource_id, at, sha256, page, warc) VALUES ($1, $2, $3, $4, $5, $6)
"""
# Whether anybody else answered of late: when nobody does, it is our own network that is away.
OTHERS_ANSWER: Final = """
SELECT EXISTS (SELECT FROM watches WHERE resource_id <> $1 AND host <> $2 AND looked_at >= $3
  AND state NOT IN ('silent', 'unclear'))
"""
# Of a report, for an officer who wants its links captured; $2 what their desk may see.
OF_REPORT: Final = """
SELECT report.id, report.number, resource.id AS resource, resource.url,
  resource.sealed IS NOT NULL OR resource.url IS NULL AS private
FROM reports AS report LEFT JOIN report_links AS link ON link.report_id = report.id
LEFT JOIN resources AS resource ON resource.id = link.resource_id
WHERE report.number = $1 AND coalesce(report.office, 0) = ANY($2::int[]) ORDER BY resource.id
"""
# Of a link, $1 its keys, with the newest report that names it: none where an officer took it up and nobody has.
OF_LINK: Final = """
SELECT report.id, report.number, resource.id AS resource, resource.url,
  resource.sealed IS NOT NULL OR resource.url IS NULL AS private
FROM resources AS resource LEFT JOIN LATERAL (
  SELECT named.id, named.number FROM report_links AS link JOIN reports AS named ON named.id = link.report_id
  WHERE link.resource_id = resource.id AND coalesce(named.office, 0) = ANY($2::int[]) ORDER BY link.number DESC LIMIT 1
) AS report ON true
WHERE resource.key = ANY($1::bytea[]) AND coalesce(resource.office, 0) = ANY($2::int[]) ORDER BY resource.key LIMIT 1
"""
ASK: Final = """
INSERT INTO watches (resource_id, host, next_at, failures, asked_report, asked_desk)
SELECT id, host, $3, 0, $4, $5 FROM unnest($1::uuid[], $2::text[]) AS wanted (id, host)
ON CONFLICT (resource_id) DO UPDATE SET next_at = $3, asked_report = $4, asked_desk = $5, host = excluded.host
"""
STANDING: Final = """
SELECT watch.state, watch.looked_at, watch.away_at, watch.subscribers, watch.sealed,
  watch.proposed_at IS NOT NULL AND resource.status <> 'decided' AS proposed
FROM watches AS watch JOIN resources AS resource ON resource.id = watch.resource_id
WHERE watch.resource_id = $1 AND watch.state IS NOT NULL
"""
BY_DIGEST: Final = "SELECT id, resource_id, at, warc FROM captures WHERE sha256 = $1"
