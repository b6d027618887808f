"""Which looks are kept as captures, and how they are sealed."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid4

from bot.clock import to_minute
from bot.evidence import queries
from bot.evidence.brought import Came
from bot.papers.captured import CapturedPage
from bot.privacy.keyring import KeyRing

MOST: Final = 60
"""Captures of one link that are made unasked: a page that changes by itself each day must not fill the disk."""
OF_HOST: Final = 500 << 20
OF_ALL: Final = 4 << 30
"""Bytes that are kept unasked within a day: neither must a list of a thousand pages that somebody made for that."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A capture that was kept."""

    id: UUID
    page: CapturedPage


class Room:
    """Counts what was kept on a day (of UTC), by the process that watches. What finds no room is kept on another."""

    def __init__(self) -> None:
        self._day, self._of_host = date.min, Counter[str]()

    def is_left(self, host: str, size: int, day: date) -> bool:
        """Tell whether so many bytes of a host may still be kept."""
        self._turn(day)
        return self._of_host[host] + size <= OF_HOST and self._of_host.total() + size <= OF_ALL

    def take(self, host: str, size: int, day: date) -> None:
        """Count what is kept."""
        self._turn(day)
        self._of_host[host] += size

    def _turn(self, day: date) -> None:
        if day != self._day:
            self._day, self._of_host = day, Counter()


class Capturing:
    """Keeps captures, on the driver's connection of an open transaction."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring, self._room = ring, Room()

    def last(self, subject: Any) -> CapturedPage | None:
        """Open what was captured last."""
        if subject["capture"] is None:
            return None
        opened = self._ring.open("captures", subject["capture"].bytes, subject["page"])
        return CapturedPage.model_validate_json(opened)

    async def keep(
        self, raw: Any, subject: Any, before: CapturedPage | None, came: Came, subscribers: int | None
    ) -> Kept | None:
        """Keep the page: the first one, each that reads otherwise, and what an officer asked for."""
        fetched, read = came.fetched, came.read
        if fetched is None or read is None:
            return None
        changed = before is None or read.text != before.text or came.verdict.state != before.state
        room = subject["host"], len(read.warc), fetched.last.asked_at.date()
        if not subject["asked"] and (not changed or subject["captures"] >= MOST or not self._room.is_left(*room)):
            return None
        self._room.take(*room)
        capture_id, digest = uuid4(), hashlib.sha256(read.warc).digest()
        page = CapturedPage(
            url=subject["url"],
            landed=fetched.last.url,
            at=fetched.last.asked_at,
            status=fetched.last.status,
            sha256=digest.hex(),
            state=came.verdict.state.value,
            title=read.title,
            description=read.description,
            text=read.text,
            subscribers=read.seen.subscribers if read.seen.subscribers is not None else subscribers,
            since=before.at if before else None,
            difference=read.difference,
            title_before=before.title if before else "",
            description_before=before.description if before else "",
            subscribers_before=before.subscribers if before else None,
            truncated=fetched.last.truncated,
            whole=read.whole,
        )
        await raw.execute(
            queries.CAPTURE,
            capture_id,
            subject["id"],
            to_minute(page.at),
            digest,
            self._ring.seal("captures", capture_id.bytes, page.model_dump_json().encode()),
            self._ring.seal("captures.warc", capture_id.bytes, read.warc),
        )
        return Kept(capture_id, page)
