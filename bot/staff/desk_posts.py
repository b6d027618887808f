"""What is posted on the desk beside cards: photos, points and words under them, lines, and what other rooms render."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from bot.database import Database, driver
from bot.delivery.sender import Letter, NotYet, Outgoing
from bot.delivery.topics import NO_TOPICS
from bot.delivery.traces import PIN
from bot.privacy.keyring import KeyRing
from bot.reports import queries, releasing
from bot.reports.service import Reports
from bot.staff import desk_help, emptying, line_posts, overdue
from bot.staff.addition_posts import AdditionPosts
from bot.staff.album import album, reply_to
from bot.staff.shown import text_post
from bot.staff.topics import CardTopics, no_topics
from bot.staff.word_posts import words_post
from bot.texts import Texts

Post = Callable[[Letter], Awaitable[Outgoing | None]]
"""Renders a message."""


class DeskPosts:
    """Renders messages of the desk."""

    def __init__(
        self,
        database: Database,
        reports: Reports,
        ring: KeyRing,
        texts: Texts,
        topics: CardTopics,
        additions: AdditionPosts,
        others: Mapping[str, Post],
    ) -> None:
        """`others` renders messages that are about no one report, or of other rooms, by their templates."""
        self._database, self._reports, self._ring, self._texts = database, reports, ring, texts
        self._topics, self._additions, self._others = topics, additions, others

    async def message(self, letter: Letter) -> Outgoing | None:
        """Render what stands under a report's card; raise NotYet while the card is not posted."""
        report_id, template, language = letter.lane, letter.template, letter.language
        if template in self._others:
            return await self._others[template](letter)
        if template == PIN:
            return desk_help.pin(letter)
        if template == NO_TOPICS:
            return no_topics(self._texts, language)
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            if template in line_posts.TEMPLATES:
                return await line_posts.message(raw, self._texts, letter)
            if template == overdue.TEMPLATE:
                return overdue.message(self._texts, letter)
            if template == releasing.TEMPLATE:
                return text_post(self._texts.render(language, "desk.left", **letter.params))
            if letter.params.get("passed"):
                return await emptying.passed(raw, self._texts, letter)
            report = await raw.fetchrow(queries.REPORT_CARD, report_id)
            if report is None:
                return None
            if template in emptying.TEMPLATES:
                return await emptying.render(raw, self._texts, letter, report["number"])
            if template == "unreachable":
                topic = self._topics.of_report(report["kind"], report["district"])
                return text_post(await line_posts.unreachable(raw, self._texts, letter, report["number"]), topic=topic)
            under = await raw.fetchval(queries.POSTED_CARD, report_id, letter.desk)
            if under is None:
                raise NotYet
            if report["hidden_name"] and not template.startswith("addition"):
                return None
            if template == "point":
                return self._point(report_id, report["sealed"], under)
            if template == "words":
                words, part = self._reports.open_contents(report_id, report["sealed"]).words, letter.params["part"]
                return words_post(self._texts, language, report["number"], words, part, under)
            if template.startswith("addition"):
                return await self._additions.message(raw, template, letter.params, under, language)
            caption = self._texts.render(language, "desk.photos_caption", number=report["number"])
            return album(self._ring, await raw.fetch(queries.PARTS_OF_SORT, report_id, "photo"), caption, under)

    def _point(self, report_id: UUID, sealed: bytes | None, under: int) -> Outgoing | None:
        point = self._reports.open_contents(report_id, sealed).point
        if point is None:
            return None
        return Outgoing("sendLocation", {**point.model_dump(), **reply_to(under)})
