"""Hostile pictures through the whole bot: each is cleaned or refused in words, and its report goes through."""

from __future__ import annotations

import io
import itertools
import os
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from bot.embedded import Embedded
from bot.privacy.photo_wire import is_bare
from bot.sandbox.world import Message
from bot.wording import Wording
from tests.journeys.acting import Citizen, Desk, settled, unique
from tests.journeys.conftest import module_stage, no_waiting, nothing_refused
from tests.stage import Stage
from tests.unit.test_photos import (
    HEIC,
    MARK,
    MARKED,
    NO_PHOTOS,
    SVG,
    XMP,
    halves,
    saved,
    with_scans,
    with_size,
    zeros_png,
)

__all__ = ["no_waiting"]

ROUNDS = int(os.environ.get("HOSTILE", "2"))
"""Times ten hostile pictures: two that stayed in memory decoded would be too many. `make thorough` takes 20."""
GROWTH = 60 << 20
"""Bytes that 200 pictures may leave in the process of the bot, which is the sandbox's and the test's as well. Twenty of
them are 48 MB each once they are decoded, which is done elsewhere."""


def thumbnail_larger_than_the_picture() -> bytes:
    """A picture of 96 × 64 whose EXIF holds a thumbnail of 1,600 × 1,200."""
    large = saved(Image.new("RGB", (1600, 1200), "green"), "JPEG", quality=10, comment=MARK)
    first = struct.pack(">HI", 0, 14)  # of the picture itself it says nothing, but where the thumbnail's follows
    entries = ((0x0103, 3, 6 << 16), (0x0201, 4, 14 + 2 + 3 * 12 + 4), (0x0202, 4, len(large)))
    second = struct.pack(">H", 3) + b"".join(struct.pack(">HHII", tag, kind, 1, value) for tag, kind, value in entries)
    body = b"Exif\0\0MM\0*" + struct.pack(">I", 8) + first + second + bytes(4) + large
    jpeg = saved(halves(), "JPEG")
    made = jpeg[:2] + b"\xff\xe1" + struct.pack(">H", 2 + len(body)) + body + jpeg[2:]
    with Image.open(io.BytesIO(made)) as picture:
        assert picture.getexif().get_ifd(ExifTags.IFD.IFD1)[0x0202] == len(large)
    return made


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (96, 64), (shade, 0, 0)) for shade in range(40, 240, 5)]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=20, loop=0)


CLEANED = {
    **{f"a marked {name}": data for name, data in MARKED.items()},
    "an animated gif": animated("GIF"),
    "an animated webp": animated("WEBP"),
    "an animated png": animated("PNG"),
    "a heic": HEIC,
    "a thumbnail larger than its picture": thumbnail_larger_than_the_picture(),
    "a page behind a jpeg": saved(halves(), "JPEG", comment=f"<script>{MARK}</script>") + SVG,
    "a zip behind a png": saved(halves(), "PNG") + b"PK\x03\x04" + MARK.encode(),
}
REFUSED = {
    "a bomb": (zeros_png(20_000, 10_000), "too_many_pixels"),
    "a size that is a lie": (with_size(saved(halves(), "PNG"), 2**31 - 1, 2**31 - 1), "too_many_pixels"),
    "a truncated jpeg": (saved(halves(), "JPEG")[:-300], "damaged"),
    "a truncated heic": (HEIC[:500], "damaged"),
    "one pixel": (saved(Image.new("RGB", (1, 1)), "PNG"), "too_small"),
    "scans without an end": (with_scans(3_000), "too_slow"),
    **{f"{name}, called a photo": (data, "not_a_photo") for name, data in NO_PHOTOS.items()},
}
NAMES = itertools.cycle(
    (("IMG_0001.jpg", "image/jpeg"), ("photo.PNG", None), ("scan.heic", "image/heic"), ("x.jpg", ""), ("a.webp", None))
)
"""As what it is sent: the name and the type say nothing of what it is."""


@pytest.fixture(scope="module")
async def stage(cluster: Embedded, wording: Wording, no_waiting: None) -> AsyncIterator[Stage]:
    async with module_stage(cluster, wording) as opened:
        yield opened


async def reported(stage: Stage, *files: bytes) -> tuple[Citizen, Message, list[bytes]]:
    """Report a graffiti by files, which Telegram hands on as they are; give citizen, card, and the desk's photos."""
    citizen, desk, mark = Citizen(stage), Desk(stage), unique()
    citizen.types("/start")
    await citizen.reads(citizen.text("menu"))
    citizen.presses("kind:graffiti")
    await citizen.reads(citizen.text("kinds.graffiti.ask.photos", most=10))
    for data in files:
        name, mime_type = next(NAMES)
        stage.sandbox.send_document(citizen.person, name, data, mime_type)
    await settled(stage)
    while citizen.label("send") not in citizen.buttons:
        citizen.presses("done" if citizen.label("done") in citizen.buttons else "skip")
        await citizen.reads("")
    citizen.types(mark)
    await citizen.reads(mark)
    citizen.last = 0
    citizen.sandbox.press_reply(citizen.person, citizen.label("send"))
    await citizen.receipt()
    card = await desk.sees(mark)
    await settled(stage)
    shown = [m for m in desk.replies(card) if m.photo]
    photos = [stage.sandbox.files.get(m.photo[-1]["file_id"]).data for m in shown if m.photo]
    return citizen, card, photos


def says(citizen: Citizen, name: str) -> int:
    text = citizen.text(name)
    return sum(text in m.words for m in citizen.heard)


def batches(names: list[str], size: int = 10) -> list[list[str]]:
    return [names[at : at + size] for at in range(0, len(names), size)]


@pytest.mark.parametrize("names", batches(sorted(CLEANED)), ids=lambda names: names[0])
async def test_the_desk_gets_pixels_and_nothing_else(stage: Stage, names: list[str]) -> None:
    citizen, card, photos = await reported(stage, *(CLEANED[name] for name in names))
    assert f"Фото: {len(names)}" in card.words
    assert "не принято" not in card.words
    assert len(photos) == len(names)
    for photo in photos:
        assert is_bare(photo)
        for mark in (MARK.encode(), b"Exif", b"http", b"ICC", b"Photoshop", b"PK\x03\x04", XMP[:12], b"<s"):
            assert mark not in photo
        with Image.open(io.BytesIO(photo)) as opened:
            assert opened.format == "JPEG"
            assert not opened.getexif()
            assert set(opened.info) == {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
            assert not getattr(opened, "is_animated", False)
    assert [says(citizen, f"photo_refused_{reason}") for reason in ("damaged", "not_a_photo", "too_slow")] == [0] * 3
    nothing_refused(stage)


@pytest.mark.parametrize("names", batches(sorted(REFUSED)), ids=lambda names: names[0])
async def test_what_cannot_be_shown_is_told_in_words_and_the_report_goes_through(
    stage: Stage, names: list[str]
) -> None:
    citizen, card, photos = await reported(stage, *(REFUSED[name][0] for name in names))
    reasons = [REFUSED[name][1] for name in names]
    assert photos == []
    assert f"не принято: {len(names)}" in card.words
    told = {reason: says(citizen, f"photo_refused_{reason}") for reason in reasons}
    assert told == {reason: reasons.count(reason) for reason in reasons}
    nothing_refused(stage)


async def test_good_photos_among_bad_ones_reach_the_desk(stage: Stage) -> None:
    bad, good = REFUSED["a bomb"][0], MARKED["jpeg"]
    citizen, card, photos = await reported(stage, bad, good, NO_PHOTOS["nothing"], good, NO_PHOTOS["pdf"])
    assert len(photos) == 2
    assert all(is_bare(photo) for photo in photos)
    assert "Фото: 2 · не принято: 3" in card.words
    assert (says(citizen, "photo_refused_too_many_pixels"), says(citizen, "photo_refused_not_a_photo")) == (1, 2)
    nothing_refused(stage)


def resident() -> int:
    """The memory of this process, in bytes: the bot's, the sandbox's and the test's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmRSS"))


async def test_many_hostile_pictures_leave_the_memory_flat(stage: Stage) -> None:
    # One that is decoded, 48 MB of pixels, and nine that are refused.
    hostile = [zeros_png(4_000, 3_000), *(data for data, _ in list(REFUSED.values())[:9])]
    await reported(stage, *hostile)
    before = resident()
    for _ in range(ROUNDS):
        _, _, photos = await reported(stage, *hostile)
        assert len(photos) == 1
    assert resident() - before < GROWTH
    assert len([one for one in stage.app.cleaner._all if one._worker]) <= 2
    nothing_refused(stage)
