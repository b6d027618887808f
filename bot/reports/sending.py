"""Sending within what one chat may send in an hour: nothing is lost, and nobody's flood buries the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel

from bot.at_once import AtOnce
from bot.privacy import counting
from bot.privacy.keyring import KeyRing
from bot.reports.additions import Added, Additions
from bot.reports.contents import Contents
from bot.reports.scans import Came
from bot.reports.service import Reports

REPORTS: Final = "reports"
"""What the reports of one chat, and what it adds to any, are counted as."""
AT_MOST: Final = 2
"""Times REPORTS_PER_HOUR, above which only links that go into the list of the hour are taken."""


class TooManyReports(Exception):
    """This chat has sent so many reports within the hour that its draft has to wait for the next."""


class SenderBlocked(Exception):
    """This chat may send nothing for a term: an officer has found that it abuses the bot."""


class HourList(BaseModel):
    """The list into which a chat's links of one hour are folded."""

    report_id: UUID
    hour: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a draft."""

    report_id: UUID
    """The report that it is now, or the list that it is now part of."""
    folded: bool
    hour_list: HourList | None
    closed: tuple[str, ...] = ()
    """Of what was folded: links to which access is closed already. Of all else the acknowledgement tells."""


class Sending:
    """The service of `Send`. It runs on the driver's connection of an open transaction."""

    def __init__(self, ring: KeyRing, reports: Reports, additions: Additions, per_hour: int) -> None:
        self._ring, self._reports, self._additions, self._per_hour = ring, reports, additions, per_hour

    async def send(
        self,
        driver: Any,
        draft: Contents,
        chat_id: int,
        now: datetime,
        hour_list: HourList | None = None,
        *,
        needs_links: bool = False,
        came: Came | None = None,
    ) -> Sent:
        """Send a draft: as a report, or above the chat's limit, if it holds links alone, as part of one list.

        `hour_list` is the list that the chat's dialogue remembers, `came` the code by which it came. Raises
        SenderBlocked, TooManyReports and whatever `Reports.file` raises; nothing was written then.
        """
        # A turn that is one statement asks in it.
        already = 0 if isinstance(driver, AtOnce) else await self._sent_already(driver, chat_id, now)
        hour = now.replace(minute=0, second=0, microsecond=0)
        known = hour_list if hour_list and hour_list.hour == hour else None
        # Nothing of what concerns an officer goes into a list that another desk has.
        listed = already >= self._per_hour and needs_links and _links_alone(draft) and not draft.restricted
        if listed and known:
            closed = await self._reports.fold(driver, draft, known.report_id, chat_id, now)
            if closed is not None:
                return Sent(known.report_id, True, known, tuple(closed))
        if already >= AT_MOST * self._per_hour:
            raise TooManyReports
        counts = self._counts(driver, chat_id, now, already)
        await self._reports.file(driver, draft, chat_id, now, counts, needs_links=needs_links, listed=listed, came=came)
        return Sent(draft.report_id, False, HourList(report_id=draft.report_id, hour=hour) if listed else known)

    async def add(
        self, driver: Any, draft: Contents, report_id: UUID, form_id: UUID | None, chat_id: int, now: datetime
    ) -> Added:
        """Send a draft as an addition, counted as a report is.

        Raises SenderBlocked, TooManyReports and whatever `Additions.file` raises; nothing was written then.
        """
        already = await self._sent_already(driver, chat_id, now)
        if already >= AT_MOST * self._per_hour:
            raise TooManyReports
        listed = already >= self._per_hour
        added = await self._additions.file(driver, draft, report_id, form_id, chat_id, now, listed=listed)
        await counting.count(driver, self._ring, REPORTS, chat_id, now, already)
        return added

    def _counts(self, driver: Any, chat_id: int, now: datetime, already: int) -> tuple[bytes | None, UUID]:
        """Give the row that counts one more report; of one that the turn's statement finds, only its key's id."""
        if isinstance(driver, AtOnce):
            return None, counting.next_row_too(driver, self._ring, REPORTS, chat_id, now, self._per_hour)
        return counting.next_row(self._ring, REPORTS, chat_id, now, already)

    async def _sent_already(self, driver: Any, chat_id: int, now: datetime) -> int:
        """Give how many reports a chat has sent within this hour."""
        already, blocked = await counting.counted_and_blocked(driver, self._ring, REPORTS, chat_id, now)
        if blocked:
            raise SenderBlocked
        return already


def _links_alone(draft: Contents) -> bool:
    return not (draft.words or draft.address or draft.point or draft.photos)
