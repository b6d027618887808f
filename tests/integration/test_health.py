"""`/healthz` over real HTTP: green when all is well, red with the reason's name when it is not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import aiohttp
from aiohttp import web

from bot.database import Database, driver
from bot.delivery import statements
from bot.delivery.limits import GROUP
from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.delivery.precedence import Rank
from bot.health import Health
from bot.migrate import downgrade, head
from bot.telegram.contact import Contact
from tests.workbench import Clock, open_ring
from tests.workbench import look as rows


@asynccontextmanager
async def page(database: Database, clock: Clock, contact: Contact | None = None) -> AsyncIterator[Any]:
    runner = web.AppRunner(Health(database, clock, head(), contact or Contact(clock)).app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as http:

        async def look() -> tuple[int, dict[str, Any]]:
            async with http.get(f"http://127.0.0.1:{runner.addresses[0][1]}/healthz") as answer:
                return answer.status, await answer.json()

        yield look
    await runner.cleanup()


WELL = {
    "database": True,
    "telegram": True,
    "schema": True,
    "deliveries": True,
    "leads": False,
    "waiting": {"citizen": 0, "desk": 0},
    "oldest_seconds": {"citizen": 0, "desk": 0},
}


async def queue(database: Database, clock: Clock, recipient: Recipient = Recipient.CITIZEN) -> None:
    outbox = Outbox(await open_ring(database))
    async with database.transaction() as connection:
        await outbox.message(await driver(connection), recipient, uuid4(), "received", {}, clock())


async def put_off(database: Database, clock: Clock) -> None:
    """Put every waiting message off for five minutes, as a courier does that finds Telegram away."""
    async with database.transaction() as connection:
        raw = await driver(connection)
        for row in await raw.fetch("SELECT id, attempts FROM messages WHERE outcome IS NULL"):
            await raw.execute(statements.MESSAGE_LATER, row["id"], clock() + timedelta(minutes=5), row["attempts"])


async def test_health_is_green_when_all_is_well_and_red_when_an_answer_to_a_citizen_is_late(database: Database) -> None:
    clock = Clock()
    async with page(database, clock) as look:
        assert await look() == (200, WELL)
        await queue(database, clock)
        clock.forward(minutes=14)
        assert (await look())[0] == 200
        clock.forward(minutes=2)
        late = {"deliveries": False, "oldest_seconds": {"citizen": 960, "desk": 0}}
        assert await look() == (503, WELL | late | {"waiting": {"citizen": 1, "desk": 0}})


async def test_putting_a_delivery_off_makes_it_no_younger(database: Database, database_url: str) -> None:
    clock = Clock()
    async with page(database, clock) as look:
        await queue(database, clock)
        clock.forward(seconds=30)
        for _ in range(4):
            await put_off(database, clock)
            clock.forward(minutes=4)
        status, seen = await look()
        assert (status, seen["deliveries"], seen["oldest_seconds"]["citizen"]) == (503, False, 16 * 60 + 30)
    (row,) = await rows(database_url, "SELECT first_due_at, attempts FROM messages")
    assert row["first_due_at"].second == row["first_due_at"].microsecond == 0


async def test_what_is_to_leave_later_is_not_late_before(database: Database) -> None:
    clock = Clock()
    clock.forward(hours=2)
    async with page(database, clock) as look:
        await queue(database, clock)
        clock.forward(hours=-2)
        assert await look() == (200, WELL)


async def leaves(database: Database, clock: Clock, rank: Rank = Rank.NEW, cost: int = 1) -> None:
    """Note a send to the desk, as the courier does."""
    async with database.transaction() as connection:
        await (await driver(connection)).execute(statements.SENT, -100, clock(), int(rank), cost, "desk")


async def test_a_desk_to_which_nothing_leaves_is_red_after_a_quarter_of_an_hour(database: Database) -> None:
    clock = Clock()
    async with page(database, clock) as look:
        await queue(database, clock, Recipient.DESK)
        clock.forward(minutes=14)
        assert (await look())[0] == 200
        clock.forward(minutes=2)
        status, seen = await look()
        assert (status, seen["deliveries"], seen["oldest_seconds"]["desk"]) == (503, False, 16 * 60)


async def test_a_line_of_hours_before_the_desk_is_well_as_long_as_it_moves_and_is_told_as_a_number(
    database: Database,
) -> None:
    clock = Clock()
    async with page(database, clock) as look:
        for _ in range(30):
            await queue(database, clock, Recipient.DESK)
        clock.forward(hours=6)
        await leaves(database, clock)
        clock.forward(minutes=9)
        status, seen = await look()
        assert (status, seen["waiting"]["desk"], seen["oldest_seconds"]["desk"]) == (200, 30, 6 * 3600 + 540)
        clock.forward(minutes=2)
        # Being told to wait, or telling how much waits, moves nothing.
        await leaves(database, clock, cost=GROUP[0])
        await leaves(database, clock, Rank.DIGEST)
        assert (await look())[0] == 503
        await leaves(database, clock)
        assert (await look())[0] == 200


async def test_a_line_that_moves_before_the_desk_excuses_no_late_answer_to_a_citizen(database: Database) -> None:
    clock = Clock()
    async with page(database, clock) as look:
        await queue(database, clock)
        await queue(database, clock, Recipient.DESK)
        clock.forward(minutes=16)
        await leaves(database, clock)
        assert (await look())[0] == 503


async def test_a_card_that_is_shown_at_last_is_late_no_more(database: Database) -> None:
    clock, outbox = Clock(), Outbox(await open_ring(database))
    async with page(database, clock) as look:
        async with database.transaction() as connection:
            raw = await driver(connection)
            await outbox.want(raw, Recipient.DESK, CardSort.REPORT, [uuid4()], clock())
            card = await raw.fetchval("SELECT id FROM cards")
            await raw.execute(statements.CARD_LATER, card, clock() + timedelta(hours=2), 0)
        clock.forward(minutes=61)
        assert (await look())[0] == 503
        async with database.transaction() as connection:
            raw = await driver(connection)
            await raw.execute(statements.CARD_SHOWN, card, 1, 7, None, "desk")
            await outbox.refresh(raw, CardSort.REPORT, [await raw.fetchval("SELECT subject FROM cards")], clock())
        assert (await look())[0] == 200


async def test_the_leader_is_red_when_telegram_is_silent_and_green_when_it_is_back(database: Database) -> None:
    clock = Clock()
    contact = Contact(clock)
    async with page(database, clock, contact) as look:
        contact.leads()
        clock.forward(seconds=119)
        assert (await look())[1]["telegram"] is True
        clock.forward(seconds=2)
        assert await look() == (503, WELL | {"leads": True, "telegram": False})
        contact.heard()
        assert await look() == (200, WELL | {"leads": True})


async def test_a_process_that_follows_is_green_and_one_that_steps_down_with_nobody_after_it_is_not(
    database: Database,
) -> None:
    clock = Clock()
    contact = Contact(clock)
    async with page(database, clock, contact) as look:
        clock.forward(hours=1)
        assert (await look())[0] == 200
        for _ in range(3):
            # Another program takes the updates: it leads and steps down again and again.
            contact.leads()
            contact.steps_down()
            clock.forward(minutes=1)
        assert await look() == (503, WELL | {"telegram": False})
        contact.follows()
        assert await look() == (200, WELL)


async def test_health_is_red_when_the_schema_is_not_the_programs(database: Database) -> None:
    async with page(database, Clock()) as look:
        await downgrade(database, "-1")
        status, seen = await look()
        assert (status, seen["schema"]) == (503, False)


async def test_health_is_red_when_the_database_is_away() -> None:
    away = Database("postgresql://nobody@/nothing?host=/nowhere")
    async with page(away, Clock()) as look:
        assert await look() == (503, {"database": False, "telegram": True, "leads": False})
