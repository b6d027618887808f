"""A stranger's picture repainted: its pixels, upright and no longer than they need be, on new paper, and nothing else.

For `photo_worker` alone: whatever a hostile picture does to the decoders, it must do where nothing is to be had.
"""

import io
from typing import Any

from PIL import Image, ImageCms

from bot.privacy.photo_wire import Reason, picture_format, scans

MAX_PIXELS = 50_000_000
MIN_SIDE, LONG_SIDE = 16, 2560
MAX_RATIO = 20  # Telegram refuses longer photos
MAX_SCANNED = 40 * MAX_PIXELS  # pixels times scans; a progressive JPEG has about 10 scans

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
SRGB = ImageCms.createProfile("sRGB")


class Refused(Exception):
    """The picture cannot be taken."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def clean(data: bytes) -> tuple[Image.Image, tuple[float, float] | None]:
    """Return the picture's pixels in a new RGB image, upright and at most 2560 px long, and its GPS point."""
    kind = picture_format(data)
    if kind is None:
        raise Refused(Reason.NOT_A_PHOTO)
    try:
        with Image.open(io.BytesIO(data), formats=(kind,)) as picture:
            _check(picture.size, scans(data) if kind == "JPEG" else 1)
            picture.draft(None, (LONG_SIDE, LONG_SIDE))  # a JPEG can be decoded at half its size and less
            picture.load()
            exif = _exif(picture)
            turn = TURNS.get(exif.get(ORIENTATION, 1))
            return _repainted(picture, turn), _point(exif)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise Refused(Reason.TOO_MANY_PIXELS) from None
    except Refused:
        raise
    except Exception:  # Pillow's plugins raise nearly every kind there is on damaged files
        raise Refused(Reason.DAMAGED) from None


def _check(size: tuple[int, int], times: int) -> None:
    """Look at the size, and how many times the decoder goes over it, before any pixel is decoded."""
    if size[0] * size[1] > MAX_PIXELS:
        raise Refused(Reason.TOO_MANY_PIXELS)
    if size[0] * size[1] * times > MAX_SCANNED:
        raise Refused(Reason.TOO_SLOW)
    if min(size) < MIN_SIDE:
        raise Refused(Reason.TOO_SMALL)


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
