"""The statements of placements: constant SQL on the driver's connection of an open transaction."""

from __future__ import annotations

from typing import Final

COLUMNS: Final = ("id", "code", "name", "campaign", "district", "surface", "languages", "made_on", "closed_on")
"""In the order in which many are copied in at once."""
ALL: Final = """
SELECT id, code, name, campaign, district, surface, languages, made_on, closed_on FROM placements
ORDER BY campaign, name, code
"""
# Who adds, renames, moves or closes does so alone: each looks at the names and codes of all others. Readers go on.
ALONE: Final = "LOCK TABLE placements IN SHARE ROW EXCLUSIVE MODE"
RENAME: Final = "UPDATE placements SET name = $2 WHERE id = $1"
MOVE: Final = "UPDATE placements SET district = $2, surface = $3 WHERE id = $1"
CLOSE: Final = "UPDATE placements SET closed_on = $2 WHERE id = $1"
