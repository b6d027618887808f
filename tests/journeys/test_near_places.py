"""Near places: a card says which reports of its kind are within 50 metres, and no more than that."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from bot.areas.geojson import read_areas
from bot.areas.geometry import METRES
from bot.areas.store import replace
from bot.database import driver
from bot.purge import Purge
from bot.reports.contents import Point
from bot.sandbox.world import Message
from tests.integration.test_areas import HERE as TARAZ_DISTRICT
from tests.integration.test_areas import write
from tests.journeys.acting import Citizen, Desk, settled, unique
from tests.stage import Stage

HERE = (43.2567, 71.9286)


def north(metres: float) -> tuple[float, float]:
    return HERE[0] + metres / METRES, HERE[1]


async def place(stage: Stage, where: tuple[float, float], kind: str = "place") -> tuple[Message, str]:
    """Report a place, and give its card and the receipt."""
    citizen, desk, words = Citizen(stage), Desk(stage), unique("near")
    citizen.types("/start")
    await citizen.reads("")
    citizen.presses(f"kind:{kind}")
    await citizen.reads("")
    if kind == "den":
        citizen.types(words)
        await citizen.reads("")
    citizen.location(where)
    await citizen.reads("")
    if kind != "den":
        citizen.types(words)
        await citizen.reads("")
    while citizen.label("skip") in citizen.buttons:
        citizen.presses("skip")
        await citizen.reads("")
    receipt = await citizen.sends()
    card = await desk.sees(words)
    await settled(stage)
    return card, receipt


def number(card: Message) -> int:
    return int(card.words.split("№")[1].split()[0])


def near(card: Message) -> str:
    """The line of a card that tells of near reports."""
    return next((line for line in card.words.splitlines() if line.startswith("Рядом")), "")


async def test_the_cards_of_reports_of_one_place_and_kind_name_each_other(stage: Stage) -> None:
    first, _ = await place(stage, HERE)
    assert near(first) == ""
    second, _ = await place(stage, north(40))
    assert near(second) == f"Рядом (до 50 м) сообщали ещё 1 раз: №{number(first)}"
    await Desk(stage).shows(first, f"Рядом (до 50 м) сообщали ещё 1 раз: №{number(second)}")
    # Near the second, and not the first; of another kind; a hair too far.
    third, _ = await place(stage, north(80))
    assert near(third) == f"Рядом (до 50 м) сообщали ещё 1 раз: №{number(second)}"
    await Desk(stage).shows(second, f"ещё 2 раза: №{number(third)}, №{number(first)}")
    other, _ = await place(stage, north(40), "den")
    assert near(other) == ""
    far, _ = await place(stage, north(80 + 51))
    assert near(far) == ""
    await settled(stage)
    assert near(first) == f"Рядом (до 50 м) сообщали ещё 1 раз: №{number(second)}"
    desk = Desk(stage)
    # What is hidden is no longer told of.
    await desk.press(second, "Скрыть")
    await desk.press(await desk.sees("убрать из чата"), "Скрыть")
    await settled(stage)
    assert near(second) == ""
    fourth, _ = await place(stage, north(41))
    assert near(fourth) == f"Рядом (до 50 м) сообщали ещё 2 раза: №{number(third)}, №{number(first)}"
    stored = await stage.fetch("SELECT cell FROM near_places")
    assert len(stored) == 6
    assert {len(row["cell"]) for row in stored} == {32}


async def test_a_point_that_is_added_gives_a_report_its_place(stage: Stage, tmp_path: Path) -> None:
    at = (43.0, 71.2)
    async with stage.database.transaction() as connection:
        await replace(await driver(connection), read_areas(write(tmp_path / "areas.geojson", TARAZ_DISTRICT)))
    first, _ = await place(stage, at)
    citizen, desk, words = Citizen(stage), Desk(stage), unique("near")
    receipt = await citizen.files("den", words)
    den = await desk.sees(words)
    citizen.types(f"/add {receipt}")
    await citizen.reads("Не пишите имя")
    citizen.location(at)
    await citizen.reads("43.0")
    citizen.presses("send")
    await desk.shows(den, "Точка на карте", "43.00000", "Район: Таразский")
    [row] = await stage.fetch("SELECT district FROM reports WHERE number = $1", number(den))
    assert row["district"] == "311000000"
    second, _ = await place(stage, at, "den")
    assert near(second) == f"Рядом (до 50 м) сообщали ещё 1 раз: №{number(den)}"
    assert near(first) == ""
    # Another point does not move it.
    citizen.types(f"/add {receipt}")
    await citizen.reads("Не пишите имя")
    citizen.location((44.5, 70.0))
    await citizen.reads("44.5")
    citizen.presses("send")
    await settled(stage)
    assert "43.00000" in den.words
    assert near(den) == f"Рядом (до 50 м) сообщали ещё 1 раз: №{number(second)}"


async def test_what_a_restricted_desk_has_is_neither_counted_nor_named(stage: Stage) -> None:
    at = Point(latitude=45.0, longitude=70.0)
    first, _ = await place(stage, (45.0, 70.0))
    [row] = await stage.fetch("SELECT id FROM reports WHERE number = $1", number(first))
    report: UUID = row["id"]
    async with stage.database.transaction() as connection:
        raw = await driver(connection)
        await raw.execute("DELETE FROM near_places WHERE report_id = $1", report)
        office = await raw.fetchval(
            "INSERT INTO offices (name, chat_id, language, districts, kinds, restricted, opened_at)"
            " VALUES ('Own', -1009, 'ru', '{}', '{}', true, now()) RETURNING id"
        )
        await raw.execute("UPDATE reports SET office = $2 WHERE id = $1", report, office)
        await stage.app.reports.near.note(raw, report, "place", at, stage.now())
        assert await raw.fetch("SELECT 1 FROM near_places WHERE report_id = $1", report) == []
        await raw.execute("UPDATE reports SET office = NULL WHERE id = $1", report)
        await raw.execute("DELETE FROM offices WHERE id = $1", office)
    second, _ = await place(stage, (45.0, 70.0))
    assert near(second) == ""


async def test_with_its_term_a_place_leaves_the_grid(stage: Stage) -> None:
    first, _ = await place(stage, (46.0, 70.0))
    await Desk(stage).press(first, "Не подтвердилось")
    await settled(stage)
    before = len(await stage.fetch("SELECT 1 FROM near_places"))
    ahead, stage.ahead = stage.ahead, timedelta(days=366)
    await Purge(stage.database, stage.app.ring, stage.now, stage.app.settings).run()
    stage.ahead = ahead
    assert len(await stage.fetch("SELECT 1 FROM near_places")) == before - 1
    second, _ = await place(stage, (46.0, 70.0))
    assert near(second) == ""
