"""The small process that opens strangers' pictures: `python -m bot.privacy.photo_worker`, run by `photos`.

It gets one picture at a time and gives back its pixels as a new JPEG. It writes no file, holds no secret, and has
little memory and time. Each picture is opened in a fork of its own that ends with it: whatever a hostile one does to
the decoders, it meets no other picture, and the memory is given back.
"""

import contextlib
import io
import math
import os
import resource
import signal
import sys
import warnings
from typing import Any

import pi_heif
from PIL import Image, ImageCms

from bot.privacy.photo_codes import codes_in
from bot.privacy.photo_wire import (
    FAILED,
    HELLO,
    LENGTH,
    MAX_BYTES,
    MAX_CODES_BYTES,
    REASONS,
    REPLY,
    Reason,
    packed_codes,
    picture_format,
    scans,
)

MAX_PIXELS = 50_000_000
MIN_SIDE, LONG_SIDE = 16, 2560
MAX_RATIO = 20  # Telegram refuses longer photos
QUALITY = 85
MEMORY = 640 * 1024 * 1024  # a HEIC of 48 megapixels needs 460 MB
CPU_SECONDS = 10  # the slowest honest picture of 50 megapixels takes about 2
MAX_SCANNED = 40 * MAX_PIXELS  # pixels times scans; a progressive JPEG has about 10 scans
PICTURES = 200  # then a new worker, with new addresses in its memory

ORIENTATION, GPS = 0x0112, 0x8825
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
CRASHES = {signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSYS}
SRGB = ImageCms.createProfile("sRGB")


class _Refused(Exception):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def clean(data: bytes) -> tuple[Image.Image, tuple[float, float] | None]:
    """Return the picture's pixels in a new RGB image, upright and at most 2560 px long, and its GPS point."""
    kind = picture_format(data)
    if kind is None:
        raise _Refused(Reason.NOT_A_PHOTO)
    try:
        with Image.open(io.BytesIO(data), formats=(kind,)) as picture:
            _check(picture.size, scans(data) if kind == "JPEG" else 1)
            picture.draft(None, (LONG_SIDE, LONG_SIDE))  # a JPEG can be decoded at half its size and less
            picture.load()
            exif = _exif(picture)
            turn = TURNS.get(exif.get(ORIENTATION, 1))
            return _repainted(picture, turn), _point(exif)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise _Refused(Reason.TOO_MANY_PIXELS) from None
    except _Refused:
        raise
    except Exception:  # Pillow's plugins raise nearly every kind there is on damaged files
        raise _Refused(Reason.DAMAGED) from None


def _check(size: tuple[int, int], times: int) -> None:
    """Look at the size, and how many times the decoder goes over it, before any pixel is decoded."""
    if size[0] * size[1] > MAX_PIXELS:
        raise _Refused(Reason.TOO_MANY_PIXELS)
    if size[0] * size[1] * times > MAX_SCANNED:
        raise _Refused(Reason.TOO_SLOW)
    if min(size) < MIN_SIDE:
        raise _Refused(Reason.TOO_SMALL)


def _repainted(picture: Image.Image, turn: Image.Transpose | None) -> Image.Image:
    """Copy the pixels, and nothing else, onto new paper."""
    profile = picture.info.get("icc_profile")
    image: Image.Image = picture
    if image.mode.startswith("I"):  # 16 bits of grey, which convert() would cut off at 255
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    elif image.mode in ("P", "PA", "LA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
    elif image.mode not in ("L", "RGB", "RGBA", "CMYK"):
        image = image.convert("RGB")
    image.thumbnail((LONG_SIDE, LONG_SIDE))
    if turn is not None:
        image = image.transpose(turn)
    if image.mode == "RGBA":
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        image = white
    image = _in_srgb(image, profile)
    width, height = image.size
    paper = Image.new("RGB", (max(width, -(-height // MAX_RATIO)), max(height, -(-width // MAX_RATIO))), "white")
    paper.paste(image, ((paper.width - width) // 2, (paper.height - height) // 2))
    return paper


def _in_srgb(image: Image.Image, profile: Any) -> Image.Image:
    """Use up the colour profile, which may name the camera; a broken one is dropped."""
    if isinstance(profile, bytes) and profile:
        try:
            converted = ImageCms.profileToProfile(image, io.BytesIO(profile), SRGB, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
            converted = None
        if converted is not None:
            return converted
    return image.convert("RGB")


def _exif(picture: Image.Image) -> Any:
    try:
        return picture.getexif()
    except Exception:  # broken EXIF costs the orientation, not the photo
        return Image.Exif()


def _point(exif: Any) -> tuple[float, float] | None:
    """Return latitude and longitude in degrees, or None unless both are whole and possible."""
    try:
        gps = exif.get_ifd(GPS)
        latitude, longitude = _degrees(gps[1], gps[2], "NS"), _degrees(gps[3], gps[4], "EW")
    except Exception:
        return None
    possible = abs(latitude) <= 90 and abs(longitude) <= 180  # never true of "not a number"
    return (latitude, longitude) if possible and (latitude, longitude) != (0, 0) else None


def _degrees(side: Any, parts: Any, sides: str) -> float:
    side = side.decode("ascii") if isinstance(side, bytes) else side
    side = side.strip("\0 ").upper()
    degrees, minutes, seconds = (float(part) for part in parts)
    if len(side) != 1 or side not in sides or not 0 <= minutes <= 60 or not 0 <= seconds <= 60 or degrees < 0:
        raise ValueError
    value = degrees + minutes / 60 + seconds / 3600
    return -value if side == sides[1] else value


def answer(data: bytes) -> bytes:
    """Return the reply to one request."""
    try:
        image, point = clean(data)
    except _Refused as refused:
        return _reply(REASONS.index(refused.reason) + 1)
    jpeg = io.BytesIO()
    image.save(jpeg, "JPEG", quality=QUALITY)
    latitude, longitude = point or (math.nan, math.nan)
    try:
        codes = packed_codes(codes_in(image))
    except Exception:  # a code that cannot be read costs no photo
        codes = b""
    return REPLY.pack(0, *image.size, latitude, longitude, jpeg.tell(), len(codes)) + jpeg.getvalue() + codes


def _reply(code: int) -> bytes:
    return REPLY.pack(code, 0, 0, math.nan, math.nan, 0, 0)


def _answer_in_a_fork(data: bytes) -> tuple[bytes, bool]:
    """Return the reply, and whether the fork ended well."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            # At the soft limit SIGXCPU tells why; at the hard one, a picture that has taken over gets SIGKILL.
            resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 2))
            os.closerange(0, writer)  # the bot hears the fork only through us
            with open(writer, "wb") as replies:
                replies.write(answer(data))
            code = 0
        finally:
            os._exit(code)
    os.close(writer)
    with open(reader, "rb") as replies:
        reply = replies.read(REPLY.size + MAX_BYTES + MAX_CODES_BYTES)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code == 0:
        return reply, True
    if -code == signal.SIGXCPU:
        return _reply(REASONS.index(Reason.TOO_SLOW) + 1), False
    return _reply(REASONS.index(Reason.DAMAGED) + 1 if -code in CRASHES else FAILED), False


def main() -> None:
    """Serve until stdin ends, which it also does when the bot is killed."""
    os.nice(5)
    # Where memory runs out, a picture is killed and not the bot.
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as badness:
        badness.write("1000")
    pi_heif.register_heif_opener(thumbnails=False)
    Image.preinit()
    import PIL.WebPImagePlugin  # noqa: F401 - what Pillow would load later, from disk, when asked for WEBP

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    requests, replies = sys.stdin.buffer, sys.stdout.buffer
    replies.write(HELLO)
    replies.flush()
    well, served = True, 0
    while well and served < PICTURES and (header := requests.read(LENGTH.size)):
        data = requests.read(min(LENGTH.unpack(header)[0], MAX_BYTES))
        reply, well = _answer_in_a_fork(data)
        replies.write(reply)
        replies.flush()
        served += 1


if __name__ == "__main__":
    main()
