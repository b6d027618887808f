"""`/metrics` over real HTTP: what happened is counted, and nothing of anybody stands in it."""

from __future__ import annotations

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from tests.journeys.acting import Citizen, Desk, unique
from tests.stage import Stage


async def scrape(stage: Stage) -> tuple[str, dict[tuple[str, ...], float]]:
    host, port = stage.app.settings.health_listen
    async with aiohttp.ClientSession() as http, http.get(f"http://{host}:{port}/metrics") as answer:
        assert answer.status == 200
        page = await answer.text()
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }
    return page, samples


async def test_what_happens_is_counted_and_nobody_is_named(stage: Stage) -> None:
    citizen = Citizen(stage, first_name="Zhuldyzai", last_name="Marked", username="zhuldyzai_marked")
    desk, name = Desk(stage), unique()
    citizen.types("/start")
    await citizen.reads(citizen.text("menu"))
    _, before = await scrape(stage)
    citizen.types(f"t.me/{name}")
    await citizen.reads(name)
    receipt = await citizen.sends()
    await desk.press(await desk.sees(name), "Взять")
    await citizen.settled()
    page, after = await scrape(stage)

    def rose(*key: str) -> float:
        return after.get(key, 0.0) - before.get(key, 0.0)

    assert rose("shekteu_updates_total", "taken") >= 3
    assert rose("shekteu_replies_total", "sendMessage") >= 1
    assert rose("shekteu_deliveries_total", "sent", "citizen") >= 1
    assert rose("shekteu_deliveries_total", "shown", "desk") >= 2
    assert rose("shekteu_turn_seconds_count") >= 3
    assert after["shekteu_waiting", "citizen"] == 0
    for secret in (str(citizen.id), "huldyzai", "arked", name, receipt, receipt.replace("-", ""), stage.sandbox.token):
        assert secret.lower() not in page.lower()
