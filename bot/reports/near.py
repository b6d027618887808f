"""Which reports are of nearly the same place: within 50 metres, of the same kind.

Where a report's place lies stands in its sealed contents alone. Beside it there is a keyed hash of its kind and of the
cell of a grid: who looks for neighbours looks nine cells up, and opens the places of the few reports that are there.
A row of the grid is as high as a cell; how many degrees its cells are wide is reckoned for each row by itself, so that
a cell is wide enough everywhere in it and in the rows beside it: no neighbour is further than the next column.
"""

from __future__ import annotations

from datetime import datetime
from math import cos, floor, hypot, radians
from typing import Any, Final
from uuid import UUID

from bot.areas.geometry import METRES
from bot.privacy.keyring import KeyRing
from bot.reports.contents import Point, SealedContents
from bot.reports.priority import level_of, place_counts

NEAR: Final = 50.0
"""Metres."""
CELL: Final = 50.5
"""Metres, a little more than NEAR: rounding must put no neighbour two cells away."""
OPENED: Final = 50
"""Of the reports in these cells, so many of the newest are looked at."""
COUNTED: Final = 10
_HEIGHT: Final = CELL / METRES
_POLE: Final = 0.01
"""The least cosine of a latitude that is reckoned with: nobody reports from closer to a pole."""

Cell = tuple[int, int]
_PRIORITY: Final = level_of(place_counts("reminded.others"), "NULL", "reports.trade", "false")
# Of how many a report's place reminds, up to COUNTED, stands beside it: that makes it more urgent, and them.
# What a restricted desk has is neither counted nor named anywhere else. Cards of what is worked on are shown anew; one
# that somebody changes at this moment is shown anew by that: nobody who sends waits for an officer here.
NOTE: Final = f"""
WITH noted AS (
  INSERT INTO near_places (report_id, cell) SELECT id, $2 FROM reports WHERE id = $1
    AND NOT EXISTS (SELECT 1 FROM offices WHERE offices.id = reports.office AND offices.restricted)
  ON CONFLICT (report_id) DO UPDATE SET cell = excluded.cell RETURNING report_id
), neighbours AS (
  SELECT card.id FROM noted JOIN near_places AS near ON near.cell = ANY($3::bytea[]) AND near.report_id <> $1
  JOIN reports AS report ON report.id = near.report_id
  JOIN cards AS card ON card.sort = 'report' AND card.subject = report.id
  WHERE report.status <> 'decided' ORDER BY report.number DESC LIMIT 10 FOR UPDATE OF card SKIP LOCKED
), around AS (
  SELECT near.report_id AS id FROM noted
  JOIN near_places AS near ON near.cell = ANY($3::bytea[]) AND near.report_id <> $1
  JOIN reports AS report ON report.id = near.report_id
  WHERE report.decision IS DISTINCT FROM 'abuse' ORDER BY report.number DESC LIMIT {COUNTED}
), others AS (
  SELECT report.id FROM reports AS report WHERE report.id IN (SELECT id FROM around) AND report.status <> 'decided'
    AND report.near < {COUNTED} ORDER BY report.id FOR UPDATE SKIP LOCKED
), reminded AS (
  SELECT report_id AS id, (SELECT count(*) FROM around) AS others FROM noted
  UNION ALL SELECT others.id, report.near + 1 FROM others JOIN reports AS report ON report.id = others.id
), ranked AS (
  UPDATE reports SET near = reminded.others, priority = {_PRIORITY}
  FROM reminded WHERE reports.id = reminded.id AND reports.near <> reminded.others
)
UPDATE cards SET wanted_version = wanted_version + 1, attempts = 0,
  due_at = CASE WHEN wanted_version > shown_version THEN least(due_at, $4) ELSE $4 END
FROM neighbours WHERE cards.id = neighbours.id
"""  # noqa: S608 — constants
FIND: Final = """
SELECT report.id, report.number, report.sealed FROM near_places AS near
JOIN reports AS report ON report.id = near.report_id
WHERE near.cell = ANY($1::bytea[]) AND report.id <> $2 AND report.sealed IS NOT NULL AND report.hidden_by IS NULL
  AND report.decision IS DISTINCT FROM 'abuse'
ORDER BY report.number DESC LIMIT $3
"""


def cell_of(point: Point) -> Cell:
    """Give the row and the column of a point."""
    row = floor(point.latitude / _HEIGHT)
    return row, _column(row, point.longitude)


def around(point: Point) -> list[Cell]:
    """Give the nine cells in one of which each place lies that is near a point."""
    row = floor(point.latitude / _HEIGHT)
    return [
        (beside, _column(beside, point.longitude) + aside) for beside in (row - 1, row, row + 1) for aside in (-1, 0, 1)
    ]


def metres(one: Point, other: Point) -> float:
    """Give the metres between two points, on a plane between them: good to a millimetre where they are near."""
    aside = METRES * cos(radians((one.latitude + other.latitude) / 2))
    return hypot((one.latitude - other.latitude) * METRES, (one.longitude - other.longitude) * aside)


class NearPlaces:
    """Notes and finds places, on the driver's connection of an open transaction."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    async def note(self, driver: Any, report_id: UUID, kind: str, point: Point, now: datetime) -> None:
        """Note where a report's place lies, and have the cards of its neighbours say so."""
        own, cells = self._hash(kind, cell_of(point)), [self._hash(kind, cell) for cell in around(point)]
        await driver.execute(NOTE, report_id, own, cells, now)

    async def found(self, driver: Any, report_id: UUID, kind: str, point: Point) -> list[int]:
        """Give the numbers of the other reports near a report's place, the newest first, at most OPENED."""
        cells = [self._hash(kind, cell) for cell in around(point)]
        rows = await driver.fetch(FIND, cells, report_id, OPENED)
        return [row["number"] for row in rows if self._is_near(row, point)]

    def _is_near(self, row: Any, point: Point) -> bool:
        opened = self._ring.open("reports", row["id"].bytes, row["sealed"])
        other = SealedContents.model_validate_json(opened).point
        return other is not None and metres(point, other) <= NEAR

    def _hash(self, kind: str, cell: Cell) -> bytes:
        return self._ring.hash("cells", kind.encode(), *(part.to_bytes(8, "big", signed=True) for part in cell))


def _column(row: int, longitude: float) -> int:
    furthest = min(90.0, (max(abs(row), abs(row + 1)) + 1) * _HEIGHT)
    return floor(longitude * METRES * max(cos(radians(furthest)), _POLE) / CELL)
