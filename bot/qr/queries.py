"""The statements of placements: constant SQL on the driver's connection of an open transaction."""

from __future__ import annotations

from typing import Final

COLUMNS: Final = (
    "id",
    "code",
    "name",
    "folded",
    "campaign",
    "district",
    "surface",
    "languages",
    "made_on",
    "closed_on",
)
"""In the order in which many are copied in at once."""
ALL: Final = """
SELECT id, code, name, campaign, district, surface, languages, made_on, closed_on FROM placements
ORDER BY campaign, name, code
"""
BY_ID: Final = """
SELECT id, code, name, campaign, district, surface, languages, made_on, closed_on FROM placements WHERE id = $1
"""
NAMED: Final = """
SELECT id, code, name, campaign, district, surface, languages, made_on, closed_on FROM placements
WHERE code = $1 OR folded = $2 ORDER BY campaign, closed_on DESC, code
"""
# Of the open ones those whose name holds $1, and those of the campaigns $2.
PAGE: Final = """
SELECT id, code, name, campaign, district, surface, languages, made_on, closed_on, count(*) OVER () AS together
FROM placements WHERE closed_on IS NULL AND (strpos(folded, $1) > 0 OR campaign = ANY($2::text[]))
ORDER BY campaign, folded, code LIMIT $3 OFFSET $4
"""
CAMPAIGNS: Final = "SELECT DISTINCT campaign FROM placements ORDER BY campaign"
TAKEN: Final = """
SELECT code FROM placements WHERE campaign = $1 AND folded = $2 AND closed_on IS NULL AND id <> $3
"""
CODE_TAKEN: Final = "SELECT EXISTS (SELECT FROM placements WHERE code = $1)"
# Who adds, renames, moves or closes does so alone: each looks at the names and codes of all others. Readers go on.
ALONE: Final = "LOCK TABLE placements IN SHARE ROW EXCLUSIVE MODE"
RENAME: Final = "UPDATE placements SET name = $2, folded = $3 WHERE id = $1"
MOVE: Final = "UPDATE placements SET district = $2, surface = $3 WHERE id = $1"
CLOSE: Final = "UPDATE placements SET closed_on = $2 WHERE id = $1"
