"""The statements of areas."""

from __future__ import annotations

from typing import Final

VERSION: Final = "SELECT value FROM facts WHERE name = 'areas'"
NEW_VERSION: Final = """
INSERT INTO facts (name, value) VALUES ('areas', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""
# Version and areas as one statement sees them: an import between two would leave old borders under the new version.
ALL: Final = """
SELECT version.value AS version, areas.* FROM (SELECT value FROM facts WHERE name = 'areas') AS version, areas
ORDER BY areas.code
"""
NAMED: Final = "SELECT code, name_kk, name_ru, name_en, region_en FROM areas ORDER BY code"
# Two imports at once: the second waits, and replaces what the first brought. Readers go on with what was there.
ALONE: Final = "LOCK TABLE areas IN SHARE ROW EXCLUSIVE MODE"
CLEAR: Final = "DELETE FROM areas"
ADD: Final = """
INSERT INTO areas (code, name_kk, name_ru, name_en, region_kk, region_ru, region_en, south, north, west, east, geometry)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""
