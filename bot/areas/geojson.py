"""An office's file of district borders (GeoJSON, RFC 7946), read and checked as a whole: one fault refuses it all.

Checked without shapely: what a lookup needs is closed rings of degrees, longitude first, and a code and names; that a
ring crosses itself somewhere does it no harm (see geometry.py).
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any, Final

import orjson

from bot.areas.area import Area
from bot.areas.geometry import KAZAKHSTAN, Polygons, Ring, box_of
from bot.languages import Language

FILE_MOST: Final = 32 << 20
"""Bytes. Borders of the country to 100 metres are some 10 MB."""
FAULTS_TOLD: Final = 10
NAME_MOST: Final = 100
MARGIN: Final = 1.0
"""Degrees around the country's bounding box in which a border may still lie."""
_CODE: Final = re.compile(r"[0-9]{9}")


class AreasRefused(ValueError):
    """The file cannot be imported; the message says why, a line for each fault. Nothing was changed."""


class _Fault(ValueError):
    """One feature is not as it must be."""


@dataclass(frozen=True, slots=True)
class Properties:
    """Which property of a feature is what: the first of these that a feature has."""

    code: tuple[str, ...] = ("KATO", "kato", "code")
    names: Mapping[Language, tuple[str, ...]] = field(
        default_factory=lambda: {each: (f"ADM2_{each.upper()}", f"name_{each}", f"name:{each}") for each in Language}
    )
    regions: Mapping[Language, tuple[str, ...]] = field(
        default_factory=lambda: {each: (f"ADM1_{each.upper()}", f"region_{each}") for each in Language}
    )


def read_areas(path: Path, properties: Properties | None = None) -> list[Area]:
    """Read the areas of a file, by their codes; raise AreasRefused."""
    try:
        if path.stat().st_size > FILE_MOST:
            raise AreasRefused(
                f"{path.name} has {path.stat().st_size >> 20} MB, and {FILE_MOST >> 20} are the most: simplify its "
                "borders (to 50 metres, in any map program)"
            )
        data = path.read_bytes()
    except OSError as error:
        raise AreasRefused(f"{path.name} cannot be read: {error.strerror}") from None
    return areas_of(data, properties or Properties())


def areas_of(data: bytes, properties: Properties) -> list[Area]:
    """Read the areas of GeoJSON; raise AreasRefused."""
    try:
        whole = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise AreasRefused(f"This is no JSON (line {error.lineno}): {error.msg}") from None
    if not isinstance(whole, dict) or whole.get("type") != "FeatureCollection":
        raise AreasRefused("This is JSON, but no GeoJSON FeatureCollection")
    features = whole.get("features")
    if not isinstance(features, list) or not features:
        raise AreasRefused("The file holds no features")
    areas: dict[str, Area] = {}
    places: dict[str, int] = {}
    faults = []
    for place, feature in enumerate(features, 1):
        try:
            area = _area(feature, properties, places)
            areas[area.code], places[area.code] = area, place
        except _Fault as fault:
            faults.append(f"Feature {place}{_called(feature, properties)}: {fault}")
    if faults:
        more = len(faults) - FAULTS_TOLD
        raise AreasRefused("\n".join(faults[:FAULTS_TOLD] + ([f"… and {more} more like these"] if more > 0 else [])))
    return [areas[code] for code in sorted(areas)]


def _area(feature: Any, properties: Properties, places: Mapping[str, int]) -> Area:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise _Fault("it is no GeoJSON Feature")
    has = feature.get("properties")
    has = has if isinstance(has, dict) else {}
    code = str(_value(has, properties.code, "the KATO code", "--code")).strip()
    if not _CODE.fullmatch(code):
        raise _Fault(f"{code[:40]!r} is no KATO code, which has nine digits")
    if code in places:
        raise _Fault(f"feature {places[code]} has the same code")
    names = {each: _name(has, properties.names[each], f"the name in {each}", f"--name-{each}") for each in Language}
    regions = {each: region for each in Language if (region := _region(has, properties.regions[each]))}
    polygons = _polygons(feature.get("geometry"))
    return Area(code, names, regions, box_of(polygons), polygons)


def _value(has: dict[str, Any], wanted: tuple[str, ...], what: str, option: str) -> str | int:
    found = next((has[name] for name in wanted if name in has), None)
    if isinstance(found, bool) or not isinstance(found, (str, int)) or not str(found).strip():
        known = ", ".join(map(_plain, list(has)[:12])) or "none"
        raise _Fault(f"{what} is missing: no property {' or '.join(wanted)} (it has: {known}); {option} names another")
    return found


def _name(has: dict[str, Any], wanted: tuple[str, ...], what: str, option: str) -> str:
    name = " ".join(str(_value(has, wanted, what, option)).split())
    if len(name) > NAME_MOST or not name.isprintable():
        raise _Fault(f"{what} is longer than {NAME_MOST} characters, or has some that cannot be shown")
    return name


def _region(has: dict[str, Any], wanted: tuple[str, ...]) -> str:
    """Give the region's name, or nothing: a file need not have it."""
    found = next((has[name] for name in wanted if isinstance(has.get(name), str)), "")
    return _plain(found)


def _plain(text: str) -> str:
    """Give a text as it can stand in one line."""
    return "".join(char for char in " ".join(text.split()) if char.isprintable())[:NAME_MOST]


def _called(feature: Any, properties: Properties) -> str:
    """Name a faulty feature by what it has: its code or a name."""
    has = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(has, dict):
        return ""
    wanted = (*properties.code, *(name for names in properties.names.values() for name in names))
    told = [_plain(str(has[name])) for name in wanted if isinstance(has.get(name), (str, int))]
    return f" ({', '.join(told[:3])})" if told else ""


def _polygons(geometry: Any) -> Polygons:
    sort = geometry.get("type") if isinstance(geometry, dict) else None
    if sort not in ("Polygon", "MultiPolygon"):
        raise _Fault(f"its geometry is {str(sort)[:40] if sort else 'missing'}, and must be a Polygon or MultiPolygon")
    parts = geometry.get("coordinates")
    parts = [parts] if sort == "Polygon" else parts
    if not isinstance(parts, list) or not parts or not all(isinstance(part, list) and part for part in parts):
        raise _Fault(f"its {sort} has no coordinates")
    return [[_ring(ring) for ring in part] for part in parts]


def _ring(ring: Any) -> Ring[float]:
    if not isinstance(ring, list) or len(ring) < 4:
        raise _Fault("a ring of its border has fewer than four points")
    flat: Ring[float] = array("d")
    for point in ring:
        flat.extend(_position(point))
    if flat[0] != flat[-2] or flat[1] != flat[-1]:
        raise _Fault(f"a ring of its border is open: it begins at {_shown(flat[0], flat[1])}, and ends elsewhere")
    return flat


def _position(point: Any) -> tuple[float, float]:
    if not isinstance(point, list) or len(point) < 2:
        raise _Fault("a point of its border is not two numbers")
    longitude, latitude = point[0], point[1]
    for number in (longitude, latitude):
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not isfinite(number):
            raise _Fault("a point of its border is not two numbers")
    if not _around(latitude, longitude):
        if _around(longitude, latitude):
            raise _Fault(f"{_shown(longitude, latitude)} has latitude before longitude: GeoJSON wants longitude first")
        if abs(longitude) > 180 or abs(latitude) > 90:
            raise _Fault(f"{_shown(longitude, latitude)} are no degrees: export the file in WGS 84 (EPSG:4326)")
        raise _Fault(f"{_shown(longitude, latitude)} lies far outside Kazakhstan")
    return float(longitude), float(latitude)


def _around(latitude: float, longitude: float) -> bool:
    south, north, west, east = KAZAKHSTAN
    return south - MARGIN <= latitude <= north + MARGIN and west - MARGIN <= longitude <= east + MARGIN


def _shown(longitude: float, latitude: float) -> str:
    return f"[{longitude:g}, {latitude:g}]"
