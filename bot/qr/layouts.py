"""Where everything stands on a poster: formats in millimetres, and the boxes of each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.qr.errors import NotDrawn

GUTTER: Final = 12.0
"""Between two languages on A4."""


class Format(StrEnum):
    """What a poster is printed as."""

    A5 = "a5"
    A4 = "a4"
    A3 = "a3"
    A2 = "a2"
    BILLBOARD = "billboard"
    STICKERS = "stickers"


GRIDS: Final = {2: (1, 2), 4: (2, 2), 6: (2, 3), 8: (2, 4), 10: (2, 5), 12: (3, 4), 15: (3, 5), 18: (3, 6), 24: (3, 8)}
"""Columns and rows of stickers, by how many there are on a page."""
USUAL: Final = 12


def read_format(given: str) -> Format:
    """Read a format by its name; raise NotDrawn."""
    if given.lower() not in set(Format):
        raise NotDrawn(f"--format {given}: one of {', '.join(Format)} is wanted.")
    return Format(given.lower())


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in millimetres from the upper left corner of the trimmed paper."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Give its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Give its lower edge."""
        return self.top + self.height

    def scaled(self, by: float) -> Box:
        """Give it on larger or smaller paper."""
        return Box(self.left * by, self.top * by, self.width * by, self.height * by)

    def columns(self, count: int, gutter: float) -> list[Box]:
        """Divide it into columns."""
        wide = (self.width - gutter * (count - 1)) / count
        return [Box(self.left + (wide + gutter) * place, self.top, wide, self.height) for place in range(count)]


@dataclass(frozen=True, slots=True)
class Layout:
    """A poster's boxes, for one language or for two side by side."""

    width: float
    height: float
    scale: float
    """Of letters and lines, A4 being 1."""
    bleed: float
    ground: Box
    """What is coloured; where it reaches the edge it goes on into the bleed."""
    strip: Box
    emblem: Box
    office: Box
    title: Box
    steps: Box
    steps_on_ground: bool
    code: Box
    name: Box
    link: Box
    note: str = ""
    """For who prints it."""

    @property
    def gutter(self) -> float:
        """Give what stands between two languages."""
        return GUTTER * self.scale


_PAPERS: Final = {
    Format.A5: (148.0, 210.0),
    Format.A4: (210.0, 297.0),
    Format.A3: (297.0, 420.0),
    Format.A2: (420.0, 594.0),
}
BILLBOARD_SCALE: Final = 10
"""A billboard of 3 × 6 m is drawn as 300 × 600 mm: a page of a PDF has five metres at most."""


def layout(format: Format, languages: int) -> Layout:
    """Give where everything stands on a poster."""
    return _billboard() if format is Format.BILLBOARD else _portrait(*_PAPERS[format], languages)


def _portrait(width: float, height: float, languages: int) -> Layout:
    scale = width / 210
    # Two languages want more room for words.
    side = 106.0 if languages == 1 else 96.0
    below = 113 + side
    boxes = {
        "ground": Box(0, 0, 210, 104),
        "strip": Box(0, 104, 210, 2.5),
        "emblem": Box(16, 14, 17, 20),
        "office": Box(38, 14, 156, 20),
        "title": Box(16, 43, 178, 53),
        "code": Box((210 - side) / 2, 113, side, side),
        "name": Box(16, below + 5, 178, 11),
        "link": Box(16, below + 16, 178, 6),
        "steps": Box(16, below + 27, 178, 287 - below - 27),
    }
    placed = {name: box.scaled(scale) for name, box in boxes.items()}
    return Layout(width=width, height=height, scale=scale, bleed=3, note="", steps_on_ground=False, **placed)


def _billboard() -> Layout:
    side = 188.0
    return Layout(
        width=600,
        height=300,
        scale=2.0,
        bleed=5,
        ground=Box(0, 0, 372, 300),
        strip=Box(372, 0, 5, 300),
        emblem=Box(22, 20, 34, 40),
        office=Box(66, 20, 290, 40),
        title=Box(22, 78, 330, 98),
        steps=Box(22, 190, 330, 92),
        steps_on_ground=True,
        code=Box(377 + (223 - side) / 2, 20, side, side),
        name=Box(387, 218, 203, 26),
        link=Box(387, 250, 203, 16),
        note=f"1:{BILLBOARD_SCALE}, 6 × 3 m",
    )
