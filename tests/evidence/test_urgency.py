"""What a look at a link finds makes it more urgent: its subscribers, the words of its page, that it is there again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.database import Database
from bot.reports.priority import Level
from bot.reports.trade import Trade
from tests.evidence.town import Town, channel, open_town
from tests.evidence.web import page


async def stands(town: Town, url: str) -> tuple[Any, ...]:
    [row] = await town.rows("SELECT reach, trade, returned, priority FROM resources WHERE id = $1", town.ids[url])
    return tuple(row)


async def test_reach_words_of_the_page_and_return_are_taken_up_as_they_are_seen(database: Database) -> None:
    async with open_town(database) as town:
        shop, small, site = "https://t.me/shop_kz", "https://t.me/small_kz", "https://site.kz"
        town.web.sites["t.me/shop_kz"] = channel("Работа: курьеры", 9_000)
        town.web.sites["t.me/small_kz"] = channel("Новости", 40)
        town.web.sites["site.kz"] = page("", "451 Unavailable For Legal Reasons")
        for url in (shop, small, site):
            await town.add(url)
        await town.until(town.clock() + timedelta(hours=14))
        assert await stands(town, shop) == (9_000, Trade.HIRING, False, Level.URGENT)
        assert await stands(town, small) == (40, 0, False, Level.USUAL)
        assert await stands(town, site) == (None, 0, False, Level.USUAL)
        # Closed by law, and open again: it has returned.
        town.web.sites["site.kz"] = page("<title>Прайс</title>")
        town.web.sites["t.me/shop_kz"] = channel("Отдых", 900)
        await town.until(town.clock() + timedelta(days=2))
        assert await stands(town, site) == (None, Trade.SELLING, True, Level.HIGH)
        # Its readers have left; what its page said once was said.
        assert await stands(town, shop) == (900, Trade.HIRING, False, Level.HIGH)
