"""A web of many pages that live, change, move and die, and a watch over them with a clock that is moved on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from bot.database import Database, driver
from bot.delivery.outbox import Outbox
from bot.evidence.fetching import Fetcher
from bot.evidence.looking import Looking
from bot.evidence.reading import Pages
from bot.evidence.succession import Succession
from bot.evidence.watching import Watching
from bot.evidence.ways import Bounds
from bot.evidence.worker import answer
from bot.links import canonical
from bot.privacy.keyring import KeyRing
from bot.reports.deciding import Decisions
from bot.reports.found_links import FoundLinks
from bot.reports.naming import resource_key
from bot.reports.trade import TradeWords
from bot.reports.waiting import Waits
from tests.evidence.web import Answer, Asked, Web, offered, open_web, page, trusting
from tests.stage import ROOT
from tests.workbench import Clock, open_ring

PATIENT = Bounds(whole=60.0, connect=30.0)
RESOURCE = """
INSERT INTO resources (id, key, platform, what, url, sealed, status, reopened, first_reported_at, opened_at,
  times_reported) VALUES ($1, $2, $3, $4, $5, $6, $7, false, $8, $8, 1)
"""


class PagesHere(Pages):
    """Reads pages as the other process does, without its start: a town has thousands of them."""

    async def _answer(self, asked: dict[str, Any]) -> Any:
        return answer(json.loads(json.dumps(asked)))


@dataclass
class Town:
    """The web, the watch, and what is in the database."""

    web: Web
    database: Database
    ring: KeyRing
    clock: Clock
    watching: Watching
    ids: dict[str, UUID] = field(default_factory=dict)
    """By address."""
    looks: int = 0

    async def add(self, url: str, *, private: bool = False, status: str = "new") -> UUID:
        """Have an address reported."""
        link = canonical(url)
        assert link is not None
        resource_id = self.ids[link.url] = uuid4()
        sealed = self.ring.seal("resources", resource_id.bytes, link.url.encode()) if private else None
        key = resource_key(self.ring, link.url)
        given = resource_id, key, link.platform, link.what, None if private else link.url, sealed
        await self.write(RESOURCE, *given, status, self.clock())
        return resource_id

    async def write(self, statement: str, *params: Any) -> None:
        async with self.database.transaction() as connection:
            await (await driver(connection)).execute(statement, *params)

    async def rows(self, statement: str, *params: Any) -> list[Any]:
        async with self.database.transaction() as connection:
            return list(await (await driver(connection)).fetch(statement, *params))

    async def until(self, moment: datetime) -> None:
        """Let time go on, from one thing that is due to the next."""
        while self.clock() < moment:
            begun = await self.watching.tick()
            self.looks += begun
            await self.watching.rest()
            await asyncio.sleep(0)
            wait = timedelta(seconds=5)
            if not begun:
                [row] = await self.rows("SELECT min(next_at) AS next FROM watches")
                next_at = min(row["next"] or moment, self.clock() + timedelta(hours=1))
                wait = max(wait, next_at - self.clock())
            self.clock.now += wait

    async def watch(self, url: str) -> Any:
        """Give how an address was seen."""
        link = canonical(url)
        assert link is not None
        [row] = await self.rows("SELECT * FROM watches WHERE resource_id = $1", self.ids[link.url])
        return row

    async def captures(self, url: str) -> list[Any]:
        link = canonical(url)
        assert link is not None
        return await self.rows("SELECT * FROM captures WHERE resource_id = $1 ORDER BY at", self.ids[link.url])


@asynccontextmanager
async def open_town(database: Database, *, proxy: str = "") -> AsyncIterator[Town]:
    """Open a town."""
    async with open_web(offered()) as web:
        clock, ring = Clock(), await open_ring(database)
        web.now = clock
        fetcher = Fetcher(clock, proxy, PATIENT, web.ways(trust=trusting()))
        templates, outbox = ROOT / "templates", Outbox(ring)
        common = database, ring, outbox, fetcher, PagesHere(Succession(templates)), lambda: None, clock
        found = FoundLinks(ring, outbox, Decisions(ring, outbox, Waits(0, (0, 0))), lambda: "bot_of_this_test")
        looking = Looking(*common, TradeWords(templates), found)
        watching = Watching(database, looking, onions=bool(proxy), clock=clock)
        try:
            yield Town(web, database, ring, clock, watching)
        finally:
            await watching.rest()
            await looking.close()


def channel(name: str, subscribers: int) -> Answer:
    """A page of t.me about a channel."""
    return page(
        f'<head><meta property="og:title" content="{name}"></head><div class="tgme_page">'
        f'<div class="tgme_page_title"><span>{name}</span></div>'
        f'<div class="tgme_page_extra">{subscribers} subscribers</div>'
        '<div class="tgme_page_description">Round the clock</div></div>'
    )


def nobody(name: str) -> Answer:
    """A page of t.me about a name that nobody has."""
    return page(
        '<div class="tgme_page"><div class="tgme_page_icon"></div><div class="tgme_page_description">'
        f"If you have Telegram, you can contact @{name} right away.</div></div>"
    )


def tagged(text: str, tag: str) -> Answer:
    """A page whose server knows whether it has changed."""

    async def answer(asked: Asked, writer: Any) -> None:
        same = asked.header("if-none-match") == f'"{tag}"'
        given = page("", "304 Not Modified") if same else page(text, "200 OK", f'ETag: "{tag}"')
        await given(asked, writer)

    return answer
