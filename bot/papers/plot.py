"""Draws a Picture as PNG, with matplotlib and PT Sans. Imported in the worker alone: it weighs 80 MB and seconds.

Sizes are pixels of the picture, 1280 wide; a phone shows it at a third, so no letter is smaller than 27.
"""

from __future__ import annotations

import io
import tempfile
import textwrap
from pathlib import Path
from typing import Any, Final

from bot.papers.fonts import FAMILY, files
from bot.papers.numbers import grouped
from bot.papers.picture import Bars, Lines, Picture

WIDE: Final = 1280
EDGE: Final = 48
HALF: Final = (WIDE - 3 * EDGE) // 2
DPI: Final = 100
INK, GREY, PALE, BLUE = "#1b1f24", "#6b7280", "#c3c8d0", "#1f5fa8"
TITLE, SECTION, LETTERS, LARGE = 46, 36, 29, 60
TOP, TILE, CHART, ROW, FOOT = 170, 176, 430, 86, 70


def plot(picture: Picture) -> bytes:
    """Give the picture as PNG."""
    # Matplotlib writes a cache of the machine's fonts; nobody wants it.
    with tempfile.TemporaryDirectory() as folder:
        import os

        os.environ["MPLCONFIGDIR"] = folder
        from matplotlib import font_manager, rcParams
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        for file in files().values():
            font_manager.fontManager.addfont(Path(file))
        rcParams["font.family"] = FAMILY
        rows = max(len(picture.left.rows), len(picture.right.rows), 1)
        tall = TOP + 2 * TILE + 90 + CHART + 130 + rows * ROW + FOOT
        figure = Figure(figsize=(WIDE / DPI, tall / DPI), dpi=DPI, facecolor="white")
        canvas = FigureCanvasAgg(figure)
        drawing = _Drawing(figure, tall)
        drawing.all(picture)
        written = io.BytesIO()
        canvas.print_png(written)  # type: ignore[no-untyped-call]
        return written.getvalue()


class _Drawing:
    """Writes and draws at pixels, counted from the top left."""

    def __init__(self, figure: Any, tall: int) -> None:
        self._figure, self._tall = figure, tall

    def all(self, picture: Picture) -> None:
        """Draw everything."""
        self._words(EDGE, 40, picture.title, TITLE, weight="bold", most=WIDE - 2 * EDGE)
        self._words(EDGE, 106, picture.below, LETTERS, colour=GREY, most=WIDE - 2 * EDGE)
        for place, number in enumerate(picture.numbers):
            left, top = EDGE + place % 2 * (HALF + EDGE), TOP + place // 2 * TILE
            self._words(left, top, number.value, LARGE, weight="bold", colour=BLUE, most=HALF)
            self._words(left, top + 74, number.label, LETTERS, most=HALF)
            self._words(left, top + 112, number.beside, 27, colour=GREY, most=HALF)
        top = TOP + 2 * TILE
        self._lines(picture.lines, top + 10)
        top += 90 + CHART + 40
        self._bars(picture.left, EDGE, top)
        self._bars(picture.right, 2 * EDGE + HALF, top)
        self._words(EDGE, self._tall - 56, picture.footer, 27, colour=GREY, most=WIDE - 2 * EDGE)

    def _words(
        self,
        left: float,
        top: float,
        text: str,
        size: float,
        *,
        most: float,
        colour: str = INK,
        weight: str = "normal",
        align: str = "left",
        cut: bool = False,
    ) -> None:
        """Write a line, in smaller letters where it is too long for `most` pixels; with `cut`, without its middle."""
        written = self._figure.text(
            left / WIDE,
            1 - top / self._tall,
            # A dollar sign would begin a formula.
            text.replace("$", r"\$"),
            fontsize=size * 72 / DPI,
            color=colour,
            weight=weight,
            ha=align,
            va="top",
        )
        renderer, kept = self._figure.canvas.get_renderer(), len(text)
        while (wide := written.get_window_extent(renderer).width) > most and cut:
            # Streets begin alike and differ at their end: of both something is left.
            kept = min(kept - 1, int(kept * most / wide))
            shown = f"{text[: kept - kept // 2].rstrip()}…{text[len(text) - kept // 2 :].lstrip()}"
            written.set_text(shown.replace("$", r"\$"))
        if wide > most:
            written.set_fontsize(size * 72 / DPI * most / wide)

    def _axes(self, left: float, top: float, wide: float, tall: float) -> Any:
        return self._figure.add_axes((left / WIDE, 1 - (top + tall) / self._tall, wide / WIDE, tall / self._tall))

    def _lines(self, lines: Lines, top: float) -> None:
        from matplotlib.ticker import FuncFormatter, MaxNLocator

        self._words(EDGE, top, lines.title, SECTION, weight="bold", most=WIDE - 2 * EDGE)
        self._legend(lines, top + 50)
        axes = self._axes(EDGE + 110, top + 110, WIDE - 2 * EDGE - 130, CHART - 90)
        steps = range(len(lines.days))
        few = len(lines.days) <= 40
        # A single step is no line.
        style: dict[str, Any] = {"marker": "o", "markersize": 9 if few else 0, "solid_capstyle": "round"}
        before = lines.before[: len(lines.days)]
        axes.plot(range(len(before)), before, color=PALE, linewidth=5, zorder=1, **style)
        axes.plot(steps, lines.now, color=BLUE, linewidth=5, zorder=2, **style)
        axes.set_xlim(-0.5, max(len(lines.days) - 0.5, 0.5))
        axes.set_ylim(0, max([1, *(number for number in (*lines.now, *before) if number)]) * 1.1)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: grouped(round(value))))
        marked = sorted({round(place * (len(lines.days) - 1) / 4) for place in range(5)}) if lines.days else []
        axes.set_xticks(marked, [f"{lines.days[place]:%d.%m}" for place in marked])
        axes.tick_params(labelsize=27 * 72 / DPI, colors=GREY, length=0, pad=10)
        axes.grid(axis="y", color="#e5e7eb", linewidth=2)
        axes.set_axisbelow(True)
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.spines["bottom"].set_color(PALE)

    def _legend(self, lines: Lines, top: float) -> None:
        left = float(EDGE)
        for label, colour in ((lines.now_label, BLUE), (lines.before_label, PALE)):
            axes = self._axes(left, top + 12, 44, 10)
            axes.set_facecolor(colour)
            axes.set_xticks([])
            axes.set_yticks([])
            for spine in axes.spines.values():
                spine.set_visible(False)
            self._words(left + 58, top, label, 27, colour=GREY, most=HALF - 60)
            left += HALF + EDGE

    def _bars(self, bars: Bars, left: float, top: float) -> None:
        self._words(left, top, bars.title, SECTION, weight="bold", most=HALF)
        if not bars.rows:
            for place, line in enumerate(textwrap.wrap(bars.empty, 36)):
                self._words(left, top + 66 + 38 * place, line, LETTERS, colour=GREY, most=HALF)
            return
        longest = max(number for _, number in bars.rows) or 1
        for place, (label, number) in enumerate(bars.rows):
            at = top + 66 + place * ROW
            value = grouped(number)
            self._words(left, at, label, LETTERS, most=HALF - 24 - 17 * len(value), cut=True)
            self._words(left + HALF, at, value, LETTERS, weight="bold", align="right", most=HALF)
            axes = self._axes(left, at + 42, HALF, 20)
            axes.set_xlim(0, longest)
            axes.barh([0], [longest], color="#eef0f3", height=1)
            # One of a million is still seen to be more than none.
            axes.barh([0], [max(number, longest / 100 if number else 0)], color=BLUE, height=1)
            axes.set_ylim(-0.5, 0.5)
            axes.axis("off")
