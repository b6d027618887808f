"""Places: in which district a report's lies, and one that comes after the report was filed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from bot.areas.store import Areas
from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.offices.store import Offices
from bot.privacy.keyring import KeyRing
from bot.reports import queries
from bot.reports.contents import Point, SealedContents
from bot.reports.near import NearPlaces
from bot.reports.proposing import propose


class LaterPlaces:
    """Looks up districts and takes places, on the driver's connection of an open transaction."""

    def __init__(
        self,
        ring: KeyRing,
        outbox: Outbox,
        areas: Areas,
        offices: Offices,
        near: NearPlaces,
        open_contents: Callable[[UUID, bytes | None], SealedContents],
    ) -> None:
        self._ring, self._outbox, self._areas, self._offices = ring, outbox, areas, offices
        self._near, self._open = near, open_contents

    async def district(self, driver: Any, point: Point | None) -> str | None:
        """Give the code of a point's district; None where it has none, or no areas were imported."""
        return (await self._areas.find(driver, point.latitude, point.longitude)).district if point else None

    async def add(self, driver: Any, report_id: UUID, point: Point, now: datetime) -> bool:
        """Add a point to a filed report, for the desk to see; False when it has a place already, or was purged."""
        row = await driver.fetchrow(queries.CONTENTS, report_id)
        if row is None or row["sealed"] is None:
            return False
        contents = self._open(report_id, row["sealed"])
        if contents.placed:
            return False
        await self._keep(driver, report_id, row["kind"], contents, point, now)
        await self._outbox.message(driver, Recipient.DESK, report_id, "point", {}, now)
        return True

    async def take(self, driver: Any, report_id: UUID, point: Point, now: datetime) -> None:
        """Take the point of an addition as the report's own where it has none, so that it has a district."""
        row = await driver.fetchrow(queries.CONTENTS, report_id)
        if row is None or row["sealed"] is None:
            return
        contents = self._open(report_id, row["sealed"])
        if contents.point is None:
            await self._keep(driver, report_id, row["kind"], contents, point, now)

    async def _keep(
        self, driver: Any, report_id: UUID, kind: str, contents: SealedContents, point: Point, now: datetime
    ) -> None:
        contents.point = point
        sealed = self._ring.seal("reports", report_id.bytes, contents.model_dump_json().encode())
        district = await self.district(driver, point)
        await driver.execute(queries.KEEP_CONTENTS, report_id, sealed, district)
        await self._outbox.refresh(driver, CardSort.REPORT, [report_id], now)
        if district:
            await propose(driver, self._outbox, self._offices.now, report_id, kind, district, now)
        await self._near.note(driver, report_id, kind, point, now)
