"""Figures of a period: a small world, every number of which was worked out by hand."""

from __future__ import annotations

import io
import json
import re
import stat
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from secrets import token_bytes
from uuid import UUID, uuid4
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from bot.database import driver
from bot.delivery.outbox import CardSort
from bot.languages import Language
from bot.papers.figure_command import Asked
from bot.papers.figure_command import stats as command_stats
from bot.reports import public_figures
from bot.reports.contents import Contents, StoredLink
from bot.reports.deciding import Officer
from bot.reports.figures import Counts, Day, Figures, Period, Times
from bot.reports.lifecycle import Act, Decision
from bot.reports.periods import before, last_days, week_before, year_ago
from bot.reports.public_figures import Publishing
from bot.reports.spreading import Spreader
from bot.reports.statistics import Counting
from bot.wording import Wording, load_wording
from tests.integration.rehearsal import ROOT, Rehearsal
from tests.integration.test_areas import shekteu
from tests.workbench import count, look

ALMATY = ZoneInfo("Asia/Almaty")
WEEK = Period(date(2024, 11, 11), date(2024, 11, 17))
"""From a Monday to a Sunday, long enough ago for every clock."""
MERKE = "315000000"


def at(day: int, time: str) -> datetime:
    """A moment of November 2024 on the office's wall."""
    hour, minute = map(int, time.split(":"))
    return datetime(2024, 11, day, hour, minute, tzinfo=ALMATY).astimezone(UTC)


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


class Office:
    """An office at which everything happens at a known time."""

    def __init__(self, bot: Rehearsal) -> None:
        self.bot, self.chats = bot, 0
        self.counting = Counting(bot.database, "Asia/Almaty", lambda: at(30, "12:00"))

    async def files(self, now: datetime, *urls: str, kind: str = "link", platform: str = "telegram") -> UUID:
        """Have somebody new report something."""
        self.chats += 1
        links = [StoredLink(platform=platform, what="channel", url=url) for url in urls]
        draft = Contents(kind=kind, report_id=uuid4(), words="x", links=links)
        await self.bot.ring.ready(now)
        async with self.bot.database.transaction() as connection:
            raw = await driver(connection)
            await self.bot.app.reports.file(raw, draft, self.chats, now, (token_bytes(32), uuid4()))
        return draft.report_id

    async def acts(self, on: UUID | str, act: Act | Decision, now: datetime) -> None:
        """Have an officer act on a report, or on a link, and take that to its reports."""
        sort, subject = CardSort.REPORT, on
        if isinstance(on, str):
            sort, subject = CardSort.RESOURCE, await self.link(on)
        assert isinstance(subject, UUID)
        async with self.bot.database.transaction() as connection:
            raw = await driver(connection)
            await self.bot.app.decisions.act(raw, sort, subject, act, Officer(7, "Айгерим"), now)
        if sort is CardSort.RESOURCE:
            await Spreader(self.bot.database, self.bot.app.decisions, lambda: None, lambda: now).resource(subject)

    async def link(self, url: str) -> UUID:
        (row,) = await look(self.bot.url, "SELECT id FROM resources WHERE url = $1", url)
        found: UUID = row["id"]
        return found

    async def figures(self, period: Period = WEEK, offices: tuple[int, ...] | None = None) -> Figures:
        (figures,) = await self.counting.figures(period, offices=offices)
        return figures

    async def anew(self, period: Period = WEEK) -> Figures:
        """The figures as they are counted when nothing is kept: in another time zone of the same hours."""
        other = Counting(self.bot.database, "Asia/Qyzylorda", lambda: at(30, "12:00"))
        (figures,) = await other.figures(period)
        return figures

    async def run(self, statement: str, *params: object) -> None:
        """Change the tables by hand."""
        async with self.bot.database.transaction() as connection:
            await (await driver(connection)).execute(statement, *params)


@pytest.fixture
async def office(database_url: str, wording: Wording) -> AsyncIterator[Office]:
    bot = Rehearsal(database_url, wording)
    await bot.open()
    yield Office(bot)
    await bot.app.api.close()
    await bot.database.close()


async def small_world(office: Office) -> dict[str, UUID]:
    """A week and its edges; each line says what of it counts where."""
    shop, again, insta, fresh = (f"https://t.me/{name}_shop" for name in ("a", "again", "insta", "fresh"))
    made: dict[str, UUID] = {}
    # A minute before the week: of it, only what was done in the week counts. Claimed, let go, claimed again.
    made["shop"] = await office.files(at(10, "23:59"), shop)
    await office.acts(shop, Act.CLAIM, at(11, "09:00"))  # 541 minutes until it was claimed
    await office.acts(shop, Act.RELEASE, at(11, "09:10"))
    await office.acts(shop, Act.CLAIM, at(11, "10:00"))
    await office.acts(shop, Decision.BLOCKED, at(11, "11:00"))  # 661 minutes until it was decided
    # In its first minute. Decided without a claim; then reported again, sent twice, and blocked again.
    made["again"] = await office.files(at(11, "00:00"), again)
    await office.acts(again, Decision.BLOCKED, at(11, "00:30"))  # 30 and 30
    made["again, again"] = await office.files(at(12, "12:00"), again)
    await office.acts(again, Decision.SENT_TO_BLOCK, at(12, "12:10"))  # 10
    await office.acts(again, Decision.SENT_TO_BLOCK, at(12, "12:40"))
    await office.acts(again, Decision.BLOCKED, at(13, "12:00"))  # 1,440
    # Nobody has touched it; another report names it too, with one more link that is blocked.
    made["insta"] = await office.files(at(12, "10:00"), insta, platform="instagram")
    made["two"] = await office.files(at(15, "08:00"), insta, fresh)
    await office.acts(fresh, Decision.BLOCKED, at(15, "09:00"))  # 60 and 60
    # Decided, opened again, and decided otherwise: the first decision does not count.
    made["den"] = await office.files(at(13, "09:00"), kind="den")
    await office.acts(made["den"], Act.CLAIM, at(13, "09:05"))  # 5
    await office.acts(made["den"], Decision.NOT_CONFIRMED, at(13, "10:00"))
    await office.acts(made["den"], Act.REOPEN, at(14, "09:00"))
    await office.acts(made["den"], Decision.REGISTERED, at(15, "09:00"))  # 2,880
    # Not real ones: they were taken in hand, and closed, and are in no share and no time until a decision.
    made["abuse"] = await office.files(at(14, "09:00"), kind="den")
    await office.acts(made["abuse"], Decision.ABUSE, at(14, "09:07"))  # 7
    made["double"] = await office.files(at(14, "09:00"), kind="stash")
    await office.acts(made["double"], Decision.DUPLICATE, at(14, "10:00"))  # 60
    # Asked about, and still open.
    made["asked"] = await office.files(at(16, "10:00"), kind="den")
    await office.acts(made["asked"], Act.ASK, at(16, "10:30"))  # 30
    # In the week's last minute; what was done after it is seen by how it stands alone.
    made["wall"] = await office.files(at(17, "23:59"), kind="graffiti")
    await office.acts(made["wall"], Decision.REMOVED, at(18, "09:00"))
    # After it.
    made["after"] = await office.files(at(18, "00:00"), "https://t.me/after_shop")
    await office.run("UPDATE reports SET district = $2 WHERE id = $1", made["den"], MERKE)
    return made


EXPECTED = Figures(
    period=WEEK,
    offices=None,
    reports=Counts(
        9,
        5,
        {
            "blocked": 2,
            "abuse": 1,
            "duplicate": 1,
            "in_progress": 1,
            "needs_info": 1,
            "new": 1,
            "registered": 1,
            "removed": 1,
        },
    ),
    by_kind={"link": 4, "den": 3, "graffiti": 1, "stash": 1},
    by_district={"": 8, MERKE: 1},
    resources=Counts(3, 2, {"blocked": 2, "new": 1}),
    by_platform={"telegram": 2, "instagram": 1},
    repeats=2,
    returned=1,
    sent_to_block=1,
    blocked=3,
    blocked_again=1,
    # 5, 7, 10, 30, 30, 60, 60, 541
    claim=Times(8, minutes(30), minutes(541)),
    # 30, 60, 661, 1440, 2880
    decide=Times(5, minutes(661), minutes(2880)),
    by_day=(
        Day(date(2024, 11, 11), 1, 1, 2, 2),
        Day(date(2024, 11, 12), 2, 1, 0, 0),
        Day(date(2024, 11, 13), 1, 0, 1, 1),
        Day(date(2024, 11, 14), 2, 0, 2, 0),
        Day(date(2024, 11, 15), 1, 1, 2, 1),
        Day(date(2024, 11, 16), 1, 0, 0, 0),
        Day(date(2024, 11, 17), 1, 0, 0, 0),
    ),
)


async def test_every_number_is_what_was_worked_out_by_hand(office: Office) -> None:
    await small_world(office)
    figures = await office.figures()
    assert figures == EXPECTED
    assert list(figures.by_kind) == ["link", "den", "graffiti", "stash"]
    assert (figures.reports.real, figures.reports.abuse, figures.reports.duplicates) == (7, 1, 1)
    assert figures.reports.share_acted == 5 / 7


async def test_kept_days_are_what_is_read_and_say_the_same(office: Office) -> None:
    await small_world(office)
    await office.counting.keep()
    kept = {row["day"] for row in await look(office.bot.url, "SELECT DISTINCT day FROM day_figures")}
    # From the first report on; yesterday and today are never kept.
    assert (min(kept), max(kept)) == (date(2024, 11, 10), date(2024, 11, 28))
    assert await office.figures() == EXPECTED
    await office.run("UPDATE day_figures SET counted = replace(counted, '[0,\"graffiti\"', '[0,\"mural\"')")
    assert (await office.figures()).by_kind == {"link": 4, "den": 3, "mural": 1, "stash": 1}
    assert await office.anew() == EXPECTED


async def test_a_report_of_several_links_counts_by_what_was_done_since_it_named_them(office: Office) -> None:
    shop, other, third, still = (f"https://t.me/{name}_of_several" for name in ("shop", "other", "third", "still"))

    async def acted() -> int:
        figures = await office.figures()
        assert figures == await office.anew()
        return figures.reports.acted

    await office.files(at(11, "09:00"), shop, other)
    await office.acts(shop, Decision.BLOCKED, at(11, "10:00"))
    await office.files(at(12, "09:00"), shop, third, still)
    await office.acts(third, Act.CLAIM, at(12, "10:00"))
    assert await acted() == 1, "for the second nothing was done yet"
    await office.acts(shop, Decision.NOT_CONFIRMED, at(13, "09:00"))
    assert await acted() == 1, "for the first one was closed"
    # What is kept between a decision and its coming to the reports is counted anew.
    async with office.bot.database.transaction() as connection:
        about = CardSort.RESOURCE, await office.link(third)
        raw = await driver(connection)
        await office.bot.app.decisions.act(raw, *about, Decision.BLOCKED, Officer(7, "Айгерим"), at(14, "09:00"))
    await office.counting.keep()
    assert await acted() == 1
    await Spreader(office.bot.database, office.bot.app.decisions, lambda: None, lambda: at(14, "09:00")).resource(
        about[1]
    )
    assert await acted() == 2


async def test_a_case_and_a_painting_over_of_one_writing_are_both_counted_and_the_report_once(office: Office) -> None:
    first, then = Decision.REGISTERED, Decision.REMOVED
    walls = [await office.files(at(12, "09:00"), kind="graffiti") for _ in range(6)]
    for number, wall in enumerate(walls):
        one, other = (first, then) if number % 2 else (then, first)
        await office.acts(wall, one, at(12, "10:00"))  # 60 and 60
        await office.acts(wall, other, at(14, "10:00"))
    figures = await office.figures()
    assert figures.reports == Counts(6, 6, {"registered": 6, "removed": 6})
    assert (figures.claim, figures.decide) == (Times(6, minutes(60), minutes(60)),) * 2
    assert [day.decided for day in figures.by_day] == [0, 6, 0, 0, 0, 0, 0], "what was closed is not closed again"
    await office.counting.keep()
    assert await office.figures() == figures
    await Publishing(office.bot.database, office.counting).look()
    [fact] = await look(office.bot.url, "SELECT value FROM facts WHERE name = 'public_figures'")
    assert json.loads(fact["value"])["removed"] == 5, "rounded down from six"
    # What is opened again is opened with both, and goes on until what stands then.
    await office.acts(walls[0], Act.REOPEN, at(15, "09:00"))
    figures = await office.figures()
    assert figures.reports == Counts(6, 5, {"registered": 5, "removed": 5, "in_progress": 1})
    assert (figures.decide.count, [day.decided for day in figures.by_day]) == (5, [0, 5, 0, 0, 0, 0, 0])
    await office.acts(walls[0], then, at(16, "09:00"))
    figures = await office.figures()
    assert figures.reports == Counts(6, 6, {"removed": 6, "registered": 5})
    assert figures.decide == Times(6, minutes(60), minutes(4 * 24 * 60))
    assert [day.decided for day in figures.by_day] == [0, 5, 0, 0, 0, 1, 0]
    assert await office.anew() == figures


async def test_a_link_that_comes_back_is_closed_once_a_period_and_told_apart(office: Office) -> None:
    shop, sent = "https://t.me/back_shop", Decision.SENT_TO_BLOCK
    cycles: list[tuple[datetime | None, list[tuple[Act | Decision, datetime]]]] = [
        # Sent twice before it is closed, and closed twice: an officer opened it again, and closed it on the next day.
        (at(4, "10:00"), [(sent, at(4, "11:00")), (sent, at(6, "11:00")), (Decision.BLOCKED, at(6, "12:00"))]),
        (None, [(Act.REOPEN, at(6, "13:00")), (Decision.BLOCKED, at(7, "12:00"))]),
        # It came back on Wednesday, and twice on Friday.
        (at(13, "10:00"), [(sent, at(13, "11:00")), (Decision.BLOCKED, at(13, "12:00"))]),
        (at(15, "10:00"), [(sent, at(15, "11:00")), (Decision.BLOCKED, at(15, "12:00"))]),
        (at(15, "13:00"), [(Decision.BLOCKED, at(15, "14:00"))]),
    ]
    for begin, decisions in cycles:
        if begin:
            await office.files(begin, shop)
        for act, moment in decisions:
            await office.acts(shop, act, moment)

    async def told(first: int, last: int) -> tuple[int, int, int, int]:
        figures = await office.figures(Period(date(2024, 11, first), date(2024, 11, last)))
        return figures.sent_to_block, figures.blocked, figures.blocked_again, sum(day.blocked for day in figures.by_day)

    for kept in (False, True):
        if kept:
            await office.counting.keep()
        # Closed on the 7th; on the 13th; twice on the 15th.
        assert await told(4, 10) == (1, 1, 0, 1)
        assert await told(11, 17) == (1, 1, 3, 2)
        assert await told(4, 17) == (1, 1, 3, 3)
        assert await told(7, 14) == (1, 1, 1, 2)
        assert await told(5, 6) == (1, 0, 0, 0)
        assert await told(15, 15) == (1, 1, 2, 1)
        assert await told(14, 14) == (0, 0, 0, 0)


async def test_what_a_restricted_desk_has_is_in_no_figures_but_its_own(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await small_world(office)
    await office.run(
        "INSERT INTO offices (name, chat_id, language, districts, kinds, restricted, opened_at)"
        " VALUES ('Own', -5, 'ru', '{}', '{}', true, now())"
    )
    await office.run(
        "UPDATE reports SET office = (SELECT id FROM offices) WHERE id IN ($1, $2)", made["wall"], made["two"]
    )
    await office.run("UPDATE resources SET office = (SELECT id FROM offices) WHERE url = 'https://t.me/fresh_shop'")
    main = await office.figures(offices=(0,))
    assert (main.reports.total, main.blocked) == (7, 2)

    async def told(desk: str | None) -> tuple[int, int]:
        texts, wanted = load_wording(ROOT / "templates").texts, Asked(WEEK.first, WEEK.last, form="json", office=desk)
        this = json.loads(await command_stats(office.bot.database, wanted, office.counting, texts, Language.RU))["this"]
        return this["reports"]["total"], this["blocked"]

    # The paper of all offices says what the main desk's does: nobody can take one from the other.
    assert await told(None) == await told("main") == (7, 2)
    assert await told("own") == (2, 1)
    # So does what everybody is told, from the first report to the end of yesterday.
    monkeypatch.setattr(public_figures, "STEP", 1)
    await Publishing(office.bot.database, office.counting).look()
    (row,) = await look(office.bot.url, "SELECT value FROM facts WHERE name = 'public_figures'")
    every = await office.figures(Period(date(2024, 11, 1), date(2024, 11, 29)), (0,))
    public = json.loads(row["value"])
    assert (public["reports"], public["blocked"], public["removed"]) == (every.reports.real, every.blocked, 0)
    assert (every.reports.real, every.blocked) == (7, 2)


UNDONE = "UPDATE decisions SET ended = 'undone' WHERE subject = $1 AND decision = $2"


async def test_whatever_changes_what_is_kept_is_what_would_be_counted_anew(office: Office) -> None:
    made = await small_world(office)
    insta, shop = "https://t.me/insta_shop", "https://t.me/a_shop"

    async def undone() -> None:
        await office.run(UNDONE, await office.link(shop), "blocked")

    async def linked() -> None:
        # A link comes to a report of long ago now, and stands for it as sent.
        await office.run(
            "INSERT INTO report_links (report_id, resource_id, number, at, found, status, decision)"
            " VALUES ($1, $2, 1, $3, 'known', 'in_progress', 'sent_to_block')",
            made["asked"],
            await office.link("https://t.me/after_shop"),
            datetime.now(UTC),
        )

    sent = Decision.SENT_TO_BLOCK
    changes: list[Callable[[], Awaitable[object]]] = [
        lambda: office.acts("https://t.me/fresh_shop", Act.REOPEN, at(20, "09:00")),
        lambda: office.acts(insta, Act.CLAIM, at(20, "10:00")),
        lambda: office.acts(insta, sent, at(20, "11:00")),
        lambda: office.acts(insta, Decision.BLOCKED, at(21, "11:00")),
        lambda: office.acts(insta, Act.REOPEN, at(22, "11:00")),
        lambda: office.acts(made["den"], Act.REOPEN, at(22, "11:00")),
        lambda: office.acts(made["wall"], Act.REOPEN, at(22, "11:00")),
        lambda: office.files(at(23, "10:00"), "https://t.me/again_shop"),
        lambda: office.acts("https://t.me/again_shop", Act.CLAIM, at(23, "11:00")),
        lambda: office.acts("https://t.me/after_shop", sent, at(23, "11:00")),
        linked,
        undone,
        lambda: office.files(at(12, "10:00"), kind="lab"),
        lambda: office.run("UPDATE reports SET district = $2 WHERE id = $1", made["asked"], MERKE),
        lambda: office.run("UPDATE reports SET office = 3 WHERE id = $1", made["double"]),
        lambda: office.run("UPDATE resources SET office = 3 WHERE url = $1", shop),
        lambda: office.run("UPDATE resources SET platform = 'site' WHERE url = $1", insta),
        lambda: office.run("DELETE FROM reports WHERE id = $1", made["abuse"]),
    ]
    month = Period(date(2024, 11, 1), date(2024, 11, 30))
    for number, change in enumerate(changes):
        await office.counting.keep()
        assert await count(office.bot.url, "stale_figures") == 0
        before_it = await office.figures(month, (0,))
        await change()
        for offices in (None, (0,), (3,)):
            for period in (WEEK, month):
                (anew,) = await Counting(office.bot.database, "Asia/Qyzylorda", lambda: at(30, "12:00")).figures(
                    period, offices=offices
                )
                assert await office.figures(period, offices) == anew, number
        assert await office.figures(month, (0,)) != before_it, f"change {number} changes nothing"
    await office.counting.keep()
    assert await office.figures() == await office.anew()


async def test_an_undone_decision_counts_nowhere(database_url: str, wording: Wording) -> None:
    bot = Rehearsal(database_url, wording, undo_seconds=30)
    await bot.open()
    office, link = Office(bot), "https://t.me/undone_shop"

    async def undo(sort: CardSort, subject: UUID, now: datetime) -> None:
        async with bot.database.transaction() as connection:
            await bot.app.amending.undo(await driver(connection), sort, subject, Officer(7, "Айгерим"), now)

    await office.files(at(12, "10:00"), link)
    await office.acts(link, Decision.SENT_TO_BLOCK, at(12, "10:20"))
    await undo(CardSort.RESOURCE, await office.link(link), at(12, "10:20") + timedelta(seconds=20))
    den = await office.files(at(12, "10:00"), kind="den")
    await office.acts(den, Decision.NOT_CONFIRMED, at(12, "10:20"))
    await undo(CardSort.REPORT, den, at(12, "10:20") + timedelta(seconds=20))
    figures = await office.figures()
    assert (figures.sent_to_block, figures.reports.acted, figures.claim.count, figures.decide.count) == (0, 0, 0, 0)
    assert figures.reports.by_standing == {"new": 2}
    # The press that followed is the first that counts.
    await office.acts(link, Decision.BLOCKED, at(12, "10:25"))
    figures = await office.figures()
    assert (figures.blocked, figures.claim.median, figures.decide.median) == (1, minutes(25), minutes(25))
    await bot.app.api.close()
    await bot.database.close()


async def test_an_offices_figures_are_its_own_and_all_of_them_roll_up(office: Office) -> None:
    made = await small_world(office)
    for name in ("den", "wall", "asked"):
        await office.run("UPDATE reports SET office = 3 WHERE id = $1", made[name])
    await office.run("UPDATE resources SET office = 3 WHERE url = 'https://t.me/a_shop'")
    own, main = await office.figures(offices=(3,)), await office.figures(offices=(0,))
    assert (own.reports.total, own.reports.acted, own.resources.total, own.blocked) == (3, 2, 0, 1)
    # 5, 30, 541 and 661, 2880
    assert (own.claim, own.decide) == (Times(3, minutes(30), minutes(541)), Times(2, minutes(661), minutes(2880)))
    assert (main.reports.total, main.blocked, main.repeats, own.repeats) == (6, 2, 2, 0)
    assert await office.figures() == EXPECTED
    together = await office.figures(offices=(0, 3))
    assert (together.reports, together.claim, together.by_day) == (EXPECTED.reports, EXPECTED.claim, EXPECTED.by_day)


async def test_a_period_stands_beside_the_one_before_and_the_year_ago(office: Office) -> None:
    await small_world(office)
    await office.run("INSERT INTO areas SELECT $1, 'Меркі', 'Меркенский', 'Merke', '', '', '', 1, 2, 1, 2, ''", MERKE)
    statistics = await office.counting.statistics(WEEK)
    assert statistics.this == EXPECTED
    assert statistics.before.period == Period(date(2024, 11, 4), date(2024, 11, 10))
    assert (statistics.before.reports.total, statistics.before.claim) == (1, Times(0, None, None))
    assert statistics.year_ago.period == Period(date(2023, 11, 11), date(2023, 11, 17))
    assert statistics.year_ago.reports.total == 0
    assert statistics.year_ago.reports.share_acted is None
    assert statistics.districts == {MERKE: {"kk": "Меркі", "ru": "Меркенский", "en": "Merke"}}
    assert await office.counting.first_day() == date(2024, 11, 10)


def test_whole_months_are_compared_with_whole_months() -> None:
    def days(*texts: str) -> Period:
        return Period(*map(date.fromisoformat, texts))

    february = days("2028-02-01", "2028-02-29")
    assert before(february) == days("2028-01-01", "2028-01-31")
    assert year_ago(february) == days("2027-02-01", "2027-02-28")
    assert before(days("2027-01-01", "2027-12-31")) == days("2026-01-01", "2026-12-31")
    assert before(days("2027-01-01", "2027-03-31")) == days("2026-10-01", "2026-12-31")
    assert year_ago(days("2028-02-29", "2028-02-29")) == days("2027-02-28", "2027-02-28")
    assert before(days("2027-03-02", "2027-03-31")) == days("2027-01-31", "2027-03-01")
    assert last_days(7, date(2027, 3, 1)) == days("2027-02-23", "2027-03-01")
    for day in ("2026-11-23", "2026-11-29"):
        assert week_before(date.fromisoformat(day)) == days("2026-11-16", "2026-11-22")


def cells(book: bytes, sheet: int) -> list[list[tuple[str, str]]]:
    """The rows of a sheet: of each cell how it is kept, and what it holds."""
    space = {"": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(io.BytesIO(book)) as files:
        strings = ElementTree.fromstring(files.read("xl/sharedStrings.xml")).findall("si", space)
        rows = ElementTree.fromstring(files.read(f"xl/worksheets/sheet{sheet}.xml")).findall(".//row", space)
    words = ["".join(string.itertext()) for string in strings]

    def read(cell: ElementTree.Element) -> tuple[str, str]:
        value = "".join(cell.itertext())
        return ("words", words[int(value)]) if cell.get("t") == "s" else ("number", value)

    return [[read(cell) for cell in row.findall("c", space) if cell.find("v", space) is not None] for row in rows]


async def stats(office: Office, *arguments: object) -> tuple[int, str, str]:
    return await shekteu(office.bot.url, "stats", *arguments, env={"TEMPLATES_DIR": str(ROOT / "templates")})


async def test_the_command_tells_the_same_as_text_json_csv_and_a_workbook(office: Office, tmp_path: Path) -> None:
    await small_world(office)
    week = ("--from", "2024-11-11", "--to", "2024-11-17")
    code, told, refused = await stats(office, *week)
    lines = [re.split(r"  +", line.strip()) for line in told.splitlines()]
    assert code == 0, refused
    assert lines[0] == ["11.11.2024 – 17.11.2024"]
    for expected in (
        ["Reports received", "9", "1", "0"],
        ["of them duplicates and abuse", "2", "0", "0"],
        ["Share of the other reports", "71 %", "100 %", "—"],
        ["Links reported again after their decision", "1", "0", "0"],
        ["Until taken in hand, at most in half of all", "30 min", "—", "—"],
        ["Until decided, at most in nine of ten", "2 d 0 h", "—", "—"],
        ["Den", "3", "0", "0"],
        [MERKE, "1", "0", "0"],
        ["Telegram", "2", "1", "0"],
        ["access closed", "2", "2"],
        ["13.11.2024", "1", "0", "1", "1"],
    ):
        assert expected in lines
    _, told, _ = await stats(office, *week, "--format", "json")
    this = json.loads(told)["this"]
    assert (this["reports"]["total"], this["reports"]["acted"], this["blocked"]) == (9, 5, 3)
    assert this["claim"] == {"count": 8, "median": 30, "ninetieth": 541}
    assert [day["decided"] for day in this["by_day"]] == [2, 0, 1, 2, 2, 0, 0]
    _, told, _ = await stats(office, *week, "--format", "csv", "--by", "kind")
    assert told.splitlines()[1:] == ["Ссылка;4;1;0", "Притон;3;0;0", "Граффити;1;0;0", "Тайник;1;0;0"]
    _, told, _ = await stats(office, *week, "--office", "main", "--by", "platform")
    assert "Instagram" in told
    path = tmp_path / "week.xlsx"
    assert (await stats(office, *week, "--format", "xlsx", "--out", path))[0] == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    book = path.read_bytes()
    main, days = cells(book, 1), cells(book, 6)
    assert main[3][0] == ("words", "Поступило сообщений")
    assert main[3][1:] == [("number", "9"), ("number", "1"), ("number", "0")]
    assert float(main[6][1][1]) == pytest.approx(5 / 7)
    # Days and times are numbers with a format: 13 November 2024, and half an hour of a day.
    assert days[5] == [("number", "45609"), *(("number", number) for number in "1011")]
    assert main[12][1] == ("number", "1")
    assert float(main[17][1][1]) == pytest.approx(30 / 1440)
    for arguments, refused in (
        (("--by", "sender"), "one of kind, decision, district, platform, day, placement, campaign is wanted."),
        (("--format", "doc"), "--format doc: one of text, json, csv, xlsx, pdf, png is wanted."),
        (("--format", "csv", "--out", tmp_path / "no" / "x"), "make it first"),
        (("--format", "xlsx"), "--format xlsx wants --out FILE"),
        (("--format", "csv", "--out", path), "week.xlsx is there already"),
        (("--to", "2024-11-01"), "--from 2024-11-11 is after --to 2024-11-01"),
        (("--office", "nowhere"), "--office nowhere: there is no such office. Known: main."),
    ):
        code, _, told = await stats(office, *week, *arguments)
        assert code == 1
        assert refused in told
    assert (await stats(office, "--to", "2024-11-01"))[0] == 1
