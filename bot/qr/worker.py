"""The process that draws one code or poster for the desk: `python -m bot.qr.worker`, what is wanted as JSON on stdin.

It reads the design afresh, decodes what it has drawn, holds no secret, writes no file, and ends with it.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Final
from uuid import UUID

from pydantic import BaseModel

from bot.languages import Language
from bot.qr.layouts import USUAL, Format
from bot.qr.placement import Placement, Surface

WORKER: Final = "bot.qr.worker"
MILLIMETRES: Final = 100.0
"""Of the side of a code that is drawn alone."""
REFUSED: Final = b"\0"
"""What begins an answer that is no file, but the sentence why there is none."""


class Drawn(BaseModel):
    """What is to be drawn: without a format the code alone, as PNG, else a poster or a sheet of stickers, as PDF."""

    code: str
    name: str
    campaign: str
    surface: Surface
    languages: tuple[Language, ...]
    bot: str
    templates: Path
    format: Format | None = None
    marks: bool = False

    def placement(self) -> Placement:
        """Give the placement as far as a drawing shows it."""
        shown = (self.code, self.name, self.campaign, None, self.surface, self.languages)
        return Placement(UUID(int=0), *shown, date.min)


def draw(asked: Drawn) -> bytes:
    """Draw it, and read its codes from the pixels; raise NotDrawn."""
    from bot.qr.code import as_png
    from bot.qr.design import STANDARD, read_design
    from bot.qr.making import drawn
    from bot.qr.poster import Order
    from bot.qr.reading import require_png

    stickers = asked.format is Format.STICKERS
    order = Order(
        asked.placement(),
        asked.bot,
        read_design(asked.templates, STANDARD),
        asked.format or Format.A4,
        asked.marks and not stickers,
        USUAL if stickers else 0,
    )
    if asked.format:
        return drawn(order)
    code = order.code()
    png = as_png(code, MILLIMETRES, order.emblem() if code.hole else None)
    require_png(png, order.link, f"the code of “{asked.name}” ({asked.code})")
    return png


def main() -> None:
    """Draw what stdin asks for, to stdout."""
    from bot.qr.errors import NotDrawn

    try:
        made = draw(Drawn.model_validate_json(sys.stdin.buffer.read()))
    except NotDrawn as failed:
        made = REFUSED + str(failed).encode()
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
