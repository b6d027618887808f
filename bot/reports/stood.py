"""Which links were closed already when a report named them: of all that was done to them before this alone is told.

A dealer may give each buyer a link of their own and send it in himself, to see whether it is known. So a citizen hears
after sending at most that access to a public name is closed already.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bot.reports.contents import StoredLink

CLOSED: Final = "closed"
"""Access to a public name is closed, and all who had reported it were told; of all else nothing is written down."""

# $15 the keys of public names, $16 until when decisions could be taken back of which everybody has been told by now.
# One that was given a line may have waited for it (added_lines.HELD). What nobody was told of on purpose is not told
# here either; nor that closed is what was seen alive since.
# MATERIALIZED and `unnest`, so that how many links there are changes no estimate: else PostgreSQL plans the statement
# anew for each report, which takes as long as to carry it out.
BEFORE: Final = """before AS MATERIALIZED (
  SELECT resource.key, 'closed' AS stood
  FROM resources AS resource CROSS JOIN LATERAL (
    SELECT * FROM decisions WHERE subject = resource.id AND ended IS DISTINCT FROM 'undone'
    ORDER BY ordinal DESC LIMIT 1
  ) AS made
  WHERE resource.key = ANY(ARRAY(SELECT unnest($15::bytea[])))
    AND resource.decision = 'blocked' AND resource.status = 'decided'
    AND made.decision = resource.decision AND made.spread AND made.ended IS NULL
    AND greatest(made.until, made.held_until)
      + CASE WHEN made.sealed IS NULL THEN interval '0' ELSE interval '15 minutes' END <= $16
    AND NOT EXISTS (SELECT FROM watches WHERE resource_id = resource.id AND state IN ('alive', 'moved')
      AND looked_at > made.at)
)"""


def parameters(
    named: list[tuple[bytes, StoredLink]], settled: datetime, *, restricted: bool
) -> tuple[list[bytes], datetime]:
    """Give BEFORE's own parameters, of links by their keys. Of what is restricted nothing is told."""
    return [key for key, link in named if link.public_name and not restricted], settled
