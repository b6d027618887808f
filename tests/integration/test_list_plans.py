"""Work lists among many reports: no statement reads a table from end to end."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from bot.embedded import Embedded
from bot.reports import figures_queries, list_queries, register, release_queries
from bot.reports.day_counts import CLOSING, TAKING, Days, basis
from bot.reports.lifecycle import Status
from bot.reports.lists import BEGINNING, IN_HAND, Key, ListName, WorkLists
from bot.reports.periods import days_of, last_days
from bot.reports.priority import Level
from bot.working_time import WorkingTime
from tests.conftest import migrated_database
from tests.load.stored import fill, open_some

REPORTS: Final = 50_000
OPEN: Final = 2_000
OFFICER: Final = 7
ACTED: Final = (
    """
    INSERT INTO journal (at, officer, officer_name, act, sort, subject)
    SELECT first_reported_at, 7, 'Aigerim', 'blocked', 'resource', id FROM resources WHERE status = 'decided'
    """,
    """
    INSERT INTO decisions (id, sort, subject, decision, officer, officer_name, at, until, ended, status_before,
      reopened_before, withdrew)
    SELECT gen_random_uuid(), sort, subject, act, 7, officer_name, at, at, CASE WHEN id % 100 = 0 THEN 'undone' END,
      'new', false, false FROM journal
    """,
)


@pytest.fixture(scope="module")
async def many(cluster: Embedded) -> AsyncIterator[str]:
    """A database with many reports, some of them open."""
    async with migrated_database(cluster) as url:
        await fill(url, REPORTS)
        await open_some(url, OPEN)
        inside = await asyncpg.connect(url)
        await inside.execute("UPDATE resources SET office = 1 WHERE status = 'new' AND get_byte(key, 0) % 3 = 0")
        # Of some hours all came in one minute: far more than a page.
        for table in ("reports", "resources"):
            await inside.execute(
                f"UPDATE {table} SET opened_at = date_trunc('hour', opened_at)"
                " WHERE extract(hour FROM opened_at)::int % 3 = 0"
            )
        # What officers did, and took back.
        for statement in ACTED:
            await inside.execute(statement)
        await inside.execute("ANALYZE")
        await inside.close()
        yield url


@pytest.fixture
async def driver(many: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(many)
    yield connection
    await connection.close()


NOW: Final = datetime.now(UTC)
ALL: Final = ([status.value for status in (Status.NEW, *IN_HAND)], [NOW, NOW - timedelta(days=1), NOW])
PLACES: Final = (
    (BEGINNING.opened_at, BEGINNING.id, 11),
    (NOW - timedelta(minutes=OPEN // 2), UUID(int=1 << 127), 11),
    (NOW, UUID(int=(1 << 128) - 1), 11),
)
SEEN: Final = [0, 1, 2]
"""The main desk and two offices, one of which has nothing."""
LOOKS: Final = [
    *(
        (name, (*wanted, *place, SEEN))
        for name in ("FORWARDS", "BACKWARDS")
        for wanted in (([Status.NEW.value], [NOW]), ALL)
        for place in PLACES
    ),
    *(
        (name, (level.value, *place, SEEN))
        for name in ("QUEUE_FORWARDS", "QUEUE_BACKWARDS")
        for level in Level
        for place in PLACES
    ),
    *((name, (OFFICER, *place, SEEN)) for name in ("MINE_FORWARDS", "MINE_BACKWARDS") for place in PLACES),
    ("COUNT", (*ALL, SEEN)),
    ("RESOURCE_BY_KEY", ([bytes(32)], SEEN)),
    ("BY_NUMBER", (1, SEEN)),
    ("CARDS_OF_REPORT", (UUID(int=1), 5)),
    ("IS_POST", (-1001, 1)),
]


def whole_tables(plan: list[Any]) -> set[str]:
    """The tables that a plan reads from end to end."""
    return set(re.findall(r"Seq Scan on (\w+)", "\n".join(row[0] for row in plan)))


@pytest.mark.parametrize(("name", "arguments"), LOOKS)
async def test_no_look_reads_a_table_from_end_to_end(driver: Any, name: str, arguments: tuple[Any, ...]) -> None:
    statement = getattr(list_queries, name)
    tables = {"reports", "resources", "cards", "report_links"}
    assert not whole_tables(await driver.fetch(f"EXPLAIN {statement}", *arguments)) & tables
    # Nor when the server has made one plan for all parameters.
    await driver.execute("SET plan_cache_mode = force_generic_plan")
    assert not whole_tables(await driver.fetch(f"EXPLAIN {statement}", *arguments)) & tables


@pytest.mark.parametrize("name", ["QUEUE_FORWARDS", "QUEUE_BACKWARDS"])
@pytest.mark.parametrize("mode", ["auto", "force_generic_plan"])
async def test_a_page_of_the_queue_begins_at_its_key_in_an_index_of_its_own(driver: Any, name: str, mode: str) -> None:
    await driver.execute(f"SET plan_cache_mode = {mode}")
    for level in Level:
        rows = await driver.fetch(f"EXPLAIN {getattr(list_queries, name)}", level.value, *PLACES[1], SEEN)
        plan = "\n".join(row[0] for row in rows)
        for table in ("reports", "resources"):
            where = rf"using ix_{table}_queue on {table} .*\n\s+Index Cond: .*ROW\(\(- priority\), opened_at\)"
            assert re.search(where, plan), plan


HELD: Final = {"held": release_queries.HELD, **{f"{sort}s": one for sort, one in release_queries.RELEASED.items()}}


@pytest.mark.parametrize("name", HELD)
async def test_what_somebody_who_left_had_in_hand_is_found_without_reading_a_table_from_end_to_end(
    driver: Any, name: str
) -> None:
    arguments = (OFFICER, "desk", 0, *([] if name == "held" else [200]))
    tables = {"reports", "resources", "cards"}
    for mode in ("auto", "force_generic_plan"):
        await driver.execute(f"SET plan_cache_mode = {mode}")
        assert not whole_tables(await driver.fetch(f"EXPLAIN {HELD[name]}", *arguments)) & tables


ALMATY: Final = ZoneInfo("Asia/Almaty")
TODAY: Final = NOW.astimezone(ALMATY).date()
MONTH: Final = Days.of(days_of(last_days(30, TODAY)), ALMATY)
ALWAYS: Final = (datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC))
FIGURES: Final[list[tuple[ModuleType, str, tuple[Any, ...]]]] = [
    (figures_queries, "REPORTS", (*MONTH, ["blocked"])),
    (figures_queries, "RESOURCES", (*MONTH,)),
    (figures_queries, "REPEATS", (*MONTH,)),
    (figures_queries, "ACTS", (*MONTH, list(TAKING), list(CLOSING))),
    (figures_queries, "KEPT", (*MONTH, basis(ALMATY))),
    (figures_queries, "FIRST_FILED", ()),
    # A day's links, and the open ones of all time: what `/register` is asked for.
    (register, "ROWS", (NOW - timedelta(hours=30), NOW - timedelta(hours=6), None, None, False, 5, None)),
    (register, "OPEN_ROWS", (*ALWAYS, "open", None, False, 5, [0])),
    (register, "LEFT_OUT", (NOW - timedelta(hours=30), NOW - timedelta(hours=6), None, None, None)),
    (register, "OPEN_LEFT_OUT", (*ALWAYS, "open", None, [0])),
]


@pytest.mark.parametrize(("module", "name", "arguments"), FIGURES)
async def test_figures_and_the_register_read_no_table_from_end_to_end(
    driver: Any, module: ModuleType, name: str, arguments: tuple[Any, ...]
) -> None:
    tables = {"reports", "resources", "report_links", "journal", "decisions"}
    plan = await driver.fetch(f"EXPLAIN {getattr(module, name)}", *arguments)
    assert not whole_tables(plan) & tables, "\n".join(row[0] for row in plan)


async def test_every_statement_that_looks_is_looked_at() -> None:
    looks = {name for name, value in vars(list_queries).items() if name.isupper() and "SELECT" in value}
    assert looks == {name for name, _ in LOOKS}


@pytest.mark.parametrize("which", ListName)
async def test_a_list_turned_over_to_its_end_and_back_shows_everything_once(driver: Any, which: ListName) -> None:
    lists = WorkLists(WorkingTime("Mon-Sun 00:00-24:00", "Asia/Almaty"), 8, 1)
    now = datetime.now(UTC) + timedelta(minutes=1)
    wanted = {
        ListName.QUEUE: "status = 'new'",
        ListName.MINE: "claimed_by = 7 AND status <> 'decided'",
        ListName.OVERDUE: "status = 'new' AND opened_at <= $1 - interval '8 hours'"
        " OR status = 'in_progress' AND opened_at <= $1 - interval '1 day'",
    }[which]
    order = "priority DESC, opened_at, number, id" if which is ListName.QUEUE else "opened_at, id"
    rows = await driver.fetch(
        "SELECT id, opened_at FROM (SELECT id, status, opened_at, claimed_by, priority, number FROM reports"
        " UNION ALL SELECT id, status, opened_at, claimed_by, priority,"
        " (SELECT min(number) FROM report_links WHERE resource_id = resources.id) FROM resources) AS each_one"
        f" WHERE opened_at IS NOT NULL AND $1::timestamptz IS NOT NULL AND ({wanted}) ORDER BY {order}",
        now,
    )
    assert len(rows) > 100
    pages, key = [await lists.page(driver, which, OFFICER, now, SEEN)], None
    while pages[-1].after:
        key = pages[-1].rows[-1].key
        pages.append(await lists.page(driver, which, OFFICER, now, SEEN, key))
    assert [row.id for page in pages for row in page.rows] == [row["id"] for row in rows]
    assert [page.before for page in pages] == [False] + [True] * (len(pages) - 1)
    for page, following in zip(pages[-2::-1], pages[:0:-1], strict=True):
        assert await lists.page(driver, which, OFFICER, now, SEEN, following.rows[0].key, back=True) == page


async def test_a_link_without_a_card_of_its_own_is_not_listed_but_its_list_is(driver: Any) -> None:
    lists = WorkLists(WorkingTime("Mon-Sun 00:00-24:00", "Asia/Almaty"), 8, 1)
    links = Key(NOW - timedelta(minutes=OPEN // 2), UUID(int=0))
    first = (await lists.page(driver, ListName.QUEUE, 0, NOW, SEEN, links)).rows
    assert {row.kind for row in first} == {None}
    transaction = driver.transaction()
    await transaction.start()
    await driver.execute("DELETE FROM cards WHERE subject = $1", first[4].id)
    rest = (await lists.page(driver, ListName.QUEUE, 0, NOW, SEEN, links)).rows
    await transaction.rollback()
    assert rest[:9] == [*first[:4], *first[5:]]
