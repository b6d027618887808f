"""The statements of offices: constant SQL on the driver's connection of an open transaction."""

from __future__ import annotations

from typing import Final

ALL: Final = """
SELECT id, name, chat_id, language, districts, kinds, restricted, closed_at IS NOT NULL AS closed FROM offices
ORDER BY id
"""
# Who brings offices in and takes them out does so alone: each looks at all the others first. Readers go on.
ALONE: Final = "LOCK TABLE offices IN SHARE ROW EXCLUSIVE MODE"
ADD: Final = """
INSERT INTO offices (name, chat_id, language, districts, kinds, restricted, opened_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id
"""
CHANGE: Final = """
UPDATE offices SET name = $2, chat_id = $3, language = $4, districts = $5, kinds = $6 WHERE id = $1
"""
CLOSE: Final = "UPDATE offices SET closed_at = $2 WHERE id = $1"
MOVED: Final = "UPDATE offices SET chat_id = $3 WHERE chat_id = $2 AND id = $1 RETURNING 1"
# Held until the commit: a restricted office is not closed while a report is on its way there.
RESTRICTED_HELD: Final = "SELECT id FROM offices WHERE restricted AND closed_at IS NULL FOR SHARE"
HAS_REPORTS: Final = "SELECT EXISTS (SELECT 1 FROM reports WHERE office = $1)"
DISTRICTS: Final = "SELECT code FROM areas"
