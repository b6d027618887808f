"""Rows are locked in one order everywhere: whoever locks several never waits in a circle with somebody who does too.

Each pair is brought to the point where another order would be a deadlock: both wait for the row that comes first in
the right order, which a third one holds. Who went by another order has the other rows by then.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from bot.database import driver
from bot.delivery.outbox import CardSort, Outbox, Recipient, line
from bot.embedded import Embedded
from bot.reports import batch_queries, release_queries
from bot.reports.contents import StoredLink
from bot.reports.deciding import Officer
from bot.reports.found_links import FoundLinks
from bot.reports.lifecycle import Decision
from bot.reports.naming import name_resources, resource_key
from bot.reports.passing import GIVE_LISTED, all_to_main
from bot.reports.ranking import Ranking
from bot.reports.trade import Trade
from bot.wording import Wording
from tests.integration.rehearsal import Rehearsal, rehearsal
from tests.workbench import until

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
AIGERIM = Officer(77, "Айгерим")
URLS = [f"https://t.me/shop_{number}" for number in range(6)]
Step = Callable[[Any], Awaitable[object]]
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


class NotKept(Exception):
    """What a step did is not wanted."""


class Scene:
    """Links of one list, whose ids and cards are in the other order than their keys."""

    def __init__(self, bot: Rehearsal) -> None:
        self.bot, self.list_id, self.found_id, self.capture_id = bot, uuid4(), uuid4(), uuid4()
        self.office = 0
        keys = sorted(resource_key(bot.ring, url) for url in URLS)
        self.ids = dict(zip(keys, sorted((uuid4() for _ in keys), reverse=True), strict=True))

    async def open(self) -> None:
        [row] = await self.bot.fetch(
            "INSERT INTO offices (name, chat_id, language, districts, kinds, restricted, opened_at) "
            "VALUES ('Талас', -1002000000001, 'ru', '{}', '{}', false, now()) RETURNING id"
        )
        self.office = row["id"]
        await self.bot.fetch(
            "INSERT INTO reports (id, kind, status, filed_at, opened_at, receipt_hash, office, claimed_by) "
            "VALUES ($1, 'link', 'in_progress', $2, $2, $3, $4, $5)",
            *(self.list_id, NOW, self.list_id.bytes, self.office, AIGERIM.id),
        )
        for url in URLS:
            key = resource_key(self.bot.ring, url)
            await self.bot.fetch(
                "INSERT INTO resources (id, key, platform, what, url, status, reopened, first_reported_at, opened_at, "
                "times_reported, office, claimed_by) "
                "VALUES ($1, $2, 'telegram', 'channel', $3, 'in_progress', false, $4, $4, 1, $5, $6)",
                *(self.ids[key], key, url, NOW, self.office, AIGERIM.id),
            )
        for key in sorted(self.ids):
            await self.bot.fetch(
                "INSERT INTO report_links (report_id, resource_id, number, at, found) VALUES ($1, $2, 1, $3, 'new')",
                *(self.list_id, self.ids[key], NOW),
            )
        await self.bot.fetch(
            "INSERT INTO found_links (id, key, platform, what, url, office, resource_id, capture_id, successor, state, "
            "at) VALUES ($1, '\\x00', 'telegram', 'channel', 'https://t.me/other', $2, $3, $4, true, 'proposed', $5)",
            *(self.found_id, self.office, self.first, self.capture_id, NOW),
        )
        async with self.bot.database.transaction() as connection:
            cards = CardSort.FOUND, [self.capture_id], NOW, line(self.office)
            await Outbox(self.bot.ring).want(await driver(connection), Recipient.DESK, *cards)

    @property
    def first(self) -> UUID:
        """The resource that is locked first."""
        return self.ids[min(self.ids)]

    async def names(self, raw: Any) -> None:
        """Somebody reports the links."""
        links = [StoredLink(platform="telegram", what="channel", url=url) for url in URLS]
        about = self.bot.ring, self.list_id, 1, links, 5_012_345_678, NOW, NOW
        await name_resources(raw, *about, own_cards=9)

    async def words(self, raw: Any) -> None:
        await Ranking(Outbox(self.bot.ring)).words(raw, self.list_id, Trade.SELLING, NOW)

    async def decides(self, raw: Any) -> None:
        await self.bot.app.decisions.act(raw, CardSort.REPORT, self.list_id, Decision.BLOCKED, AIGERIM, NOW)

    async def passes(self, raw: Any) -> None:
        await raw.execute(GIVE_LISTED, self.list_id, None)

    async def marks(self, raw: Any) -> None:
        await raw.fetch(batch_queries.LINKS_LOCKED, sorted(self.ids.values()))

    async def releases(self, raw: Any) -> None:
        statement = release_queries.RELEASED[CardSort.RESOURCE]
        assert len(await raw.fetch(statement, AIGERIM.id, line(self.office), self.office, 200)) == len(URLS)

    async def closes(self, raw: Any) -> None:
        await all_to_main(raw, Outbox(self.bot.ring), self.office, NOW)

    async def takes(self, raw: Any) -> None:
        """An officer takes up what a page names."""
        found = FoundLinks(self.bot.ring, Outbox(self.bot.ring), self.bot.app.decisions, lambda: "bot_of_this_test")
        await found.take(raw, self.found_id, line(self.office), AIGERIM, NOW)


@pytest.fixture(scope="module")
async def scene(cluster: Embedded, wording: Wording) -> AsyncIterator[Scene]:
    async with rehearsal(cluster, wording, undo_seconds=30) as bot:
        await bot.ring.ready(NOW)
        opened = Scene(bot)
        await opened.open()
        yield opened


async def undone(bot: Rehearsal, step: Step) -> None:
    """Take a step in a transaction that is not kept."""
    with suppress(NotKept):
        async with bot.database.transaction() as connection:
            await step(await driver(connection))
            raise NotKept


async def at_once(bot: Rehearsal, held: str, subject: UUID, *steps: Step) -> None:
    """Let steps begin while somebody holds a row that they need, each when the one before waits for it."""
    tasks = list[asyncio.Task[None]]()

    async def all_wait() -> bool:
        for task in tasks:
            if task.done():
                await task
        return bool((await bot.fetch(WAITING))[0]["count"] == len(tasks))

    async with bot.database.transaction() as connection:
        assert await (await driver(connection)).fetch(held, subject)
        for step in steps:
            tasks.append(asyncio.create_task(undone(bot, step)))
            await until(all_wait, 15.0)
    await asyncio.gather(*tasks)


@pytest.mark.parametrize("way", ["words", "decides", "passes", "marks", "releases", "closes"])
async def test_who_reports_links_and_who_acts_on_them_do_not_wait_in_a_circle(scene: Scene, way: str) -> None:
    held = "SELECT id FROM resources WHERE id = $1 FOR UPDATE"
    await at_once(scene.bot, held, scene.first, scene.names, getattr(scene, way))


async def test_who_takes_up_a_find_and_who_closes_its_office_do_not_wait_in_a_circle(scene: Scene) -> None:
    held = "SELECT id FROM found_links WHERE id = $1 FOR UPDATE"
    await at_once(scene.bot, held, scene.found_id, scene.takes, scene.closes)


@pytest.mark.parametrize("way", ["refresh", "hide"])
async def test_cards_are_shown_anew_in_one_order(scene: Scene, way: str) -> None:
    outbox, subjects = Outbox(scene.bot.ring), sorted(uuid4() for _ in range(6))
    for subject in reversed(subjects):
        # As they lie in the table, so a statement that does not say otherwise takes them.
        async with scene.bot.database.transaction() as connection:
            await outbox.want(await driver(connection), Recipient.DESK, CardSort.RESOURCE, [subject], NOW, "desk")

    async def wants(raw: Any) -> None:
        await outbox.want(raw, Recipient.DESK, CardSort.RESOURCE, subjects, NOW, "desk")

    async def changes(raw: Any) -> None:
        await getattr(outbox, way)(raw, CardSort.RESOURCE, subjects, NOW)

    held = "SELECT id FROM cards WHERE subject = $1 FOR UPDATE"
    await at_once(scene.bot, held, subjects[0], wants, changes)
