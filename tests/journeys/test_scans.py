"""From a scan to a report: what each placement brought is right, and no report tells by which code it came."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from bot.areas.geojson import read_areas
from bot.areas.store import replace
from bot.database import driver
from bot.embedded import Embedded
from bot.languages import Language
from bot.offices.wish import Wish
from bot.offices_command import Registry
from bot.qr.registry import Registry as Placements
from bot.qr.wish import Wish as Placed
from bot.reports.tallying import Brought
from bot.wording import Wording
from tests.integration.test_areas import HERE, THERE, write
from tests.journeys.acting import TARAZ, Citizen, settled, unique
from tests.journeys.conftest import module_stage, nothing_refused
from tests.stage import Stage

BAYZAK = "313600000"
FAR = "311000000"
"""Taraz: no office has it."""


class Street:
    """Placements, and what they brought."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    async def placement(self, code: str, district: str | None = None, *, closed: bool = False) -> UUID:
        registry = Placements(self.stage.database, self.stage.now().date())
        await registry.add(Placed(code, "streets", "billboard", "kk", district or ""))
        if closed:
            await registry.close(code, None)
        [row] = await self.stage.fetch("UPDATE placements SET code = $1 WHERE name = $1 RETURNING id", code)
        found: UUID = row["id"]
        return found

    async def brought(self) -> Brought:
        """What was counted of all days together."""
        found: Brought = {}
        await self.stage.app.tallying.run()
        async with self.stage.database.lend() as raw:
            day = self.stage.now().date()
            for of_day in (
                await self.stage.app.tallying.between(raw, day - timedelta(days=9), day + timedelta(days=9))
            ).values():
                for placement, counts in of_day.items():
                    found[placement] = [a + b for a, b in zip(found.get(placement, [0, 0]), counts, strict=True)]
        return found

    async def of(self, placement: UUID) -> list[int]:
        return (await self.brought()).get(placement.hex, [0, 0])

    async def newest(self) -> tuple[str | None, str | None]:
        """The district and the office of the report that came last."""
        [row] = await self.stage.fetch(
            "SELECT district, office.name FROM reports LEFT JOIN offices AS office ON office.id = reports.office"
            " ORDER BY number DESC LIMIT 1"
        )
        return row["district"], row["name"]


@pytest.fixture(scope="module")
async def street(
    cluster: Embedded, wording: Wording, no_waiting: None, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Street]:
    async with module_stage(cluster, wording, timezone="Asia/Almaty") as stage:
        areas = read_areas(write(tmp_path_factory.mktemp("areas") / "areas.geojson", HERE, THERE))
        async with stage.database.transaction() as connection:
            await replace(await driver(connection), areas)
        registry = Registry(stage.database, tuple(wording.kinds), stage.desk.id, Language.RU)
        await registry.add(
            Wish("Байзак", stage.sandbox.add_group("Bayzak").id, districts=BAYZAK, language="kk"), stage.now()
        )
        await stage.app.desks.load()
        yield Street(stage)
        nothing_refused(stage)


async def scans(citizen: Citizen, code: str) -> None:
    """Open the bot by a code, as a phone's camera does."""
    citizen.types(f"/start {code}")
    await citizen.reads(citizen.text("menu"))


async def links(citizen: Citizen) -> None:
    """Send a link, up to its summary."""
    citizen.types(f"t.me/{unique()}")
    await citizen.reads("Отправить")


async def test_a_scan_and_the_reports_of_its_dialogue_are_counted_for_their_placement(street: Street) -> None:
    stage, (stop, board) = street.stage, [await street.placement(code) for code in ("stop1", "board1")]
    first, second, other = (Citizen(stage) for _ in range(3))
    for citizen, code in ((first, "stop1"), (second, "stop1"), (other, "board1")):
        await scans(citizen, code)
    # The same phone again on the same day is the same scan.
    await scans(first, "stop1")
    for citizen in (first, first, other):
        await links(citizen)
        await citizen.sends()
    await links(second)
    second.presses("cancel")
    await second.reads("")
    # Who came by no code, or by one that nobody made, counts nowhere.
    for payload in ("", " nobodys_code", " stop1'--", f" {'x' * 65}", " stop1 board1", " STOP1"):
        stranger = Citizen(stage)
        stranger.types(f"/start{payload}")
        await stranger.reads(stranger.text("menu"))
        await links(stranger)
        await stranger.sends()
    assert await street.brought() == {stop.hex: [2, 2], board.hex: [1, 1]}
    # A day later it is another dialogue, also of somebody who never stopped writing.
    stage.ahead += timedelta(hours=12)
    await links(other)
    await other.sends()
    stage.ahead += timedelta(hours=12)
    await links(other)
    await other.sends()
    assert await street.of(board) == [1, 2]
    await scans(other, "board1")
    assert await street.of(board) == [2, 2]
    # What is forgotten is forgotten.
    other.types("/forget")
    await other.reads("")
    await links(other)
    await other.sends()
    assert await street.of(board) == [2, 2]


async def test_a_closed_placement_still_starts_the_bot_and_is_counted(street: Street) -> None:
    closed, citizen = await street.placement("closed1", BAYZAK, closed=True), Citizen(street.stage)
    await scans(citizen, "closed1")
    await links(citizen)
    # It hangs there no more: nothing follows from where it hung.
    assert not {citizen.label("there"), citizen.label("not_there")} & set(citizen.buttons)
    await citizen.sends()
    assert await street.of(closed) == [1, 1]
    assert await street.newest() == (None, None)


async def test_the_district_of_the_code_is_asked_for_and_never_silently_set(street: Street) -> None:
    await street.placement("bayzak1", BAYZAK)
    citizen = Citizen(street.stage)
    await scans(citizen, "bayzak1")
    asked = citizen.text("there_asked", district="Байзакский", goes=True)
    for answer, district, office in ((None, None, "Байзак"), ("there", BAYZAK, "Байзак"), ("not_there", None, None)):
        citizen.types(f"t.me/{unique()}")
        await citizen.reads(asked, "Отправить")
        if answer:
            citizen.presses(answer)
            summary = await citizen.reads("Отправить")
            assert asked not in summary.words
            assert ("Район: Байзакский" in summary.words) is (answer == "there")
            assert (citizen.label("not_there") in citizen.buttons) is (answer == "there")
        await citizen.sends()
        assert await street.newest() == (district, office), answer
    # Whoever has confirmed it may think better of it, and is asked anew when they scan another code.
    await street.placement("bayzak2", BAYZAK)
    await links(citizen)
    citizen.presses("there")
    await citizen.reads("Район: Байзакский")
    citizen.types("/start bayzak2")
    await citizen.reads(asked)
    citizen.presses("there")
    await citizen.reads("Район: Байзакский")
    citizen.presses("not_there")
    await citizen.reads("Отправить")
    await citizen.sends()
    assert await street.newest() == (None, None)
    # A restricted report goes nowhere by it, and a label of an old keyboard does nothing.
    await links(citizen)
    citizen.types(citizen.label("cancel"))
    await citizen.reads("")
    citizen.types(citizen.label("there"))
    await citizen.reads(citizen.text("menu"))


async def test_a_link_is_asked_only_where_another_office_gets_it_by_that(street: Street) -> None:
    await street.placement("taraz1", FAR)
    citizen = Citizen(street.stage, "kk")
    citizen.types("/start taraz1")
    await citizen.reads(citizen.text("menu"))
    citizen.types(f"t.me/{unique()}")
    await citizen.reads("Жіберу")
    assert citizen.label("there") not in citizen.buttons
    await citizen.sends()
    assert await street.newest() == (None, None)
    # A den has a place, which may be told.
    citizen.presses("kind:den")
    await citizen.reads("")
    citizen.types("келіп-кетіп жүреді")
    await citizen.reads("")
    while citizen.label("skip") in citizen.buttons:
        citizen.presses("skip")
        await citizen.reads("")
    assert citizen.label("there") in citizen.buttons
    assert any(citizen.text("there_asked", district="Тараз", goes=False) in m.words for m in citizen.heard)
    citizen.presses("there")
    await citizen.reads("Аудан: Тараз")
    await citizen.sends()
    assert await street.newest() == (FAR, None)
    # And one that was told is not asked for.
    citizen.presses("kind:place")
    await citizen.reads("")
    citizen.location(TARAZ)
    await citizen.reads("")
    while citizen.label("skip") in citizen.buttons:
        citizen.presses("skip")
        await citizen.reads("")
    assert citizen.label("there") not in citizen.buttons
    await citizen.sends()


async def test_what_concerns_an_officer_is_counted_for_no_placement(street: Street) -> None:
    stage, board = street.stage, await street.placement("board2", BAYZAK)
    registry = Registry(stage.database, tuple(stage.wording.kinds), stage.desk.id, Language.RU)
    await registry.add(Wish("Собственная", stage.sandbox.add_group("Own").id, restricted=True), stage.now())
    await stage.app.desks.load()
    citizen = Citizen(stage)
    await scans(citizen, "board2")
    await links(citizen)
    citizen.presses("restricted")
    await citizen.reads("Отправить")
    assert citizen.label("there") not in citizen.buttons
    await citizen.sends()
    assert await street.newest() == (None, "Собственная")
    assert await street.of(board) == [1, 0]
    await settled(stage)


async def test_every_report_and_every_scan_leaves_the_same_row(street: Street) -> None:
    stage = street.stage
    await street.placement("board3")
    await street.brought()
    citizen, stranger = Citizen(stage), Citizen(stage)
    await scans(citizen, "board3")
    await scans(citizen, "board3")
    for each in (citizen, stranger):
        await links(each)
        await each.sends()
    await settled(stage)
    rows = await stage.fetch("SELECT key_id, length(sealed) AS size FROM strokes")
    assert len(rows) == 4
    assert len({tuple(row) for row in rows}) == 1
    stage.sandbox.updates.pending()
    await street.brought()
    assert await stage.fetch("SELECT FROM strokes") == []
