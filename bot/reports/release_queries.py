"""The statements of releasing: constant SQL on the driver's connection of an open transaction.

$1 is who held it, $2 the line of the desk, $3 the desk's office: a card is released on the desk where it stands, a link
without a card of its own on the desk of its list.
"""

from __future__ import annotations

from typing import Final

from bot.delivery.outbox import CardSort

# What /mine lists, and beside it the links of lists and the forms that are being put together.
HELD: Final = """
SELECT reports.held + resources.carded AS cards, coalesce(reports.name, resources.name) AS name,
  reports.held + resources.held > 0
  OR EXISTS (SELECT 1 FROM forms WHERE officer = $1 AND state IN ('choosing', 'open')) AS anything
FROM (
  SELECT count(*) AS held, max(claimed_name) AS name FROM reports
  WHERE claimed_by = $1 AND status <> 'decided' AND opened_at IS NOT NULL AND $3::int IS NOT NULL
    AND EXISTS (SELECT 1 FROM cards WHERE sort = 'report' AND subject = reports.id AND recipient = $2)
) AS reports, (
  SELECT count(*) AS held, max(claimed_name) AS name, count(*) FILTER (WHERE line IS NOT NULL) AS carded FROM (
    SELECT claimed_name, office,
      (SELECT recipient FROM cards WHERE sort = 'resource' AND subject = resources.id) AS line
    FROM resources WHERE claimed_by = $1 AND status <> 'decided' AND opened_at IS NOT NULL
  ) AS mine WHERE line = $2 OR (line IS NULL AND coalesce(office, 0) = $3)
) AS resources
"""
# What waits for an answer, or to be blocked, goes on waiting; it is nobody's.
_REPORTS: Final = """
WITH held AS (
  SELECT id FROM reports WHERE claimed_by = $1 AND status <> 'decided' AND opened_at IS NOT NULL
    AND $3::int IS NOT NULL
    AND EXISTS (SELECT 1 FROM cards WHERE sort = 'report' AND subject = reports.id AND recipient = $2)
  ORDER BY id LIMIT $4 FOR UPDATE
)
UPDATE reports SET claimed_by = NULL, claimed_name = NULL,
  status = CASE WHEN status = 'in_progress' AND decision IS NULL THEN 'new' ELSE status END
FROM held WHERE reports.id = held.id RETURNING reports.id, reports.status
"""
_RESOURCES: Final = """
WITH held AS (
  SELECT id FROM resources WHERE claimed_by = $1 AND status <> 'decided' AND opened_at IS NOT NULL
    AND coalesce(
      (SELECT recipient FROM cards WHERE sort = 'resource' AND subject = resources.id),
      CASE WHEN coalesce(office, 0) = $3 THEN $2 END) = $2
  ORDER BY key LIMIT $4 FOR UPDATE
)
UPDATE resources SET claimed_by = NULL, claimed_name = NULL, settled = false,
  status = CASE WHEN status = 'in_progress' AND decision IS NULL THEN 'new' ELSE status END
FROM held WHERE resources.id = held.id RETURNING resources.id, resources.status
"""
RELEASED: Final = {CardSort.REPORT: _REPORTS, CardSort.RESOURCE: _RESOURCES}
JOURNAL_ALL: Final = """
INSERT INTO journal (at, officer, officer_name, act, sort, subject) SELECT $1, $2, $3, $4, $5, unnest($6::uuid[])
"""
DROP_FORMS: Final = """
UPDATE forms SET state = 'dropped', sealed = NULL WHERE officer = $1 AND state IN ('choosing', 'open')
  AND coalesce((SELECT recipient FROM cards WHERE sort = 'form' AND subject = forms.id), $2) = $2
RETURNING id
"""
