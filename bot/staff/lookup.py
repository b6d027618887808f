"""Looking up: /report № and /find, by what stands in clear or by a keyed hash. Sealed words are never searched."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from bot.delivery.outbox import CardSort
from bot.delivery.road import Outgoing, WantedCard
from bot.links import canonical, find
from bot.links.link import Link
from bot.privacy.keyring import KeyRing
from bot.reports import list_queries
from bot.reports.lists import Listed, listed
from bot.staff import card_links
from bot.staff.work_lists import ListPages
from bot.telegram.reply import Reply
from bot.telegram.turn import Turn

MOST: Final = 10
"""Links of one /find."""
WAYS: Final = 5
"""Cards that /report leads to, where its links have a card each."""
_NUMBER: Final = re.compile(r"[№#]?\s?([0-9]{1,12})")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")


@dataclass(frozen=True, slots=True)
class Lookup:
    """Finds reports and resources, and shows their cards anew."""

    pages: ListPages
    ring: KeyRing
    card: Callable[[Any, WantedCard], Awaitable[Outgoing | None]]
    """Renders a card, on the driver's connection of an open transaction."""

    async def report(self, turn: Turn, asked: str) -> Reply:
        """Show a report's card by its №."""
        number = _NUMBER.fullmatch(asked.strip())
        return await self._numbered(turn, int(number[1])) if number else self._say("report_usage")

    async def find(self, turn: Turn, asked: str) -> Reply:
        """Show what a №, a link or a handle names."""
        asked = asked.strip()
        if not asked:
            return self._say("find_usage")
        if number := _NUMBER.fullmatch(asked):
            return await self._numbered(turn, int(number[1]))
        rows = [row for link in _links(asked)[:MOST] if (row := await self._resource(turn, link))]
        if not rows:
            return self._say("find_nothing")
        if len(rows) > 1:
            return Reply("sendMessage", self.pages.found(turn, rows))
        return await self._card(turn, CardSort.RESOURCE, rows[0].id, [rows[0].message_id])

    async def _numbered(self, turn: Turn, number: int) -> Reply:
        report_id = await turn.driver.fetchval(list_queries.BY_NUMBER, number)
        if report_id is None:
            return self._say("report_unknown", number=number)
        cards = await turn.driver.fetch(list_queries.CARDS_OF_REPORT, report_id, WAYS)
        ways = [card["message_id"] for card in cards]
        if len(cards) == 1:
            return await self._card(turn, CardSort(cards[0]["sort"]), cards[0]["subject"], ways)
        return await self._card(turn, CardSort.REPORT, report_id, ways)

    async def _resource(self, turn: Turn, link: Link) -> Listed | None:
        key = self.ring.hash("resource", link.url.encode())
        row = await turn.driver.fetchrow(list_queries.RESOURCE_BY_KEY, key)
        return listed(row) if row and row["number"] else None

    async def _card(self, turn: Turn, sort: CardSort, subject: UUID, ways: list[int | None]) -> Reply:
        """Show a card's text anew. What acts stands on the card alone, which is led to."""
        drawn = await self.card(turn.driver, WantedCard(subject, sort, subject, 0, {}, self.pages.language))
        if drawn is None:
            return self._say("find_nothing")
        shown = drawn.params.get("reply_markup", {}).get("inline_keyboard", [])
        rows = [row for row in shown if all("copy_text" in button for button in row)]
        urls = [url for way in ways if (url := card_links.address(turn.actor.chat_id, way))]
        for place, url in enumerate(urls, 1):
            label = self.pages.texts.plain(self.pages.language, "desk.open_card", place=place, cards=len(urls))
            rows.append([card_links.button(label, url)])
        return Reply("sendMessage", {"text": drawn.params["text"], "reply_markup": {"inline_keyboard": rows}})

    def _say(self, name: str, **variables: Any) -> Reply:
        return Reply("sendMessage", {"text": self.pages.texts.render(self.pages.language, f"desk.{name}", **variables)})


def _links(asked: str) -> list[Link]:
    """Read links and handles, a handle also without its @."""
    found = find(asked) or [link for link in [canonical(asked)] if link]
    if not found and _NAME.fullmatch(asked):
        found = [link for link in [canonical(f"@{asked}")] if link]
    return found
