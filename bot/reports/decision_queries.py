"""The statements of decisions: constant SQL on the driver's connection of an open transaction."""

from __future__ import annotations

from typing import Final

NEW_DECISION: Final = """
INSERT INTO decisions (
  id, sort, subject, decision, officer, officer_name, at, until, list_id, status_before, decision_before,
  claimed_by_before, claimed_name_before, decided_at_before, opened_at_before, reopened_before, settled_before,
  erdr, article, sealed, withdrew)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, EXISTS (
  SELECT 1 FROM messages WHERE recipient = 'citizen' AND lane = $3 AND template = 'feedback' AND outcome IS NULL))
"""
# What a subject's decision rests on. A decision of before this table, or one that no longer stands, rests on no row.
STANDING: Final = """
SELECT newest.* FROM (
  SELECT made.* FROM decisions AS made WHERE made.subject = $1 AND made.ended IS DISTINCT FROM 'undone'
  ORDER BY made.ordinal DESC LIMIT 1
) AS newest
LEFT JOIN reports AS report ON newest.sort = 'report' AND report.id = newest.subject
LEFT JOIN resources AS resource ON newest.sort = 'resource' AND resource.id = newest.subject
WHERE newest.decision = coalesce(report.decision, resource.decision)
"""
# The decision beside which another of the same subject was made: $2 the ordinal of that, $3 what it found standing.
FIRST: Final = """
SELECT made.* FROM decisions AS made
WHERE made.subject = $1 AND made.ordinal < $2 AND made.decision = $3 AND made.ended IS DISTINCT FROM 'undone'
ORDER BY made.ordinal DESC LIMIT 1
"""
# When a report is opened again the days of all its decisions are counted anew: the database marks that of the newest,
# and beside that another may stand.
STALE_DAYS: Final = """
INSERT INTO stale_figures (sort, at) SELECT 'done', made.at FROM decisions AS made
WHERE made.subject = $1 AND made.ended IS DISTINCT FROM 'undone' AND made.at < now() - interval '1 day'
"""
OF_LIST: Final = "SELECT id, subject FROM decisions WHERE list_id = $1 ORDER BY subject"
# Those links of a list that still stand as they were decided with it.
OF_LIST_STANDING: Final = """
SELECT made.* FROM decisions AS made JOIN resources AS resource ON resource.id = made.subject
WHERE made.list_id = $1 AND made.ended IS DISTINCT FROM 'undone' AND NOT made.begun
  AND resource.decision = made.decision
  AND NOT EXISTS (
    SELECT 1 FROM decisions AS later WHERE later.subject = made.subject AND later.ordinal > made.ordinal
      AND later.ended IS DISTINCT FROM 'undone')
ORDER BY made.subject
"""
END: Final = "UPDATE decisions SET ended = $2, held_until = NULL WHERE id = ANY($1::uuid[])"
# Whether anybody has named it among several links: they get a count, and no line.
NAMED_IN_LISTS: Final = """
SELECT EXISTS (
  SELECT 1 FROM report_links AS link WHERE link.resource_id = $1
    AND EXISTS (SELECT 1 FROM report_links AS other WHERE other.report_id = link.report_id AND other.resource_id <> $1))
"""
HAS_LINKS: Final = "SELECT EXISTS (SELECT 1 FROM report_links WHERE report_id = $1)"
HOLD: Final = "UPDATE decisions SET held_until = $2 WHERE id = $1"
SAY: Final = "UPDATE decisions SET sealed = $2, held_until = NULL WHERE id = $1"
BEGUN: Final = "UPDATE decisions SET begun = true WHERE id = $1"
SPREAD: Final = "UPDATE decisions SET spread = true WHERE id = $1"
SAID: Final = "SELECT id, erdr, article, sealed FROM decisions WHERE id = $1"

RESTORE_REPORT: Final = """
UPDATE reports SET status = $2, decision = $3, claimed_by = $4, claimed_name = $5, decided_at = $6, opened_at = $7
WHERE id = $1
"""
RESTORE_RESOURCE: Final = """
UPDATE resources SET status = $2, decision = $3, claimed_by = $4, claimed_name = $5, decided_at = $6, opened_at = $7,
  reopened = $8, settled = $9 WHERE id = $1
"""
# Which reports name a resource, and which of them name so many more that they follow by a job of their own.
NAMING: Final = """
SELECT link.report_id, (
  SELECT count(*) FROM (
    SELECT 1 FROM report_links AS more WHERE more.report_id = link.report_id LIMIT $2 + 1) AS counted
) > $2 AS long
FROM report_links AS link WHERE link.resource_id = $1 AND NOT link.past ORDER BY link.number
"""
ANY_OF_REPORT: Final = "SELECT resource_id FROM report_links WHERE report_id = $1 LIMIT 1"
WILL_FOLLOW: Final = """
SELECT EXISTS (
  SELECT 1 FROM jobs.pgqueuer WHERE entrypoint = $1 AND payload = $2 AND status = 'queued' AND execute_after > now())
"""
# What a report, or the one link of it, rests on: of a link what was taken to this report. What was decided since is not
# the report's yet, or for others.
TOLD_BY: Final = """
SELECT made.* FROM reports AS report
JOIN LATERAL (
  SELECT found.* FROM decisions AS found
  WHERE found.id IN (
      SELECT own.id FROM decisions AS own WHERE own.subject = report.id
      UNION ALL SELECT link.made FROM report_links AS link WHERE link.report_id = report.id)
    AND found.decision = report.decision AND found.ended IS DISTINCT FROM 'undone'
  ORDER BY found.ordinal DESC LIMIT 1
) AS made ON true
WHERE report.id = $1
"""
HOLD_FEEDBACK: Final = """
UPDATE messages SET due_at = $2 WHERE recipient = 'citizen' AND lane = $1 AND template = $3 AND outcome IS NULL
"""

SAY_FORM: Final = "UPDATE forms SET sealed = $2 WHERE id = $1"
FORM_DONE: Final = "UPDATE forms SET state = 'done', sealed = NULL WHERE id = $1"
END_FORMS: Final = """
UPDATE forms SET state = 'dropped', sealed = NULL
WHERE subject = ANY($1::uuid[]) AND state = 'open' AND act = ANY($2::text[]) AND id IS DISTINCT FROM $3 RETURNING id
"""
NEWEST_OPEN_OF_OFFICER: Final = """
SELECT form.id FROM forms AS form
JOIN cards AS card ON card.sort = $3 AND card.subject = form.id AND card.recipient = $4
WHERE form.officer = $1 AND form.state = 'open' AND form.act = ANY($2::text[]) ORDER BY form.at DESC, form.id LIMIT 1
"""
OPEN_OF_OFFICER: Final = """
SELECT id FROM forms WHERE subject = $1 AND state = 'open' AND act = ANY($2::text[]) AND officer = $3 ORDER BY id
"""
DROP_PHOTOS: Final = """
WITH dropped AS (DELETE FROM parts WHERE report_id = ANY($1::uuid[]) RETURNING id)
DELETE FROM originals WHERE part_id IN (SELECT id FROM dropped)
"""
IS_FORM: Final = "SELECT EXISTS (SELECT 1 FROM forms WHERE id = $1)"
PHOTO_OF_FORM: Final = """
SELECT state FROM parts WHERE report_id = $1 AND sort = 'photo' ORDER BY position DESC LIMIT 1
"""
NAMES: Final = "SELECT EXISTS (SELECT 1 FROM report_links WHERE report_id = $1 AND resource_id = $2)"
CARD_ID: Final = "SELECT id FROM cards WHERE sort = $1 AND subject = $2"
# The cards of a case: a report's own, or that of its resource. The shape is that of the work lists.
BY_ERDR: Final = """
SELECT DISTINCT ON (made.subject) made.sort, made.subject AS id,
  coalesce(report.opened_at, report.filed_at, resource.opened_at, resource.first_reported_at) AS opened_at,
  coalesce(report.status, resource.status) AS status,
  coalesce(report.claimed_name, resource.claimed_name) AS claimed_name, report.kind AS kind,
  coalesce(report.office, resource.office) AS office,
  coalesce(report.number, (SELECT max(link.number) FROM report_links AS link WHERE link.resource_id = resource.id))
    AS number,
  (SELECT card.message_id FROM cards AS card WHERE card.sort = made.sort AND card.subject = made.subject) AS message_id,
  false AS sent
FROM decisions AS made
LEFT JOIN reports AS report ON made.sort = 'report' AND report.id = made.subject
LEFT JOIN resources AS resource ON made.sort = 'resource' AND resource.id = made.subject
WHERE made.erdr = $1 AND made.list_id IS NULL AND made.ended IS DISTINCT FROM 'undone'
  AND coalesce(report.office, resource.office, 0) = ANY($2::int[]) LIMIT $3
"""
