"""Parts that are read: at the same time, in an outage, with a place or an original; nothing is lost or told twice."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from secrets import token_bytes
from typing import Any
from uuid import UUID, uuid4

import pytest

from bot.database import driver
from bot.delivery.errors import AnotherPoller, TelegramDown, TelegramRefused, TooMany, Unreachable
from bot.embedded import Embedded
from bot.jobs import JobLater
from bot.privacy.painted import PaintedReader
from bot.privacy.photos import CleanerDown, CleanerFailed, CleanPhoto, PhotoRefused, Reason
from bot.reports import parts
from bot.reports.contents import Contents
from bot.reports.fetching import PATIENCE, Fetch, Fetching
from bot.reports.reading import PartReader, WantsPlace
from bot.wording import Wording
from tests.integration.rehearsal import Rehearsal, rehearsal

TARAZ = (42.9, 71.3667)


@pytest.fixture(scope="module")
async def bot(cluster: Embedded, wording: Wording) -> AsyncIterator[Rehearsal]:
    async with rehearsal(cluster, wording) as opened:
        yield opened


class Cleaner:
    """Takes every picture but those that say they are bad; those that say "at" bear a place."""

    async def clean(self, data: bytes) -> CleanPhoto:
        await asyncio.sleep(0)
        if data.startswith(b"bad"):
            raise PhotoRefused(Reason.DAMAGED)
        return CleanPhoto(b"jpeg", 1, 1, TARAZ if data.startswith(b"at") else None, hashlib.sha256(data).digest())


async def fetch(file_id: str, _: int) -> bytes:
    return file_id.encode()


async def always(_: Any, __: UUID) -> bool:
    return True


async def never(_: Any, __: UUID) -> bool:
    return False


def reader(
    bot: Rehearsal, fetch: Fetch = fetch, cleaner: Any = None, wants_place: WantsPlace = always, **more: Any
) -> PartReader:
    cleaner = cleaner or Cleaner()
    app, fetching = bot.app, Fetching(fetch, cleaner)
    return PartReader(
        bot.database,
        bot.ring,
        app.outbox,
        app.reports,
        app.additions,
        fetching,
        wants_place,
        app.codes,
        PaintedReader(),
        never,
        lambda: None,
        lambda: datetime.now(UTC),
        **more,
    )


async def draft(
    bot: Rehearsal, *file_ids: str, sort: parts.PartSort = parts.PartSort.PHOTO
) -> tuple[Contents, list[UUID]]:
    """A draft of a den with parts that wait, photos unless it is said otherwise."""
    contents = Contents(kind="den", report_id=uuid4(), words="x", photos=len(file_ids))
    now = datetime.now(UTC)
    await bot.ring.ready(now)
    async with bot.database.transaction() as connection:
        raw = await driver(connection)
        for file_id in file_ids:
            await parts.add_file(raw, bot.ring, contents.report_id, sort, file_id, now)
    rows = await bot.fetch("SELECT id FROM parts WHERE report_id = $1 ORDER BY position", contents.report_id)
    return contents, [row["id"] for row in rows]


async def file(bot: Rehearsal, contents: Contents) -> None:
    async with bot.database.transaction() as connection:
        await bot.app.reports.file(await driver(connection), contents, 1, datetime.now(UTC), (token_bytes(32), uuid4()))


async def albums(bot: Rehearsal, contents: Contents) -> int:
    [row] = await bot.fetch(
        "SELECT count(*) AS n FROM messages WHERE lane = $1 AND template = 'photos'", contents.report_id
    )
    return int(row["n"])


async def told(bot: Rehearsal, contents: Contents) -> list[str]:
    """The templates of what the citizen is told, in order."""
    rows = await bot.fetch(
        "SELECT template FROM messages WHERE recipient = 'citizen' AND lane = $1 ORDER BY id", contents.report_id
    )
    return [row["template"] for row in rows if row["template"] != "received"]


async def state(bot: Rehearsal, part_id: UUID) -> str:
    [row] = await bot.fetch("SELECT state FROM parts WHERE id = $1", part_id)
    return str(row["state"])


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


OUTAGES = {
    "a revoked token": TelegramRefused("getFile", 401, "Unauthorized"),
    "a token that was never one": TelegramRefused("getFile", 404, "Not Found"),
    "a path that has expired": TelegramRefused("download", 404, ""),
    "a token revoked between the two calls": TelegramRefused("download", 401, ""),
    "a refusal": Unreachable("getFile", 403, "Forbidden"),
    "another poller": AnotherPoller("getFile", 409, "Conflict"),
    "too many": TooMany(30),
    "an outage": TelegramDown(),
}


@pytest.mark.parametrize("sort", [parts.PartSort.PHOTO, parts.PartSort.LIST])
@pytest.mark.parametrize("name", OUTAGES)
async def test_a_file_waits_for_as_long_as_telegram_or_the_token_is_in_trouble(
    bot: Rehearsal, name: str, sort: parts.PartSort
) -> None:
    trouble: list[Exception] = [OUTAGES[name]] * (PATIENCE * 5)

    async def troubled(_: str, __: int) -> bytes:
        if trouble:
            raise trouble.pop()
        return b"t.me/some_shop"

    contents, [part_id] = await draft(bot, "one", sort=sort)
    read = reader(bot, troubled).read
    while trouble:
        # An outage is one to the jobs as it is.
        with pytest.raises((JobLater, TelegramDown)):
            await read(part_id)
        assert await state(bot, part_id) == "waiting"
    assert await told(bot, contents) == []
    await read(part_id)
    assert await state(bot, part_id) == "ready"


@pytest.mark.parametrize("lasts", [PATIENCE - 1, PATIENCE])
async def test_a_file_that_telegram_does_not_know_is_given_up_after_a_while(bot: Rehearsal, lasts: int) -> None:
    tries = 0

    async def unknown(_: str, __: int) -> bytes:
        nonlocal tries
        tries += 1
        if tries <= lasts:
            refusal = "Bad Request: wrong file_id or the file is temporarily unavailable"
            raise TelegramRefused("getFile", 400, refusal)
        return b"one"

    contents, [part_id] = await draft(bot, "one")
    read = reader(bot, unknown).read
    for _ in range(PATIENCE - 1):
        with pytest.raises(JobLater):
            await read(part_id)
        assert await state(bot, part_id) == "waiting"
    await read(part_id)
    assert tries == PATIENCE
    assert await state(bot, part_id) == ("ready" if lasts < PATIENCE else "refused")
    assert await told(bot, contents) == ([] if lasts < PATIENCE else ["photo_refused_damaged"])


@pytest.mark.parametrize("refusal", [(400, "Bad Request: file is too big"), (413, "file is too big")])
async def test_a_file_that_is_too_big_is_told_so_at_once(bot: Rehearsal, refusal: tuple[int, str]) -> None:
    async def too_big(_: str, __: int) -> bytes:
        raise TelegramRefused("getFile", *refusal)

    contents, [part_id] = await draft(bot, "one")
    await reader(bot, too_big).read(part_id)
    assert await told(bot, contents) == ["photo_refused_too_big"]
    contents, [part_id] = await draft(bot, "one", sort=parts.PartSort.LIST)
    await reader(bot, too_big).read(part_id)
    assert await told(bot, contents) == ["refused_list_big"]


class Dying(Cleaner):
    """Fails at one photo, by that photo or without having looked at it."""

    def __init__(self, error: CleanerFailed) -> None:
        self.error = error

    async def clean(self, data: bytes) -> CleanPhoto:
        if data == b"deadly":
            raise self.error
        return await super().clean(data)


async def test_a_photo_that_kills_the_cleaner_each_time_does_not_keep_the_others_from_the_desk(bot: Rehearsal) -> None:
    contents, [deadly, fine] = await draft(bot, "deadly", "fine")
    await file(bot, contents)
    read = reader(bot, cleaner=Dying(CleanerFailed())).read
    await read(fine)
    for _ in range(PATIENCE - 1):
        with pytest.raises(JobLater):
            await read(deadly)
    assert await albums(bot, contents) == 0
    await read(deadly)
    assert await told(bot, contents) == ["photo_refused_damaged"]
    assert await albums(bot, contents) == 1


async def test_a_cleaner_that_does_not_start_costs_no_photo(bot: Rehearsal) -> None:
    contents, [part_id] = await draft(bot, "deadly")
    read = reader(bot, cleaner=Dying(CleanerDown())).read
    for _ in range(PATIENCE * 2):
        with pytest.raises(JobLater):
            await read(part_id)
    assert (await state(bot, part_id), await told(bot, contents)) == ("waiting", [])


async def test_only_a_few_photos_are_in_memory_at_a_time(bot: Rehearsal) -> None:
    held, most, full = 0, 0, asyncio.Event()

    class Counting(Cleaner):
        async def clean(self, data: bytes) -> CleanPhoto:
            nonlocal held
            async with asyncio.timeout(60):
                await full.wait()
            # Whoever else were let in would come now.
            await asyncio.sleep(0.02)
            photo = await super().clean(data)
            held -= 1
            return photo

    async def counted(file_id: str, most_bytes: int) -> bytes:
        nonlocal held, most
        held += 1
        most = max(most, held)
        if held == 4:
            full.set()
        return await fetch(file_id, most_bytes)

    _, ids = await draft(bot, *(str(n) for n in range(30)))
    read = reader(bot, counted, Counting()).read
    await asyncio.gather(*(read(part_id) for part_id in ids))
    assert most == 4


@pytest.mark.parametrize("filed", [False, True])
async def test_of_photos_with_a_place_that_end_at_the_same_time_one_asks(bot: Rehearsal, filed: bool) -> None:
    read = reader(bot).read
    for _ in range(20):
        contents, ids = await draft(bot, "at one", "two", "at three", "at four")
        if filed:
            await file(bot, contents)
        await asyncio.gather(*(read(part_id) for part_id in ids))
        assert await told(bot, contents) == ["photo_place"]
        rows = await bot.fetch("SELECT id, place FROM parts WHERE place IS NOT NULL AND id = ANY($1::uuid[])", ids)
        [place] = [bot.ring.open("parts.place", row["id"].bytes, row["place"]) for row in rows]
        assert json.loads(place) == {"latitude": 42.9, "longitude": 71.3667}


async def test_photos_with_a_place_and_the_filing_of_their_report_do_not_stand_in_each_others_way(
    bot: Rehearsal,
) -> None:
    read = reader(bot).read
    for _ in range(20):
        contents, ids = await draft(bot, "at one", "bad", "at three")
        await asyncio.gather(*(read(part_id) for part_id in ids), file(bot, contents))
        assert await albums(bot, contents) == 1
        assert sorted(await told(bot, contents)) == ["photo_place", "photo_refused_damaged"]


async def test_a_place_that_nobody_is_asked_for_is_not_kept(bot: Rehearsal) -> None:
    async def never(_: Any, __: UUID) -> bool:
        return False

    contents, ids = await draft(bot, "at one", "at two")
    for part_id in ids:
        await reader(bot, wants_place=never).read(part_id)
    assert await told(bot, contents) == []
    assert await bot.fetch("SELECT 1 FROM parts WHERE place IS NOT NULL AND id = ANY($1::uuid[])", ids) == []


async def originals(bot: Rehearsal, ids: list[UUID]) -> dict[UUID, bytes]:
    rows = await bot.fetch("SELECT part_id, sealed FROM originals WHERE part_id = ANY($1::uuid[])", ids)
    return {row["part_id"]: row["sealed"] for row in rows}


async def test_originals_are_kept_sealed_with_their_digest_only_when_it_is_wanted(bot: Rehearsal) -> None:
    contents, ids = await draft(bot, "an original with a mark", "bad")
    for part_id in ids:
        await reader(bot).read(part_id)
    assert await originals(bot, ids) == {}, "off, as it is by default"
    contents, ids = await draft(bot, "an original with a mark", "bad")
    for part_id in ids:
        await reader(bot, keep_originals=True).read(part_id)
    kept = await originals(bot, ids)
    assert list(kept) == ids[:1], "what was refused is not kept"
    assert b"mark" not in kept[ids[0]]
    whole = bot.ring.open("originals", ids[0].bytes, kept[ids[0]])
    assert (whole[:32], whole[32:]) == (hashlib.sha256(whole[32:]).digest(), b"an original with a mark")
    async with bot.database.transaction() as connection:
        await bot.app.reports.drop_draft(await driver(connection), contents.report_id)
    assert await originals(bot, ids) == {}, "they go with the draft"
