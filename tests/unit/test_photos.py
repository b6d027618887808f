"""Strangers' pictures, honest and hostile, go through the real photo worker; what comes out is searched for marks."""

import asyncio
import base64
import contextlib
import hashlib
import io
import os
import random
import resource
import signal
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path

import pytest
import uvloop
from PIL import Image, ImageCms, ImageFile
from PIL.PngImagePlugin import PngInfo

from bot.privacy import photos, repainting
from bot.privacy.photo_wire import MAX_BYTES, is_bare, scans
from bot.privacy.photo_worker import PICTURES
from bot.privacy.photos import CleanerFailed, CleanPhoto, PhotoCleaner, PhotoCleaners, PhotoRefused, Reason

MARK = "MARK-7f3a"
HERE = (42.9, 71.375)
RED, BLUE = (254, 0, 0), (0, 0, 254)

# 96×64, the left half red and the right half blue, by heif-enc from a JPEG with MARK and a GPS point in its EXIF.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAYBtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAA5waXRtAA"
    "AAAAABAAAANGlsb2MAAAAAREAAAgABAAAAAAGkAAEAAAAAAAAANAACAAAAAAHYAAEAAAAAAAAApgAAADhpaW5mAAAAAAACAAAAFWluZmUCAAAA"
    "AAEAAGh2YzEAAAAAFWluZmUCAAABAAIAAEV4aWYAAAAAv2lwcnAAAAChaXBjbwAAAHVodmNDAQNwAAAAAAAAAAAAHvAA/P34+AAADwMgAAEAGE"
    "ABDAH//wNwAAADAJAAAAMAAAMAHroCQCEAAQAoQgEBA3AAAAMAkAAAAwAAAwAeoDCBBZbqSSmubAgAAAMACAAAAwAIQCIAAQAHRAHBcrAiQAAA"
    "ABRpc3BlAAAAAAAAAGAAAABAAAAAEHBpeGkAAAAAAwgICAAAABZpcG1hAAAAAAAAAAEAAQOBAoMAAAAaaXJlZgAAAAAAAAAOY2RzYwACAAEAAQ"
    "AAAOJtZGF0AAAAMCgBrxmA2Zhi36r//1MTf+Gl0vn6DYN4Il/bxoGAG0I6O6ULU0JytA1drgc/tXc6rAAAAABNTQAqAAAACAADAQ8AAgAAAAoA"
    "AAAyARIAAwAAAAEABgAAiCUABAAAAAEAAAA8AAAAAE1BUkstN2YzYQAABAABAAIAAAACTgAAAAACAAUAAAADAAAAcgADAAIAAAACRQAAAAAEAA"
    "UAAAADAAAAigAAAAAAAAAqAAAAAQAAADYAAAABAAAAAAAAAAEAAABHAAAAAQAAABYAAAABAAAAHgAAAAE="
)


@pytest.fixture(scope="session")
async def cleaner() -> AsyncIterator[PhotoCleaner]:
    one = PhotoCleaner()
    await one.start()
    yield one
    await one.stop()


def halves(mode: str = "RGB", size: tuple[int, int] = (96, 64)) -> Image.Image:
    """Left red, right blue: what is turned or cut off can be seen."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    return image.convert(mode)


def exif(orientation: int = 1, gps: dict[int, object] | None = None) -> Image.Exif:
    found = Image.Exif()
    found[0x010F], found[0x0131], found[0x0112] = MARK, MARK, orientation
    found[0x8769] = {0x927C: MARK.encode(), 0x9286: MARK.encode(), 0xA431: MARK}
    found[0x8825] = {1: "N", 2: (42.0, 54.0, 0.0), 3: "E", 4: (71.0, 22.0, 30.0)}
    found[0x8825] |= gps or {}
    return found


XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{MARK}</x:xmpmeta>'.encode()
ICC = (
    ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    .tobytes()
    .replace(b"sRGB built-in", MARK.encode() + b"\0\0\0\0")
)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def marked() -> dict[str, bytes]:
    """One picture of every format, with all the metadata it can carry, and a ZIP behind it."""
    behind = io.BytesIO()
    with zipfile.ZipFile(behind, "w") as archive:
        archive.writestr(f"{MARK}.txt", MARK)
    thumbnail = saved(halves(size=(32, 16)), "JPEG", comment=MARK)
    iptc = b"\xff\xed" + struct.pack(">H", 2 + 14 + len(MARK)) + b"Photoshop 3.0\0" + MARK.encode()
    jpeg = saved(halves(), "JPEG", exif=exif(), xmp=XMP, comment=MARK, icc_profile=ICC)
    text = PngInfo()
    text.add_text("Comment", MARK)
    text.add_text("Comment", MARK, zip=True)
    text.add_itxt("XML:com.adobe.xmp", XMP.decode())
    made = {
        "jpeg": jpeg[:2] + iptc + b"\xff\xe9" + struct.pack(">H", 2 + len(thumbnail)) + thumbnail + jpeg[2:],
        "progressive jpeg": saved(halves(), "JPEG", progressive=True, exif=exif(), comment=MARK),
        "grey jpeg": saved(halves("L"), "JPEG", exif=exif()),
        "cmyk jpeg": saved(halves("CMYK"), "JPEG", exif=exif()),
        "png": saved(halves(), "PNG", exif=exif(), pnginfo=text, icc_profile=ICC),
        "palette png": saved(halves("P"), "PNG", exif=exif(), transparency=0),
        "png with alpha": saved(halves("RGBA"), "PNG", exif=exif(), pnginfo=text),
        "16 bit png": saved(Image.new("I;16", (96, 64), 40_000), "PNG", exif=exif()),
        "black and white png": saved(halves("1"), "PNG", exif=exif()),
        "webp": saved(halves(), "WEBP", exif=exif(), xmp=XMP, icc_profile=ICC),
        "lossless webp": saved(halves("RGBA"), "WEBP", lossless=True, exif=exif(), xmp=XMP),
        "gif": saved(halves("P"), "GIF", comment=MARK, save_all=True, append_images=[Image.new("P", (96, 64))]),
        "bmp": saved(halves(), "BMP"),
        "heic": HEIC,
    }
    return {name: data + MARK.encode() + behind.getvalue() for name, data in made.items()}


MARKED = marked()


@pytest.mark.parametrize("name", MARKED)
async def test_only_pixels_are_left_of_a_photo(cleaner: PhotoCleaner, name: str) -> None:
    assert MARK.encode() in MARKED[name]
    photo = await cleaner.clean(MARKED[name])
    for mark in (MARK.encode(), MARK.encode("utf-16-le"), b"Exif", b"GPS", b"http", b"ICC", b"PK\3\4", b"sRGB"):
        assert mark not in photo.jpeg
    assert is_bare(photo.jpeg)
    assert photo.original_sha256 == hashlib.sha256(MARKED[name]).digest()
    with Image.open(io.BytesIO(photo.jpeg)) as again:
        again.load()
        assert (again.format, again.mode, again.size) == (
            "JPEG",
            "RGB",
            (photo.width, photo.height) == (96, 64) and (96, 64),
        )
        assert set(again.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("name", sorted(set(MARKED) - {"gif", "bmp"}))
async def test_the_place_is_read_before_it_is_dropped(cleaner: PhotoCleaner, name: str) -> None:
    assert (await cleaner.clean(MARKED[name])).gps == pytest.approx(HERE)


@pytest.mark.parametrize(
    "wrong, read",
    [
        ({1: "S", 3: "W"}, (-42.9, -71.375)),
        ({1: "s\0"}, (-42.9, 71.375)),
        ({2: (142.0, 0.0, 0.0)}, None),
        ({4: (181.0, 0.0, 0.0)}, None),
        ({4: (71.0, 99.0, 0.0)}, None),
        ({2: (42.0, 54.0)}, None),
        ({1: "X"}, None),
        ({1: ""}, None),
        ({3: 5}, None),
        ({2: (0.0, 0.0, 0.0), 4: (0.0, 0.0, 0.0)}, None),
    ],
)
async def test_an_impossible_place_is_none(
    cleaner: PhotoCleaner, wrong: dict[int, object], read: tuple[float, float] | None
) -> None:
    photo = await cleaner.clean(saved(halves(), "JPEG", exif=exif(gps=wrong)))
    assert photo.gps == (read and pytest.approx(read))


async def test_a_place_divided_by_nothing_is_none(cleaner: PhotoCleaner) -> None:
    raw = saved(halves(), "JPEG", exif=exif())
    assert raw.count(struct.pack(">II", 54, 1)) == 1
    assert (await cleaner.clean(raw.replace(struct.pack(">II", 54, 1), struct.pack(">II", 54, 0)))).gps is None


def seen(photo: CleanPhoto, x: float, y: float) -> str:
    with Image.open(io.BytesIO(photo.jpeg)) as image:
        red, green, blue = image.getpixel((int(x * image.width), int(y * image.height)))  # type: ignore[misc]
    return "white" if min(red, green, blue) > 200 else "red" if red > blue else "blue"


@pytest.mark.parametrize(
    "orientation, red_at, blue_at",
    [
        (1, (0.2, 0.5), (0.8, 0.5)),
        (2, (0.8, 0.5), (0.2, 0.5)),
        (3, (0.8, 0.5), (0.2, 0.5)),
        (4, (0.2, 0.5), (0.8, 0.5)),
        (5, (0.5, 0.2), (0.5, 0.8)),
        (6, (0.5, 0.2), (0.5, 0.8)),
        (7, (0.5, 0.8), (0.5, 0.2)),
        (8, (0.5, 0.8), (0.5, 0.2)),
        (9, (0.2, 0.5), (0.8, 0.5)),
    ],
)
async def test_a_photo_stands_upright(
    cleaner: PhotoCleaner, orientation: int, red_at: tuple[float, float], blue_at: tuple[float, float]
) -> None:
    for kind in ("JPEG", "PNG", "WEBP"):
        photo = await cleaner.clean(saved(halves(), kind, exif=exif(orientation)))
        assert (photo.width, photo.height) == ((64, 96) if 5 <= orientation <= 8 else (96, 64))
        assert (seen(photo, *red_at), seen(photo, *blue_at)) == ("red", "blue")


async def test_corners_tell_a_turn_from_its_mirror_image(cleaner: PhotoCleaner) -> None:
    image = Image.new("RGB", (96, 64), RED)
    image.paste(BLUE, (48, 0, 96, 32))  # top right
    corners = {
        1: (0.9, 0.1),
        2: (0.1, 0.1),
        3: (0.1, 0.9),
        4: (0.9, 0.9),
        5: (0.1, 0.9),
        6: (0.9, 0.9),
        7: (0.9, 0.1),
        8: (0.1, 0.1),
    }
    for orientation, corner in corners.items():
        photo = await cleaner.clean(saved(image, "JPEG", exif=exif(orientation)))
        assert seen(photo, *corner) == "blue", orientation


async def test_a_large_photo_is_made_smaller_and_a_small_one_stays(cleaner: PhotoCleaner) -> None:
    large = await cleaner.clean(saved(halves(size=(6000, 4000)), "JPEG"))
    assert (large.width, large.height) == (2560, 1707)
    small = await cleaner.clean(saved(halves(size=(16, 16)), "PNG"))
    assert (small.width, small.height) == (16, 16)


async def test_a_strip_is_padded_to_what_telegram_shows(cleaner: PhotoCleaner) -> None:
    photo = await cleaner.clean(saved(halves(size=(4000, 20)), "PNG"))
    assert (photo.width, photo.height) == (2560, 128)
    assert (seen(photo, 0.1, 0.5), seen(photo, 0.1, 0.1)) == ("red", "white")


async def test_what_was_transparent_is_white(cleaner: PhotoCleaner) -> None:
    image = Image.new("RGBA", (96, 64), (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 48, 64))
    for data in (saved(image, "PNG"), saved(image, "WEBP"), saved(image, "GIF")):
        photo = await cleaner.clean(data)
        assert (seen(photo, 0.2, 0.5), seen(photo, 0.8, 0.5)) == ("red", "white")


async def test_sixteen_bits_of_grey_are_not_cut_off(cleaner: PhotoCleaner) -> None:
    photo = await cleaner.clean(saved(Image.new("I;16", (96, 64), 0x4000), "PNG"))
    with Image.open(io.BytesIO(photo.jpeg)) as image:
        assert abs(image.convert("L").getpixel((40, 30)) - 0x40) <= 2  # type: ignore[operator]


async def test_a_broken_colour_profile_or_exif_costs_nothing_but_itself(cleaner: PhotoCleaner) -> None:
    photo = await cleaner.clean(
        saved(halves(), "JPEG", icc_profile=b"nonsense" * 30, exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    )
    assert (seen(photo, 0.2, 0.5), photo.gps) == ("red", None)


async def test_only_the_first_frame_is_looked_at(cleaner: PhotoCleaner) -> None:
    frames = [Image.new("RGB", (96, 64), BLUE)] * 3
    for kind in ("GIF", "WEBP", "PNG"):
        photo = await cleaner.clean(saved(Image.new("RGB", (96, 64), RED), kind, save_all=True, append_images=frames))
        assert seen(photo, 0.5, 0.5) == "red"


def with_size(png: bytes, width: int, height: int) -> bytes:
    """The same PNG with another size in its header."""
    header = b"IHDR" + struct.pack(">II", width, height) + png[24:29]
    return png[:12] + header + struct.pack(">I", zlib.crc32(header)) + png[33:]


def zeros_png(width: int, height: int) -> bytes:
    """A true PNG of zeros, a thousandth of its picture's size, made without the picture."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    row, rows = bytes(1 + width * 4), height // 100
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    # After a full flush the packer knows nothing of what came before: the same bytes may stand there again.
    hundred = packer.compress(row * 100) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = packer.compress(row * (height % 100)) + packer.flush()
    # Of zeros alone, the checksum tells how many they are.
    checksum = struct.pack(">HH", len(row) * height % 65521, 1)
    packed = [b"\x78\x01", *[hundred] * rows, rest, checksum]
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"".join(packed)) + chunk(b"IEND", b"")


async def refused(cleaner: PhotoCleaner, data: bytes) -> Reason:
    with pytest.raises(PhotoRefused) as info:
        await cleaner.clean(data)
    assert info.value.__cause__ is None
    assert MARK not in str(info.value)
    return info.value.reason


SVG = f'<svg xmlns="http://www.w3.org/2000/svg"><script>{MARK}</script></svg>'.encode()
NO_PHOTOS = {
    "nothing": b"",
    "words": MARK.encode(),
    "words that begin like a bitmap": b"BM " + MARK.encode() * 20,
    "pdf": b"%PDF-1.7\n" + MARK.encode(),
    "svg": SVG,
    "html": b"<html><img src=x onerror=alert(1)>",
    "mp4": b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(100),
    "zip": b"PK\3\4" + bytes(100),
    "tiff": saved(halves(), "TIFF"),
    "icon": saved(halves(), "ICO"),
    "jpeg 2000": saved(halves(), "JPEG2000"),
    "postscript": saved(halves(), "EPS"),
    "avif": saved(halves(), "AVIF"),
    "pdf before a jpeg": b"%PDF-1.7\n" + saved(halves(), "JPEG"),
}


@pytest.mark.parametrize("name", NO_PHOTOS)
async def test_what_is_no_photo_is_told_so(cleaner: PhotoCleaner, name: str) -> None:
    assert await refused(cleaner, NO_PHOTOS[name]) == Reason.NOT_A_PHOTO


async def test_limits_have_their_own_reasons(cleaner: PhotoCleaner) -> None:
    png = saved(halves(), "PNG")
    assert await refused(cleaner, bytes(MAX_BYTES + 1)) == Reason.TOO_BIG
    assert await refused(cleaner, saved(halves(size=(15, 400)), "PNG")) == Reason.TOO_SMALL
    assert await refused(cleaner, with_size(png, 7100, 7100)) == Reason.TOO_MANY_PIXELS
    assert await refused(cleaner, with_size(png, 2**31 - 1, 2**31 - 1)) == Reason.TOO_MANY_PIXELS
    assert await refused(cleaner, with_size(png, 0, 64)) in (Reason.TOO_SMALL, Reason.DAMAGED)
    assert (await cleaner.clean(png)).width == 96


async def test_a_bomb_is_refused_and_the_largest_picture_allowed_is_not(cleaner: PhotoCleaner) -> None:
    assert await refused(cleaner, zeros_png(10_000, 8_000)) == Reason.TOO_MANY_PIXELS
    largest = await cleaner.clean(zeros_png(8_333, 6_000))
    assert (largest.width, largest.height) == (2560, 1843)


@pytest.fixture
async def own() -> AsyncIterator[PhotoCleaner]:
    """A cleaner of the test's own, to be hurt."""
    one = PhotoCleaner()
    await one.start()
    yield one
    await one.stop()


def process(cleaner: PhotoCleaner) -> asyncio.subprocess.Process:
    assert cleaner._worker
    return cleaner._worker.process


async def test_a_photo_that_needs_too_much_memory_is_refused_and_the_next_one_is_cleaned(own: PhotoCleaner) -> None:
    little = 100 * 1024 * 1024
    resource.prlimit(process(own).pid, resource.RLIMIT_AS, (little, little))
    assert await refused(own, zeros_png(8_000, 6_000)) == Reason.TOO_MANY_PIXELS
    assert (await own.clean(MARKED["jpeg"])).width == 96


@pytest.mark.parametrize("name", MARKED)
async def test_a_truncated_photo_is_repainted_or_refused(cleaner: PhotoCleaner, name: str) -> None:
    data = MARKED[name]
    data = data[: data.rindex(MARK.encode() + b"PK")]
    for cut in sorted({*range(0, 40, 5), *(len(data) * part // 40 for part in range(40))}):
        with contextlib.suppress(PhotoRefused):
            photo = await cleaner.clean(data[:cut])
            assert is_bare(photo.jpeg)
    assert await refused(cleaner, data[: len(data) // 2]) == Reason.DAMAGED
    assert (await cleaner.clean(data)).width == 96


async def test_a_file_that_is_two_things_keeps_only_its_pixels(cleaner: PhotoCleaner) -> None:
    gif = saved(halves("P"), "GIF")
    script = gif[:6] + b"/*" + gif[8:] + b"*/=1;alert('" + MARK.encode() + b"')"
    page = saved(halves(), "JPEG", comment=f"<script>{MARK}</script>") + SVG
    for data in (script, page):
        with contextlib.suppress(PhotoRefused):
            photo = await cleaner.clean(data)
            assert is_bare(photo.jpeg)
            assert MARK.encode() not in photo.jpeg
    assert (await cleaner.clean(page)).width == 96


async def test_two_hundred_mutilated_photos_are_repainted_or_refused(cleaner: PhotoCleaner) -> None:
    chance = random.Random(20_261_123)
    outcomes = {"clean": 0, "refused": 0}
    for number in range(200):
        data = bytearray(MARKED[sorted(MARKED)[number % len(MARKED)]])
        for _ in range(chance.choice((1, 3, 10, 60))):
            at = chance.randrange(len(data))
            match chance.randrange(4):
                case 0:
                    data[at] ^= 1 << chance.randrange(8)
                case 1:
                    data[at : at + 4] = chance.randbytes(4)
                case 2:
                    del data[at : at + chance.randrange(1, 30)]
                case _:
                    data[at:at] = data[at : at + chance.randrange(1, 200)]
        try:
            photo = await cleaner.clean(bytes(data))
        except PhotoRefused:
            outcomes["refused"] += 1
        else:
            outcomes["clean"] += 1
            assert is_bare(photo.jpeg)
            assert MARK.encode() not in photo.jpeg
    assert min(outcomes.values()) > 20, outcomes
    assert (await cleaner.clean(MARKED["jpeg"])).width == 96


async def at_work(cleaner: PhotoCleaner) -> int:
    """Wait until a fork of the worker has a picture before it; return its pid."""
    pid = process(cleaner).pid
    async with asyncio.timeout(30):
        while not (ready := forks(pid)):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.005)
    return ready[0]


def forks(pid: int) -> list[int]:
    """The forks of a worker that have let go of its pipes."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children if not os.path.lexists(f"/proc/{child}/fd/0")]


def opened(pid: int) -> set[str]:
    """What a process has open: paths, or names of pipes."""
    return {os.readlink(fd) for fd in Path(f"/proc/{pid}/fd").iterdir()}


async def test_a_photo_that_takes_too_long_is_refused_and_the_next_one_is_cleaned(own: PhotoCleaner) -> None:
    first, own._photo_seconds = process(own), 0.5
    first.send_signal(signal.SIGSTOP)
    assert await refused(own, MARKED["jpeg"]) == Reason.TOO_SLOW
    assert first.returncode == -signal.SIGKILL
    own._photo_seconds = 30
    assert (await own.clean(MARKED["jpeg"])).width == 96


@cache
def large() -> bytes:
    """A PNG of 48 megapixels: the worker is at it long enough to be met there."""
    return saved(halves(size=(8_000, 6_000)), "PNG", compress_level=1)


@cache
def progressive() -> bytes:
    return saved(Image.new("RGB", (7_000, 7_000)), "JPEG", progressive=True, quality=20)


def with_scans(count: int) -> bytes:
    """A progressive JPEG of 49 megapixels with so many scans, the last of its own ten again and again."""
    data = progressive()
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * (count - 9) + data[-2:]


def test_scans_are_counted_up_to_the_end_of_the_picture_and_none_of_its_thumbnail() -> None:
    inside = saved(halves(size=(32, 16)), "JPEG", progressive=True)
    assert scans(saved(halves(), "JPEG")) == 1
    assert scans(saved(halves(), "JPEG", restart_marker_blocks=1)) == 1
    assert scans(saved(halves(), "JPEG", progressive=True)) == 10
    assert scans(saved(halves(), "JPEG", progressive=True, comment=inside * 20) + inside * 100) == 10
    assert scans(with_scans(40)) == 40
    assert scans(with_scans(40).replace(b"\xff\xda", b"\xff\xff\xff\xda")) == 40
    whole = saved(halves(), "JPEG", progressive=True, exif=exif(), comment=MARK)
    assert all(scans(whole[:cut]) <= 10 for cut in range(len(whole)))


async def test_a_photo_of_more_scans_than_any_honest_one_is_refused_before_it_is_decoded(
    cleaner: PhotoCleaner, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await cleaner.clean(with_scans(20))).width == 2560
    assert await refused(cleaner, with_scans(50)) == Reason.TOO_SLOW

    def decoded(_: ImageFile.ImageFile) -> None:
        raise AssertionError

    monkeypatch.setattr(ImageFile.ImageFile, "load", decoded)
    with pytest.raises(repainting.Refused) as info:
        repainting.clean(with_scans(3_000))
    assert info.value.reason is Reason.TOO_SLOW


@pytest.fixture
async def two() -> AsyncIterator[PhotoCleaners]:
    both = PhotoCleaners()
    await both.start()
    yield both
    await both.stop()


async def test_a_slow_photo_does_not_keep_the_others_waiting(two: PhotoCleaners) -> None:
    first, second = two._all
    assert second._worker is None, "it starts when it is needed"
    for _ in range(3):
        await two.clean(MARKED["jpeg"])
    assert second._worker is None
    process(first).send_signal(signal.SIGSTOP)
    slow = asyncio.create_task(two.clean(MARKED["png"]))
    await asyncio.sleep(0)
    for name in MARKED:
        assert (await two.clean(MARKED[name])).original_sha256 == hashlib.sha256(MARKED[name]).digest()
    assert not slow.done()
    process(first).send_signal(signal.SIGCONT)
    assert (await slow).original_sha256 == hashlib.sha256(MARKED["png"]).digest()
    assert process(second).returncode is None


async def test_two_cleaners_give_each_its_own_and_survive_those_who_give_up(two: PhotoCleaners) -> None:
    given_up = [asyncio.create_task(two.clean(MARKED["png"])) for _ in range(6)]
    await asyncio.sleep(0.05)
    for task in given_up[::2]:
        task.cancel()
    await asyncio.gather(*given_up, return_exceptions=True)
    found = await asyncio.gather(*(two.clean(data) for data in MARKED.values()))
    assert [photo.original_sha256 for photo in found] == [hashlib.sha256(d).digest() for d in MARKED.values()]


async def test_a_photo_over_its_processor_time_is_too_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    both = "from bot.privacy import photo_worker as w, repainting as r"
    impatient = f"{both}; w.CPU_SECONDS, r.MAX_SCANNED = 1, 1 << 60; w.main()"
    monkeypatch.setattr(photos, "WORKER", (sys.executable, "-c", impatient))
    cleaner = PhotoCleaner()
    assert await refused(cleaner, with_scans(3_000)) == Reason.TOO_SLOW
    assert (await cleaner.clean(MARKED["jpeg"])).width == 96
    await cleaner.stop()


async def test_a_worker_killed_at_its_work_is_replaced_and_the_photo_is_cleaned(own: PhotoCleaner) -> None:
    process(own).kill()  # idle, or between two photos
    assert (await own.clean(MARKED["jpeg"])).width == 96
    asked = asyncio.create_task(own.clean(large()))
    await at_work(own)
    process(own).kill()
    assert (await asked).width == 2560


async def test_a_caller_who_gives_up_does_not_get_the_next_ones_photo(own: PhotoCleaner) -> None:
    asked = asyncio.create_task(own.clean(large()))
    await at_work(own)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert (await own.clean(MARKED["jpeg"])).width == 96


async def test_many_ask_at_once_and_each_gets_its_own(own: PhotoCleaner) -> None:
    sizes = [(20 + number, 30) for number in range(20)]
    done = await asyncio.gather(*(own.clean(saved(halves(size=size), "PNG")) for size in sizes))
    assert [(photo.width, photo.height) for photo in done] == sizes


async def test_a_decoder_that_crashes_means_a_damaged_photo_and_one_that_is_killed_does_not(own: PhotoCleaner) -> None:
    for sent, outcome in ((signal.SIGSEGV, PhotoRefused), (signal.SIGKILL, CleanerFailed)):
        await own.clean(MARKED["jpeg"])
        asked = asyncio.create_task(own.clean(large()))
        worker = process(own)
        os.kill(await at_work(own), sent)
        with pytest.raises(outcome):
            await asked
        await worker.wait()  # it ends, too, so that its memory's layout cannot be guessed crash by crash


async def test_a_worker_is_replaced_after_its_share_of_photos(own: PhotoCleaner) -> None:
    tiny, pids = saved(halves(size=(16, 16)), "PNG"), set()
    for _ in range(PICTURES + 1):
        await own.clean(tiny)
        pids.add(process(own).pid)
    assert len(pids) == 2


async def test_no_photo_is_opened_in_the_process_that_opened_another(own: PhotoCleaner) -> None:
    pid, seen_before = process(own).pid, set()
    for _ in range(2):
        assert await refused(own, MARKED["png"][:300]) == Reason.DAMAGED
        asked = asyncio.create_task(own.clean(large()))
        fork = await at_work(own)
        assert fork not in seen_before
        seen_before.add(fork)
        assert len(opened(fork)) == 1
        assert opened(fork).isdisjoint({os.readlink(f"/proc/{pid}/fd/{number}") for number in (0, 1)})
        await asked
    assert process(own).pid == pid


FAKE = "import os, sys; sys.stdout.buffer.write(b'clean'); sys.stdout.flush(); sys.stdin.buffer.read(1); "


@pytest.mark.parametrize(
    "worker, outcome",
    [
        ("raise SystemExit(3)", CleanerFailed),
        ("import time; time.sleep(100)", CleanerFailed),
        (FAKE + "os.kill(os.getpid(), 11)", CleanerFailed),
        (FAKE + "os.kill(os.getpid(), 9)", CleanerFailed),
        (FAKE + "raise ValueError('MARK-7f3a')", CleanerFailed),
        (
            FAKE + "import struct; sys.stdout.buffer.write(struct.pack('>BIIddI', 0, 9, 9, 0, 0, 9) + b'MARK-7f3a')",
            CleanerFailed,
        ),
        (FAKE + "sys.stdout.buffer.write(b'\\xff' * 99)", CleanerFailed),
    ],
)
async def test_a_worker_that_fails_is_told_from_a_photo_that_does(
    monkeypatch: pytest.MonkeyPatch, worker: str, outcome: type[Exception]
) -> None:
    monkeypatch.setattr(photos, "WORKER", (sys.executable, "-c", worker))
    monkeypatch.setattr(photos, "START_SECONDS", 2)
    cleaner = PhotoCleaner()
    with pytest.raises(outcome) as info:
        await cleaner.clean(MARKED["jpeg"])
    assert MARK not in str(info.value)
    assert cleaner._worker is None


async def test_a_worker_that_cannot_be_run_is_our_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "WORKER", ("/nowhere/python",))
    with pytest.raises(CleanerFailed):
        await PhotoCleaner().start()


async def test_the_worker_has_no_secrets_and_narrow_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "BOT_TOKEN", "DATABASE_URL"):
        monkeypatch.setenv(name, MARK)
    cleaner = PhotoCleaner()
    await cleaner.clean(MARKED["jpeg"])
    folder = Path(f"/proc/{process(cleaner).pid}")
    assert MARK.encode() not in (folder / "environ").read_bytes()
    asked = asyncio.create_task(cleaner.clean(large()))
    fork = Path(f"/proc/{await at_work(cleaner)}")
    limits = {line[:25].strip(): line[26:47].strip() for line in (fork / "limits").read_text().splitlines()}
    assert limits["Max file size"] == limits["Max core file size"] == "0"
    assert int(limits["Max address space"]) < 2**30 * 2 / 3
    assert int(limits["Max cpu time"]) <= 10
    # Where memory runs out, it is killed before the bot.
    assert int((fork / "oom_score_adj").read_text()) == 1000
    await asked
    assert all(name == "/dev/null" or not name.startswith("/") for name in opened(process(cleaner).pid))
    await cleaner.stop()


PARENT = """
import asyncio
from bot.privacy.photo_worker import PICTURES
from bot.privacy.photos import PhotoCleaner
async def main():
    cleaner = PhotoCleaner()
    await cleaner.start()
    print(cleaner._worker.process.pid, flush=True)
    await asyncio.sleep(100)
asyncio.run(main())
"""


def test_the_worker_ends_when_the_bot_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as bot:
        assert bot.stdout
        pid = int(bot.stdout.readline())
        assert os.path.exists(f"/proc/{pid}/cwd")
        bot.kill()
        give_up = time.monotonic() + 30
        while os.access(f"/proc/{pid}/cwd", os.F_OK) and time.monotonic() < give_up:
            time.sleep(0.02)
    assert not os.access(f"/proc/{pid}/cwd", os.F_OK)


@pytest.mark.parametrize(
    "module, kept_out",
    [
        ("bot.privacy.photos", {"PIL", "pi_heif", "aiogram", "sqlalchemy"}),
        ("bot.privacy.photo_worker", {"aiogram", "sqlalchemy", "asyncio", "aiohttp", "socket", "ssl"}),
    ],
)
def test_each_side_imports_only_what_it_needs(module: str, kept_out: set[str]) -> None:
    asked = f"import sys, {module}; print({kept_out!r} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_it_works_on_the_bots_own_event_loop() -> None:
    async def cleaned() -> int:
        cleaner = PhotoCleaner()
        try:
            return (await cleaner.clean(MARKED["jpeg"])).width
        finally:
            await cleaner.stop()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(cleaned()) == 96


BARE = saved(halves(), "JPEG")


@pytest.mark.parametrize(
    "more",
    [
        BARE + b"x",
        BARE + BARE,
        BARE[:-1],
        BARE[:-2],
        BARE[:2] + b"\xff\xe1\0\x08Exif\0\0" + BARE[2:],
        BARE[:2] + b"\xff\xfe\0\x06MARK" + BARE[2:],
        BARE[:2] + BARE[2:20] + BARE[2:],
        BARE[:2] + b"\xff\xe0\0\x13JFIF\0\1\1\0\0\1\0\1\1\1abc" + BARE[20:],
        saved(halves(), "JPEG", exif=exif()),
        saved(halves(), "JPEG", icc_profile=ICC),
        saved(halves(), "JPEG", comment=MARK),
        saved(halves("CMYK"), "JPEG"),
        saved(halves(), "JPEG", progressive=True),
        saved(halves(), "PNG"),
        b"",
        b"\xff\xd8\xff\xd9",
    ],
)
def test_a_jpeg_with_anything_beside_its_pixels_is_noticed(more: bytes) -> None:
    assert is_bare(BARE)
    assert not is_bare(more)
