"""How a link was last seen, for its card."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.evidence import queries
from bot.evidence.told import Told
from bot.privacy.keyring import KeyRing
from bot.privacy.sealing import CannotOpen


@dataclass(frozen=True, slots=True)
class Standing:
    """Reads it, on the driver's connection of an open transaction."""

    ring: KeyRing
    zone: ZoneInfo

    async def of(self, raw: Any, resource_id: UUID) -> list[dict[str, Any]]:
        """Give what a card's text tells of a link, one entry; none: it was not looked at."""
        row = await raw.fetchrow(queries.STANDING, resource_id)
        if row is None:
            return []
        told = self._told(resource_id, row["sealed"])
        look = {
            "state": row["state"],
            "at": self._moment(row["looked_at"]),
            "away": self._moment(row["away_at"]),
            "proposed": row["proposed"],
            "subscribers": row["subscribers"],
            "title": told.title[:100],
            "moved_to": told.moved_to,
        }
        return [look]

    def _told(self, resource_id: UUID, sealed: bytes | None) -> Told:
        if sealed is None:
            return Told()
        try:
            return Told.model_validate_json(self.ring.open("watches", resource_id.bytes, sealed))
        except CannotOpen:
            return Told()

    def _moment(self, moment: datetime | None) -> str:
        return f"{moment.astimezone(self.zone):%d.%m.%Y %H:%M}" if moment else ""
