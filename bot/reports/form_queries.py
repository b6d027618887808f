"""The statements of forms and additions: constant SQL on the driver's connection of an open transaction."""

from __future__ import annotations

from typing import Final

NEW_FORM: Final = """
INSERT INTO forms (id, act, sort, subject, report_id, state, officer, officer_name, sealed, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
FORM: Final = """
SELECT form.id, form.act, form.sort, form.subject, form.report_id, form.state, form.officer, form.officer_name,
  form.choice, form.sealed, report.number, report.kind
FROM forms AS form LEFT JOIN reports AS report ON report.id = form.report_id WHERE form.id = $1
"""
FORM_LOCKED: Final = "SELECT state, report_id, act, choice, sealed FROM forms WHERE id = $1 FOR UPDATE"
CHOOSE_REPORT: Final = "UPDATE forms SET report_id = $2, state = 'open' WHERE id = $1 AND state = 'choosing'"
MOVE_FORM: Final = "UPDATE forms SET state = $2, choice = coalesce($3, choice) WHERE id = $1"
DROP_FORM: Final = "UPDATE forms SET state = $2, sealed = NULL WHERE id = $1"
LEAVES: Final = """
UPDATE forms AS form SET state = 'asked' FROM reports AS report
WHERE form.id = $1 AND form.state IN ('waiting', 'asked') AND report.id = form.report_id AND report.status <> 'decided'
RETURNING form.choice, form.sealed
"""
TOO_LATE: Final = "UPDATE forms SET state = 'withdrawn' WHERE id = $1 AND state = 'waiting' RETURNING id"
END_OPEN_FORMS: Final = """
UPDATE forms SET state = $2 WHERE report_id = $1 AND act = 'ask' AND state IN ('waiting', 'asked') RETURNING id
"""
NEWEST_QUESTION: Final = """
SELECT id, choice, sealed FROM forms WHERE report_id = $1 AND act = 'ask' AND state = 'asked'
ORDER BY at DESC, id LIMIT 1
"""
FORMS_OF_REPORT: Final = "SELECT id FROM forms WHERE report_id = $1"
REPORTS_NAMING: Final = """
SELECT report.id, report.number FROM report_links AS link JOIN reports AS report ON report.id = link.report_id
WHERE link.resource_id = $1 AND report.decision IS DISTINCT FROM 'abuse' ORDER BY link.number DESC LIMIT $2
"""
MOVE_STATUS: Final = "UPDATE reports SET status = $2 WHERE id = $1 AND status = $3"
RESOURCES_NAMED: Final = "SELECT resource_id FROM report_links WHERE report_id = $1 ORDER BY resource_id"
POST: Final = "SELECT sort, subject FROM desk_posts WHERE chat_id = $1 AND message_id = $2"
REPORT_NUMBERED: Final = "SELECT id FROM reports WHERE number = $1"

NEW_ADDITION: Final = """
INSERT INTO additions (id, report_id, form_id, at, sealed) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING
RETURNING id
"""
ADDITION: Final = """
SELECT addition.report_id, addition.form_id, addition.sealed, report.number, form.choice, form.sealed AS asked
FROM additions AS addition JOIN reports AS report ON report.id = addition.report_id
LEFT JOIN forms AS form ON form.id = addition.form_id WHERE addition.id = $1
"""
REPORT_OF_ADDITION: Final = "SELECT report_id FROM additions WHERE id = $1"
