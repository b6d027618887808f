"""Links that captures name are proposed to the desk: an officer takes one up, or says that it is nothing.

None is filed by itself, and none counts as reported. One link is proposed once, wherever else it is seen later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid4

from bot.clock import to_minute
from bot.delivery.outbox import CardSort, Outbox, Recipient, line
from bot.links.own import leads_to
from bot.privacy.keyring import KeyRing
from bot.reports import found_queries, queries
from bot.reports.contents import StoredLink
from bot.reports.deciding import Decisions, Officer
from bot.reports.lifecycle import Act
from bot.reports.naming import resource_key

OF_PAGE: Final = 30
"""Links that the captures of one page may propose, all together: a page that names others each day goes quiet."""
PACE: Final = timedelta(minutes=2)
"""Between two messages about captures on one desk: its minute belongs to what people report."""
TAKE: Final = "take_found"
DECLINE: Final = "decline_found"
RETURN: Final = "return_found"
"""The acts of officers in the journal: the first on the resource that it became, the others on the found link."""


class FoundState(StrEnum):
    """How a link stands that a capture names."""

    PROPOSED = "proposed"
    TAKEN = "taken"
    DECLINED = "declined"
    REPORTED = "reported"
    """Somebody has reported it meanwhile."""


class NoSuchFind(Exception):
    """What was found is no longer kept, or stands on another desk."""


class FindAnswered(Exception):
    """It was taken up, declined or reported before."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A page that was captured, and whose desk is asked about what it names."""

    resource_id: UUID
    capture_id: UUID
    office: int | None
    """None: the main one."""
    restricted: bool
    """What such a page names is seen by its desk alone, whoever else may find it."""


class FoundLinks:
    """Keeps them, on the driver's connection of an open transaction."""

    def __init__(self, ring: KeyRing, outbox: Outbox, decisions: Decisions, bot_name: Callable[[], str]) -> None:
        self._ring, self._outbox, self._decisions, self._bot_name = ring, outbox, decisions, bot_name

    async def note(self, driver: Any, seen: Seen, named: Iterable[tuple[StoredLink, bool]], now: datetime) -> int:
        """Propose what a capture names and nobody knows yet; give how many links that are.

        With each link comes whether its page says that it goes on there.
        """
        own = self._bot_name()
        links = [each for each in named if not (each[0].private or leads_to(own, each[0].url))]
        if not links:
            return 0
        keys = [resource_key(self._ring, link.url, restricted=seen.restricted) for link, _ in links]
        told = zip(*((link.platform, link.what, link.url, successor) for link, successor in links), strict=True)
        given = [uuid4() for _ in links], keys, *map(list, told)
        about = seen.office, seen.resource_id, seen.capture_id, to_minute(now), OF_PAGE
        fresh = await driver.fetch(found_queries.PROPOSE, *given, *about)
        for row in await driver.fetch(found_queries.SEEN_AT, keys, seen.resource_id, to_minute(now)):
            await self._outbox.settle(driver, CardSort.FOUND, row["capture_id"], now)
        if fresh:
            desk = line(seen.office)
            due = await driver.fetchval(found_queries.NEXT_DUE, desk, now, PACE)
            await self._outbox.want(driver, Recipient.DESK, CardSort.FOUND, [seen.capture_id], due, desk)
        return len(fresh)

    async def take(self, driver: Any, found_id: UUID, desk: str, officer: Officer, now: datetime) -> UUID:
        """Open a resource for it, in this officer's hands, and give it; raise NoSuchFind, FindAnswered."""
        found = await self._locked(driver, found_id, desk)
        if found["state"] != FoundState.PROPOSED or found["url"] is None:
            raise FindAnswered
        given = found["key"], found["platform"], found["what"], found["url"], to_minute(now), found["office"]
        resource_id: UUID | None = await driver.fetchval(found_queries.OPEN, uuid4(), *given)
        if resource_id is None:
            await self.settle_reported(driver, now)
            raise FindAnswered
        await self._answer(driver, found, FoundState.TAKEN, officer, now)
        await driver.execute(queries.JOURNAL, now, officer.id, officer.name, TAKE, CardSort.RESOURCE.value, resource_id)
        await self._outbox.want(driver, Recipient.DESK, CardSort.RESOURCE, [resource_id], now)
        await self._decisions.act(driver, CardSort.RESOURCE, resource_id, Act.CLAIM, officer, now)
        return resource_id

    async def decline(self, driver: Any, found_id: UUID, desk: str, officer: Officer, now: datetime) -> None:
        """Note that it is nothing; raise NoSuchFind, FindAnswered."""
        await self._turn(driver, found_id, desk, (FoundState.PROPOSED, FoundState.DECLINED, DECLINE), officer, now)

    async def give_back(self, driver: Any, found_id: UUID, desk: str, officer: Officer, now: datetime) -> None:
        """Propose it once more, by whoever says so; raise NoSuchFind, FindAnswered."""
        await self._turn(driver, found_id, desk, (FoundState.DECLINED, FoundState.PROPOSED, RETURN), officer, now)

    async def settle_reported(self, driver: Any, now: datetime) -> int:
        """Have what was reported meanwhile be proposed no more; give how many links that are."""
        rows = await driver.fetch(found_queries.REPORTED, to_minute(now))
        await self._outbox.refresh(driver, CardSort.FOUND, {row["capture_id"] for row in rows}, now)
        return len(rows)

    async def _turn(
        self,
        driver: Any,
        found_id: UUID,
        desk: str,
        way: tuple[FoundState, FoundState, str],
        officer: Officer,
        now: datetime,
    ) -> None:
        before, after, act = way
        found = await self._locked(driver, found_id, desk)
        if found["state"] != before or found["url"] is None:
            raise FindAnswered
        await self._answer(driver, found, after, officer, now)
        await driver.execute(queries.JOURNAL, now, officer.id, officer.name, act, CardSort.FOUND.value, found_id)

    async def _locked(self, driver: Any, found_id: UUID, desk: str) -> Any:
        found = await driver.fetchrow(found_queries.LOCKED, found_id)
        if found is None or found["desk"] != desk:
            raise NoSuchFind
        return found

    async def _answer(self, driver: Any, found: Any, state: FoundState, officer: Officer, now: datetime) -> None:
        answered = (None, None) if state is FoundState.PROPOSED else (to_minute(now), officer.name)
        await driver.execute(found_queries.ANSWER, found["id"], state.value, *answered)
        await self._outbox.refresh(driver, CardSort.FOUND, [found["capture_id"]], now)
