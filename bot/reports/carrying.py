"""How a link stands for a report: by what officers did to it since that report named it, and by nothing else.

What had been done before, and what comes of it that somebody else reports it, may be asked by no answer to this report:
a dealer may name a link that was made for one buyer beside one that he gives up, and look at what becomes of both. So
each link of a report has a standing of its own, which is untouched when it is named, and to which what is done to the
resource is taken, once it can be taken back no more. What was decided stays so for those who were told, when others
report it again.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from bot.reports.made import Made

# $2 the decision on which the resource rests, $3 whether it is taken to its reports only now: one that was taken there
# before counts for those who had named the resource by then. The days on which its reports were filed are counted anew.
CARRY: Final = """
WITH carried AS (
  UPDATE resources SET settled = true WHERE id = $1 AND NOT settled RETURNING id, status, decision
), moved AS (
  UPDATE report_links SET status = carried.status,
    decision = CASE WHEN carried.decision IS NULL THEN NULL WHEN $3 THEN carried.decision
      ELSE report_links.decision END,
    made = CASE WHEN $3 THEN $2 ELSE made END
  FROM carried WHERE report_links.resource_id = carried.id AND NOT past RETURNING report_links.report_id
)
INSERT INTO stale_figures (sort, at) SELECT DISTINCT 'filed', report.filed_at
FROM moved JOIN reports AS report ON report.id = moved.report_id WHERE report.filed_at < now() - interval '1 day'
"""
# The resources of $1 were reported again since they were decided, and an officer acts on them now.
LEAVE_PAST: Final = """
UPDATE report_links SET past = true WHERE resource_id = ANY($1::uuid[]) AND status = 'decided' AND NOT past
"""
# Whoever acts on a list acts on its links for it too.
JOIN_AGAIN: Final = """
UPDATE report_links SET past = false WHERE report_id = $1 AND resource_id = ANY($2::uuid[]) AND past
"""
# A list is opened again: these links stand for it as untouched, until what becomes of them comes to it.
OPEN_LIST: Final = """
UPDATE report_links SET status = NULL, decision = NULL, past = false
WHERE report_id = $1 AND resource_id = ANY($2::uuid[]) AND status = 'decided'
"""
STANDS: Final = "SELECT decision FROM report_links WHERE report_id = $1"
# All in one row, for a report may name thousands: how many there are, whether all are decided, or none touched, how
# many different decisions there are, and that of the resource $2.
STANDS_TOGETHER: Final = """
SELECT count(*) AS total, coalesce(bool_and(status IS NOT DISTINCT FROM 'decided'), false) AS decided,
  coalesce(bool_and(coalesce(status, 'new') = 'new'), false) AS untouched,
  count(DISTINCT coalesce(decision, '')) AS decisions, max(decision) FILTER (WHERE resource_id = $2) AS decision,
  coalesce(bool_or(resource_id = $2), false) AS named
FROM report_links WHERE report_id = $1
"""


async def carry(driver: Any, resource_id: UUID, by: Made | None) -> None:
    """Take how a resource stands to all that name it, if anything was done to it since that was done last.

    Its row is locked, and `by`, the decision on which it rests, was not begun before this transaction or long ago.
    """
    await driver.execute(CARRY, resource_id, by.id if by else None, by is not None and not by.row["begun"])
