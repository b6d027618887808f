"""Bodies unpacked, up to a bound: what a page packs into a kilobyte may be a gigabyte."""

from __future__ import annotations

import zlib
from typing import Final

MOST: Final = 8 << 20
"""Bytes that are read of a page, unpacked."""
LAYERS: Final = 2
"""One packed in another is a mistake of a server; three of them are none."""
_GZIP: Final = 16 + zlib.MAX_WBITS


class NotUnpacked(Exception):
    """A body is packed in a way that was not asked for, or is no such thing."""


def unpacked(body: bytes, encoding: str, most: int = MOST) -> bytes:
    """Undo a Content-Encoding, giving at most so many bytes; raise NotUnpacked."""
    layers = [each for each in (part.strip().lower() for part in encoding.split(",")) if each not in ("", "identity")]
    if len(layers) > LAYERS:
        raise NotUnpacked
    for layer in reversed(layers):
        body = _undone(body, layer, most)
    return body[:most]


def _undone(body: bytes, layer: str, most: int) -> bytes:
    if layer in ("gzip", "x-gzip"):
        return _inflated(body, _GZIP, most)
    if layer != "deflate":
        raise NotUnpacked
    try:
        return _inflated(body, zlib.MAX_WBITS, most)
    except NotUnpacked:
        # Some servers leave the two bytes of zlib out.
        return _inflated(body, -zlib.MAX_WBITS, most)


def _inflated(body: bytes, window: int, most: int) -> bytes:
    try:
        # One that was cut off gives what there is.
        return zlib.decompressobj(window).decompress(body, most)
    except zlib.error:
        raise NotUnpacked from None
