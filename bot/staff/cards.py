"""What the desk sees: cards of reports and resources, photos and points under them, in the desk's language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.database import Database, driver
from bot.delivery.outbox import CardSort
from bot.delivery.sender import Letter, NotYet, Outgoing, WantedCard
from bot.languages import Language
from bot.links import canonical
from bot.privacy.keyring import KeyRing
from bot.reports import queries
from bot.reports.kinds import Content, Kinds
from bot.reports.lifecycle import Status, possible
from bot.reports.service import Reports
from bot.staff import buttons
from bot.texts import Texts

NEWEST: Final = 5
LISTED: Final = 10
LISTED_LENGTH: Final = 120
WORDS: Final = 1200
"""Characters of one report's words on a card of its own; on a resource's card a fifth of it."""


class DeskCards:
    """Renders what goes to the desk."""

    def __init__(
        self,
        database: Database,
        reports: Reports,
        ring: KeyRing,
        texts: Texts,
        kinds: Kinds,
        desk: Callable[[], tuple[int, str] | None],
        timezone: str,
    ) -> None:
        self._database, self._reports, self._ring, self._texts, self._kinds = database, reports, ring, texts, kinds
        self._desk, self._zone = desk, ZoneInfo(timezone)

    async def address(self, _: UUID) -> tuple[int, str] | None:
        """Give the desk's chat and language."""
        return self._desk()

    async def card(self, wanted: WantedCard) -> Outgoing | None:
        """Render a card in its newest state."""
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            if wanted.sort is CardSort.RESOURCE:
                return await self._resource(raw, wanted)
            return await self._report(raw, wanted)

    async def message(self, letter: Letter) -> Outgoing | None:
        """Render what stands under a report's card; raise NotYet while the card is not posted."""
        report_id, template, language = letter.lane, letter.template, letter.language
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            report = await raw.fetchrow(queries.REPORT_CARD, report_id)
            if report is None:
                return None
            if template == "unreachable":
                return _text(self._texts.render(language, "desk.unreachable", number=report["number"]))
            under = await raw.fetchval(queries.POSTED_CARD, report_id)
            if under is None:
                raise NotYet
            if template == "point":
                return self._point(report_id, report["sealed"], under)
            return await self._photos(raw, report_id, report["number"], under, language)

    async def _report(self, raw: Any, wanted: WantedCard) -> Outgoing | None:
        row = await raw.fetchrow(queries.REPORT_CARD, wanted.subject)
        if row is None:
            return None
        language = Language(wanted.language)
        kind = self._kinds.get(row["kind"])
        contents = self._reports.open_contents(wanted.subject, row["sealed"])
        links = await raw.fetch(queries.FIRST_LINKS, wanted.subject, LISTED) if row["links"] else []
        shown = [self._reports.open_url(link["id"], link["url"], link["sealed"]) for link in links]
        text = self._texts.render(
            language,
            "desk.report_card",
            number=row["number"],
            kind=self._texts.plain(language, f"kinds.{kind.name}.name") if kind else row["kind"],
            words=_cut(contents.words, WORDS),
            address=_cut(contents.address, WORDS),
            latitude=contents.point.latitude if contents.point else None,
            longitude=contents.point.longitude if contents.point else None,
            links=[_readable(url, LISTED_LENGTH) for url in shown],
            links_total=row["links"],
            photos=row["photos"],
            photos_waiting=row["photos_waiting"],
            photos_refused=row["photos_refused"],
            times=1,
            filed=self._local(row["filed_at"]),
            **self._standing(row, language),
        )
        acts = possible(Status(row["status"]), kind.decisions if kind else ())
        rows = buttons.rows(self._texts, language, wanted.id, buttons.standing(row), acts)
        return _text(text, rows)

    async def _resource(self, raw: Any, wanted: WantedCard) -> Outgoing | None:
        row = await raw.fetchrow(queries.RESOURCE_CARD, wanted.subject)
        if row is None:
            return None
        language = Language(wanted.language)
        newest = await raw.fetch(queries.NEWEST_REPORTS, wanted.subject, NEWEST)
        url = self._reports.open_url(row["id"], row["url"], row["sealed"])
        text = self._texts.render(
            language,
            "desk.resource_card",
            url=_readable(url),
            platform=row["platform"],
            what=row["what"],
            reports=[
                {
                    "number": report["number"],
                    "words": _cut(self._reports.open_contents(report["id"], report["sealed"]).words, WORDS // NEWEST),
                }
                for report in newest
            ],
            reports_total=row["reports"],
            reopened=row["reopened"],
            times=row["times_reported"],
            filed=self._local(row["first_reported_at"]),
            **self._standing(row, language),
        )
        decisions = next((kind.decisions for kind in self._kinds.values() if _takes_links(kind)), ())
        acts = possible(Status(row["status"]), decisions)
        rows = buttons.rows(self._texts, language, wanted.id, buttons.standing(row), acts)
        return _text(text, [*buttons.copy_rows([url]), *rows])

    def _standing(self, row: Any, language: Language) -> dict[str, str]:
        decision = row["decision"]
        return {
            "status": self._texts.plain(language, f"desk.status.{row['status']}"),
            "claimed_by": row["claimed_name"] or "",
            "decision": self._texts.plain(language, f"desk.done.{decision}") if decision else "",
        }

    def _point(self, report_id: UUID, sealed: bytes | None, under: int) -> Outgoing | None:
        point = self._reports.open_contents(report_id, sealed).point
        if point is None:
            return None
        return Outgoing("sendLocation", {**point.model_dump(), **_reply_to(under)})

    async def _photos(self, raw: Any, report_id: UUID, number: int, under: int, language: str) -> Outgoing | None:
        rows = await raw.fetch(queries.PARTS_OF_SORT, report_id, "photo")
        ready = [row for row in rows if row["state"] == "ready"]
        if not ready:
            return None
        files = {f"photo{n}": self._ring.open("parts", row["id"].bytes, row["sealed"]) for n, row in enumerate(ready)}
        caption = self._texts.render(language, "desk.photos_caption", number=number)
        if len(files) == 1:
            params = {"photo": "attach://photo0", "caption": caption, "has_spoiler": True, **_reply_to(under)}
            return Outgoing("sendPhoto", params, files)
        media = [{"type": "photo", "media": f"attach://{name}", "has_spoiler": True} for name in files]
        media[0]["caption"] = caption
        return Outgoing("sendMediaGroup", {"media": media, **_reply_to(under)}, files, cost=len(files))

    def _local(self, moment: datetime) -> str:
        return moment.astimezone(self._zone).strftime("%d.%m.%Y %H:%M")


def _takes_links(kind: Any) -> bool:
    take = kind.take(Content.LINKS)
    return bool(take and take.required)


def _text(text: str, rows: list[Any] | None = None) -> Outgoing:
    params: dict[str, Any] = {"text": text}
    if rows is not None:
        params["reply_markup"] = {"inline_keyboard": rows}
    return Outgoing("sendMessage", params)


def _reply_to(message_id: int) -> dict[str, Any]:
    return {"reply_parameters": {"message_id": message_id, "allow_sending_without_reply": True}}


def _cut(words: str, most: int) -> str:
    # Telegram counts UTF-16 units, and refuses a card that is too long: then nobody would see the report.
    whole = words.encode("utf-16-le")
    return words if len(whole) <= 2 * most else whole[: 2 * most - 2].decode("utf-16-le", "ignore") + "…"


def _readable(url: str, most: int = 300) -> str:
    link = canonical(url)
    return _cut(link.shown if link else url, most)
