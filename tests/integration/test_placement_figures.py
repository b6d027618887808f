"""What placements brought: numbers worked out by hand, what is not told, and what it costs to look."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import orjson
import pytest
from PIL import Image

from bot.database import Database, driver
from bot.languages import Language
from bot.papers.figure_command import Asked, NotCounted
from bot.papers.placement_command import stats
from bot.privacy.keyring import KeyRing
from bot.reports import tallying
from bot.reports.figures import Period
from bot.reports.placement_counting import PlacementCounting
from bot.reports.placement_figures import LEAST, Brings, Known, Told, tell, whole_weeks
from bot.reports.scans import SCAN, Scans
from bot.reports.tallying import Tallying
from bot.wording import Wording
from tests.workbench import Clock, count, look, open_ring

ALMATY = ZoneInfo("Asia/Almaty")
MONDAYS = (date(2026, 10, 5), date(2026, 10, 12), date(2026, 10, 19))
LONG_AGO = date(2026, 1, 1)
NEW = """
INSERT INTO placements (id, code, name, folded, campaign, district, surface, languages, made_on, closed_on)
VALUES ($1, $2, $3, lower($3), $4, NULL, 'stop', 'kk', $5, $6)
"""


class Town:
    """Placements, scans and reports, each at a known time."""

    def __init__(self, database: Database, url: str, ring: KeyRing) -> None:
        self.database, self.url, self.ring, self.clock = database, url, ring, Clock()
        self.scans, self.tallying = Scans(ring, "Asia/Almaty"), Tallying(database, ring)
        self.counting = PlacementCounting(database, self.tallying, "Asia/Almaty", self.clock)
        self.chats = self.placements = 0

    async def placement(
        self, name: str, campaign: str = "осень", made_on: date = LONG_AGO, closed_on: date | None = None
    ) -> str:
        self.placements += 1
        code = f"code_{self.placements}"
        await look(self.url, NEW, uuid4(), code, name, campaign, made_on, closed_on)
        return code

    async def scan(self, code: str, at: datetime, chat: int | None = None, reports: int = 0) -> bool:
        """Have somebody scan a code and report; tell whether it was a placement's."""
        self.chats += 1
        await self.ring.ready(at)
        async with self.database.transaction() as connection:
            raw = await driver(connection)
            came = await self.scans.scan(raw, code, chat or self.chats, at)
            for _ in range(reports):
                row = self.scans.stroke(came, at)
                await raw.execute("INSERT INTO strokes (id, key_id, sealed) VALUES ($1, $2, $3)", *row)
        return came is not None

    async def week(self, code: str, monday: date, scans: int, reports: int = 0) -> None:
        """Have so many people scan in a week, and report."""
        for number in range(max(scans, 1)):
            at = datetime.combine(monday + timedelta(days=number % 7), datetime.min.time(), ALMATY) + timedelta(hours=9)
            if scans:
                await self.scan(code, at, reports=(reports + scans - 1 - number) // scans)


@pytest.fixture
async def town(database: Database, database_url: str) -> Town:
    return Town(database, database_url, await open_ring(database))


def told(brings: Brings) -> tuple[int | None, bool, int | None, bool]:
    return brings.scans.number, brings.scans.more, brings.reports.number, brings.reports.more


async def test_the_numbers_are_those_that_were_counted_by_hand(town: Town) -> None:
    bus, wall, flyer = [await town.placement(name) for name in ("Остановка", "Стена", "Листовка")]
    poster = await town.placement("Афиша", "весна", closed_on=date(2026, 11, 1))
    first, second, third = MONDAYS
    for code, monday, scans, reports in (
        (bus, first, 9, 6),
        (bus, second, 12, 4),
        (bus, third, 6, 0),
        (wall, first, 3, 3),
        (wall, second, 8, 5),
        (flyer, first, 4, 1),
        (flyer, second, 2, 2),
        (flyer, third, 4, 4),
        (poster, third, 20, 5),
    ):
        await town.week(code, monday, scans, reports)
    town.clock.now = datetime(2026, 10, 30, 6, tzinfo=UTC)
    figures = await town.counting.figures(Period(date(2026, 10, 7), date(2026, 10, 30)))
    # The week of 26 October is not over, and the day in the middle of a week brings all of it.
    assert figures.weeks == MONDAYS
    assert figures.period == Period(date(2026, 10, 5), date(2026, 10, 25))
    lines = {line.name: line.brings for line in figures.placements}
    assert [line.name for line in figures.placements] == ["Остановка", "Афиша", "Стена", "Листовка"]
    assert [line.closed for line in figures.placements] == [False, True, False, False]
    assert told(lines["Остановка"]) == (27, False, 6, True)
    assert lines["Остановка"].share == pytest.approx(6 / 9)
    assert told(lines["Стена"]) == (8, True, 5, True)
    assert lines["Стена"].share == pytest.approx(5 / 8)
    assert told(lines["Листовка"]) == (None, True, None, True)
    assert lines["Листовка"].share is None
    assert told(lines["Афиша"]) == (20, True, 5, True)
    campaigns = {line.name: line.brings for line in figures.campaigns}
    # Scans: 9 and 3 + 4, which may be told together; 12 + 8, and 2 which may not; 6, and 0 + 4 which may not.
    # Reports: 6, and 3 + 1 which may not; 5, and 4 + 2; nothing, 0 + 0 + 4 in the third.
    assert told(campaigns["осень"]) == (16 + 20 + 6, True, 6 + 11, True)
    assert told(campaigns["весна"]) == (20, True, 5, True)
    assert [told(brings) for brings in figures.by_week] == [
        (16, True, 6, True),
        (20, True, 11, True),
        (26, True, 5, True),
    ]
    assert told(figures.total) == (62, True, 22, True)


async def test_whoever_scans_again_on_the_same_day_is_one_scan_and_leaves_the_same_rows(town: Town) -> None:
    code = await town.placement("Остановка")
    at = datetime(2026, 10, 6, 6, tzinfo=UTC)
    for times in range(1, 4):
        assert await town.scan(code, at + timedelta(hours=times), chat=7)
        assert await count(town.url, "strokes") == await count(town.url, "counters") == times
    sizes = await look(town.url, "SELECT DISTINCT length(sealed), key_id FROM strokes")
    assert len(sizes) == 1
    await town.scan(code, at, chat=8)
    # The key of a day is that of Greenwich: from five in the morning in Almaty it is another day.
    await town.scan(code, at + timedelta(days=1), chat=7)
    for unknown in ("", "code_2", "x" * 65, "code_1 ", "code_1\0", "CODE_1", "co'de_1", "код_1"):
        assert not await town.scan(unknown, at)
    await town.tallying.run()
    assert await count(town.url, "strokes") == 0
    [placement] = await look(town.url, "SELECT id FROM placements")
    async with town.database.lend() as raw:
        days = await town.tallying.between(raw, date(2026, 10, 1), date(2026, 10, 31))
    assert days == {
        date(2026, 10, 6): {placement["id"].hex: [2, 0]},
        date(2026, 10, 7): {placement["id"].hex: [1, 0]},
    }


async def test_days_are_those_of_the_office_and_are_added_up_whenever_it_is(town: Town) -> None:
    code = await town.placement("Остановка")
    for at, reports in (
        (datetime(2026, 10, 6, 23, 59, tzinfo=ALMATY), 1),
        (datetime(2026, 10, 7, 0, 0, tzinfo=ALMATY), 2),
        (datetime(2026, 10, 7, 23, 59, tzinfo=ALMATY), 3),
    ):
        await town.scan(code, at.astimezone(UTC), reports=reports)
        await town.tallying.run()
    await town.tallying.run()
    async with town.database.lend() as raw:
        days = await town.tallying.between(raw, date(2026, 10, 6), date(2026, 10, 7))
    assert {day: list(brought.values()) for day, brought in days.items()} == {
        date(2026, 10, 6): [[1, 1]],
        date(2026, 10, 7): [[2, 5]],
    }


async def test_what_was_not_committed_is_not_counted_and_what_does_not_open_hinders_nothing(town: Town) -> None:
    code, at = await town.placement("Остановка"), datetime(2026, 10, 6, 6, tzinfo=UTC)
    await town.ring.ready(at)
    async with town.database.engine.connect() as connection:
        assert await town.scans.scan(await driver(connection), code, 7, at)
        await connection.rollback()
    await town.scan(code, at, chat=7)
    await look(town.url, "INSERT INTO strokes VALUES ($1, $2, 'x'), ($3, $4, 'x')", *(uuid4() for _ in range(4)))
    await look(town.url, "UPDATE strokes SET key_id = $1 WHERE length(sealed) = 1 AND id < $2", uuid4(), uuid4())
    await town.tallying.run()
    assert await count(town.url, "strokes") == 0
    async with town.database.lend() as raw:
        [brought] = (await town.tallying.between(raw, date(2026, 10, 6), date(2026, 10, 6))).values()
    assert list(brought.values()) == [[1, 0]]


def test_weeks_are_told_an_hour_after_they_are_over() -> None:
    period = Period(date(2026, 10, 7), date(2026, 10, 20))
    for now, weeks in (
        (datetime(2026, 10, 12, 0, 59, tzinfo=ALMATY), 0),
        (datetime(2026, 10, 12, 1, 0, tzinfo=ALMATY), 1),
        (datetime(2026, 10, 26, 0, 59, tzinfo=ALMATY), 2),
        (datetime(2027, 1, 1, tzinfo=ALMATY), 3),
    ):
        assert whole_weeks(period, now, ALMATY) == list(MONDAYS[:weeks])


def shown(*numbers: int) -> tuple[list[Told], Told]:
    """What is told of the scans of some placements of one campaign in one week, and of the campaign."""
    known = [Known(f"{n:032x}", f"{n}", "x", LONG_AGO) for n in range(len(numbers))]
    brought = {one.id: [number, 0] for one, number in zip(known, numbers, strict=True) if number}
    figures = tell(MONDAYS[:1], known, {MONDAYS[0]: brought})
    by_name = {line.name: line.brings.scans for line in figures.placements}
    return [by_name[one.name] for one in known], figures.campaigns[0].brings.scans


def test_no_number_below_five_is_told_nor_follows_from_others() -> None:
    """All that one week of up to four placements can hold: whatever is told fits several ways to fill what is not."""
    ways: dict[tuple[object, ...], set[tuple[int, ...]]] = {}
    for size in (1, 2, 3, 4):
        for numbers in product(range(8), repeat=size):
            of_each, together = shown(*numbers)
            looks = tuple((one.number, one.more) for one in of_each), (together.number, together.more)
            ways.setdefault(looks, set()).add(numbers)
    for seen, fitting in ways.items():
        for place in range(len(next(iter(fitting)))):
            values = {numbers[place] for numbers in fitting}
            if min(values) < LEAST:
                assert len(values) > 1, (seen, fitting)
        few = {sum(number for number in numbers if number < LEAST) for numbers in fitting}
        nothing_hidden = all(number >= LEAST for numbers in fitting for number in numbers)
        assert len(few) > 1 or min(few) >= LEAST or nothing_hidden, (seen, fitting)


def test_what_was_made_later_hides_nothing_and_the_order_tells_nothing() -> None:
    early, late = Known("1" * 32, "b", "x", LONG_AGO), Known("2" * 32, "a", "x", MONDAYS[1])
    other = Known("3" * 32, "c", "x", LONG_AGO)
    days = {MONDAYS[0]: {early.id: [4, 0], other.id: [4, 4]}}
    figures = tell(MONDAYS[:2], [early, late, other], days)
    # Two had four each: of three it could be told, but the third was not there yet.
    assert figures.campaigns[0].brings.scans == Told(None, True)
    assert [line.name for line in figures.placements] == ["a", "b", "c"]


async def test_sixty_days_of_a_thousand_placements_are_sixty_rows_found_by_an_index(town: Town) -> None:
    names = [f"{number:04}" for number in range(1000)]
    rows = [(uuid4(), f"code-{name}", name, name, f"c{int(name) % 10}", LONG_AGO) for name in names]
    async with town.database.transaction() as connection:
        raw = await driver(connection)
        await raw.executemany(
            "INSERT INTO placements (id, code, name, folded, campaign, surface, languages, made_on)"
            " VALUES ($1, $2, $3, $4, $5, 'stop', 'kk', $6)",
            rows,
        )
        for number in range(900):
            day = MONDAYS[0] - timedelta(days=number)
            brought = {row[0].hex: [7, 2] for row in rows} if number < 60 else {rows[0][0].hex: [1, 1]}
            sealed = town.ring.seal("placement_days", tallying.bound_to(day), orjson.dumps(brought))
            await raw.execute(tallying.KEEP, day, sealed)
        await raw.execute("ANALYZE placements, placement_days")
        for statement, arguments in (
            (tallying.BETWEEN, (MONDAYS[0] - timedelta(days=59), MONDAYS[0])),
            (tallying.DAYS, ([MONDAYS[0]],)),
            (SCAN, ("code-0500", b"", b"", uuid4(), uuid4(), b"", b"")),
        ):
            plan = "\n".join(row[0] for row in await raw.fetch(f"EXPLAIN {statement}", *arguments))
            assert "Index Scan" in plan
            assert "Seq Scan on placement" not in plan, plan
    town.clock.now = datetime(2026, 10, 30, tzinfo=UTC)
    figures = await town.counting.figures(Period(MONDAYS[0] - timedelta(days=56), MONDAYS[0] - timedelta(days=1)))
    assert len(figures.weeks) == 8
    assert len(figures.placements) == 1000
    assert told(figures.total) == (8 * 7 * 7 * 1000, False, 8 * 7 * 2 * 1000, False)
    assert figures.total.share == pytest.approx(2 / 7)


async def test_the_command_gives_them_in_every_format(town: Town, wording: Wording, tmp_path: Path) -> None:
    long_name = "Остановка «Көшеней Бердімбетұлы атындағы мәдениет үйі», Төле би даңғылы, 45, оң жағы"
    code, other = await town.placement(long_name), await town.placement("=1+1")
    await town.week(code, MONDAYS[0], 9, 6)
    await town.week(other, MONDAYS[0], 3, 1)
    town.clock.now = datetime(2026, 10, 30, tzinfo=UTC)
    for by in ("placement", "campaign"):
        asked = Asked(first=MONDAYS[0], last=MONDAYS[2], by=by)

        async def made(form: str, out: Path | None = None, asked: Asked = asked) -> str:
            wanted = Asked(asked.first, asked.last, by=asked.by, form=form, out=out).checked()
            return await stats(town.counting, wanted, wording.texts, Language.KK)

        text = await made("text")
        assert "05.10.2026 – 25.10.2026. Whole weeks are counted" in text
        week = next(line for line in text.splitlines() if line.startswith("05.10.2026 – 11"))
        assert week.split()[3:] == ["≥", "9", "≥", "6", "67", "%"]
        document = json.loads(await made("json"))
        assert document["weeks"] == [str(monday) for monday in MONDAYS]
        assert document["placements"][0]["brings"]["scans"] == {"number": 9, "more": True}
        assert "5-тен аз" in await made("csv") or by == "campaign"
        assert await made("xlsx", tmp_path / f"{by}.xlsx")
        with zipfile.ZipFile(tmp_path / f"{by}.xlsx") as book:
            assert "апта" in book.read("xl/sharedStrings.xml").decode().lower()
        assert await made("png", tmp_path / f"{by}.png")
        with Image.open(io.BytesIO((tmp_path / f"{by}.png").read_bytes())) as picture:
            assert picture.width == 1280
    assert "'=1+1" in await stats(town.counting, Asked(by="placement", form="csv"), wording.texts, Language.RU)
    for wrong, told_ in (
        (Asked(by="placement", form="pdf", out=tmp_path / "x"), "png is a picture"),
        (Asked(by="campaign", office="main"), "leave --office out"),
        (Asked(by="code"), "one of kind, decision, district, platform, day, placement, campaign"),
    ):
        with pytest.raises(NotCounted, match=told_):
            wrong.checked()
    empty = await stats(town.counting, Asked(by="placement", week=True), wording.texts, Language.RU)
    assert "19.10.2026 – 25.10.2026" in empty
