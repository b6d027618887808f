"""Photos that are read at the same time: the desk gets each report's album once, whatever ends first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from bot.database import driver
from bot.embedded import Embedded
from bot.privacy.photos import CleanPhoto, PhotoRefused, Reason
from bot.reports import parts
from bot.reports.contents import Contents
from bot.reports.reading import PartReader
from bot.wording import Wording
from tests.integration.rehearsal import Rehearsal, rehearsal


@pytest.fixture(scope="module")
async def bot(cluster: Embedded, wording: Wording) -> AsyncIterator[Rehearsal]:
    async with rehearsal(cluster, wording) as opened:
        yield opened


class Cleaner:
    """Takes every picture but those that say they are bad."""

    async def clean(self, data: bytes) -> CleanPhoto:
        await asyncio.sleep(0)
        if data.startswith(b"bad"):
            raise PhotoRefused(Reason.DAMAGED)
        return CleanPhoto(b"jpeg", 1, 1, None, b"")


async def fetch(file_id: str, _: int) -> bytes:
    return file_id.encode()


def reader(bot: Rehearsal) -> PartReader:
    app = bot.app
    return PartReader(
        bot.database,
        bot.ring,
        app.outbox,
        app.reports,
        fetch,
        Cleaner(),  # type: ignore[arg-type]
        lambda: None,
        lambda: datetime.now(UTC),
    )


async def draft(bot: Rehearsal, *file_ids: str) -> tuple[Contents, list[UUID]]:
    """A draft of a den with photos that wait."""
    contents = Contents(kind="den", report_id=uuid4(), words="x", photos=len(file_ids))
    now = datetime.now(UTC)
    await bot.ring.ready(now)
    async with bot.database.transaction() as connection:
        raw = await driver(connection)
        for file_id in file_ids:
            await parts.add_file(raw, bot.ring, contents.report_id, parts.PartSort.PHOTO, file_id, now)
    rows = await bot.fetch("SELECT id FROM parts WHERE report_id = $1 ORDER BY position", contents.report_id)
    return contents, [row["id"] for row in rows]


async def file(bot: Rehearsal, contents: Contents) -> None:
    async with bot.database.transaction() as connection:
        await bot.app.reports.file(await driver(connection), contents, 1, datetime.now(UTC))


async def albums(bot: Rehearsal, contents: Contents) -> int:
    [row] = await bot.fetch(
        "SELECT count(*) AS n FROM messages WHERE lane = $1 AND template = 'photos'", contents.report_id
    )
    return int(row["n"])


async def test_photos_that_end_at_the_same_time_are_shown_once(bot: Rehearsal) -> None:
    read = reader(bot).read
    for _ in range(20):
        contents, ids = await draft(bot, "one", "two", "three")
        await file(bot, contents)
        await asyncio.gather(*(read(part_id) for part_id in ids))
        assert await albums(bot, contents) == 1


async def test_photos_that_end_while_the_report_is_filed_are_shown_once(bot: Rehearsal) -> None:
    read = reader(bot).read
    for _ in range(20):
        contents, ids = await draft(bot, "one", "bad", "three")
        await asyncio.gather(file(bot, contents), *(read(part_id) for part_id in ids))
        assert await albums(bot, contents) == 1


async def test_a_job_that_runs_again_does_nothing_more(bot: Rehearsal) -> None:
    contents, ids = await draft(bot, "one")
    await file(bot, contents)
    for _ in range(3):
        await reader(bot).read(ids[0])
    assert await albums(bot, contents) == 1
    [row] = await bot.fetch("SELECT handle, state FROM parts WHERE id = $1", ids[0])
    assert (row["handle"], row["state"]) == (None, "ready"), "the handle to the original is erased"


async def test_a_part_of_a_draft_that_was_dropped_is_forgotten(bot: Rehearsal) -> None:
    contents, ids = await draft(bot, "bad")
    async with bot.database.transaction() as connection:
        await bot.app.reports.drop_draft(await driver(connection), contents.report_id)
    await reader(bot).read(ids[0])
    assert await bot.fetch("SELECT 1 FROM messages WHERE lane = $1", contents.report_id) == []
