"""Priority in the database: a statement looks up what the rules say, of whatever facts, and keeps it with them."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from bot.database import Database, driver
from bot.delivery.outbox import Outbox
from bot.privacy.keyring import KeyRing
from bot.reports import queries
from bot.reports.near import COUNTED
from bot.reports.priority import REACH, REPORTS, Facts, Level, by_rules, level_of, place_counts
from bot.reports.ranking import Ranking
from bot.reports.trade import ALL, Trade

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RESOURCE = """
INSERT INTO resources (id, key, platform, what, url, status, reopened, first_reported_at, opened_at, times_reported)
VALUES ($1, $2, 'telegram', 'channel', 'https://t.me/name', $3, false, $4, $4, $5)
"""

STANDS = """
SELECT reach, trade, returned, priority, (SELECT wanted_version - 1 FROM cards WHERE subject = $1) AS edits
FROM resources WHERE id = $1
"""


async def test_a_statement_looks_up_just_what_the_rules_say(database_url: str) -> None:
    reports = sorted({0, 1000, *(number + step for number in REPORTS for step in (-1, 0, 1))})
    reach = [None, 0, *(number + step for number in REACH for step in (-1, 0, 1)), 10**12]
    cases = list(product(reports, reach, range(ALL + 1), (False, True)))
    level = level_of("reports", "reach", "words", "returned")
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch(
        f"SELECT {level} AS level FROM unnest($1::int[], $2::bigint[], $3::smallint[], $4::bool[])"
        " WITH ORDINALITY AS facts (reports, reach, words, returned, n) ORDER BY n",
        *map(list, zip(*cases, strict=True)),
    )
    near = await connection.fetch(
        f"SELECT {level_of(place_counts('near'), 'NULL', '0', 'false')} AS level FROM generate_series(0, $1) AS near",
        COUNTED,
    )
    await connection.close()
    assert [Level(row["level"]) for row in rows] == [
        by_rules(Facts(told, subscribers, Trade(words), returned)) for told, subscribers, words, returned in cases
    ]
    assert [Level(row["level"]) for row in near] == [by_rules(Facts(near=count)) for count in range(COUNTED + 1)]


async def seen(database: Database, resource_id: UUID, reach: int, trade: Trade, *, returned: bool = False) -> Any:
    outbox = Outbox(KeyRing(database, bytes(32)))
    async with database.transaction() as connection:
        raw = await driver(connection)
        await Ranking(outbox).seen(raw, resource_id, reach, trade, NOW, returned=returned)
        return await raw.fetchrow(STANDS, resource_id)


async def test_a_look_takes_up_reach_words_and_return_and_shows_the_card_where_that_tells(database: Database) -> None:
    resource_id = uuid4()
    async with database.transaction() as connection:
        raw = await driver(connection)
        await raw.execute(RESOURCE, resource_id, bytes(32), "new", NOW, 1)
        await raw.execute(
            "INSERT INTO cards (id, recipient, sort, subject, wanted_version, shown_version, due_at, attempts)"
            " VALUES ($1, 'desk', 'resource', $2, 1, 1, $3, 0)",
            uuid4(),
            resource_id,
            NOW,
        )
    # A card tells nothing of what is usual: it is not edited for that.
    assert tuple(await seen(database, resource_id, 999, Trade.NONE)) == (999, 0, False, Level.USUAL, 0)
    assert tuple(await seen(database, resource_id, 1500, Trade.SELLING)) == (1500, 1, False, Level.HIGH, 1)
    assert tuple(await seen(database, resource_id, 1500, Trade.SELLING)) == (1500, 1, False, Level.HIGH, 1)
    # Words that are gone from the page were there; who left it is not there any more.
    after = await seen(database, resource_id, 900, Trade.HIRING, returned=True)
    assert tuple(after)[:4] == (900, 3, True, Level.URGENT)
    assert (await seen(database, resource_id, 900, Trade.NONE))["returned"]


async def test_what_somebody_changes_at_this_moment_is_not_waited_for(database: Database, database_url: str) -> None:
    resource_id = uuid4()
    async with database.transaction() as connection:
        await (await driver(connection)).execute(RESOURCE, resource_id, bytes(32), "new", NOW, 1)
    holder = await asyncpg.connect(database_url)
    async with holder.transaction():
        await holder.execute("SELECT FROM resources WHERE id = $1 FOR UPDATE", resource_id)
        assert (await seen(database, resource_id, 9000, Trade.NONE))["reach"] is None
    await holder.close()
    assert (await seen(database, resource_id, 9000, Trade.NONE))["priority"] == Level.HIGH


@pytest.mark.parametrize(
    ("decision", "after", "returned"), [("blocked", "in_progress", True), ("rejected", "in_progress", False)]
)
async def test_what_an_officer_opens_again_has_returned_if_it_was_closed(
    database: Database, decision: str, after: str, *, returned: bool
) -> None:
    resource_id = uuid4()
    async with database.transaction() as connection:
        raw = await driver(connection)
        await raw.execute(RESOURCE, resource_id, bytes(32), "new", NOW, 1)
        for move in (("decided", decision, 7, "A", NOW), (after, None, 7, "A", None), ("new", None, None, None, None)):
            await raw.execute(queries.MOVE_RESOURCE, resource_id, *move)
        row = await raw.fetchrow("SELECT returned, priority FROM resources WHERE id = $1", resource_id)
    assert tuple(row) == (returned, Level.HIGH if returned else Level.USUAL)
