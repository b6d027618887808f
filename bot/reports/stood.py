"""How a link stood when a report named it: nothing of that may be asked out of the bot, and little of it is told.

A dealer may give each buyer a link of their own and send it in himself, to see whether it is known. So a citizen hears
at most that a public name is closed already, and what was done to a link before counts in no answer to this report.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.reports.contents import StoredLink


class Stood(StrEnum):
    """How a link stood, where that is written down; of all others nothing is."""

    CLOSED = "closed"
    """Access to a public name is closed, and all who had reported it were told: the citizen is told after sending."""
    SENT = "sent"
    """It was sent to be blocked before: in the counts of this report it was not."""


# $2 the keys of all links, $15 those of public names, $16 until when decisions could be taken back of which everybody
# has been told by now. One that was given a line may have waited for it (added_lines.HELD). What nobody was told of on
# purpose is not told here either; nor that closed is what was seen alive since.
# MATERIALIZED and `unnest`, so that how many links there are changes no estimate: else PostgreSQL plans the statement
# anew for each report, which takes as long as to carry it out.
BEFORE: Final = """before AS MATERIALIZED (
  SELECT resource.key, CASE resource.decision WHEN 'blocked' THEN 'closed' ELSE 'sent' END AS stood
  FROM resources AS resource CROSS JOIN LATERAL (
    SELECT * FROM decisions WHERE subject = resource.id AND ended IS DISTINCT FROM 'undone'
    ORDER BY ordinal DESC LIMIT 1
  ) AS made
  WHERE resource.key = ANY(ARRAY(SELECT unnest($2::bytea[])))
    AND made.decision = resource.decision AND made.spread AND (
    (resource.decision = 'sent_to_block' AND resource.status <> 'decided')
    OR (resource.decision = 'blocked' AND resource.status = 'decided' AND resource.key = ANY($15::bytea[])
      AND made.ended IS NULL AND greatest(made.until, made.held_until)
        + CASE WHEN made.sealed IS NULL THEN interval '0' ELSE interval '15 minutes' END <= $16
      AND NOT EXISTS (SELECT FROM watches WHERE resource_id = resource.id AND state IN ('alive', 'moved')
        AND looked_at > made.at)))
)"""


def parameters(
    named: list[tuple[bytes, StoredLink]], settled: datetime, *, restricted: bool
) -> tuple[list[bytes], datetime]:
    """Give BEFORE's own parameters, of links by their keys. Of what is restricted nothing is told."""
    return [key for key, link in named if link.public_name and not restricted], settled
