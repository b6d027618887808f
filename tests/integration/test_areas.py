"""Areas from a file to a card: imported whole or not at all, taken up by a bot that runs, and told on the desk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.areas.area import AreaMap
from bot.areas.geojson import read_areas
from bot.areas.store import Areas, replace
from bot.database import Database, driver
from bot.reports.contents import Point
from tests import children
from tests.journeys.acting import TARAZ, Citizen, Desk
from tests.stage import ROOT, Stage
from tests.unit.test_areas_file import feature, file
from tests.workbench import look

GEO = ROOT.parent / "shared" / "data" / "geo"
COUNTRY, ZHAMBYL = GEO / "kz_adm2_2024.geojson", GEO / "zhambyl_adm2_2024.geojson"
there = pytest.mark.skipif(not COUNTRY.exists(), reason="there is no ../shared/data/geo with borders to try here")
NAMES = {"kk": "Тараз", "ru": "Таразский", "en": "Taraz"}
WEST, EAST = 71.0, 71.3667 + 0.003
"""Taraz's point lies some 245 m west of the border between the two districts."""


def district(code: str, west: float, east: float, **names: str) -> dict[str, Any]:
    ring = [[west, 42.0], [east, 42.0], [east, 44.0], [west, 44.0], [west, 42.0]]
    return feature(code, [ring], **{f"ADM2_{language.upper()}": name for language, name in names.items()})


HERE = district("311000000", WEST, EAST, **NAMES)
THERE = district("313600000", EAST, 73.0, kk="Байзақ", ru="Байзакский", en="Bayzak")


async def shekteu(url: str, *arguments: object, env: dict[str, str] | None = None) -> tuple[int, str, str]:
    """Run a command as an operator does; give its exit code, and what it told on both roads."""
    return await children.shekteu(*arguments, folder=ROOT / "templates", DATABASE_URL=url, **(env or {}))


def write(path: Path, *features: Any) -> Path:
    path.write_bytes(file(*features))
    return path


async def bring(url: str, path: Path, *features: Any) -> tuple[int, str, str]:
    return await shekteu(url, "areas", "import", write(path, *features))


async def stored(url: str) -> list[str]:
    return [row["code"] for row in await look(url, "SELECT code FROM areas ORDER BY code")]


async def test_an_import_replaces_what_was_there_and_says_how_many(database_url: str, tmp_path: Path) -> None:
    assert "No areas were imported" in (await shekteu(database_url, "areas"))[1]
    path = tmp_path / "areas.geojson"
    assert (await bring(database_url, path, HERE, THERE))[:2] == (
        0,
        "Areas imported: 2. Reports that were filed before keep the district they have.\n",
    )
    code, told, _ = await bring(database_url, path, HERE)
    assert (code, told.split(".")[0]) == (0, "Areas imported: 1, in the place of 2")
    assert await stored(database_url) == ["311000000"]
    assert await shekteu(database_url, "areas", "list") == (0, "311000000  Тараз · Таразский · Taraz\nAreas: 1\n", "")


async def test_a_file_with_one_fault_changes_nothing(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "areas.geojson"
    await bring(database_url, path, HERE, THERE)
    before = await look(database_url, "SELECT * FROM areas"), await look(database_url, "SELECT * FROM facts")
    open_ring = feature("314000000", [[[71, 43], [72, 43], [72, 44], [71, 44]]])
    code, told, wrong = await bring(database_url, path, feature("310000000"), open_ring)
    assert (code, told) == (1, "")
    assert wrong == (
        "Feature 2 (314000000, Мерке, Меркенский): a ring of its border is open: it begins at [71, 43], and ends "
        "elsewhere\nNothing was changed.\n"
    )
    assert (await shekteu(database_url, "areas", "import", ROOT / "README.md"))[0] == 1
    assert (await look(database_url, "SELECT * FROM areas"), await look(database_url, "SELECT * FROM facts")) == before


async def test_properties_of_other_names_are_named_by_options(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "areas.geojson"
    other = {**HERE, "properties": {"id": "311000000", "a": "Тараз", "b": "Тараз г.а."}}
    write(path, other)
    options = ("--code", "id", "--name-kk", "a", "--name-ru", "b", "--name-en", "b")
    assert (await shekteu(database_url, "areas", "import", path, *options))[0] == 0
    [row] = await look(database_url, "SELECT name_kk, name_ru, name_en FROM areas")
    assert tuple(row) == ("Тараз", "Тараз г.а.", "Тараз г.а.")


async def test_borders_are_read_once_and_again_after_an_import(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "areas.geojson"
    areas = Areas()

    async def now() -> AreaMap:
        async with database.transaction() as connection:
            return await areas.now(await driver(connection))

    async def change(*features: Any) -> None:
        write(path, *features)
        async with database.transaction() as connection:
            await replace(await driver(connection), read_areas(path))

    assert (await now()).areas == {}
    await change(HERE)
    first = await now()
    assert list(first.areas) == ["311000000"]
    assert await now() is first
    await change(HERE, THERE)
    second = await now()
    assert list(second.areas) == ["311000000", "313600000"]
    assert second.find(*TARAZ).district == "311000000"
    assert second.areas["311000000"].polygons == first.areas["311000000"].polygons


async def file_place(stage: Stage, point: tuple[float, float], mark: str) -> str:
    """File a report of a place; give the text of its card."""
    citizen, desk = Citizen(stage), Desk(stage)
    citizen.types("/start")
    await citizen.reads(citizen.text("menu"))
    citizen.presses("kind:place")
    await citizen.reads(citizen.text("ask_location"))
    citizen.location(point)
    await citizen.reads(citizen.text("kinds.place.ask.words"))
    citizen.types(mark)
    await citizen.reads(citizen.text("ask_photos", most=10))
    citizen.presses("skip")
    await citizen.reads(mark)
    await citizen.sends()
    return (await desk.sees(mark)).words


async def test_a_report_bears_its_district_and_the_card_names_both_sides_of_a_border(
    stage: Stage, tmp_path: Path
) -> None:
    """The bot runs all the while: an import is taken up without a restart."""
    path = tmp_path / "areas.geojson"
    latitude, longitude = TARAZ
    assert "Район" not in await file_place(stage, TARAZ, "До ввоза границ")
    await bring(stage.url, path, HERE, THERE)
    assert "Район: Таразский; ближе 500 м: Байзакский\n" in await file_place(stage, TARAZ, "У границы района")
    assert "Район: Таразский\n" in await file_place(stage, (latitude, longitude - 0.01), "Вдали от границы")
    assert "Район: Байзакский; ближе" in await file_place(stage, (latitude, longitude + 0.004), "По ту сторону")
    assert "Район: вне загруженных границ\n" in await file_place(stage, (43.238, 76.945), "В другом городе")
    await bring(stage.url, path, THERE)
    assert "Район: Байзакский\n" in await file_place(stage, TARAZ, "После второго ввоза")
    rows = await stage.fetch("SELECT district FROM reports ORDER BY number")
    assert [row["district"] for row in rows] == [None, "311000000", "311000000", "313600000", None, "313600000"]


async def test_a_place_that_is_added_after_sending_gives_the_report_its_district(stage: Stage, tmp_path: Path) -> None:
    """As when a citizen lets the place in a photo's file be used."""
    await bring(stage.url, tmp_path / "areas.geojson", HERE, THERE)
    await Citizen(stage).files("den", "Третий этаж, ходят ночью")
    [report] = await stage.fetch("SELECT id, district FROM reports")
    assert report["district"] is None
    latitude, longitude = TARAZ
    async with stage.database.transaction() as connection:
        added = Point(latitude=latitude, longitude=longitude)
        assert await stage.app.reports.places.add(await driver(connection), report["id"], added, stage.now())
    [report] = await stage.fetch("SELECT id, district FROM reports")
    assert report["district"] == "311000000"
    await stage.card("Район: Таразский; ближе 500 м: Байзакский")


async def test_a_link_has_no_district_and_looks_for_none(stage: Stage, tmp_path: Path) -> None:
    await bring(stage.url, tmp_path / "areas.geojson", HERE)
    await Citizen(stage).files("link", "https://t.me/no_district_x")
    await stage.card("no_district_x")
    assert [row["district"] for row in await stage.fetch("SELECT district FROM reports")] == [None]
    assert (await look(stage.url, "SELECT count(*) AS n FROM areas"))[0]["n"] == 1
    assert stage.app.areas._version is None, "borders are read when the first report with a place comes"


# Names and coordinates from GeoNames (places of 500 people and more, CC BY 4.0); whose district each is, from KATO.
PLACES = (
    ("Жанатас", 43.56274, 69.73209, "316000000"),
    ("Тараз", 42.89799, 71.37334, "311000000"),
    ("Шу", 43.60507, 73.76221, "316600000"),
    ("Каратау", 43.17959, 70.4592, "316200000"),
    ("Ойтал", 42.90573, 73.26972, "315400000"),
    ("Мынарал", 45.44344, 73.65453, "315600000"),
    ("Сарыкемер", 43.00929, 71.5101, "313600000"),
    ("Мерке", 42.87183, 73.19648, "315400000"),
    ("Кулан", 42.91018, 72.71571, "315000000"),
    ("Луговой", 42.94197, 72.76098, "315000000"),
    ("Хантау", 44.22627, 73.7941, "315600000"),
    ("Гранитогорск", 42.744, 73.46848, "315400000"),
    ("Кордай", 43.03882, 74.71287, "314800000"),
    ("Мойынкум", 44.28314, 72.94369, "315600000"),
    ("Бауыржан Момышулы", 42.61419, 70.76975, "314200000"),
    ("Аса", 43.03735, 71.14737, "314000000"),
    ("Акбакай", 45.1294, 72.67169, "315600000"),
)


@there
@pytest.mark.parametrize("path", [ZHAMBYL, COUNTRY], ids=["the region", "the country"])
def test_towns_and_villages_of_zhambyl_fall_into_their_districts(path: Path) -> None:
    """Of 18 these 17 do; the other, Chiganak, GeoNames has in Sarysu's steppe, and KATO in Moiynkum on the Balkhash."""
    land = AreaMap(read_areas(path))
    assert {name: land.find(y, x).district for name, y, x, _ in PLACES} == {name: code for name, _, _, code in PLACES}


@there
async def test_the_224_districts_of_the_country_are_imported(database_url: str) -> None:
    code, told, _ = await shekteu(database_url, "areas", "import", COUNTRY)
    assert (code, told.split(".")[0]) == (0, "Areas imported: 224")
    listed = (await shekteu(database_url, "areas"))[1]
    assert "315400000  Мерке · Меркенский · Merke (Zhambyl)\n" in listed
    assert listed.endswith("\nAreas: 224\n")
