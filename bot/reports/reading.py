"""The job that reads a part: downloads a photo or a list file, cleans or reads it, and tells what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from bot.clock import Clock
from bot.database import Database, driver
from bot.delivery.errors import TelegramRefused
from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.links import EmptyList, UnreadableList, read_list
from bot.privacy.keyring import KeyRing
from bot.privacy.photos import PhotoCleaner, PhotoRefused
from bot.reports import queries
from bot.reports.contents import LIST_MOST, PHOTO_MOST, StoredLink
from bot.reports.parts import LINKS, PartSort, PartState
from bot.reports.places import is_map_link
from bot.reports.service import Reports

Fetch = Callable[[str, int], Awaitable[bytes]]
"""(file_id, most bytes) → the file; raises TelegramRefused when it is gone or larger."""


class PartReader:
    """Reads parts, outside of any transaction and of the event loop's own work."""

    def __init__(
        self,
        database: Database,
        ring: KeyRing,
        outbox: Outbox,
        reports: Reports,
        fetch: Fetch,
        cleaner: PhotoCleaner,
        wake: Callable[[], None],
        clock: Clock,
    ) -> None:
        self._database, self._ring, self._outbox, self._reports = database, ring, outbox, reports
        self._fetch, self._cleaner, self._wake, self._clock = fetch, cleaner, wake, clock

    async def read(self, part_id: UUID) -> None:
        """Read one part; a job that runs twice finds it read."""
        async with self._database.transaction() as connection:
            part = await (await driver(connection)).fetchrow(queries.PART, part_id)
        if part is None or part["state"] != PartState.WAITING:
            return
        file_id = self._ring.open("parts.handle", part_id.bytes, part["handle"]).decode()
        if part["sort"] == PartSort.PHOTO:
            await self._photo(part_id, part["report_id"], file_id)
        else:
            await self._list(part_id, part["report_id"], file_id)
        self._wake()

    async def _photo(self, part_id: UUID, report_id: UUID, file_id: str) -> None:
        try:
            photo = await self._cleaner.clean(await self._fetch(file_id, PHOTO_MOST))
            sealed, reason = self._ring.seal("parts", part_id.bytes, photo.jpeg), ""
        except PhotoRefused as refused:
            sealed, reason = b"", refused.reason.value
        except TelegramRefused as refused:
            sealed, reason = b"", "too_big" if refused.code == 413 else "damaged"
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            if not await self._settle(raw, part_id, sealed, reason):
                return
            if reason:
                await self._tell(raw, report_id, f"photo_refused_{reason}", {})
            # Held until the commit: of photos that end at the same time, one must see that it is the last.
            if await raw.fetchrow(queries.REPORT_LOCKED, report_id) is None:
                return
            now = self._clock()
            if not await raw.fetchval(queries.PARTS_WAITING, report_id, PartSort.PHOTO.value):
                await self._reports.photos_ready(raw, report_id, now)
            await self._outbox.refresh(raw, CardSort.REPORT, [report_id], now)

    async def _list(self, part_id: UUID, report_id: UUID, file_id: str) -> None:
        sealed, reason, told = b"", "", {}
        try:
            found = read_list(await self._fetch(file_id, LIST_MOST))
            links = [StoredLink.of(link) for link in found.links if not link.refused and not is_map_link(link.url)]
            told = {"links": len(links), "unread": found.lines_skipped}
            sealed = self._ring.seal("parts", part_id.bytes, LINKS.dump_json(links))
            reason = "" if links else "list_failed_no_links"
        except EmptyList:
            reason = "list_failed_empty"
        except UnreadableList:
            reason = "list_failed_unreadable"
        except TelegramRefused as refused:
            reason = "refused_list_big" if refused.code == 413 else "list_failed_unreadable"
        async with self._database.transaction() as connection:
            raw = await driver(connection)
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
