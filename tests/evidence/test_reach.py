"""The reach that was cut off: a figure that one can check, look by look."""

from __future__ import annotations

from datetime import timedelta

from bot.database import Database
from bot.reports.figures import Period
from bot.reports.statistics import Counting
from tests.evidence.town import channel, open_town
from tests.evidence.web import page

BLOCKED = """
WITH moved AS (UPDATE resources SET status = 'decided', decision = 'blocked', decided_at = $1 WHERE id = $2)
INSERT INTO journal (at, officer, officer_name, act, sort, subject) VALUES ($1, 1, 'A', 'blocked', 'resource', $2)
"""


async def test_subscribers_of_what_was_closed_are_told_as_they_were_last_counted(database: Database) -> None:
    async with open_town(database) as town:
        begins = {"shop": 9_000, "store": 412, "open": 70_000}
        for name, subscribers in begins.items():
            town.web.sites[f"t.me/{name}_kz"] = channel(name, subscribers)
            await town.add(f"https://t.me/{name}_kz")
        town.web.sites["site.kz"] = page()
        await town.add("https://site.kz")
        await town.until(town.clock() + timedelta(hours=14))
        town.web.sites["t.me/shop_kz"] = channel("shop", 9_600)
        await town.until(town.clock() + timedelta(days=2))
        closed = town.clock()
        for url in ("https://t.me/shop_kz", "https://t.me/store_kz", "https://site.kz"):
            await town.write(BLOCKED, closed, town.ids[url])
        # What is counted later changes nothing of what was: neither by new readers nor by none.
        resource = town.ids["https://t.me/shop_kz"]
        later = closed + timedelta(days=1)
        await town.write("INSERT INTO looks VALUES (gen_random_uuid(), $1, $2, 'alive', 50000)", resource, later)
        counting = Counting(database, "Asia/Almaty", town.clock)
        today = counting.today
        month, before = Period(today, today), Period(today - timedelta(days=1), today - timedelta(days=1))
        assert [figures.reach for figures in await counting.figures(month, before)] == [9_600 + 412, 0]
        town.clock.now += timedelta(days=3)
        await counting.keep()
        assert (await counting.figures(month))[0].reach == 9_600 + 412
        assert (await counting.figures(month))[0].blocked == 3
