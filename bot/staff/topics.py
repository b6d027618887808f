"""Which topic of a forum a card belongs into: one for each kind, or for each district; and what a topic is called."""

from __future__ import annotations

from typing import Final, Literal

from bot.areas.store import Areas
from bot.database import Database, driver
from bot.delivery.road import Outgoing
from bot.delivery.topics import NO_TOPICS
from bot.languages import Language
from bot.reports.kinds import Content, Kinds
from bot.texts import Texts

NOWHERE: Final = "nowhere"
"""The topic of reports whose district is not known."""


class CardTopics:
    """Gives the keys and names of topics; no key where none are wanted."""

    def __init__(
        self, by: Literal["kind", "district", "none"], database: Database, areas: Areas, kinds: Kinds, texts: Texts
    ) -> None:
        self._by, self._database, self._areas, self._kinds, self._texts = by, database, areas, kinds, texts

    def of_resource(self) -> str:
        """Give the topic of links, which are in no district."""
        return "" if self._by == "none" else self._links

    def of_report(self, kind: str, district: str | None) -> str:
        """Give a report's topic."""
        if self._by == "district" and kind != self._links:
            return district or NOWHERE
        return "" if self._by == "none" else kind

    @property
    def _links(self) -> str:
        """Name the kind whose cards are of resources; the kinds can be read anew."""
        takes = ((kind.name, kind.take(Content.LINKS)) for kind in self._kinds.values())
        return next((name for name, take in takes if take and take.required), "")

    async def name(self, topic: str, language: str) -> str:
        """Name a topic: as citizens choose the kind, or as the district is called."""
        if topic in self._kinds:
            return self._texts.plain(language, f"kinds.{topic}.label")
        if topic == NOWHERE:
            return self._texts.plain(language, "desk.topic_nowhere")
        async with self._database.transaction() as connection:
            areas = await self._areas.now(await driver(connection))
        return areas.name(topic, Language(language))


def no_topics(texts: Texts, language: str) -> Outgoing:
    """Say which right is missing, so that cards stand in the general topic."""
    return Outgoing("sendMessage", {"text": texts.render(language, f"desk.{NO_TOPICS}")})
