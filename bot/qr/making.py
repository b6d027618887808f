"""One poster made: drawn, rendered to pixels, its codes read, and only then written. Runs in processes of their own."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path
from typing import Final

from bot.qr.errors import NotDrawn
from bot.qr.layouts import Format
from bot.qr.placement import written
from bot.qr.poster import Order

DRAWN: Final = 2
"""Which drawing this is: with another number everything that lies in a folder is drawn anew."""
PIXELS: Final = 5.0
"""Of a code's square when it is read; a telephone has more."""
READABLE: Final = 0o644


def make(order: Order, path: Path) -> str:
    """Make a poster, unless it lies there as it would be made; give what went wrong, or nothing."""
    try:
        if not lies_there(order, path):
            put(path, drawn(order))
    except NotDrawn as failed:
        return str(failed)
    except OSError as error:
        return f"{path}: {error.strerror}."
    return ""


def drawn(order: Order) -> bytes:
    """Draw a poster or a sheet of stickers, and read its codes from the pixels; raise NotDrawn."""
    from bot.qr.poster import draw_poster
    from bot.qr.reading import rendered, require
    from bot.qr.stickers import draw_stickers

    stickers = order.format is Format.STICKERS
    drawing = draw_stickers(order) if stickers else draw_poster(order)
    drawing.set_keywords(fingerprint(order))
    data = bytes(drawing.output())
    image = rendered(data, drawing.w / drawing.square * PIXELS)
    what = f"the poster of “{order.placement.name}” ({order.placement.code})"
    require(image, order.link, what, order.per_page if stickers else 1)
    return data


def fingerprint(order: Order) -> str:
    """Tell a poster from any that would look otherwise."""
    one = order.placement
    said = (
        *(DRAWN, order.link, one.name, one.campaign, one.surface.value, written(one.languages)),
        *(order.format.value, order.marks, order.per_page, order.design.digest),
    )
    return f"shekteu-{hashlib.sha256(repr(said).encode()).hexdigest()[:32]}"


def lies_there(order: Order, path: Path) -> bool:
    """Tell whether a file is this very poster: then a batch that was stopped goes on after it."""
    with contextlib.suppress(FileNotFoundError):
        data = path.read_bytes()
        return fingerprint(order).encode() in data and data.rstrip().endswith(b"%%EOF")
    return False


def put(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, in the place of another."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    unfinished = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        unfinished.chmod(READABLE)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
