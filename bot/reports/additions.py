"""Additions: what a citizen adds to a filed report, as the answer to a question or of their own accord."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, Field

from bot.clock import to_minute
from bot.delivery.outbox import Outbox, Recipient
from bot.privacy.keyring import KeyRing
from bot.reports import form_queries, long_words, queries
from bot.reports.contents import Contents, Point
from bot.reports.form_state import FormState
from bot.reports.forms import Forms
from bot.reports.parts import PartSort, PartState
from bot.reports.ranking import Ranking
from bot.reports.service import AlreadyFiled, NothingToFile, Reports

OF_REPORT: Final = "SELECT id, sealed FROM additions WHERE report_id = $1 AND sealed IS NOT NULL ORDER BY ordinal"


class ReportGone(Exception):
    """The report that was to be added to is no longer there."""


@dataclass(frozen=True, slots=True)
class Added:
    """What became of an addition, as its citizen is told."""

    refused: int
    """So many of its photos were refused."""
    closed: list[str]
    """Links to which access is closed already."""


class SealedAddition(BaseModel):
    """What of an addition is sealed in its row."""

    words: str = ""
    point: Point | None = None
    links: list[str] = Field(default_factory=list)
    photos: int = 0


class Additions:
    """The service of additions. Its methods run on the driver's connection of an open transaction."""

    def __init__(self, ring: KeyRing, outbox: Outbox, reports: Reports, forms: Forms) -> None:
        self._ring, self._outbox, self._reports, self._forms = ring, outbox, reports, forms
        self._ranking = Ranking(outbox)

    async def file(
        self,
        driver: Any,
        draft: Contents,
        report_id: UUID,
        form_id: UUID | None,
        chat_id: int,
        now: datetime,
        *,
        listed: bool = False,
    ) -> Added:
        """File a draft as an addition: it lands under the report's card.

        The chat counts each further link once a day and is not kept. With `listed` no link gets a card of its own.
        Raises ReportGone, AlreadyFiled, StillReading, NothingToFile; nothing was written then.
        """
        if await driver.fetchrow(queries.REPORT_LOCKED, report_id) is None:
            raise ReportGone
        addition_id = draft.report_id
        # A photo that settles at this moment must see the addition, or be seen by it: else nobody shows it.
        parts = await driver.fetch(queries.PARTS_LOCKED, addition_id)
        links = self._reports.links(draft, parts)
        if not (links or draft.words or draft.point or draft.photos):
            raise NothingToFile
        plain = SealedAddition(
            words=draft.words, point=draft.point, links=[link.url for link in links], photos=draft.photos
        )
        sealed = self._ring.seal("additions", addition_id.bytes, plain.model_dump_json().encode())
        filed = await driver.fetchval(
            form_queries.NEW_ADDITION, addition_id, report_id, form_id, to_minute(now), sealed
        )
        if filed is None:
            raise AlreadyFiled
        closed: list[str] = []
        if links:
            closed = await self._reports.add_links(driver, report_id, links, chat_id, now, listed=listed)
        if draft.point:
            await self._reports.places.take(driver, report_id, draft.point, now)
        await self._ranking.words(driver, report_id, self._reports.trade.groups(draft.words), now)
        await self.post(driver, report_id, addition_id, plain, now)
        if form_id:
            await self._forms.asked.end(driver, report_id, form_id, FormState.ANSWERED, now)
        refused = sum(part["sort"] == PartSort.PHOTO and part["state"] == PartState.REFUSED for part in parts)
        return Added(refused, closed)

    async def post(self, driver: Any, report_id: UUID, addition_id: UUID, plain: SealedAddition, now: datetime) -> None:
        """Queue what an addition holds for the desk, under the card."""
        await self._tell(driver, report_id, addition_id, "addition", now)
        for part in range(long_words.following(plain.words, long_words.ADDITION)):
            await self._tell(driver, report_id, addition_id, "addition_words", now, part=part)
        if plain.point:
            await self._tell(driver, report_id, addition_id, "addition_point", now)
        if plain.photos:
            await self.photos_settled(driver, addition_id, now)

    async def photos_settled(self, driver: Any, addition_id: UUID, now: datetime) -> None:
        """Queue an addition's photos for the desk when all of them have been checked; drafts wait to be sent."""
        report_id = await driver.fetchval(form_queries.REPORT_OF_ADDITION, addition_id)
        if report_id is None:
            return
        # Held until the commit: of photos that end at the same time, one must see that it is the last.
        await driver.fetchrow(queries.REPORT_LOCKED, report_id)
        photos = await driver.fetch(queries.PARTS_OF_SORT, addition_id, PartSort.PHOTO.value)
        if not any(photo["state"] == PartState.WAITING for photo in photos):
            await self._tell(driver, report_id, addition_id, "addition_photos", now)
            await self._reports.tell_codes(driver, report_id, addition_id, now)

    async def post_anew(self, driver: Any, report_id: UUID, sealed: bytes | None, now: datetime, *, own: bool) -> None:
        """Queue all that stands under a report's card once more: point, long words, photos and additions.

        `sealed` is what its row holds; `own` tells whether the card is its own, or a resource's.
        """
        await self._reports.post_under(driver, report_id, self._reports.open_contents(report_id, sealed), now, own=own)
        photos = await driver.fetch(queries.PARTS_OF_SORT, report_id, PartSort.PHOTO.value)
        if photos and not any(photo["state"] == PartState.WAITING for photo in photos):
            await self._reports.photos_ready(driver, report_id, now)
        for addition in await driver.fetch(OF_REPORT, report_id):
            opened = self.open(addition["id"], addition["sealed"])
            await self.post(driver, report_id, addition["id"], opened, now)

    def open(self, addition_id: UUID, sealed: bytes | None) -> SealedAddition:
        """Open an addition; empty once it was purged."""
        if sealed is None:
            return SealedAddition()
        return SealedAddition.model_validate_json(self._ring.open("additions", addition_id.bytes, sealed))

    async def _tell(
        self, driver: Any, report_id: UUID, addition_id: UUID, template: str, now: datetime, **more: int
    ) -> None:
        params = {"addition": str(addition_id), **more}
        await self._outbox.message(driver, Recipient.DESK, report_id, template, params, now)
