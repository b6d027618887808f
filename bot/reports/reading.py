"""The job that reads a part: downloads a photo or a list file, cleans or reads it, and tells what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from bot.clock import Clock
from bot.database import Database, driver
from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.links import EmptyList, UnreadableList, read_list
from bot.links.own import leads_to
from bot.privacy.keyring import KeyRing
from bot.privacy.painted import PaintedReader
from bot.privacy.photos import PhotoRefused
from bot.reports import decision_queries, queries
from bot.reports.additions import Additions
from bot.reports.codes import Codes
from bot.reports.contents import Point, StoredLink
from bot.reports.fetching import Fetching, FileLost
from bot.reports.parts import LINKS, PartSort, PartState, links_apart
from bot.reports.places import is_map_link
from bot.reports.service import Reports

WantsPlace = Callable[[Any, UUID], Awaitable[bool]]
"""(driver, report) → whether the citizen is asked to use what was found on a photo or in its file."""


class PartReader:
    """Reads parts, outside of any transaction and of the event loop's own work."""

    def __init__(
        self,
        database: Database,
        ring: KeyRing,
        outbox: Outbox,
        reports: Reports,
        additions: Additions,
        fetching: Fetching,
        wants_place: WantsPlace,
        codes: Codes,
        painted: PaintedReader,
        wants_links: WantsPlace,
        wake: Callable[[], None],
        clock: Clock,
        *,
        bot_name: Callable[[], str] = str,
        keep_originals: bool = False,
    ) -> None:
        """`bot_name` gives the bot's own name, "" while it is not known."""
        self._database, self._ring, self._outbox = database, ring, outbox
        self._reports, self._additions, self._wants_place = reports, additions, wants_place
        self._fetching, self._wake, self._clock = fetching, wake, clock
        self._codes, self._painted, self._wants_links = codes, painted, wants_links
        self._bot_name, self._keep_originals = bot_name, keep_originals

    async def read(self, part_id: UUID) -> None:
        """Read one part; a job that runs twice finds it read. Raise JobLater when Telegram cannot hand it out now."""
        async with self._database.transaction() as connection:
            part = await (await driver(connection)).fetchrow(queries.PART, part_id)
        if part is None or part["state"] != PartState.WAITING:
            return
        file_id = self._ring.open("parts.handle", part_id.bytes, part["handle"]).decode()
        if part["sort"] == PartSort.PHOTO:
            await self._photo(part_id, part["report_id"], file_id)
        else:
            await self._list(part_id, part["report_id"], file_id)
        self._fetching.done(part_id)
        self._wake()

    async def _photo(self, part_id: UUID, report_id: UUID, file_id: str) -> None:
        sealed, original, place, reason, links = b"", None, None, "", list[StoredLink]()
        painted = list[StoredLink]()
        try:
            photo, data = await self._fetching.photo(part_id, file_id)
            sealed, place = self._ring.seal("parts", part_id.bytes, photo.jpeg), photo.gps
            links = self._codes.links(photo.codes)
            painted = self._codes.painted(await self._painted.read(photo.jpeg))
            if self._keep_originals:
                whole = photo.original_sha256 + data
                original = await asyncio.to_thread(self._ring.seal, "originals", part_id.bytes, whole)
        except PhotoRefused as refused:
            reason = refused.reason.value
        except FileLost as lost:
            reason = "too_big" if lost.too_big else "damaged"
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            if await raw.fetchval(decision_queries.IS_FORM, report_id):
                # An officer's: nobody is told but the form, and where it was taken is of no use.
                if await self._settle(raw, part_id, sealed, reason):
                    await self._outbox.refresh(raw, CardSort.FORM, [report_id], self._clock())
                    if original:
                        await raw.execute(queries.KEEP_ORIGINAL, part_id, original)
                return
            if place:
                # Of two photos with a place, one must see that the other asks; filing locks them in the same order.
                await raw.fetch(queries.LOCK_PARTS, report_id)
            if not await self._settle(raw, part_id, sealed, reason):
                return
            if reason:
                await self._tell(raw, report_id, f"photo_refused_{reason}", {})
            if original:
                await raw.execute(queries.KEEP_ORIGINAL, part_id, original)
            if place:
                await self._ask_place(raw, part_id, report_id, Point(latitude=place[0], longitude=place[1]))
            if links:
                await self._ask_codes(raw, report_id, links)
            if painted:
                await self._codes.keep(raw, report_id, painted, self._clock(), PartSort.PAINTED)
            await self._show(raw, report_id)

    async def _show(self, raw: Any, report_id: UUID) -> None:
        """Have the desk see how far the photos of a report, or of an addition to one, are; those of a draft wait."""
        now = self._clock()
        # Held until the commit: of photos that end at the same time, one must see that it is the last.
        if await raw.fetchrow(queries.REPORT_LOCKED, report_id) is None:
            await self._additions.photos_settled(raw, report_id, now)
            return
        if not await raw.fetchval(queries.PARTS_WAITING, report_id, PartSort.PHOTO.value):
            await self._reports.photos_ready(raw, report_id, now)
        await self._outbox.refresh(raw, CardSort.REPORT, [report_id], now)

    async def _ask_place(self, raw: Any, part_id: UUID, report_id: UUID, point: Point) -> None:
        """Ask once a report, by the first photo whose file bears a place, whether to use it."""
        if await raw.fetchval(queries.PLACE_ASKED, report_id) or not await self._wants_place(raw, report_id):
            return
        sealed = self._ring.seal("parts.place", part_id.bytes, point.model_dump_json().encode())
        await raw.execute(queries.KEEP_PLACE, part_id, sealed)
        await self._tell(raw, report_id, "photo_place", {"part": str(part_id)})

    async def _ask_codes(self, raw: Any, report_id: UUID, links: list[StoredLink]) -> None:
        """Keep the links of a photo's codes, and ask the citizen, whose report may take them, what they are."""
        part_id = await self._codes.keep(raw, report_id, links, self._clock())
        if part_id and await self._wants_links(raw, report_id):
            await self._tell(raw, report_id, "photo_codes", {"part": str(part_id)})

    async def _list(self, part_id: UUID, report_id: UUID, file_id: str) -> None:
        sealed, reason, links, told = b"", "", list[StoredLink](), dict[str, Any]()
        try:
            found = read_list(await self._fetching.list_file(part_id, file_id))
            taken = [link for link in found.links if not (link.refused or is_map_link(link.url))]
            links = [StoredLink.of(link) for link in taken if not leads_to(self._bot_name(), link.url)]
            told = {"links": len(links), "unread": found.lines_skipped}
            sealed = self._ring.seal("parts", part_id.bytes, LINKS.dump_json(links))
            reason = "" if links else "list_failed_no_links"
        except EmptyList:
            reason = "list_failed_empty"
        except UnreadableList:
            reason = "list_failed_unreadable"
        except FileLost as lost:
            reason = "refused_list_big" if lost.too_big else "list_failed_unreadable"
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            if any(link.invite for link in links):
                # Said once, however many lists a draft has.
                before = await links_apart(raw, self._ring, report_id)
                told["invites"] = not any(link.invite for link in before)
            if await self._settle(raw, part_id, sealed, reason):
                await self._tell(raw, report_id, reason or "list_read", {} if reason else told)

    async def _settle(self, raw: Any, part_id: UUID, sealed: bytes, reason: str) -> bool:
        """Write what came of a part; False when it is gone or was read meanwhile."""
        part = await raw.fetchrow(queries.PART, part_id)
        if part is None or part["state"] != PartState.WAITING:
            return False
        if reason:
            await raw.execute(queries.PART_REFUSED, part_id, reason)
        else:
            await raw.execute(queries.PART_READY, part_id, sealed)
        return True

    async def _tell(self, raw: Any, report_id: UUID, template: str, params: dict[str, Any]) -> None:
        await self._outbox.message(raw, Recipient.CITIZEN, report_id, template, params, self._clock())
