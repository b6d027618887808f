"""An office's file of borders: what is taken, and for each fault one sentence that names the feature."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.areas import geojson
from bot.areas.command import properties
from bot.areas.geojson import AreasRefused, Properties, areas_of, read_areas
from bot.languages import Language

RING = [[71.0, 43.0], [72.0, 43.0], [72.0, 44.0], [71.0, 44.0], [71.0, 43.0]]
NAMES = {"ADM2_KK": "Мерке", "ADM2_RU": "Меркенский", "ADM2_EN": "Merke"}


def feature(code: Any = "315400000", coordinates: Any = None, sort: str = "Polygon", **more: Any) -> dict[str, Any]:
    geometry = {"type": sort, "coordinates": [RING] if coordinates is None else coordinates}
    return {"type": "Feature", "properties": {"KATO": code, **NAMES, **more}, "geometry": geometry}


def without(name: str) -> dict[str, Any]:
    made = feature()
    del made["properties"][name]
    return made


def file(*features: Any) -> bytes:
    return orjson.dumps({"type": "FeatureCollection", "features": list(features)})


GOOD = feature("310000000")


def told(data: bytes) -> str:
    with pytest.raises(AreasRefused) as refused:
        areas_of(data, Properties())
    return str(refused.value)


def test_a_file_is_read_with_names_regions_and_borders() -> None:
    parts = [[RING], [[[x + 3, y] for x, y in RING]]]
    made = feature(315400000, parts, "MultiPolygon", ADM1_RU="Жамбылская", ADM2_KK="  Мерке\u00a0 ")
    [first, second] = areas_of(b"\xef\xbb\xbf" + file(made, GOOD), Properties())
    assert (first.code, second.code) == ("310000000", "315400000")
    assert second.names == {"kk": "Мерке", "ru": "Меркенский", "en": "Merke"}
    assert second.regions == {"ru": "Жамбылская"}
    assert (second.box.south, second.box.north, second.box.west, second.box.east) == (43, 44, 71, 75)
    assert len(second.polygons) == 2


def test_a_height_beside_a_point_is_left_out() -> None:
    [area] = areas_of(file(feature(coordinates=[[[*point, 640.5] for point in RING]])), Properties())
    assert list(area.polygons[0][0]) == [number for point in RING for number in point]


def test_other_names_of_properties_can_be_given() -> None:
    made = {**feature(), "properties": {"id": "315400000", "қазақша": "Мерке", "name_ru": "Меркенский"}}
    [area] = areas_of(file(made), properties("id", "қазақша", None, "name_ru"))
    assert area.names == {Language.KK: "Мерке", Language.RU: "Меркенский", Language.EN: "Меркенский"}


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (feature(coordinates=[RING[:-1]]), "a ring of its border is open: it begins at [71, 43]"),
        (feature(coordinates=[RING[:2]]), "fewer than four points"),
        (feature(coordinates=[[[y, x] for x, y in RING]]), "latitude before longitude: GeoJSON wants longitude first"),
        (feature(coordinates=[[[x * 1e5, y * 1e5] for x, y in RING]]), "no degrees: export the file in WGS 84"),
        (feature(coordinates=[[[x - 60, y] for x, y in RING]]), "lies far outside Kazakhstan"),
        (feature(coordinates=[[["71", "43"], *RING[1:]]]), "not two numbers"),
        (feature(coordinates=[[[True, 43], *RING[1:]]]), "not two numbers"),
        (feature(coordinates=[[71.0, 43.0]]), "fewer than four points"),
        (feature(coordinates=[]), "has no coordinates"),
        (feature(coordinates={}), "has no coordinates"),
        (feature(sort="Point"), "its geometry is Point, and must be a Polygon or MultiPolygon"),
        ({**feature(), "geometry": None}, "its geometry is missing"),
        (feature(sort="MultiPolygon"), "fewer than four points"),
        (feature("3154"), "'3154' is no KATO code, which has nine digits"),
        (feature("٣١٥٤٠٠٠٠٠"), "is no KATO code"),
        (feature(None), "the KATO code is missing"),
        (without("ADM2_KK"), "the name in kk is missing: no property ADM2_KK or name_kk or name:kk (it has: KATO"),
        (feature(ADM2_RU=" "), "the name in ru is missing"),
        (feature(ADM2_EN="x" * 101), "the name in en is longer than 100 characters"),
        (feature(ADM2_EN="a\u202eb"), "some that cannot be shown"),
        (feature("310000000"), "feature 1 has the same code"),
        (feature("3154\n\x1b[31m"), "is no KATO code"),
        ({**feature(), "properties": {"a\nb\x1b": 1, "name_kk": "М"}}, "(it has: a b, name_kk)"),
    ],
)
def test_a_fault_is_one_sentence_that_names_the_feature(bad: Any, said: str) -> None:
    [line] = told(file(GOOD, bad)).splitlines()
    assert line.startswith("Feature 2 (")
    assert said in line


@pytest.mark.parametrize("bad", [None, 7, [], {}, {"type": "Point"}, {"type": "Feature"}])
def test_what_is_no_feature_is_named_by_its_place(bad: Any) -> None:
    assert told(file(GOOD, bad)).startswith("Feature 2: ")


def test_of_many_faults_ten_are_told_and_the_others_counted() -> None:
    lines = told(file(*(feature(coordinates=[RING[:-1]]) for _ in range(25)))).splitlines()
    assert len(lines) == 11
    assert lines[-1] == "… and 15 more like these"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "This is no JSON"),
        (b"\x89PNG\r\n", "This is no JSON"),
        (b'{"type": "FeatureCollection", "features": [', "This is no JSON (line 1)"),
        (b"[" * 100_000, "This is no JSON"),
        (b"[]", "no GeoJSON FeatureCollection"),
        (b'{"type": "Topology", "objects": {}}', "no GeoJSON FeatureCollection"),
        (b'{"type": "FeatureCollection"}', "holds no features"),
        (b'{"type": "FeatureCollection", "features": []}', "holds no features"),
    ],
)
def test_what_is_no_geojson_is_told(data: bytes, said: str) -> None:
    assert said in told(data)


def test_a_file_that_is_too_large_or_not_there_is_told_unread(tmp_path: Path) -> None:
    huge = tmp_path / "huge.geojson"
    with huge.open("wb") as written:
        written.truncate(100 << 20)
    with pytest.raises(AreasRefused, match=r"huge\.geojson has 100 MB, and 32 are the most"):
        read_areas(huge)
    for nothing in (tmp_path / "nowhere.geojson", tmp_path):
        with pytest.raises(AreasRefused, match="cannot be read"):
            read_areas(nothing)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(JSON, JSON, JSON, st.sampled_from(["Polygon", "MultiPolygon"]))
def test_whatever_a_feature_holds_it_is_refused_in_words(code: Any, name: Any, coordinates: Any, sort: str) -> None:
    made = feature(code, None, sort, ADM2_KK=name)
    made["geometry"]["coordinates"] = coordinates
    assert told(file(made)).startswith("Feature 1")


def test_the_properties_that_the_readme_names_are_those_that_are_looked_for() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    usual = geojson.Properties()
    for name in (*usual.code, *usual.names[Language.KK], *usual.regions[Language.KK]):
        assert f"`{name}`" in readme
