"""The statements of reports: constant SQL on the driver's connection of an open transaction.

Rows are locked in one order everywhere, so that no two transactions wait for each other in a circle: reports by id,
links that captures name, resources by key, then what is queued of them, cards by subject. By key, for who reports links
has their keys alone, and of new ones there is nothing else yet.
"""

from __future__ import annotations

from typing import Final

from bot.at_once import Rider, parameters_of, shifted
from bot.reports.priority import level_of
from bot.reports.stood import BEFORE

# The report, its acknowledgement, what its chat has sent within this hour, the end of the draft's counter, and the
# stroke that counts it for a placement, or for none: each report leaves one.
FILED: Final = """
counter AS (DELETE FROM cards WHERE sort = 'counter' AND subject = $1), filed AS (
  INSERT INTO reports (id, kind, status, filed_at, receipt_hash, sealed, district, office, trade, priority)
  VALUES ($1, $2, 'new', $3, $4, $5, $10, (SELECT id FROM offices WHERE id = $11 AND closed_at IS NULL),
    $15, $16)
  ON CONFLICT (id) DO NOTHING RETURNING number, office
), acknowledged AS (
  INSERT INTO messages (recipient, lane, template, sealed, due_at, attempts)
  SELECT 'citizen', $1, 'received', $6, $7, 0 FROM filed
), counted AS (
  INSERT INTO counters (hash, key_id, count) SELECT $8, $9, 1 FROM filed ON CONFLICT DO NOTHING
), stroked AS (
  INSERT INTO strokes (id, key_id, sealed) SELECT $12, $13, $14 FROM filed
)
"""
FILE: Final = f"WITH {FILED} SELECT number, office FROM filed"  # noqa: S608 — constants
# Resources, who named them, their cards and the counters in one statement. With $12 cards are wanted, of the new ones
# too if they are no more than $13. `told`: this chat has not named it before today. One row for each link all the
# same: a row that is missing would tell in a dump that this chat had named it before.
# $17: which words of the trade stood beside them, $18: how urgent a new one is by that.
# What was decided begins anew when it is reported again, for a report that names it again too; but while the decision
# can be taken back it has not happened yet, and goes to this report too. After an hour that is over, whatever became of
# the job.
_ANEW: Final = "resources.status = 'decided' AND (resources.settled OR resources.decided_at < $7 - interval '1 hour')"
_RETURNED: Final = f"""CASE WHEN {_ANEW} THEN coalesce(resources.decision, '') = 'blocked'
  ELSE resources.returned END"""
_REFUTED: Final = f"""CASE WHEN {_ANEW} AND resources.decision IN ('not_confirmed', 'rejected')
  THEN resources.times_reported ELSE resources.times_refuted END"""
_PRIORITY: Final = level_of(
    f"resources.times_reported + excluded.times_reported - {_REFUTED}",
    "resources.reach",
    "resources.trade | excluded.trade",
    _RETURNED,
)
NAMED: Final = f"""{BEFORE}, told AS (
  INSERT INTO counters (hash, key_id, count) SELECT hash, $10, 1 FROM unnest($8::bytea[]) AS hash ORDER BY hash
  ON CONFLICT DO NOTHING RETURNING hash
), made_up AS (
  INSERT INTO counters (hash, key_id, count)
  SELECT other, $10, 1 FROM unnest($8::bytea[], $9::bytea[]) AS of_links (hash, other)
  WHERE hash NOT IN (SELECT hash FROM told)
), named AS (
INSERT INTO resources (
  id, key, platform, what, url, sealed, status, reopened, first_reported_at, opened_at, times_reported, office,
  trade, priority)
SELECT id, key, platform, what, url, sealed, 'new', false, $7, $7,
  (SELECT count(*) FROM told WHERE told.hash = named.person),
  (SELECT offices.id FROM offices WHERE offices.id = $20 AND closed_at IS NULL), $17, $18
FROM unnest($1::uuid[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::bytea[], $8::bytea[])
  AS named (id, key, platform, what, url, sealed, person)
ON CONFLICT (key) DO UPDATE SET
  times_reported = resources.times_reported + excluded.times_reported,
  first_reported_at = coalesce(resources.first_reported_at, excluded.first_reported_at),
  trade = resources.trade | excluded.trade, returned = {_RETURNED}, times_refuted = {_REFUTED}, priority = {_PRIORITY},
  reopened = resources.reopened OR ({_ANEW}),
  opened_at = CASE WHEN {_ANEW} THEN excluded.opened_at ELSE resources.opened_at END,
  claimed_by = CASE WHEN {_ANEW} THEN NULL ELSE resources.claimed_by END,
  claimed_name = CASE WHEN {_ANEW} THEN NULL ELSE resources.claimed_name END,
  decision = CASE WHEN {_ANEW} THEN NULL ELSE resources.decision END,
  status = CASE WHEN {_ANEW} THEN 'new' ELSE resources.status END
RETURNING id, key, office, xmax = 0 AS fresh, reopened AND opened_at = $7 AS anew,
  url IS NULL AND sealed IS NULL AS erased
), linked AS (
  INSERT INTO report_links (report_id, resource_id, number, at, found, stood)
  SELECT $11, id, $19, $7, CASE WHEN fresh THEN 'new' WHEN anew THEN 'decided' ELSE 'known' END, before.stood
  FROM named LEFT JOIN before USING (key)
  ON CONFLICT (report_id, resource_id) DO UPDATE SET status = NULL, decision = NULL, past = false
    WHERE report_links.status = 'decided'
), carded AS (
  INSERT INTO cards (id, recipient, sort, subject, wanted_version, shown_version, due_at, attempts)
  SELECT gen_random_uuid(), coalesce('desk:' || office, 'desk'), 'resource', id, 1, 0, $14, 0 FROM named
  WHERE $12 AND (NOT fresh OR (SELECT count(*) FROM named WHERE fresh) <= $13) ORDER BY id
  ON CONFLICT (sort, subject) DO UPDATE SET wanted_version = cards.wanted_version + 1, attempts = 0,
    due_at = CASE WHEN cards.wanted_version > cards.shown_version THEN least(cards.due_at, excluded.due_at)
             ELSE excluded.due_at END
)
"""  # noqa: S608 — constants
NAME_RESOURCES: Final = f"""
WITH {NAMED} SELECT id, key, fresh, erased, before.stood FROM named LEFT JOIN before USING (key)
"""  # noqa: S608 — constants
_OF_FILED: Final = NAMED.replace("$19", "(SELECT number FROM filed)").replace("$20", "(SELECT office FROM filed)")
# Both at once, where a resource whose address was erased does not have to be sealed anew. Which row counts the report
# is found by counting.NEXT_ROW_TOO, which rides before.
_FILED_NEXT: Final = FILED.replace("$8", "coalesce($8, (SELECT hash FROM next_row))")
FILE_LINKS: Final = Rider(
    f"{_FILED_NEXT}, {shifted(_OF_FILED, parameters_of(FILED))}",
    "NOT EXISTS (SELECT FROM filed) OR EXISTS (SELECT FROM named WHERE erased)",
)
SEAL_RESOURCE: Final = "UPDATE resources SET sealed = $2 WHERE id = $1"
ADD_PART: Final = """
INSERT INTO parts (id, report_id, sort, position, state, made_on, handle, sealed)
VALUES ($1, $2, $3, (SELECT count(*) FROM parts WHERE report_id = $2), $4, $5, $6, $7)
"""
PARTS_LOCKED: Final = """
SELECT id, sort, state, sealed FROM parts WHERE report_id = $1 ORDER BY position FOR UPDATE
"""
PARTS_OF_SORT: Final = """
SELECT id, state, sealed FROM parts WHERE report_id = $1 AND sort = $2 ORDER BY position
"""
PART: Final = "SELECT id, report_id, sort, state, handle FROM parts WHERE id = $1 FOR UPDATE"
PART_READY: Final = "UPDATE parts SET state = 'ready', sealed = $2, handle = NULL WHERE id = $1"
PART_REFUSED: Final = "UPDATE parts SET state = 'refused', reason = $2, handle = NULL, sealed = NULL WHERE id = $1"
PARTS_WAITING: Final = "SELECT count(*) FROM parts WHERE report_id = $1 AND sort = $2 AND state = 'waiting'"
HAS_CODES: Final = "SELECT EXISTS (SELECT FROM parts WHERE report_id = $1 AND sort IN ('codes', 'painted'))"
LOCK_PARTS: Final = "SELECT id FROM parts WHERE report_id = $1 ORDER BY position FOR UPDATE"
DROP_PARTS: Final = """
WITH dropped AS (DELETE FROM parts WHERE report_id = $1 RETURNING id)
DELETE FROM originals WHERE part_id IN (SELECT id FROM dropped)
"""
KEEP_ORIGINAL: Final = "INSERT INTO originals (part_id, sealed) VALUES ($1, $2)"
PLACE_ASKED: Final = """
SELECT EXISTS (SELECT 1 FROM messages WHERE recipient = 'citizen' AND lane = $1 AND template = 'photo_place')
"""
KEEP_PLACE: Final = "UPDATE parts SET place = $2 WHERE id = $1"
PLACE_OF: Final = "SELECT report_id, place FROM parts WHERE id = $1 FOR UPDATE"
DROP_ORIGINALS: Final = """
DELETE FROM originals WHERE part_id IN (SELECT id FROM parts WHERE report_id = $1)
"""
PLACE_ANSWERED: Final = "UPDATE parts SET place = NULL WHERE id = $1"
FORGET_PLACES: Final = "UPDATE parts SET place = NULL WHERE report_id = $1 AND place IS NOT NULL"
CONTENTS: Final = "SELECT kind, sealed FROM reports WHERE id = $1 FOR UPDATE"
KEEP_CONTENTS: Final = "UPDATE reports SET sealed = $2, district = $3 WHERE id = $1"
DROP_LINKS: Final = "DELETE FROM parts WHERE report_id = $1 AND sort IN ('links', 'list')"
REPORT_EXISTS: Final = "SELECT EXISTS (SELECT 1 FROM reports WHERE id = $1)"

NUMBER_OF: Final = """
SELECT report.number, report.office, report.trade, coalesce(office.restricted, false) AS restricted
FROM reports AS report LEFT JOIN offices AS office ON office.id = report.office WHERE report.id = $1
"""
HAS_CARD: Final = "SELECT EXISTS (SELECT 1 FROM cards WHERE sort = $1 AND subject = $2)"

REPORT_LOCKED: Final = """
SELECT id, number, kind, status, decision, claimed_by, claimed_name, office, decided_at, opened_at,
  false AS reopened, true AS settled
FROM reports WHERE id = $1 FOR UPDATE
"""
RESOURCE_LOCKED: Final = """
SELECT id, status, decision, claimed_by, claimed_name, office, decided_at, opened_at, reopened, settled
FROM resources WHERE id = $1 FOR UPDATE
"""
MOVE_REPORT: Final = """
UPDATE reports SET status = $2, decision = $3, claimed_by = $4, claimed_name = $5, decided_at = $6 WHERE id = $1
"""
# What was closed and is opened again by an officer has returned.
_OPENED_AGAIN: Final = "returned OR (status = 'decided' AND coalesce(decision, '') = 'blocked' AND $2 <> 'decided')"
_PRIORITY_OPENED: Final = level_of("times_reported - times_refuted", "reach", "trade", _OPENED_AGAIN)
MOVE_RESOURCE: Final = f"""
UPDATE resources SET status = $2, decision = $3, claimed_by = $4, claimed_name = $5, decided_at = $6, reopened = false,
  settled = false, returned = {_OPENED_AGAIN}, priority = {_PRIORITY_OPENED}
WHERE id = $1
"""  # noqa: S608 — constants
JOURNAL: Final = """
INSERT INTO journal (at, officer, officer_name, act, sort, subject) VALUES ($1, $2, $3, $4, $5, $6)
"""
REPORTS_OF_RESOURCE: Final = "SELECT report_id FROM report_links WHERE resource_id = $1 ORDER BY number"
RESOURCES_OF_REPORT: Final = """
SELECT resource.id, resource.status, resource.decision FROM report_links AS link
JOIN resources AS resource ON resource.id = link.resource_id WHERE link.report_id = $1 ORDER BY resource.id
"""

# But for those that have a card on another desk than the report's list: who works there acts on them.
RESOURCES_LOCKED: Final = """
SELECT id, status, decision, claimed_by, claimed_name, decided_at, opened_at, reopened, settled FROM resources
WHERE id IN (SELECT resource_id FROM report_links WHERE report_id = $1) AND NOT EXISTS (
  SELECT 1 FROM cards AS own JOIN cards AS list ON list.sort = 'report' AND list.subject = $1
  WHERE own.sort = 'resource' AND own.subject = resources.id AND own.recipient <> list.recipient)
ORDER BY key FOR UPDATE
"""
WITHDRAW_FEEDBACK: Final = """
UPDATE messages SET outcome = 'withdrawn', sealed = NULL, done_at = date_trunc('minute', $2::timestamptz)
WHERE recipient = 'citizen' AND lane = $1 AND template = ANY($3::text[]) AND outcome IS NULL
"""
WITHDRAW_ANSWERS: Final = """
UPDATE messages SET outcome = 'withdrawn', sealed = NULL, done_at = date_trunc('minute', $2::timestamptz)
WHERE recipient = 'citizen' AND lane = $1 AND outcome IS NULL
  AND template IN ('feedback', 'also', 'progress', 'question')
"""
BY_RECEIPT: Final = """
SELECT id, kind, status, decision, ARRAY(
  SELECT template FROM messages WHERE recipient = 'citizen' AND lane = reports.id
    AND template IN ('feedback', 'also') AND outcome IS NULL AND due_at > $2
) AS untold
FROM reports WHERE receipt_hash = $1
"""
REPORT_CARD: Final = """
SELECT report.number, report.kind, report.status, report.decision, false AS reopened, report.district,
  report.claimed_by, report.claimed_name, report.filed_at, report.decided_at, report.sealed, report.hidden_name,
  report.priority, report.trade, report.near,
  (SELECT count(*) FROM parts WHERE report_id = $1 AND sort = 'photo' AND state = 'ready') AS photos,
  (SELECT count(*) FROM parts WHERE report_id = $1 AND sort = 'photo' AND state = 'waiting') AS photos_waiting,
  (SELECT count(*) FROM parts WHERE report_id = $1 AND sort = 'photo' AND state = 'refused') AS photos_refused,
  (SELECT count(*) FROM report_links WHERE report_id = $1) AS links
FROM reports AS report WHERE report.id = $1
"""
# How many links of a report were sent to be blocked and wait, are closed, and were decided otherwise.
LINKS_STAND: Final = """
SELECT count(*) FILTER (WHERE resource.status <> 'decided' AND resource.decision = 'sent_to_block') AS sent,
  count(*) FILTER (WHERE resource.status = 'decided' AND resource.decision = 'blocked') AS closed,
  count(*) FILTER (WHERE resource.status = 'decided' AND resource.decision <> 'blocked') AS otherwise
FROM report_links AS link JOIN resources AS resource ON resource.id = link.resource_id WHERE link.report_id = $1
"""
FIRST_LINKS: Final = """
SELECT resource.id, resource.url, resource.sealed FROM report_links AS link
JOIN resources AS resource ON resource.id = link.resource_id
WHERE link.report_id = $1 ORDER BY resource.platform, resource.url LIMIT $2
"""
RESOURCE_CARD: Final = """
SELECT id, platform, what, url, sealed, status, decision, reopened, claimed_by, claimed_name,
  first_reported_at, found_at, times_reported, times_refuted, priority, trade, reach, returned,
  (SELECT count(*) FROM report_links WHERE resource_id = $1) AS reports
FROM resources WHERE id = $1
"""
NEWEST_REPORTS: Final = """
SELECT report.id, report.number, report.sealed, report.hidden_name FROM report_links AS link
JOIN reports AS report ON report.id = link.report_id
WHERE link.resource_id = $1 ORDER BY link.number DESC LIMIT $2
"""
CARD_OF: Final = """
SELECT card.id, card.sort, card.subject, card.recipient, card.message_id,
  coalesce(resource.reopened, false) AS reopened,
  coalesce(report.status, resource.status) AS status,
  coalesce(report.decision, resource.decision) AS decision,
  coalesce(report.claimed_by, resource.claimed_by) AS claimed_by
FROM cards AS card
LEFT JOIN reports AS report ON card.sort = 'report' AND report.id = card.subject
LEFT JOIN resources AS resource ON card.sort = 'resource' AND resource.id = card.subject
WHERE card.id = $1
"""
POSTED_CARD: Final = """
SELECT card.message_id FROM cards AS card WHERE card.message_id IS NOT NULL AND card.recipient = $2 AND (
  (card.sort = 'report' AND card.subject = $1)
  OR (card.sort = 'resource' AND card.subject IN (SELECT resource_id FROM report_links WHERE report_id = $1)))
ORDER BY card.sort, card.ordinal LIMIT 1
"""
CARD_POSTED: Final = "SELECT message_id FROM cards WHERE sort = $1 AND subject = $2 AND recipient = $3"
SOONER_PROGRESS: Final = """
UPDATE messages SET due_at = $2
WHERE recipient = 'citizen' AND lane = $1 AND template = 'progress' AND outcome IS NULL AND due_at > $2
"""
LAST_PROGRESS: Final = """
SELECT max(done_at) AS last, coalesce(bool_or(outcome IS NULL), false) AS waits FROM messages
WHERE recipient = 'citizen' AND lane = $1 AND template = 'progress'
"""
DESK_MOVED: Final = """
WITH held AS (
  SELECT id FROM cards WHERE recipient = $1 AND message_id IS NOT NULL ORDER BY sort, subject FOR UPDATE
)
UPDATE cards SET message_id = NULL, attempts = 0,
  due_at = CASE WHEN wanted_version > shown_version THEN due_at ELSE date_trunc('minute', now()) END,
  wanted_version = wanted_version + CASE WHEN sort = 'help' OR subject IN (
  SELECT id FROM reports WHERE status <> 'decided' UNION ALL SELECT id FROM resources WHERE status <> 'decided'
  UNION ALL SELECT id FROM forms WHERE state IN ('choosing', 'open', 'waiting', 'asked')
  UNION ALL SELECT id FROM batches WHERE state IN ('asked', 'waiting', 'marking')
  UNION ALL SELECT capture_id FROM found_links WHERE state = 'proposed'
) THEN 1 ELSE 0 END
FROM held WHERE cards.id = held.id
"""
