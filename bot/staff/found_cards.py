"""What the desk is shown of links that captures name: one message a capture, edited as officers answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.delivery.road import Outgoing, WantedCard
from bot.languages import Language
from bot.reports import found_queries
from bot.reports.found_links import FoundState
from bot.reports.link_words import place_of
from bot.staff import found_buttons
from bot.staff.shown import readable, text_post
from bot.staff.topics import CardTopics
from bot.texts import Texts

LENGTH: Final = 200
"""Characters of an address: ten of them must fit into one message."""
NUMBERS: Final = 3
"""Of the reports that name the page, so many of the newest are told."""


@dataclass(frozen=True, slots=True)
class FoundCards:
    """Renders them."""

    texts: Texts
    topics: CardTopics
    zone: ZoneInfo

    async def card(self, raw: Any, wanted: WantedCard) -> Outgoing | None:
        """Render what a capture names, on the driver's connection of an open transaction."""
        rows = await raw.fetch(found_queries.OF_CAPTURE, wanted.subject)
        if not rows:
            return None
        language = Language(wanted.language)
        numbers = await raw.fetch(found_queries.NUMBERS, rows[0]["page_id"], NUMBERS)
        text = self.texts.render(
            language,
            "desk.found",
            page=readable(rows[0]["page"] or "", LENGTH),
            numbers=[row["number"] for row in numbers],
            at=f"{rows[0]['at'].astimezone(self.zone):%d.%m.%Y %H:%M}",
            links=[self.line(row, language) | self._answer(row, language) for row in rows],
        )
        buttons = []
        for place, row in enumerate(rows, 1):
            state = FoundState(row["state"])
            # Where it went to nothing, and its address is erased, nothing can be done with it.
            if row["url"] and (offered := found_buttons.row(self.texts, language, place, row["id"], state)):
                buttons.append(offered)
        return text_post(text, buttons, self.topics.of_resource())

    async def of(self, raw: Any, resource_id: UUID) -> list[dict[str, Any]]:
        """Give what the card of a resource says of how it was found, one entry; none: it was not."""
        rows = await raw.fetch(found_queries.FOUND_AT, resource_id)
        return [{"page": readable(row["page"] or "", LENGTH), "successor": row["successor"]} for row in rows]

    def line(self, row: Any, language: Language) -> dict[str, Any]:
        """Give what a line says of a link."""
        return {
            "url": readable(row["url"], LENGTH) if row["url"] else "",
            "named": place_of(self.texts, language, row["platform"], row["what"]),
            "successor": row["successor"],
            "places": row["places"],
        }

    def _answer(self, row: Any, language: Language) -> dict[str, Any]:
        state = FoundState(row["state"])
        answer = "" if state is FoundState.PROPOSED else self.texts.plain(language, f"desk.found_state.{state}")
        return {"answer": answer, "by": row["answered_name"] or ""}
