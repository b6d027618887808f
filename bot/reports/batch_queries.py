"""The statements of batches: constant SQL on the driver's connection of an open transaction."""

from __future__ import annotations

from typing import Final

TAKEN_OUT: Final = """
INSERT INTO batches (id, desk, state, officer, officer_name, made_at) VALUES ($1, $2, 'taken_out', $3, $4, $5)
"""
# A register is made again when its sending failed: what is sent last counts.
SENT_AT: Final = "UPDATE batches SET made_at = $2 WHERE id = $1 AND state = 'taken_out' RETURNING id"
FORGET_LINKS: Final = "DELETE FROM batch_links WHERE batch_id = $1"
HOLD_LINKS: Final = """
INSERT INTO batch_links (batch_id, resource_id, outcome) SELECT $1, id, 'taken_out' FROM unnest($2::uuid[]) AS held (id)
"""
NEW_BATCH: Final = """
INSERT INTO batches (id, desk, decision, state, source, officer, officer_name, message_id, made_at, sealed)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
# One whose workbook has come to stand on the desk: one that is still being made has no post, an empty one no links.
NEWEST: Final = """
SELECT id FROM batches WHERE desk = $1 AND state = 'taken_out'
  AND EXISTS (SELECT 1 FROM batch_links WHERE batch_links.batch_id = batches.id)
  AND EXISTS (SELECT 1 FROM desk_posts WHERE desk_posts.subject = batches.id)
ORDER BY made_at DESC LIMIT 1
"""
BATCH: Final = """
SELECT id, desk, decision, state, reason, source, officer, officer_name, message_id, made_at, sealed
FROM batches WHERE id = $1
"""
BATCH_LOCKED: Final = """
SELECT id, desk, decision, state, source, officer, officer_name, sealed FROM batches WHERE id = $1 FOR UPDATE
"""
POSTED_BATCH: Final = """
SELECT batch.id, batch.state FROM desk_posts AS post JOIN batches AS batch ON batch.id = post.subject
WHERE post.chat_id = $1 AND post.message_id = $2
"""
COUNT_LINKS: Final = "SELECT count(*) FROM batch_links WHERE batch_id = $1"
CONFIRM: Final = "UPDATE batches SET state = $2, officer = $3, officer_name = $4 WHERE id = $1"
MOVE: Final = "UPDATE batches SET state = $2 WHERE id = $1"
FAIL: Final = "UPDATE batches SET state = 'failed', reason = $2, sealed = NULL WHERE id = $1"
READ: Final = "UPDATE batches SET state = $2, sealed = $3 WHERE id = $1"
COPY_LINKS: Final = """
INSERT INTO batch_links (batch_id, resource_id) SELECT $1, resource_id FROM batch_links WHERE batch_id = $2
ON CONFLICT DO NOTHING
"""
WAIT_LINKS: Final = """
INSERT INTO batch_links (batch_id, resource_id) SELECT $1, id FROM unnest($2::uuid[]) AS found (id)
ON CONFLICT DO NOTHING
"""
KNOWN: Final = "SELECT id, key FROM resources WHERE key = ANY($1::bytea[]) AND coalesce(office, 0) = ANY($2::int[])"
NEXT: Final = """
SELECT resource_id FROM batch_links WHERE batch_id = $1 AND outcome IS NULL AND resource_id > $2
ORDER BY resource_id LIMIT $3
"""
LINKS_LOCKED: Final = "SELECT id FROM resources WHERE id = ANY($1::uuid[]) ORDER BY key FOR UPDATE"
STANDING: Final = "SELECT status, decision, claimed_by FROM resources WHERE id = $1"
NOBODYS: Final = "UPDATE resources SET claimed_by = NULL, claimed_name = NULL WHERE id = $1"
CAME_OF: Final = "UPDATE batch_links SET outcome = $3, held_by = $4 WHERE batch_id = $1 AND resource_id = $2"
OUTCOMES: Final = """
SELECT outcome, count(*) AS links, array_remove(array_agg(DISTINCT held_by), NULL) AS holders
FROM batch_links WHERE batch_id = $1 GROUP BY outcome
"""
# Whether links of a report are still being marked, can be taken back, or ask for their citizens to be told: until then
# nobody is told how many are closed, for what asks a moment later would tell the same again on the next day.
BEING_MARKED: Final = """
SELECT EXISTS (
  SELECT 1 FROM report_links AS link
  JOIN batch_links AS waiting ON waiting.resource_id = link.resource_id AND waiting.outcome IS NULL
  JOIN batches AS batch ON batch.id = waiting.batch_id AND batch.state = 'marking'
  WHERE link.report_id = $1 AND NOT link.past
) OR EXISTS (
  SELECT 1 FROM report_links AS link JOIN resources AS resource ON resource.id = link.resource_id
  JOIN LATERAL (
    SELECT made.decision, made.spread, made.until FROM decisions AS made
    WHERE made.subject = resource.id AND made.ended IS DISTINCT FROM 'undone' ORDER BY made.ordinal DESC LIMIT 1
  ) AS newest ON newest.decision = resource.decision
  WHERE link.report_id = $1 AND NOT link.past
    AND (newest.until > $2 OR newest.until > $2 - interval '1 hour' AND NOT newest.spread))
"""
