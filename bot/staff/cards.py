"""What the desk sees: cards of reports and resources, in its language."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.areas.store import Areas
from bot.database import Database, driver
from bot.delivery.outbox import CardSort, office_of
from bot.delivery.sender import Outgoing, WantedCard
from bot.languages import Language
from bot.offices.store import Offices
from bot.reports import long_words, queries
from bot.reports.kinds import Content, Kinds
from bot.reports.lifecycle import Act
from bot.reports.link_words import platform_name, thing_name
from bot.reports.service import Reports
from bot.staff import buttons, desk_help, line_posts
from bot.staff.batch_cards import BatchCards
from bot.staff.decision_lines import DecisionLines
from bot.staff.district_lines import district_line
from bot.staff.form_cards import FormCards
from bot.staff.found_cards import FoundCards
from bot.staff.offered import offered
from bot.staff.shown import cut, readable, text_post
from bot.staff.topics import CardTopics
from bot.staff.urgency_lines import UrgencyLines
from bot.texts import Texts

NEWEST: Final = 5
NEARBY: Final = 5
"""Numbers of reports near the place that a card names."""
LISTED: Final = 10
LISTED_LENGTH: Final = 120
Seen = Callable[[Any, UUID], Awaitable[list[dict[str, Any]]]]
"""(driver, resource) → how a link was last seen, as its card's text takes it; empty where nobody looked."""


class DeskCards:
    """Renders cards."""

    def __init__(
        self,
        database: Database,
        reports: Reports,
        texts: Texts,
        kinds: Kinds,
        timezone: str,
        forms: FormCards,
        areas: Areas,
        batches: BatchCards,
        topics: CardTopics,
        decisions: DecisionLines,
        offices: Offices,
        seen: Seen,
        found: FoundCards,
    ) -> None:
        self._seen, self._found = seen, found
        self._decisions, self._offices = decisions, offices
        self._topics = topics
        self._batches, self._forms, self._areas = batches, forms, areas
        self._database, self._reports, self._texts, self._kinds = database, reports, texts, kinds
        self._zone = ZoneInfo(timezone)
        self._urgency = UrgencyLines(texts)

    async def card(self, wanted: WantedCard) -> Outgoing | None:
        """Render a card in its newest state."""
        async with self._database.transaction() as connection:
            return await self.drawn(await driver(connection), wanted)

    async def drawn(self, raw: Any, wanted: WantedCard) -> Outgoing | None:
        """Render a card on the driver's connection of an open transaction."""
        if wanted.sort is CardSort.HELP:
            return desk_help.card(self._texts, wanted)
        if wanted.sort is CardSort.DIGEST:
            return await line_posts.digest(raw, self._texts, self._kinds, wanted)
        if wanted.sort is CardSort.FORM:
            return await self._forms.card(raw, wanted)
        if wanted.sort is CardSort.BATCH:
            return await self._batches.card(raw, wanted)
        if wanted.sort is CardSort.FOUND:
            return await self._found.card(raw, wanted)
        if wanted.sort is CardSort.RESOURCE:
            return await self._resource(raw, wanted)
        return await self._report(raw, wanted)

    async def _report(self, raw: Any, wanted: WantedCard) -> Outgoing | None:
        row = await raw.fetchrow(queries.REPORT_CARD, wanted.subject)
        if row is None:
            return None
        language = Language(wanted.language)
        kind = self._kinds.get(row["kind"])
        hidden = row["hidden_name"] is not None
        links_decide = row["links"] if kind is None or _takes_links(kind) else 0
        about = wanted.sort, wanted.subject, row, row["kind"], links_decide
        decided = await self._decisions.of(raw, language, *about, hidden=hidden)
        contents = self._reports.open_contents(wanted.subject, None if hidden else row["sealed"])
        point = contents.point
        nearby = await self._reports.near.found(raw, wanted.subject, row["kind"], point) if point else []
        links = await raw.fetch(queries.FIRST_LINKS, wanted.subject, LISTED) if row["links"] else []
        shown = [self._reports.open_url(link["id"], link["url"], link["sealed"]) for link in links]
        stand = await raw.fetchrow(queries.LINKS_STAND, wanted.subject) if row["links"] > 1 else {}
        text = self._texts.render(
            language,
            "desk.report_card",
            number=row["number"],
            kind=self._texts.plain(language, f"kinds.{kind.name}.name") if kind else row["kind"],
            words=cut(contents.words, long_words.CARD),
            address=contents.address,
            latitude=contents.point.latitude if contents.point else None,
            longitude=contents.point.longitude if contents.point else None,
            **await district_line(raw, self._areas, language, None if hidden else row["district"], contents.point),
            links=[readable(url, LISTED_LENGTH) for url in shown if url],
            links_total=row["links"],
            **{name: stand.get(name, 0) for name in ("sent", "closed", "otherwise")},
            photos=0 if hidden else row["photos"],
            photos_waiting=0 if hidden else row["photos_waiting"],
            photos_refused=0 if hidden else row["photos_refused"],
            hidden=row["hidden_name"] or "",
            nearby_total=len(nearby),
            nearby=nearby[:NEARBY],
            why=self._urgency.of_report(row, language),
            filed=self._local(row["filed_at"]),
            erased=row["sealed"] is None,
            decided=self._local(row["decided_at"]) if row["decided_at"] else "",
            **self._standing(row, language),
            **decided.texts(self._zone),
        )
        hides, passes = [Act.UNHIDE if hidden else Act.HIDE], self._offices.now.passes(office_of(wanted.desk))
        acts = offered(row, kind.decisions if kind else (), hides, decided, passes=passes)
        rows = buttons.rows(self._texts, language, wanted.id, buttons.standing(row), acts)
        return text_post(text, rows, self._topics.of_report(row["kind"], row["district"]))

    async def _resource(self, raw: Any, wanted: WantedCard) -> Outgoing | None:
        row = await raw.fetchrow(queries.RESOURCE_CARD, wanted.subject)
        if row is None:
            return None
        language = Language(wanted.language)
        kind = next((kind for kind in self._kinds.values() if _takes_links(kind)), None)
        about = wanted.sort, wanted.subject, row, kind.name if kind else ""
        decided = await self._decisions.of(raw, language, *about)
        if not row["reports"]:
            decided = decided.untold()
        newest = await raw.fetch(queries.NEWEST_REPORTS, wanted.subject, NEWEST)
        url = self._reports.open_url(row["id"], row["url"], row["sealed"])
        text = self._texts.render(
            language,
            "desk.resource_card",
            url=readable(url),
            platform=platform_name(row["platform"], language),
            what=thing_name(self._texts, language, row["what"]),
            reports=[
                {
                    "number": report["number"],
                    "words": self._words(report),
                    "hidden": report["hidden_name"] or "",
                }
                for report in newest
            ],
            reports_total=row["reports"],
            reopened=row["reopened"],
            why=self._urgency.of_resource(row, language),
            times=row["times_reported"],
            filed=self._local(row["first_reported_at"]) if row["first_reported_at"] else "",
            found=await self._found.of(raw, wanted.subject) if row["found_at"] else [],
            seen=await self._seen(raw, wanted.subject),
            **self._standing(row, language),
            **decided.texts(self._zone),
        )
        hides = {Act.UNHIDE if report["hidden_name"] else Act.HIDE for report in newest}
        decisions, passes = kind.decisions if kind else (), self._offices.now.passes(office_of(wanted.desk))
        reported = bool(row["reports"])
        acts = offered(row, decisions, sorted(hides), decided, passes=passes, reported=reported)
        rows = buttons.rows(self._texts, language, wanted.id, buttons.standing(row), acts)
        return text_post(text, [*buttons.copy_rows([url] if url else []), *rows], self._topics.of_resource())

    def _words(self, report: Any) -> str:
        """Give the beginning of a report's words, for the card of a resource; none of a hidden one."""
        sealed = None if report["hidden_name"] else report["sealed"]
        return cut(self._reports.open_contents(report["id"], sealed).words, long_words.RESOURCE)

    def _standing(self, row: Any, language: Language) -> dict[str, str]:
        return {
            "status": self._texts.plain(language, f"desk.status.{row['status']}"),
            "claimed_by": row["claimed_name"] or "",
        }

    def _local(self, moment: datetime) -> str:
        return moment.astimezone(self._zone).strftime("%d.%m.%Y %H:%M")


def _takes_links(kind: Any) -> bool:
    take = kind.take(Content.LINKS)
    return bool(take and take.required)
