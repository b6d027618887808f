"""What posters and stickers are drawn with: a page with bleed and crop marks, fitted texts, codes; vectors all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from fpdf import FPDF
from fpdf.drawing import PaintedPath
from fpdf.drawing_primitives import DeviceGray
from fpdf.enums import PathPaintRule
from fpdf.fonts import TTFFont

from bot.papers.fonts import FAMILY, files
from bot.qr.code import Code
from bot.qr.emblem import Emblem
from bot.qr.errors import DoesNotFit
from bot.qr.fitting import POINT, Fitted, Measure
from bot.qr.layouts import Box

SLUG: Final = 14.0
"""Millimetres around the trimmed paper where crop marks have room."""
MARK: Final = 6.0
"""Millimetres of a crop mark; it begins where the bleed ends."""
HAIR: Final = 0.09
"""Millimetres of the thinnest line: a quarter of a point."""
Colour = tuple[int, int, int]
BLACK: Final = (0, 0, 0)
GREY: Final = (90, 90, 90)


def colour(hexadecimal: str) -> Colour:
    """Read a colour such as #12355b."""
    red, green, blue = bytes.fromhex(hexadecimal.removeprefix("#"))
    return red, green, blue


class Drawing(FPDF):
    """One page. Coordinates are millimetres from the corner of the trimmed paper."""

    def __init__(self, width: float, height: float, *, title: str, language: str, marks: bool, bleed: float) -> None:
        self.edge = SLUG if marks else 0.0
        super().__init__(unit="mm", format=(width + 2 * self.edge, height + 2 * self.edge))
        self.trim, self._marks, self.bleed = Box(0, 0, width, height), marks, bleed if marks else 0.0
        self.square = width
        """Millimetres of the smallest square of a code that was drawn."""
        self.set_auto_page_break(False)
        self.set_margin(0)
        self.c_margin = 0
        for style, file in files().items():
            self.add_font(FAMILY, style, file)
        self.set_title(title)
        self.set_lang(language)
        # Two drawings of the same are the same bytes.
        self.set_creation_date(datetime(2000, 1, 1, tzinfo=UTC))
        self.add_page()

    def measured(self, text: str, *, bold: bool = False) -> Measure:
        """Give what measures texts in these letters; raise DoesNotFit where the letters lack one of `text`."""
        self.set_font(FAMILY, "B" if bold else "", 100)
        known = self._known()
        missing = sorted(
            {letter for letter in text if ord(letter) not in known and letter not in "\n\N{NO-BREAK SPACE}"}
        )
        if missing:
            raise DoesNotFit(f"“{text}”: PT Sans has no {' '.join(missing)}.")

        # Letters stand beside each other without kerning: a text is as wide as they are together.
        widths = {letter: float(self.get_string_width(letter)) / 100 for letter in {*text, " ", "\N{NO-BREAK SPACE}"}}
        return lambda part: sum(map(widths.__getitem__, part))

    def write_lines(
        self, fitted: Fitted, box: Box, top: float, fill: Colour, *, bold: bool = False, centred: bool = False
    ) -> None:
        """Write a fitted text from `top` on."""
        self.set_font(FAMILY, "B" if bold else "", fitted.size)
        self._letters(fill)
        for line, baseline in zip(fitted.lines, fitted.baselines(top), strict=True):
            left = box.left + (box.width - self.get_string_width(line)) / 2 if centred else box.left
            self.text(left + self.edge, baseline + self.edge, line)

    def fill_box(self, box: Box, fill: Colour) -> None:
        """Fill a rectangle; where it reaches the edge of the paper it goes on into the bleed."""
        left = box.left - (self.bleed if box.left <= 0 else 0)
        top = box.top - (self.bleed if box.top <= 0 else 0)
        right = box.right + (self.bleed if box.right >= self.trim.width else 0)
        bottom = box.bottom + (self.bleed if box.bottom >= self.trim.height else 0)
        self.set_fill_color(*fill)
        self.rect(left + self.edge, top + self.edge, right - left, bottom - top, style="F")

    def disc(self, x: float, y: float, radius: float, fill: Colour) -> None:
        """Draw a filled circle around a point."""
        self.set_fill_color(*fill)
        self.circle(x + self.edge, y + self.edge, radius, style="F")

    def draw_code(self, code: Code, box: Box, emblem: Emblem | None) -> None:
        """Draw a code with its quiet zone: black alone, so that four colours need not meet."""
        each = box.width / code.side
        self.square = min(self.square, each)
        left, top = box.left + self.edge, box.top + self.edge
        self.set_fill_color(255)
        self.rect(left, top, box.width, box.height, style="F")
        # One path: between squares that were drawn one by one, fine white lines show.
        path = PaintedPath()
        path.style.paint_rule = PathPaintRule.FILL_NONZERO
        path.style.fill_color = DeviceGray(0)
        for row, column, length in code.runs():
            path.rectangle(left + column * each, top + row * each, length * each, each)
        with self.drawing_context() as context:
            context.add_item(path, clone=False)
        if emblem and code.hole:
            side = (code.hole - 1) * each
            middle = (box.width - side) / 2
            emblem.draw(self, left + middle, top + middle, side, side)

    def draw_emblem(self, emblem: Emblem, box: Box) -> None:
        """Draw an emblem, as large as it goes into a box."""
        emblem.draw(self, box.left + self.edge, box.top + self.edge, box.width, box.height)

    def corners(self, box: Box, length: float, thickness: float, fill: Colour) -> None:
        """Draw the corners of a frame around a box, as a camera shows where to aim."""
        box = Box(box.left - thickness, box.top - thickness, box.width + 2 * thickness, box.height + 2 * thickness)
        self.set_fill_color(*fill)
        for right in (False, True):
            for bottom in (False, True):
                x = box.right - length if right else box.left
                y = box.bottom - length if bottom else box.top
                self.rect(
                    x + self.edge, (box.bottom - thickness if bottom else box.top) + self.edge, length, thickness, "F"
                )
                self.rect(
                    (box.right - thickness if right else box.left) + self.edge, y + self.edge, thickness, length, "F"
                )

    def crop_marks(self, note: str) -> None:
        """Draw the marks along which the paper is cut, and outside of them a note for who prints and hangs it."""
        if not self._marks:
            return
        self.set_draw_color(0)
        self.set_line_width(HAIR)
        away, edge = self.bleed + 1, self.edge
        for x in (0.0, self.trim.width):
            for y, way in ((0.0, -1), (self.trim.height, 1)):
                self.line(x + edge, y + edge + way * away, x + edge, y + edge + way * (away + MARK))
        for y in (0.0, self.trim.height):
            for x, way in ((0.0, -1), (self.trim.width, 1)):
                self.line(x + edge + way * away, y + edge, x + edge + way * (away + MARK), y + edge)
        self._note(note)
        self._boxes()

    def dashed(self, x1: float, y1: float, x2: float, y2: float) -> None:
        """Draw a line to cut along."""
        self.set_draw_color(*GREY)
        self.set_line_width(HAIR)
        with self.local_context(dash_pattern={"dash": 1.5, "gap": 1.5, "phase": 0}):
            self.line(x1 + self.edge, y1 + self.edge, x2 + self.edge, y2 + self.edge)

    def _note(self, note: str) -> None:
        self.set_font(FAMILY, "", 7)
        known = self._known()
        # A placement's name may hold what PT Sans has not.
        shown = "".join(letter if ord(letter) in known else "?" for letter in note)
        room = self.trim.width - 30
        while self.get_string_width(shown) > room:
            shown = shown[:-2] + "…"
        self._letters(GREY)
        self.text(self.edge + 15, self.edge + self.trim.height + self.bleed + 1 + MARK, shown)

    def _boxes(self) -> None:
        """Tell printing programs where the paper is cut, and how far its colours go on."""
        page, tall = self.pages[1], self.trim.height + 2 * self.edge
        for name, around in (("trim_box", 0.0), ("bleed_box", self.bleed)):
            left, bottom = self.edge - around, self.edge - around
            right = self.edge + self.trim.width + around
            corners = (left, bottom, right, tall - bottom)
            setattr(page, name, f"[{' '.join(f'{each / POINT:.2f}' for each in corners)}]")

    def _known(self) -> frozenset[int]:
        """Give the characters that the letters chosen have."""
        font = self.current_font
        return frozenset(font.cmap) if isinstance(font, TTFFont) else frozenset()

    def _letters(self, fill: Colour) -> None:
        # Black letters are of black alone, too.
        self.set_text_color(0) if fill == BLACK else self.set_text_color(*fill)
