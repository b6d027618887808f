"""Looking up: /report № and /find, by what stands in clear or by a keyed hash. Sealed words are never searched."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from bot.delivery.outbox import CardSort, line, office_of
from bot.delivery.road import Outgoing, WantedCard
from bot.links import canonical, find
from bot.links.link import Link
from bot.privacy.keyring import KeyRing
from bot.reports import decision_queries, list_queries
from bot.reports.lists import Listed, listed
from bot.reports.naming import resource_key
from bot.reports.said import erdr_of
from bot.staff import answers, card_links
from bot.staff.cards import NEWEST
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
        return await self._numbered(turn, int(number[1])) if number else self._say(turn, "report_usage")

    async def find(self, turn: Turn, asked: str) -> Reply:
        """Show what a №, a link, a handle or a case's number names."""
        asked = asked.strip()
        if not asked:
            return self._say(turn, "find_usage")
        if number := _NUMBER.fullmatch(asked):
            return await self._numbered(turn, int(number[1]))
        if erdr := erdr_of(asked):
            found = await turn.driver.fetch(decision_queries.BY_ERDR, erdr, self.pages.scope(turn), MOST)
            rows = [listed(row) for row in found]
        elif links := _links(asked):
            rows = [row for link in links[:MOST] if (row := await self._resource(turn, link))]
        else:
            # Words, which are sealed: that nobody has reported them would be untrue.
            return self._say(turn, "find_usage")
        if not rows:
            return self._say(turn, "find_nothing")
        if len(rows) > 1:
            return Reply("sendMessage", self.pages.found(turn, rows))
        ways = [] if self.pages.desks.elsewhere(turn.actor.chat_id, rows[0].office) else [rows[0].message_id]
        return await self._card(turn, rows[0].sort, rows[0].id, ways, rows[0].office)

    async def _numbered(self, turn: Turn, number: int) -> Reply:
        report = await turn.driver.fetchrow(list_queries.BY_NUMBER, number, self.pages.scope(turn))
        if report is None:
            return self._say(turn, "report_unknown", number=number)
        cards = await turn.driver.fetch(list_queries.CARDS_OF_REPORT, report["id"], WAYS)
        here = self.pages.desks.line(turn.actor.chat_id)
        ways = [card["message_id"] for card in cards if card["recipient"] == here]
        if len(cards) == 1:
            about = CardSort(cards[0]["sort"]), cards[0]["subject"]
            return await self._card(turn, *about, ways, office_of(cards[0]["recipient"]))
        return await self._card(turn, CardSort.REPORT, report["id"], ways, report["office"])

    async def _resource(self, turn: Turn, link: Link) -> Listed | None:
        keys = [resource_key(self.ring, link.url, restricted=apart) for apart in (False, True)]
        row = await turn.driver.fetchrow(list_queries.RESOURCE_BY_KEY, keys, self.pages.scope(turn))
        return listed(row) if row else None

    async def _card(
        self, turn: Turn, sort: CardSort, subject: UUID, ways: list[int | None], office: int | None
    ) -> Reply:
        """Show a card's text anew. What acts stands on the card alone, which is led to where it is on this desk."""
        language = self.pages.spoken(turn)
        drawn = await self.card(turn.driver, WantedCard(subject, sort, subject, 0, {}, language, line(office)))
        if drawn is None:
            return self._say(turn, "find_nothing")
        shown = drawn.params.get("reply_markup", {}).get("inline_keyboard", [])
        rows = [row for row in shown if all("copy_text" in button for button in row)]
        urls = [url for way in ways if (url := card_links.address(turn.actor.chat_id, way))]
        for place, url in enumerate(urls, 1):
            label = self.pages.texts.plain(language, "desk.open_card", place=place, cards=len(urls))
            rows.append([card_links.button(label, url)])
        text, elsewhere = drawn.params["text"], self.pages.desks.elsewhere(turn.actor.chat_id, office)
        if elsewhere:
            text = f"{self.pages.texts.render(language, 'desk.stands_elsewhere', office=elsewhere)}\n\n{text}"
        params = {"text": text, "reply_markup": {"inline_keyboard": rows}}
        named = await turn.driver.fetch(answers.SHOWN, subject, NEWEST)
        open_ones = tuple(row["id"] for row in named if row["hidden_by"] is None)
        return answers.Shown("sendMessage", params, sort, subject, open_ones)

    def _say(self, turn: Turn, name: str, **variables: Any) -> Reply:
        text = self.pages.texts.render(self.pages.spoken(turn), f"desk.{name}", **variables)
        return Reply("sendMessage", {"text": text})


def _links(asked: str) -> list[Link]:
    """Read links and handles, a handle also without its @."""
    found = find(asked) or [link for link in [canonical(asked)] if link]
    if not found and _NAME.fullmatch(asked):
        found = [link for link in [canonical(f"@{asked}")] if link]
    return found
