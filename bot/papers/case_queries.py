"""The statements of case files: constant SQL on the driver's connection of an open transaction."""

from __future__ import annotations

from typing import Final

# Those that a desk may see: its own, or for the main one all that no restricted office has.
BY_NUMBER: Final = "SELECT id FROM reports WHERE number = $1 AND coalesce(office, 0) = ANY($2::int[])"
NUMBER_IN_SCOPE: Final = "SELECT number FROM reports WHERE id = $1 AND coalesce(office, 0) = ANY($2::int[])"
ANY_BY_NUMBER: Final = "SELECT id FROM reports WHERE number = $1"
REPORT: Final = """
SELECT id, number, kind, status, decision, filed_at, decided_at, sealed, hidden_by, (
  SELECT newest.decision_before FROM (
    SELECT made.decision, made.status_before, made.decision_before FROM decisions AS made
    WHERE made.subject = reports.id AND made.ended IS DISTINCT FROM 'undone' ORDER BY made.ordinal DESC LIMIT 1
  ) AS newest WHERE newest.decision = reports.decision AND newest.status_before = 'decided') AS also
FROM reports WHERE id = $1
"""
LINKS: Final = """
SELECT resource.id, resource.platform, resource.what, resource.url, resource.sealed, resource.status, resource.decision,
  resource.first_reported_at, resource.decided_at, resource.times_reported,
  ARRAY(SELECT link.number FROM report_links AS link WHERE link.resource_id = resource.id
        ORDER BY link.number DESC LIMIT $2) AS numbers
FROM report_links AS named JOIN resources AS resource ON resource.id = named.resource_id
WHERE named.report_id = $1 ORDER BY resource.platform, resource.url NULLS LAST, resource.id
"""
# With each act the hash of the link before its own: from the two and the act itself the chain can be followed there.
ACTS: Final = """
SELECT journal.at, journal.officer_name, journal.act, journal.sort, journal.subject,
  link.position, link.hash, before.hash AS before, made.erdr, made.article
FROM journal LEFT JOIN decisions AS made
  ON made.subject = journal.subject AND made.at = journal.at AND made.decision = journal.act
LEFT JOIN journal_chain AS link ON link.journal = journal.id
LEFT JOIN journal_chain AS before ON before.position = link.position - 1
WHERE journal.subject = ANY($1::uuid[]) ORDER BY journal.id
"""
# Officers' own photos, of what they have painted over.
AFTER: Final = """
SELECT part.id, part.sealed FROM parts AS part JOIN decisions AS made ON made.id = part.report_id
WHERE made.subject = ANY($1::uuid[]) AND made.ended IS DISTINCT FROM 'undone'
  AND part.sort = 'photo' AND part.state = 'ready' AND part.sealed IS NOT NULL
ORDER BY made.at, part.position, part.id
"""
# Newest last; with the size of all up to each, so that what would be too much is not even read.
CAPTURES: Final = """
SELECT id, resource_id, at, page FROM (
  SELECT id, resource_id, at, page,
    sum(octet_length(warc) + octet_length(page)) OVER (ORDER BY at DESC, id) AS total,
    row_number() OVER (ORDER BY at DESC, id) AS place
  FROM captures WHERE resource_id = ANY($1::uuid[])
) AS capture WHERE total <= $2 AND place <= $3 ORDER BY at, id
"""
CAPTURES_ALL: Final = "SELECT count(*) FROM captures WHERE resource_id = ANY($1::uuid[])"
WARC: Final = "SELECT warc FROM captures WHERE id = $1"
CAPTURED_AS: Final = "SELECT at FROM captures WHERE sha256 = $1 LIMIT 1"
ADDITIONS: Final = """
SELECT addition.id, addition.at, addition.sealed, addition.form_id, form.choice, form.sealed AS asked
FROM additions AS addition LEFT JOIN forms AS form ON form.id = addition.form_id
WHERE addition.report_id = $1 AND addition.sealed IS NOT NULL ORDER BY addition.ordinal
"""
QUESTIONS: Final = """
SELECT form.id, form.at, form.choice, form.sealed FROM forms AS form
WHERE form.report_id = $1 AND form.act = 'ask' AND form.state IN ('asked', 'answered', 'declined', 'unreachable')
  AND NOT EXISTS (SELECT 1 FROM additions WHERE additions.form_id = form.id)
ORDER BY form.at, form.id
"""
PHOTOS: Final = """
SELECT part.id FROM parts AS part LEFT JOIN additions AS addition ON addition.id = part.report_id
WHERE part.sort = 'photo' AND part.state = 'ready' AND (part.report_id = $1 OR addition.report_id = $1)
ORDER BY addition.ordinal NULLS FIRST, part.position, part.id
"""
PHOTO: Final = "SELECT id, sealed FROM parts WHERE id = $1"
ACT_AT: Final = """
SELECT link.hash AS chain_hash, journal.* FROM journal_chain AS link JOIN journal ON journal.id = link.journal
WHERE link.position = $1
"""
HASH_AT: Final = "SELECT hash FROM journal_chain WHERE position = $1"
CHAINED: Final = """
SELECT EXISTS (SELECT 1 FROM journal_chain AS link JOIN journal ON journal.id = link.journal
  WHERE journal.subject = $1 AND journal.act = $2 AND journal.at >= $3)
"""
