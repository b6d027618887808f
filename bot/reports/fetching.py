"""A file from Telegram, photos cleaned: what is lost for good is told apart from what only has to be tried again."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

from bot.delivery.errors import TelegramRefused, TooMany
from bot.jobs import JobLater
from bot.log import error_fields, get_logger
from bot.privacy.photos import CleanerDown, CleanerFailed, CleanPhoto, PhotoCleaners, PhotoRefused, Reason
from bot.reports.contents import LIST_MOST, PHOTO_MOST

PHOTOS_AT_ONCE: Final = 4
"""Photos of up to 20 MB that are in memory at the same time: two being cleaned, two at hand for when that is done."""
PATIENCE: Final = 8
"""Tries, over some four minutes, until a file is given up that Telegram does not know or that the cleaner dies of."""
log = get_logger()

Fetch = Callable[[str, int], Awaitable[bytes]]
"""(file_id, most bytes) → the file; raises TelegramRefused when it is gone or larger, TooMany, or an outage."""


class FileLost(Exception):
    """Telegram will never hand out this file."""

    def __init__(self, *, too_big: bool) -> None:
        super().__init__()
        self.too_big = too_big


class Fetching:
    """Fetches the files of parts. Raises FileLost; JobLater where Telegram, our token or the cleaner is in trouble."""

    def __init__(self, fetch: Fetch, cleaner: PhotoCleaners) -> None:
        self._fetch, self._cleaner = fetch, cleaner
        self._room = asyncio.Semaphore(PHOTOS_AT_ONCE)
        self._tries: Counter[UUID] = Counter()

    async def photo(self, part_id: UUID, file_id: str) -> tuple[CleanPhoto, bytes]:
        """Fetch a photo and give it cleaned and as it was sent; raise PhotoRefused too."""
        async with self._room:
            data = await self._download(part_id, file_id, PHOTO_MOST)
            try:
                return await self._cleaner.clean(data), data
            except CleanerFailed as failed:
                # One of ten that kills the cleaner each time must not keep the other nine from the desk.
                if not isinstance(failed, CleanerDown) and not self._patient(part_id):
                    raise PhotoRefused(Reason.DAMAGED) from None
                log.warning("cleaner_failed", **error_fields(failed))
                raise JobLater from None

    async def list_file(self, part_id: UUID, file_id: str, most: int = LIST_MOST) -> bytes:
        """Fetch a list file of at most so many bytes."""
        return await self._download(part_id, file_id, most)

    def done(self, part_id: UUID) -> None:
        """Forget how often a part was tried."""
        self._tries.pop(part_id, None)

    async def _download(self, part_id: UUID, file_id: str, most: int) -> bytes:
        try:
            return await self._fetch(file_id, most)
        except TooMany:
            raise JobLater from None
        except TelegramRefused as refused:
            if refused.code == 413 or "too big" in refused.description.lower():
                raise FileLost(too_big=True) from None
            # "wrong file_id or the file is temporarily unavailable": one answer for both.
            if refused.code == 400 and not self._patient(part_id):
                raise FileLost(too_big=False) from None
            log.warning("download_refused", method=refused.method, code=refused.code)
            raise JobLater from None

    def _patient(self, part_id: UUID) -> bool:
        """Count a try that may have failed by the file itself; False when it was the last one."""
        self._tries[part_id] += 1
        return self._tries[part_id] < PATIENCE
