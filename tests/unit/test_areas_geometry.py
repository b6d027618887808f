"""Borders: inside and outside, holes and several parts, what lies on a border, and how far away it is in metres."""

from __future__ import annotations

from array import array
from math import cos, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.areas.area import BORDER, Area, AreaMap
from bot.areas.geometry import METRES, Box, Polygons, box_of, distance, from_wkb, holds, size, to_wkb
from bot.languages import Language

LATITUDE = 43.0


def ring(*points: tuple[float, float]) -> array[float]:
    """A closed ring of (longitude, latitude)."""
    return array("d", [number for point in (*points, points[0]) for number in point])


def square(west: float, south: float, side: float = 1.0) -> array[float]:
    return ring((west, south), (west + side, south), (west + side, south + side), (west, south + side))


def area(code: str, polygons: Polygons, name: str = "", region: str = "") -> Area:
    names = {language: f"{name or code} {language}" for language in Language}
    return Area(code, names, {language: region for language in Language if region}, box_of(polygons), polygons)


WHOLE = [[square(70, 42, 2)]]
HOLED = [[square(70, 42, 3), square(71, 43)]]
PARTS = [[square(70, 42)], [square(74, 45)]]


@pytest.mark.parametrize(
    ("polygons", "inside", "outside"),
    [
        (WHOLE, [(43, 71), (42.001, 70.001)], [(41.999, 71), (44.001, 71), (43, 69.999), (43, 72.001)]),
        (HOLED, [(42.5, 71.5), (44.5, 71.5), (43.5, 70.5), (43.5, 72.5)], [(43.5, 71.5), (43.001, 71.001)]),
        (PARTS, [(42.5, 70.5), (45.5, 74.5)], [(43.5, 72.5), (45.5, 70.5), (42.5, 74.5)]),
    ],
    ids=["one part", "a hole", "two parts"],
)
def test_a_point_is_inside_where_the_border_says_so(
    polygons: Polygons, inside: list[tuple[float, float]], outside: list[tuple[float, float]]
) -> None:
    assert all(holds(polygons, *point) for point in inside)
    assert not any(holds(polygons, *point) for point in outside)


def test_which_way_round_a_ring_goes_does_not_matter() -> None:
    points = [(70.0, 42.0), (72.0, 42.0), (71.0, 44.0)]
    for each in (points, points[::-1]):
        assert holds([[ring(*each)]], 43, 71)
        assert not holds([[ring(*each)]], 43, 70.2)


DEGREES = st.integers(0, 40).map(lambda n: n / 10)


@given(middle=st.tuples(st.floats(0.5, 3.5), st.floats(0.5, 3.5)), x=DEGREES, y=DEGREES, on=st.floats(0, 1))
def test_of_neighbours_exactly_one_holds_a_point_even_on_their_common_border(
    middle: tuple[float, float], x: float, y: float, on: float
) -> None:
    corners = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)]
    triangles = [[[ring(corners[n], corners[(n + 1) % 4], middle)]] for n in range(4)]
    # A point on the line that two of them share, and any other.
    shared = corners[0][1] + on * (middle[1] - corners[0][1]), corners[0][0] + on * (middle[0] - corners[0][0])
    for point in (shared, (y, x)):
        if 0 <= point[0] < 4 and 0 <= point[1] < 4:
            assert sum(holds(each, *point) for each in triangles) == 1


@pytest.mark.parametrize("metres", [1, 100, 499, 501, 5_000])
def test_the_way_to_a_border_is_told_in_metres_from_both_sides(metres: float) -> None:
    up, aside = metres / METRES, metres / METRES / cos(radians(LATITUDE))
    for latitude, longitude in (
        (42 - up, 71.0),
        (42 + up, 71.0),
        (LATITUDE, 70 - aside),
        (LATITUDE, 70 + aside),
        (LATITUDE, 72 + aside),
    ):
        assert distance(WHOLE, latitude, longitude) == pytest.approx(metres, rel=0.001)
    corner = distance(WHOLE, 42 - up, 70 - metres / METRES / cos(radians(42)))
    assert corner == pytest.approx(metres * 2**0.5, rel=0.01), "beyond a corner it is the corner that is near"


def test_a_border_is_near_in_a_hole_and_at_the_second_part_too() -> None:
    assert distance(HOLED, 43.001, 71.5) == pytest.approx(0.001 * METRES, rel=0.001)
    assert distance(PARTS, 44.999, 74.5) == pytest.approx(0.001 * METRES, rel=0.001)


def test_a_box_takes_in_what_is_so_many_metres_away_and_no_more() -> None:
    box = box_of(PARTS)
    assert box == Box(42, 46, 70, 75)
    near = 499 / METRES
    assert box.holds(42 - near, 71, 500)
    assert box.holds(44, 75 + near / cos(radians(44)), 500)
    assert not box.holds(42 - near, 71)
    assert not box.holds(42 - near, 71, 498)


def test_what_is_written_as_wkb_is_read_as_it_was() -> None:
    for polygons in (WHOLE, HOLED, PARTS):
        assert from_wkb(to_wkb(polygons)) == polygons
    # As PostGIS writes it: little-endian, MultiPolygon, one Polygon of one ring of five points.
    assert to_wkb(WHOLE)[:22].hex() == "01060000000100000001030000000100000005000000"
    assert size(HOLED) == pytest.approx(8)


def test_within_500_metres_of_a_border_both_sides_are_named() -> None:
    land = AreaMap([area("100000000", [[square(70, 42)]]), area("200000000", [[square(71, 42)]])])
    for metres, near in ((BORDER - 1, ("200000000",)), (BORDER + 1, ())):
        found = land.find(42.5, 71 - metres / METRES / cos(radians(42.5)))
        assert (found.district, found.near) == ("100000000", near)


def test_a_point_just_outside_of_all_belongs_to_the_nearest_and_further_off_to_none() -> None:
    land = AreaMap([area("100000000", [[square(70, 42)]]), area("200000000", [[square(71.001, 42)]])])
    between = land.find(42.5, 71.0002)
    assert (between.district, between.near) == ("100000000", ("200000000",))
    assert land.find(41.99, 70.5).district is None
    assert land.find(41.999, 70.5).district == "100000000"
    assert AreaMap(()).find(42.5, 70.5).district is None


def test_a_town_whose_district_has_no_hole_for_it_is_itself() -> None:
    land = AreaMap([area("100000000", WHOLE), area("300000000", [[square(70.9, 42.9, 0.2)]])])
    found = land.find(43, 71)
    assert (found.district, found.near) == ("300000000", ("100000000",))
    assert land.find(42.2, 70.2).district == "100000000"


def test_areas_of_the_same_name_are_told_apart_by_their_regions() -> None:
    land = AreaMap(
        [
            area("100000000", WHOLE, "Абай", "Абайская"),
            area("200000000", WHOLE, "Абай", "Карагандинская"),
            area("300000000", WHOLE, "Шу", "Жамбылская"),
        ]
    )
    assert land.name("200000000", Language.RU) == "Абай ru (Карагандинская)"
    assert land.name("300000000", Language.RU) == "Шу ru"
    assert land.name("999999999", Language.RU) == "999999999", "an area that is no longer there keeps its code"
