"""What an area is, and where a point lies among areas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from bot.areas.geometry import Box, Polygons, distance, holds, size
from bot.languages import Language

BORDER: Final = 500
"""Metres from a border within which both sides are named."""


@dataclass(frozen=True)
class Area:
    """A district: its KATO code, its names and its region's in each language, its border."""

    code: str
    names: dict[Language, str]
    regions: dict[Language, str]
    """Empty where the file names no region."""
    box: Box
    polygons: Polygons

    @cached_property
    def size(self) -> float:
        """How large it is, for comparing."""
        return size(self.polygons)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a point lies."""

    district: str | None
    """The code of its district; None: outside of all."""
    near: tuple[str, ...] = ()
    """The codes of other districts whose border is within BORDER metres, the nearest first."""


class AreaMap:
    """All areas, in memory."""

    def __init__(self, areas: Iterable[Area]) -> None:
        self.areas = {area.code: area for area in areas}
        self._shared = {
            language: {
                name for name, count in Counter(a.names[language] for a in self.areas.values()).items() if count > 1
            }
            for language in Language
        }

    def find(self, latitude: float, longitude: float) -> Place:
        """Find the district of a point, and those whose border is near.

        Borders are drawn coarsely: where two overlap the smaller one counts (a town in its district), and a point that
        is in none belongs to the one within BORDER metres that is nearest.
        """
        close = [area for area in self.areas.values() if area.box.holds(latitude, longitude, BORDER)]
        inside = sorted((a for a in close if holds(a.polygons, latitude, longitude)), key=lambda a: (a.size, a.code))
        metres = {a.code: distance(a.polygons, latitude, longitude) for a in close if a not in inside}
        near = [*(a.code for a in inside), *sorted((c for c in metres if metres[c] <= BORDER), key=lambda c: metres[c])]
        return Place(near[0], tuple(near[1:])) if near else Place(None)

    def name(self, code: str, language: Language) -> str:
        """Name an area, with its region where another bears the same name; one that is no longer known by its code."""
        area = self.areas.get(code)
        if area is None:
            return code
        name, region = area.names[language], area.regions.get(language)
        return f"{name} ({region})" if region and name in self._shared[language] else name
