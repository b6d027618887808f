"""The courier's statements: constant SQL on the driver's connection."""

from __future__ import annotations

from typing import Final

CARDS_DUE: Final = """
SELECT id, sort, subject, wanted_version, message_id, sealed, params, attempts, due_at
FROM cards WHERE recipient = $1 AND wanted_version > shown_version AND due_at <= $2
ORDER BY due_at, ordinal LIMIT $3
"""
# What a courier that nobody wakes asks each second. A digest that stands may have to be renewed though nothing is due.
ANYTHING: Final = """
SELECT EXISTS (SELECT FROM messages WHERE recipient = $1 AND outcome IS NULL AND due_at <= $2)
  OR EXISTS (SELECT FROM cards WHERE recipient = $1 AND wanted_version > shown_version AND due_at <= $2)
  OR EXISTS (SELECT FROM cards WHERE sort = 'digest' AND recipient = $1)
"""
# What goes first on a desk: bot/delivery/precedence.py. The two halves of its cards have an index each. A card whose
# decision can be taken back no more waits for room, and after ten minutes like any other that says what is not true.
DESK_CARDS: Final = """
(SELECT DISTINCT ON (rank) id, sort, subject, wanted_version, message_id, sealed, params, attempts, due_at, rank
FROM (
  SELECT *, CASE WHEN hides THEN 0 WHEN sort IN ('form', 'batch') OR for_officer THEN 1 WHEN sort = 'digest' THEN 2
    WHEN wanted_version = settled_version AND due_at > $1::timestamptz - interval '10 minutes' THEN 5 ELSE 3 END AS rank
  FROM cards WHERE recipient = $2 AND wanted_version > shown_version
    AND (message_id IS NOT NULL OR sort NOT IN ('report', 'resource')) AND due_at <= $1
) AS standing ORDER BY rank, due_at, ordinal)
UNION ALL
(SELECT id, sort, subject, wanted_version, message_id, sealed, params, attempts, due_at, 4
FROM cards WHERE recipient = $2 AND wanted_version > shown_version AND message_id IS NULL
  AND sort IN ('report', 'resource') AND due_at <= $1
ORDER BY ordinal LIMIT 1)
"""
# What takes something hidden off the desk waits for nothing, not even for what its lane holds.
DESK_HIDES: Final = """
SELECT id, lane, template, sealed, attempts, due_at, 0 AS rank
FROM messages WHERE recipient = $2 AND outcome IS NULL AND template LIKE 'hide\\_%' AND due_at <= $1
ORDER BY due_at, id LIMIT 1
"""
# Points and photos of a report wait for its card, however many of them are due. What comes before a message is looked
# for by its lane alone, here and below: the planner takes the queue for short, as it nearly always is, and by what else
# is asked of the first it would walk through the whole queue for each message of it.
DESK_MESSAGE: Final = """
SELECT id, lane, template, sealed, attempts, due_at, 3 AS rank
FROM messages AS message
WHERE recipient = $2 AND outcome IS NULL AND template NOT LIKE 'hide\\_%' AND due_at <= $1
  AND id = (
    SELECT min(first.id) FILTER (WHERE first.recipient = $2 AND first.outcome IS NULL)
    FROM messages AS first WHERE first.lane = message.lane)
  AND (
    SELECT cards.recipient = $2 AND message_id IS NULL AND wanted_version > shown_version FROM cards
    WHERE sort = 'report' AND subject = message.lane) IS NOT TRUE
ORDER BY due_at, id LIMIT 1
"""
CARD_NOW: Final = """
SELECT id, sort, subject, wanted_version, message_id, sealed, params, attempts, due_at FROM cards WHERE id = $1
"""
# An acknowledgement tells which of its report's links were closed already: bot/reports/stood.py.
MESSAGES_DUE: Final = """
SELECT message.id, lane, template, message.sealed, attempts, due_at, address.key_id, address.sealed AS address,
  CASE WHEN template = 'received' THEN ARRAY(
    SELECT resource.url FROM report_links AS link JOIN resources AS resource ON resource.id = link.resource_id
    WHERE link.report_id = message.lane AND link.stood = 'closed' AND resource.url IS NOT NULL ORDER BY resource.url
  ) END AS closed
FROM messages AS message LEFT JOIN return_addresses AS address ON address.report_id = message.lane
WHERE recipient = $1 AND outcome IS NULL AND due_at <= $2
  AND message.id = (
    SELECT min(first.id) FILTER (WHERE first.recipient = $1 AND first.outcome IS NULL)
    FROM messages AS first WHERE first.lane = message.lane)
ORDER BY due_at, message.id LIMIT $3
"""
# Once something was sent, its row keeps the minute: finer moments would match it with a chat's other rows, and a phone.
MESSAGE_DONE: Final = """
UPDATE messages SET sealed = NULL, due_at = date_trunc('minute', due_at),
  outcome = CASE WHEN outcome = 'withdrawn' AND recipient <> 'citizen' THEN outcome ELSE $2 END,
  done_at = date_trunc('minute', $3::timestamptz)
WHERE id = $1 AND recipient = $4
"""
MESSAGE_LATER: Final = """
UPDATE messages SET due_at = $2, attempts = $3, first_due_at = coalesce(first_due_at, date_trunc('minute', due_at))
WHERE id = $1
"""
CARD_SHOWN: Final = """
UPDATE cards SET shown_version = $2, message_id = $3, sealed = $4, attempts = 0, first_due_at = NULL,
  for_officer = for_officer AND wanted_version > $2, hides = hides AND wanted_version > $2,
  due_at = date_trunc('minute', due_at)
WHERE id = $1 AND recipient = $5
"""
CARD_LATER: Final = """
UPDATE cards SET due_at = $2, attempts = $3, first_due_at = coalesce(first_due_at, date_trunc('minute', due_at))
WHERE id = $1
"""
CARD_GONE: Final = "UPDATE cards SET message_id = NULL, sealed = NULL WHERE id = $1 AND recipient = $2"
CARD_AGAIN: Final = """
UPDATE cards SET message_id = NULL, wanted_version = greatest(wanted_version, shown_version + 1)
WHERE id = $1 AND message_id = $2
"""
CARD_GIVEN_UP: Final = """
UPDATE cards SET shown_version = greatest(shown_version, $2), first_due_at = NULL, for_officer = false,
  hides = false
WHERE id = $1 AND recipient = $3
"""
# Who presses a card before it is marked has it noted as a text, which staff/copies.py tells of: it is a card.
POSTED: Final = """
INSERT INTO desk_posts (chat_id, message_id, sort, subject, posted_at, what) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (chat_id, message_id) DO UPDATE SET what = EXCLUDED.what WHERE EXCLUDED.what = 'card'
"""
# Hiding withdraws what waits; what is on its way at that moment is posted all the same, and taken off again. Once the
# row is marked, whoever hides finds the post; who has hidden before that has left it marked as withdrawn.
HIDE_LATE: Final = """
INSERT INTO messages (recipient, lane, template, sealed, due_at, attempts)
SELECT recipient, lane, $2, $3, $4, 0 FROM messages WHERE id = $1 AND outcome = 'withdrawn'
"""
POST_OVER: Final = "DELETE FROM desk_posts WHERE chat_id = $1 AND message_id = $2"
# What left for a desk while it was passed to another one stands on the old desk, and is taken away from there.
STRAY_CARD: Final = """
INSERT INTO messages (recipient, lane, template, sealed, due_at, attempts)
SELECT $1, $2, $3, $4, $5, 0 WHERE NOT EXISTS (SELECT 1 FROM cards WHERE id = $6 AND recipient = $1)
"""
STRAY_MESSAGE: Final = """
INSERT INTO messages (recipient, lane, template, sealed, due_at, attempts)
SELECT $1, $2, $3, $4, $5, 0 WHERE NOT EXISTS (SELECT 1 FROM messages WHERE id = $6 AND recipient = $1)
"""
SENT: Final = "INSERT INTO desk_sends (chat_id, at, rank, cost, recipient) VALUES ($1, $2, $3, $4, $5)"
SENT_LONG_AGO: Final = "DELETE FROM desk_sends WHERE at < $1"
SENT_SINCE: Final = "SELECT chat_id, at, rank, cost FROM desk_sends WHERE at > $1 AND recipient = $2 ORDER BY at, id"
# Told once of each: an officer can look a report up, and a hundred refusals say no more than one.
NOT_SHOWN: Final = """
INSERT INTO messages (recipient, lane, template, sealed, due_at, attempts)
SELECT $5, $1, $2, $3, $4, 0
WHERE NOT EXISTS (SELECT 1 FROM messages WHERE recipient = $5 AND lane = $1 AND template = $2)
"""
