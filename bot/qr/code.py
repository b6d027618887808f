"""A QR code as squares: how much of it may be lost, its quiet zone, its hole for an emblem; and as PNG and SVG."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Final

from PIL import Image
from qrcode import QRCode  # type: ignore[import-untyped]
from qrcode.constants import (  # type: ignore[import-untyped]
    ERROR_CORRECT_H,
    ERROR_CORRECT_M,
    ERROR_CORRECT_Q,
)

from bot.qr.emblem import Emblem
from bot.qr.errors import NotDrawn
from bot.qr.placement import Surface

QUIET: Final = 4
"""Squares that stay empty around a code, as its standard has it."""
CORRECTION: Final = {
    Surface.BROCHURE: ERROR_CORRECT_M,  # 15 % may be lost: paper in a hand
    Surface.BILLBOARD: ERROR_CORRECT_M,  # high up nobody scratches it, and few, large squares are read from afar
    Surface.STOP: ERROR_CORRECT_Q,  # 25 %: rain, dirt, a corner torn off
    Surface.POST: ERROR_CORRECT_H,  # 30 %: it is bent around, and other papers are pasted over
    Surface.STICKER: ERROR_CORRECT_H,
}
HOLE: Final = 0.22
"""Of a code's side, for an emblem: a twentieth of its squares, where H lets a third be lost."""
DPI: Final = 300
MILLIMETRES: Final = 25.4
SQUARE_LEAST: Final = 0.4
"""Millimetres of a square's side that a telephone still reads at arm's length."""
SIZE_MOST: Final = 2000.0


@dataclass(frozen=True, slots=True)
class Code:
    """A code: dark squares by row and column, without the quiet zone."""

    link: str
    squares: tuple[tuple[bool, ...], ...]
    hole: int = 0
    """Squares of the side of the middle that is left white for an emblem."""

    @property
    def side(self) -> int:
        """Count the squares of a side, with the quiet zone."""
        return len(self.squares) + 2 * QUIET

    @property
    def least(self) -> float:
        """Give the least side in millimetres, with the quiet zone, that is still read."""
        return self.side * SQUARE_LEAST

    def runs(self) -> Iterator[tuple[int, int, int]]:
        """Give the dark squares as row, column and length of each run, the quiet zone counted in."""
        for row, line in enumerate(self.squares, QUIET):
            start = None
            for column, dark in enumerate((*line, False), QUIET):
                if dark and start is None:
                    start = column
                elif not dark and start is not None:
                    yield row, start, column - start
                    start = None


def make_code(link: str, surface: Surface, *, emblem: bool) -> Code:
    """Make the code of a link, as strong as its surface wants it, or as an emblem in its middle does."""
    made = QRCode(error_correction=ERROR_CORRECT_H if emblem else CORRECTION[surface], border=0)
    made.add_data(link)
    made.make(fit=True)
    squares = [[bool(dark) for dark in row] for row in made.modules]
    hole = 0
    if emblem:
        # Odd, as every code's side is: then it is in the middle.
        hole = int(len(squares) * HOLE) // 2 * 2 + 1
        first = (len(squares) - hole) // 2
        for row in squares[first : first + hole]:
            row[first : first + hole] = [False] * hole
    return Code(link, tuple(tuple(row) for row in squares), hole)


def as_png(code: Code, millimetres: float, emblem: Emblem | None = None) -> bytes:
    """Draw a code as PNG at 300 dpi, exactly so large with its quiet zone; raise NotDrawn."""
    _require_size(code, millimetres)
    pixels = round(millimetres / MILLIMETRES * DPI)
    each = pixels // code.side
    # What does not divide into whole pixels widens the quiet zone.
    edge = (pixels - each * code.side) // 2
    image = Image.new("L", (pixels, pixels), 255)
    for row, column, length in code.runs():
        left, top = edge + column * each, edge + row * each
        image.paste(0, (left, top, left + length * each, top + each))
    if emblem and code.hole:
        image = image.convert("RGB")
        inner = (code.hole - 1) * each
        picture, at = emblem.pixels(inner), (pixels - inner) // 2
        image.paste(picture, (at, at), picture)
    written = io.BytesIO()
    image.save(written, "PNG", dpi=(DPI, DPI), optimize=True)
    return written.getvalue()


def as_svg(code: Code, millimetres: float, emblem: Emblem | None = None) -> bytes:
    """Draw a code as SVG, so large with its quiet zone; raise NotDrawn."""
    _require_size(code, millimetres)
    path = "".join(f"M{column} {row}h{length}v1h-{length}z" for row, column, length in code.runs())
    inner = ""
    if emblem and code.hole:
        inner = emblem.svg_group((code.side - code.hole + 1) / 2, code.hole - 1)
    size = f"{millimetres:g}mm"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{size}" '
        f'height="{size}" viewBox="0 0 {code.side} {code.side}"><rect width="{code.side}" height="{code.side}" '
        f'fill="#ffffff"/><path d="{path}" fill="#000000"/>{inner}</svg>\n'
    ).encode()


def _require_size(code: Code, millimetres: float) -> None:
    if not code.least <= millimetres <= SIZE_MOST:
        raise NotDrawn(f"--size {millimetres:g}: this code can be {ceil(code.least)} to {SIZE_MOST:.0f} mm wide.")
