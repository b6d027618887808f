"""The grid of near places: whatever is within 50 metres is found in nine cells, and nothing further is told of."""

from __future__ import annotations

from math import asin, atan2, cos, degrees, radians, sin, sqrt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.areas.geometry import METRES
from bot.reports.contents import Point
from bot.reports.near import NEAR, around, cell_of, metres

RADIUS = degrees(METRES)
LATITUDES = st.floats(-80, 80)
LONGITUDES = st.floats(-179, 179)
BEARINGS = st.floats(0, 360)


def beside(point: Point, bearing: float, distance: float) -> Point:
    """Give the point so many metres away in a direction, along a great circle."""
    latitude, longitude, way, angle = map(
        radians, (point.latitude, point.longitude, bearing, degrees(distance / RADIUS))
    )
    there = asin(sin(latitude) * cos(angle) + cos(latitude) * sin(angle) * cos(way))
    aside = atan2(sin(way) * sin(angle) * cos(latitude), cos(angle) - sin(latitude) * sin(there))
    return Point(latitude=degrees(there), longitude=degrees(longitude + aside))


def great_circle(one: Point, other: Point) -> float:
    """Give the metres between two points by the haversine formula."""
    up, aside = radians(other.latitude - one.latitude), radians(other.longitude - one.longitude)
    half = sin(up / 2) ** 2 + cos(radians(one.latitude)) * cos(radians(other.latitude)) * sin(aside / 2) ** 2
    return 2 * RADIUS * asin(sqrt(half))


@given(LATITUDES, LONGITUDES, BEARINGS, st.floats(0, 50))
@example(42.9, 71.3667, 0.0, 50.0)
@example(42.9, 71.3667, 90.0, 50.0)
@example(0.0, 0.0, 225.0, 50.0)
@example(-0.0000001, 71.0, 180.0, 49.999)
def test_whatever_is_within_fifty_metres_is_found_in_nine_cells(
    latitude: float, longitude: float, bearing: float, distance: float
) -> None:
    here = Point(latitude=latitude, longitude=longitude)
    there = beside(here, bearing, distance)
    assert cell_of(there) in around(here)
    assert cell_of(here) in around(there)
    assert len(set(around(here))) == 9


@pytest.mark.parametrize("latitude", [-80.0, -0.0001, 0.0, 42.9, 55.45, 80.0])
@pytest.mark.parametrize("bearing", [0.0, 45.0, 90.0, 180.0, 270.0])
def test_wherever_in_its_cell_a_place_lies_fifty_metres_are_no_two_cells(latitude: float, bearing: float) -> None:
    begin = Point(latitude=latitude, longitude=71.3667)
    for step in range(1100):
        here = beside(begin, bearing, step / 10)
        assert cell_of(beside(here, bearing, NEAR)) in around(here)


@given(LATITUDES, LONGITUDES, BEARINGS, st.floats(0, 500))
def test_no_farther_one_is_told_of(latitude: float, longitude: float, bearing: float, distance: float) -> None:
    here = Point(latitude=latitude, longitude=longitude)
    there = beside(here, bearing, distance)
    told, truly = metres(here, there) <= NEAR, great_circle(here, there)
    assert told is (truly <= NEAR) or abs(truly - NEAR) < 0.01


@given(st.floats(40.59, 55.45), st.floats(46.49, 87.36), BEARINGS, st.floats(160, 5_000_000))
def test_what_is_far_is_in_none_of_the_nine(latitude: float, longitude: float, bearing: float, distance: float) -> None:
    here = Point(latitude=latitude, longitude=longitude)
    there = beside(here, bearing, distance)
    assert cell_of(there) not in around(here)
