"""`/healthz` over real HTTP: green when all is well, red with the reason's name when it is not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import aiohttp
from aiohttp import web

from bot.database import Database, driver
from bot.delivery.outbox import Outbox, Recipient
from bot.health import Health
from bot.migrate import downgrade, head
from tests.workbench import Clock, open_ring


@asynccontextmanager
async def page(database: Database, clock: Clock) -> AsyncIterator[Any]:
    runner = web.AppRunner(Health(database, clock, head()).app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as http:

        async def look() -> tuple[int, dict[str, Any]]:
            async with http.get(f"http://127.0.0.1:{runner.addresses[0][1]}/healthz") as answer:
                return answer.status, await answer.json()

        yield look
    await runner.cleanup()


async def test_health_is_green_when_all_is_well_and_red_when_an_answer_to_a_citizen_is_late(database: Database) -> None:
    clock, outbox = Clock(), Outbox(await open_ring(database))
    async with page(database, clock) as look:
        assert await look() == (200, {"database": True, "schema": True, "deliveries": True})
        async with database.transaction() as connection:
            raw = await driver(connection)
            await outbox.message(raw, Recipient.CITIZEN, uuid4(), "received", {}, clock())
        clock.forward(minutes=14)
        assert (await look())[0] == 200
        clock.forward(minutes=2)
        assert await look() == (503, {"database": True, "schema": True, "deliveries": False})


async def test_health_is_red_when_the_schema_is_not_the_programs(database: Database) -> None:
    async with page(database, Clock()) as look:
        await downgrade(database, "-1")
        status, seen = await look()
        assert (status, seen["schema"]) == (503, False)


async def test_health_is_red_when_the_database_is_away() -> None:
    away = Database("postgresql://nobody@/nothing?host=/nowhere")
    async with page(away, Clock()) as look:
        assert await look() == (503, {"database": False})
