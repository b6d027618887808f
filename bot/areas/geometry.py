"""Borders on the globe: which side of them a point is, and how far away in metres.

A border is a list of rings, outer ones and holes alike: a point is inside when a line from it crosses them an odd
number of times. So holes and several parts need no rules of their own, and a ring that crosses itself does no harm.
Nothing here lies near a pole or on both sides of the 180th meridian.
"""

from __future__ import annotations

import struct
from array import array
from dataclasses import dataclass
from math import cos, inf, radians, sqrt
from typing import Final

KAZAKHSTAN: Final = (40.59, 55.45, 46.49, 87.36)
"""South, north, west and east in degrees: the bounding box of the country (EPSG dataset, extent 1131)."""
METRES: Final = 111_195.0
"""A degree of latitude, on a sphere of 6,371 km."""
_RING: Final = struct.Struct("<I")
_HEAD: Final = struct.Struct("<BII")
_POLYGON, _MULTIPOLYGON = 3, 6

Ring = array  # of doubles: longitude, latitude, longitude, latitude, …; the last point is the first again
Polygons = list[list["Ring[float]"]]


@dataclass(frozen=True, slots=True)
class Box:
    """The degrees that something lies between."""

    south: float
    north: float
    west: float
    east: float

    def holds(self, latitude: float, longitude: float, metres: float = 0.0) -> bool:
        """Tell whether a point lies in the box, or so near to it."""
        up = metres / METRES
        aside = up / max(cos(radians(latitude)), 0.01)
        return self.south - up <= latitude <= self.north + up and self.west - aside <= longitude <= self.east + aside


def box_of(polygons: Polygons) -> Box:
    """Give the box of polygons."""
    longitudes = [x for rings in polygons for ring in rings for x in ring[0::2]]
    latitudes = [y for rings in polygons for ring in rings for y in ring[1::2]]
    return Box(min(latitudes), max(latitudes), min(longitudes), max(longitudes))


def holds(polygons: Polygons, latitude: float, longitude: float) -> bool:
    """Tell whether a point lies inside. Of two areas with the same border exactly one holds a point on it."""
    inside = False
    for rings in polygons:
        for ring in rings:
            for at in range(0, len(ring) - 2, 2):
                x1, y1, x2, y2 = ring[at], ring[at + 1], ring[at + 2], ring[at + 3]
                if (y1 > latitude) == (y2 > latitude):
                    continue
                # From the lower end on, whichever way round the ring goes: neighbours must reckon alike to the bit.
                if y1 > y2:
                    x1, y1, x2, y2 = x2, y2, x1, y1
                if longitude < x1 + (latitude - y1) * (x2 - x1) / (y2 - y1):
                    inside = not inside
    return inside


def distance(polygons: Polygons, latitude: float, longitude: float) -> float:
    """Give the metres from a point to the nearest border, from inside or outside.

    On a plane that touches the globe at the point: good to a metre where the border is near, which is what counts.
    """
    aside = METRES * cos(radians(latitude))
    nearest = inf
    for rings in polygons:
        for ring in rings:
            x1, y1 = (ring[0] - longitude) * aside, (ring[1] - latitude) * METRES
            for at in range(2, len(ring), 2):
                x2, y2 = (ring[at] - longitude) * aside, (ring[at + 1] - latitude) * METRES
                dx, dy = x2 - x1, y2 - y1
                long = dx * dx + dy * dy
                along = min(1.0, max(0.0, -(x1 * dx + y1 * dy) / long)) if long else 0.0
                x, y = x1 + along * dx, y1 + along * dy
                nearest = min(nearest, x * x + y * y)
                x1, y1 = x2, y2
    return sqrt(nearest)


def size(polygons: Polygons) -> float:
    """Give how large polygons are, in square degrees: for comparing two at about the same place."""
    return sum(abs(_twice(rings[0])) - sum(abs(_twice(hole)) for hole in rings[1:]) for rings in polygons if rings) / 2


def _twice(ring: Ring[float]) -> float:
    return sum(ring[at] * ring[at + 3] - ring[at + 2] * ring[at + 1] for at in range(0, len(ring) - 2, 2))


def to_wkb(polygons: Polygons) -> bytes:
    """Write polygons as WKB (a MultiPolygon, little-endian), which every map program reads."""
    parts = [_HEAD.pack(1, _MULTIPOLYGON, len(polygons))]
    for rings in polygons:
        parts.append(_HEAD.pack(1, _POLYGON, len(rings)))
        for ring in rings:
            parts += (_RING.pack(len(ring) // 2), struct.pack(f"<{len(ring)}d", *ring))
    return b"".join(parts)


def from_wkb(data: bytes) -> Polygons:
    """Read what `to_wkb` wrote."""
    polygons: Polygons = []
    at, (_, _, count) = _HEAD.size, _HEAD.unpack_from(data)
    for _ in range(count):
        rings = []
        _, _, ring_count = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        for _ in range(ring_count):
            (points,) = _RING.unpack_from(data, at)
            at += _RING.size
            rings.append(array("d", struct.unpack_from(f"<{points * 2}d", data, at)))
            at += points * 16
        polygons.append(rings)
    return polygons
