"""The statements of forms and additions: constant SQL on the driver's connection of an open transaction."""

from __future__ import annotations

from typing import Final

NEW_FORM: Final = """
INSERT INTO forms (id, act, sort, subject, report_id, state, officer, officer_name, sealed, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
FORM: Final = """
SELECT form.id, form.act, form.sort, form.subject, form.report_id, form.state, form.officer, form.officer_name,
  form.choice, form.sealed, report.number, report.kind, report.hidden_name
FROM forms AS form LEFT JOIN reports AS report ON report.id = form.report_id WHERE form.id = $1
"""
FORM_LOCKED: Final = "SELECT state, report_id, act, choice, sealed FROM forms WHERE id = $1 FOR UPDATE"
CHOOSE_REPORT: Final = "UPDATE forms SET report_id = $2, state = 'open' WHERE id = $1 AND state = 'choosing'"
MOVE_FORM: Final = "UPDATE forms SET state = $2, choice = coalesce($3, choice) WHERE id = $1"
# Forms by which whoever sent a report was blocked since $1, as long as its decision stands. $2 whose; null: anybody's.
BLOCKS: Final = """
SELECT form.id AS form_id, report.id AS report_id, report.number, made.at FROM journal AS made
JOIN reports AS report ON report.id = made.subject AND report.decision = 'abuse'
JOIN forms AS form ON form.report_id = report.id AND form.act = 'abuse'
  AND form.state = 'done' AND form.choice = 'blocked'
WHERE made.at > $1 AND made.act = 'abuse' AND ($2::int[] IS NULL OR coalesce(report.office, 0) = ANY($2))
  AND NOT EXISTS (
    SELECT FROM journal AS later WHERE later.subject = made.subject AND later.act = 'abuse' AND later.id > made.id)
ORDER BY made.id DESC
"""
BLOCKS_LIFTED: Final = "UPDATE forms SET choice = $2 WHERE id = ANY($1::uuid[])"
DROP_FORM: Final = "UPDATE forms SET state = $2, sealed = NULL WHERE id = $1"
# A decision on the resources of a report comes to the report itself only when it can be taken back no more.
LEAVES: Final = """
UPDATE forms AS form SET state = 'asked' FROM reports AS report
WHERE form.id = $1 AND form.state IN ('waiting', 'asked') AND report.id = form.report_id AND report.status <> 'decided'
  AND coalesce((
    SELECT bool_or(resource.status <> 'decided' AND link.status IS DISTINCT FROM 'decided') FROM report_links AS link
    JOIN resources AS resource ON resource.id = link.resource_id WHERE link.report_id = report.id), true)
RETURNING form.choice, form.sealed
"""
TOO_LATE: Final = "UPDATE forms SET state = 'withdrawn' WHERE id = $1 AND state = 'waiting' RETURNING id"
TOO_LATE_OF_REPORT: Final = """
UPDATE forms AS form SET state = 'withdrawn' FROM reports AS report
WHERE form.report_id = $1 AND form.act = 'ask' AND form.state = 'waiting' AND report.id = form.report_id
  AND (report.status = 'decided' OR NOT coalesce((
    SELECT bool_or(resource.status <> 'decided' AND link.status IS DISTINCT FROM 'decided') FROM report_links AS link
    JOIN resources AS resource ON resource.id = link.resource_id WHERE link.report_id = report.id), true))
RETURNING form.id
"""
END_QUESTIONS: Final = """
UPDATE forms SET state = $2 WHERE report_id = $1 AND act = 'ask' AND state = ANY($3::text[]) RETURNING id
"""
WAITS_OF_OTHERS: Final = """
SELECT officer_name FROM forms WHERE report_id = $1 AND act = 'ask' AND state = 'waiting' AND officer <> $2 LIMIT 1
"""
# What waits for tomorrow would keep the question back: a lane keeps its order.
TAKE_OUT_PROGRESS: Final = """
DELETE FROM messages WHERE recipient = 'citizen' AND lane = $1 AND template = 'progress' AND outcome IS NULL
  AND due_at > $2 RETURNING due_at
"""
# The one link that a report and others name; no row where it names several, or is the only one.
SHARED_LINK: Final = """
SELECT link.resource_id FROM report_links AS link WHERE link.report_id = $1
  AND NOT EXISTS (
    SELECT 1 FROM report_links AS more WHERE more.report_id = $1 AND more.resource_id <> link.resource_id)
  AND EXISTS (SELECT 1 FROM report_links AS other WHERE other.resource_id = link.resource_id AND other.report_id <> $1)
"""
NOTICE_WAITS: Final = """
SELECT EXISTS (
  SELECT 1 FROM messages JOIN report_links AS link ON link.report_id = messages.lane AND link.resource_id = $1
  WHERE recipient <> 'citizen' AND template = 'unreachable' AND outcome IS NULL)
"""
# Whoever else the answer about a report's one link did not reach, since the notice was queued.
NOT_REACHED: Final = """
SELECT DISTINCT report.number FROM report_links AS own
JOIN report_links AS link ON link.resource_id = own.resource_id JOIN reports AS report ON report.id = link.report_id
JOIN messages AS message ON message.recipient = 'citizen' AND message.lane = link.report_id
  AND message.template = 'feedback' AND message.outcome IN ('closed', 'failed', 'unreachable') AND message.done_at >= $2
WHERE own.report_id = $1 AND link.report_id <> $1 ORDER BY report.number
"""
NEWEST_QUESTION: Final = """
SELECT id, choice, sealed FROM forms WHERE report_id = $1 AND act = 'ask' AND state = 'asked'
ORDER BY at DESC, id LIMIT 1
"""
FORMS_OF_REPORT: Final = "SELECT id FROM forms WHERE report_id = $1"
# Who was told of a decision before the link was reported again is asked no more, nor told that it was.
REPORTS_NAMING: Final = """
SELECT report.id, report.number FROM report_links AS link JOIN reports AS report ON report.id = link.report_id
WHERE link.resource_id = $1 AND NOT link.past AND report.decision IS DISTINCT FROM 'abuse'
ORDER BY link.number DESC LIMIT $2
"""
# Those that are hidden, or those that are not; also of an abuser: their words stand there all the same.
REPORTS_HIDDEN: Final = """
SELECT report.id, report.number FROM report_links AS link JOIN reports AS report ON report.id = link.report_id
WHERE link.resource_id = $1 AND (report.hidden_by IS NOT NULL) = $3 ORDER BY link.number DESC LIMIT $2
"""
MOVE_STATUS: Final = "UPDATE reports SET status = $2 WHERE id = $1 AND status = $3"
QUESTIONS_OPEN: Final = """
SELECT EXISTS (SELECT 1 FROM forms WHERE report_id = $1 AND act = 'ask' AND state IN ('waiting', 'asked'))
"""
HOLDER_OF_RESOURCE: Final = "SELECT claimed_by, claimed_name FROM resources WHERE id = $1"
STANDS_AT: Final = "SELECT EXISTS (SELECT 1 FROM cards WHERE sort = $1 AND subject = $2 AND recipient = $3)"
STANDS_UNDER: Final = """
SELECT card.sort, card.subject FROM cards AS card WHERE card.recipient = $2
  AND ((card.sort = 'report' AND card.subject = $1)
  OR (card.sort = 'resource' AND card.subject IN (SELECT resource_id FROM report_links WHERE report_id = $1)))
ORDER BY card.sort, card.message_id IS NULL, card.ordinal LIMIT 1
"""
RESOURCES_NAMED: Final = "SELECT resource_id FROM report_links WHERE report_id = $1 ORDER BY resource_id"
POST: Final = "SELECT sort, subject FROM desk_posts WHERE chat_id = $1 AND message_id = $2"
REPORT_NUMBERED: Final = "SELECT id FROM reports WHERE number = $1"

NEW_ADDITION: Final = """
INSERT INTO additions (id, report_id, form_id, at, sealed) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING
RETURNING id
"""
ADDITION: Final = """
SELECT addition.report_id, addition.form_id, addition.sealed, report.number, report.hidden_name, form.choice,
  form.sealed AS asked
FROM additions AS addition JOIN reports AS report ON report.id = addition.report_id
LEFT JOIN forms AS form ON form.id = addition.form_id WHERE addition.id = $1
"""
REPORT_OF_ADDITION: Final = "SELECT report_id FROM additions WHERE id = $1"
