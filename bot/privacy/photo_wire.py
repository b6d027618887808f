"""What the bot and its photo worker say to each other over the worker's stdin and stdout, and what a JPEG may hold.

The worker says HELLO once it can work. A request is LENGTH and the picture. A reply is REPLY: 0, or the number
of a reason (counted from 1), or FAILED; width, height, latitude, longitude (not a number: no point), the lengths of the
JPEG and of its QR codes' texts; then the JPEG and the texts.
"""

import json
import re
import struct
from enum import StrEnum

MAX_BYTES = 20 * 1024 * 1024
"""Telegram hands bots no larger files."""

HELLO = b"clean"
LENGTH = struct.Struct(">I")
REPLY = struct.Struct(">BIIddII")
MAX_CODES, LONGEST_CODE, MAX_CODES_BYTES = 5, 1000, 32 * 1024
"""QR codes of one photo, characters of one, and bytes of all."""
FAILED = 255


class Reason(StrEnum):
    """Why a photo is refused; the texts for citizens are named after these."""

    TOO_BIG = "too_big"
    NOT_A_PHOTO = "not_a_photo"
    DAMAGED = "damaged"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"
    TOO_SLOW = "too_slow"


REASONS = tuple(Reason)

NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7]", re.DOTALL)
JFIF, TABLES, FRAME, SCAN, END = 0xE0, {0xC4, 0xDB}, 0xC0, 0xDA, 0xD9
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def picture_format(data: bytes) -> str | None:
    """Tell the format by the file's first bytes; only what is named here is ever given to a decoder."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS:
        return "HEIF"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if data[:2] == b"BM" and int.from_bytes(data[14:18], "little") in (12, 40, 52, 56, 64, 108, 124):
        return "BMP"
    return None


def scans(jpeg: bytes) -> int:
    """Count a JPEG's scans, each of which may go over all of its pixels; thumbnails and what follows do not count."""
    at, found = 2, 0
    while marker := NEXT_MARKER.search(jpeg, at):
        code = jpeg[marker.start() + 1]
        if code == END:
            break
        found += code == SCAN
        # 0xFF before a marker fills up; all others that may stand here bear their length.
        at = marker.start() + (1 if code == 0xFF else 2 + int.from_bytes(jpeg[marker.end() : marker.end() + 2], "big"))
    return found


def is_bare(jpeg: bytes) -> bool:
    """Tell whether a JPEG holds what its pixels need (JFIF header, tables, frame, one scan) and not a byte more."""
    if not jpeg.startswith(b"\xff\xd8"):
        return False
    at, seen = 2, set()
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        marker, end = jpeg[at + 1], at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if marker == SCAN:
            found = NEXT_MARKER.search(jpeg, end)
            return FRAME in seen and found is not None and jpeg[found.start() :] == b"\xff\xd9"
        if marker == JFIF:
            # 16 bytes of length, so there is no room for a thumbnail.
            bare = marker not in seen and end == at + 18 and jpeg[at + 4 : at + 9] == b"JFIF\0"
        else:
            bare = marker in TABLES or (marker == FRAME and FRAME not in seen)
        if not bare:
            return False
        seen.add(marker)
        at = end
    return False


def packed_codes(codes: list[str]) -> bytes:
    """What QR codes say, on its way to the bot."""
    return json.dumps(codes).encode() if codes else b""


def unpacked_codes(data: bytes) -> tuple[str, ...]:
    """What came of it: a few short texts, or nothing, for a hostile picture may have written it."""
    try:
        codes = json.loads(data) if data else []
    except (ValueError, RecursionError):
        return ()
    if not isinstance(codes, list) or len(codes) > MAX_CODES:
        return ()
    return tuple(code for code in codes if isinstance(code, str) and 0 < len(code) <= LONGEST_CODE)
