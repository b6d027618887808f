"""The parts of drafts and reports: photos, list files, and links beyond what a dialogue holds."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from pydantic import TypeAdapter

from bot import jobs
from bot.privacy.keyring import KeyRing
from bot.reports import queries
from bot.reports.contents import StoredLink

LINKS = TypeAdapter(list[StoredLink])
READ_PART = "read_part"
"""The job that downloads and reads a part."""


class PartSort(StrEnum):
    """What a part is."""

    PHOTO = "photo"
    LIST = "list"
    LINKS = "links"
    CODES = "codes"
    """Links of QR codes on a photo, which nobody has confirmed yet."""
    PAINTED = "painted"
    """The same of what is written or painted on a photo."""


OF_LINKS = frozenset({PartSort.LIST, PartSort.LINKS})
"""Parts whose links the draft has."""


class PartState(StrEnum):
    """How far a part is."""

    WAITING = "waiting"
    READY = "ready"
    REFUSED = "refused"


async def add_file(driver: Any, ring: KeyRing, report_id: UUID, sort: PartSort, file_id: str, now: datetime) -> None:
    """Keep a file's sealed handle as a waiting part, and queue the job that reads it."""
    part_id = uuid4()
    handle = ring.seal("parts.handle", part_id.bytes, file_id.encode())
    await driver.execute(
        queries.ADD_PART, part_id, report_id, sort.value, PartState.WAITING.value, now.date(), handle, None
    )
    # A list that comes back spreads thousands of decisions: a citizen's photo does not wait behind them.
    await jobs.enqueue(driver, READ_PART, part_id, urgent=True)


async def add_links(driver: Any, ring: KeyRing, report_id: UUID, links: list[StoredLink], now: datetime) -> None:
    """Keep links as a sealed part of their own."""
    part_id = uuid4()
    await driver.execute(
        queries.ADD_PART,
        part_id,
        report_id,
        PartSort.LINKS.value,
        PartState.READY.value,
        now.date(),
        None,
        ring.seal("parts", part_id.bytes, LINKS.dump_json(links)),
    )


def links_of(ring: KeyRing, row: Any) -> list[StoredLink]:
    """Open the links of a part of links or of a list that was read."""
    return LINKS.validate_json(ring.open("parts", row["id"].bytes, row["sealed"])) if row["sealed"] else []


async def links_apart(driver: Any, ring: KeyRing, report_id: UUID) -> list[StoredLink]:
    """Give the links that a draft keeps in parts: its own overflow and its lists."""
    found: list[StoredLink] = []
    for sort in (PartSort.LINKS, PartSort.LIST):
        for row in await driver.fetch(queries.PARTS_OF_SORT, report_id, sort.value):
            found += links_of(ring, row)
    return found


async def drop_links(driver: Any, report_id: UUID) -> None:
    """Drop a draft's links and lists; its photos stay."""
    await driver.execute(queries.DROP_LINKS, report_id)
