"""Draws a Sheet as PDF, with fpdf2 and PT Sans, which has the Kazakh letters. Imported in the worker alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from fpdf import FPDF
from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace

from bot.papers.fonts import FAMILY, files
from bot.papers.sheet import Block, Boxed, Heading, Pairs, Sheet, Signature, Table, Words

MARGINS: Final = (25.0, 18.0, 15.0)
"""Left, top and bottom, and right, in millimetres: on the left the paper is bound into a file."""
SIZES: Final = {"title": 15.0, "heading": 11.5, "words": 10.0, "small": 8.0}
"""In points."""
SCALES: Final = (1.0, 0.94, 0.88, 0.82, 0.76, 0.7)
"""By how much letters shrink where all has to stand on one page."""
PULLED_BACK: Final = SCALES[:3]
"""By how much letters may shrink so that a signature does not stand on a page of its own, which proves nothing."""
LEADING: Final = 0.46
"""Millimetres from line to line for each point of size."""
GREY: Final = (110, 110, 110)
LINE: Final = (170, 170, 170)
SHADE: Final = (238, 238, 238)


def draw(sheet: Sheet) -> bytes:
    """Give the document as PDF."""
    if not sheet.one_page:
        drawn = (_drawn(sheet, scale) for scale in PULLED_BACK)
        return next((paper for paper in drawn if not paper.signed_apart), _drawn(sheet, 1.0)).bytes()
    drawn = (_drawn(sheet, scale) for scale in SCALES)
    return next((paper for paper in drawn if paper.pages_count == 1), _drawn(sheet, SCALES[-1])).bytes()


def _drawn(sheet: Sheet, scale: float) -> _Paper:
    paper = _Paper(sheet, scale)
    paper.add_page()
    paper.title_block()
    for block in sheet.blocks:
        paper.block(block)
    return paper


class _Paper(FPDF):
    def __init__(self, sheet: Sheet, scale: float) -> None:
        super().__init__(format="A4")
        self.c_margin = 0
        self._sheet, self._scale = sheet, scale
        self.signed_apart = False
        """Whether the first line of the signature stands above all else of its page."""
        for style, file in files().items():
            self.add_font(FAMILY, style, file)
        left, top, right = MARGINS
        self.set_margins(left, top, right)
        self.set_auto_page_break(True, margin=top + 6)
        self.set_title(sheet.title)
        self.set_lang(sheet.language)
        # The moment is told in the words; two files of the same words are the same bytes.
        self.set_creation_date(datetime(2000, 1, 1, tzinfo=UTC))
        self.set_draw_color(*LINE)

    @property
    def pages_count(self) -> int:
        return len(self.pages)

    def bytes(self) -> bytes:
        return bytes(self.output())

    def footer(self) -> None:
        """Write the foot of a page."""
        # Inside a table the margin is another.
        self.set_xy(MARGINS[0], -15)
        self._letters("small")
        self.set_text_color(*GREY)
        self.cell(self.epw / 2, 5, self._sheet.footer)
        self.cell(self.epw / 2, 5, f"{self.page_no()} / {{nb}}", align="R")
        self.set_text_color(0)

    def title_block(self) -> None:
        """Write the title and what stands under it."""
        self._paragraph(self._sheet.title, "title", bold=True)
        if self._sheet.below:
            self.set_text_color(*GREY)
            self._paragraph(self._sheet.below, "words")
            self.set_text_color(0)
        self._gap(2)

    def block(self, block: Block) -> None:
        """Write one block."""
        match block:
            case Heading():
                # A heading alone at the foot of a page leads nowhere.
                if self.will_page_break(20 * self._scale):
                    self.add_page()
                self._gap(2.5)
                self._paragraph(block.text, "heading", bold=True)
                self._gap(1)
            case Words():
                self._paragraph(block.text, "small" if block.small else "words")
                self._gap(1.2)
            case Boxed():
                self._boxed(block)
            case Pairs():
                self._pairs(block)
            case Table():
                self._table(block)
            case Signature():
                self._signature(block)

    def _letters(self, size: str, *, bold: bool = False) -> float:
        """Choose letters, and give their height of line in millimetres."""
        points = SIZES[size] * self._scale
        self.set_font(FAMILY, "B" if bold else "", points)
        return points * LEADING

    def _gap(self, millimetres: float) -> None:
        self.ln(millimetres * self._scale)

    def _paragraph(self, text: str, size: str, *, bold: bool = False) -> None:
        height = self._letters(size, bold=bold)
        self.multi_cell(0, height, text, align="L", new_x="LMARGIN", new_y="NEXT")

    def _boxed(self, block: Boxed) -> None:
        height = self._letters("words", bold=True)
        self._gap(1)
        with self.local_context(fill_color=SHADE):
            self.multi_cell(
                0, height, block.text, align="L", border=1, fill=True, padding=3, new_x="LMARGIN", new_y="NEXT"
            )
        self._gap(2.5)

    def _pairs(self, block: Pairs) -> None:
        height = self._letters("words")
        with self.table(
            align="LEFT",
            borders_layout=TableBordersLayout.NONE,
            first_row_as_headings=False,
            col_widths=(30, 70),
            text_align=("LEFT", "LEFT"),
            v_align="TOP",
            line_height=height,
            padding=(0.5 * self._scale, 2, 0.5 * self._scale, 0),
        ) as table:
            for name, value in block.rows:
                row = table.row()
                row.cell(name, style=FontFace(color=GREY))
                row.cell(value)
        self._gap(1.5)

    def _table(self, block: Table) -> None:
        height = self._letters("small" if block.small else "words")
        align = {"L": "LEFT", "C": "CENTER", "R": "RIGHT"}
        with self.table(
            align="LEFT",
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            col_widths=tuple(block.widths),
            text_align=tuple(align[each] for each in block.align),
            v_align="TOP",
            headings_style=FontFace(emphasis="BOLD", fill_color=SHADE),
            line_height=height,
            padding=(0.7 * self._scale, 1.2),
            repeat_headings=1,
        ) as table:
            for cells in (block.head, *block.rows):
                row = table.row()
                for cell in cells:
                    row.cell(cell)
        self._gap(2)

    def _signature(self, block: Signature) -> None:
        self._gap(6)
        for name, under in block.lines:
            height = self._letters("words")
            if self.will_page_break(height * 3):
                self.signed_apart = self.signed_apart or name == block.lines[0][0]
                self.add_page()
            wide = min(self.get_string_width(name) + 3, self.epw * 0.45)
            self.cell(wide, height, name)
            start = self.get_x()
            self.line(start, self.get_y() + height, self.l_margin + self.epw, self.get_y() + height)
            self.ln(height + 0.8)
            self._letters("small")
            self.set_text_color(*GREY)
            self.set_x(start)
            self.cell(self.l_margin + self.epw - start, height, under, align="C")
            self.set_text_color(0)
            self.ln(height + 4 * self._scale)
