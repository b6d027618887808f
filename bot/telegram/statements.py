"""The turn's statements: constant SQL on the driver's connection."""

from __future__ import annotations

from typing import Final

# Takes the actor's lock, and then looks: (lock, update, chat) → what is known of the update, and the dialogue.
OPEN: Final = "SELECT handled, reply, dialogue FROM open_turn($1, $2, $3)"
# The look of turns that take no lock, (updates, chats) → the same of each; and the statement that saves one of them or
# is refused: (lock, update, chat, dialogue as it was seen, reply, minute, whether the dialogue ends, dialogue as it is
# to be kept).
LOOK: Final = """
SELECT known.handled, known.reply, (SELECT sealed FROM dialogues WHERE chat_hash = asked.chat) AS dialogue
FROM unnest($1::bigint[], $2::bytea[]) WITH ORDINALITY AS asked (update_id, chat, place)
LEFT JOIN LATERAL (SELECT * FROM handled_updates WHERE update_id = asked.update_id) AS known ON true
ORDER BY asked.place
"""
END_TURN: Final = "SELECT end_turn($1, $2, $3, $4, $5, $6, $7, $8)"
MARK: Final = """
INSERT INTO handled_updates (update_id, handled, failures, reply, at) VALUES ($1, true, 0, $2, $3)
ON CONFLICT (update_id) DO UPDATE SET handled = true, reply = excluded.reply, at = excluded.at
"""
SAVE: Final = """
WITH dialogue AS (
  INSERT INTO dialogues (chat_hash, sealed, touched_at) VALUES ($4, $5, $3)
  ON CONFLICT (chat_hash) DO UPDATE SET sealed = excluded.sealed, touched_at = excluded.touched_at
)
INSERT INTO handled_updates (update_id, handled, failures, reply, at) VALUES ($1, true, 0, $2, $3)
ON CONFLICT (update_id) DO UPDATE SET handled = true, reply = excluded.reply, at = excluded.at
"""
END: Final = """
WITH dialogue AS (DELETE FROM dialogues WHERE chat_hash = $4)
INSERT INTO handled_updates (update_id, handled, failures, reply, at) VALUES ($1, true, 0, $2, $3)
ON CONFLICT (update_id) DO UPDATE SET handled = true, reply = excluded.reply, at = excluded.at
"""
COUNT_FAILURE: Final = """
INSERT INTO handled_updates (update_id, handled, failures, reply, at) VALUES ($1, false, 1, NULL, $2)
ON CONFLICT (update_id) DO UPDATE SET failures = handled_updates.failures + 1, at = excluded.at
RETURNING failures
"""
