"""A poster: title, how it works in three lines, the code, and the link under it in words; in one language or two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.qr.code import Code, make_code
from bot.qr.design import Design
from bot.qr.drawing import BLACK, GREY, Drawing, colour
from bot.qr.emblem import Emblem
from bot.qr.errors import DoesNotFit
from bot.qr.fitting import CAPITAL, POINT, Fitted, Room, fit, fit_one
from bot.qr.layouts import Box, Format, Layout, layout
from bot.qr.link import link, spoken_link
from bot.qr.placement import Placement

NUMBER: Final = 0.95
"""Radius of the disc behind a step's number, in parts of the letters' size."""
INDENT: Final = 2.7
"""Where a step's words begin, likewise."""
GAP_LEAST: Final = 0.35
"""Between two steps, likewise."""


@dataclass(frozen=True, slots=True)
class Order:
    """A poster to be drawn."""

    placement: Placement
    bot: str
    design: Design
    format: Format
    marks: bool
    per_page: int = 0
    """Of stickers."""

    @property
    def link(self) -> str:
        """Give what its code holds."""
        return link(self.bot, self.placement.code)

    @property
    def spoken(self) -> str:
        """Give its link as it is typed by hand."""
        return spoken_link(self.bot, self.placement.code)

    @property
    def note(self) -> str:
        """Give what stands beside the paper, for who prints and hangs it."""
        return f"{self.placement.name} · {self.placement.code} · {self.placement.campaign} · {self.format.upper()}"

    def emblem(self) -> Emblem | None:
        """Give the design's emblem, if it has one."""
        return Emblem(self.design.emblem_data) if self.design.emblem_data else None

    def code(self) -> Code:
        """Make its code."""
        in_code = self.design.emblem_in_code and bool(self.design.emblem_data)
        return make_code(self.link, self.placement.surface, emblem=in_code)


def draw_poster(order: Order) -> Drawing:
    """Draw a poster; raise NotDrawn."""
    place = layout(order.format, len(order.placement.languages))
    colours = order.design.colours
    drawing = Drawing(
        place.width,
        place.height,
        title=order.note,
        language=order.placement.languages[0],
        marks=order.marks,
        bleed=place.bleed,
    )
    drawing.fill_box(place.ground, colour(colours.ground))
    drawing.fill_box(place.strip, colour(colours.accent))
    _heading(drawing, place, order)
    _steps(drawing, place, order)
    _code(drawing, place, order)
    drawing.crop_marks(" · ".join(filter(None, (order.note, place.note))))
    return drawing


def _heading(drawing: Drawing, place: Layout, order: Order) -> None:
    words = [order.design.words(each) for each in order.placement.languages]
    scale, letters, emblem = place.scale, colour(order.design.colours.title), order.emblem()
    office = place.office
    if emblem:
        drawing.draw_emblem(emblem, place.emblem)
    else:
        office = Box(place.emblem.left, office.top, office.right - place.emblem.left, office.height)
    if names := "\n".join(dict.fromkeys(each.office for each in words if each.office)):
        room = Room(office.width, office.height, 8 * scale, 15 * scale, 1.3)
        fitted = fit_one(names, drawing.measured(names), room)
        drawing.write_lines(fitted, office, office.top + (office.height - fitted.height) / 2, letters)
    columns = place.title.columns(len(words), place.gutter)
    titles = [each.title for each in words]
    room = Room(columns[0].width, columns[0].height, 18 * scale, 52 * scale, 1.14)
    for box, fitted in zip(columns, fit(titles, drawing.measured(" ".join(titles), bold=True), room), strict=True):
        drawing.write_lines(fitted, box, box.top, letters, bold=True)


def _steps(drawing: Drawing, place: Layout, order: Order) -> None:
    """Write the three lines of each language, each beside its fellow of the other."""
    languages = [order.design.words(each).steps for each in order.placement.languages]
    rows = list(zip(*languages, strict=True))
    columns = place.steps.columns(len(languages), place.gutter)
    fitted = _fitted_steps(drawing, rows, columns[0], place.scale)
    size = fitted[0][0].size
    heights = [_height(row) for row in fitted]
    gap = min((place.steps.height - sum(heights)) / max(len(rows) - 1, 1), size * POINT)
    top = place.steps.top + (place.steps.height - sum(heights) - gap * (len(rows) - 1)) / 2
    letters = colour(order.design.colours.title) if place.steps_on_ground else BLACK
    accent, ground = colour(order.design.colours.accent), colour(order.design.colours.ground)
    capital = size * POINT * CAPITAL
    for number, (row, height) in enumerate(zip(fitted, heights, strict=True), 1):
        for box, words in zip(columns, row, strict=True):
            radius = size * POINT * NUMBER
            first = top + radius - capital / 2
            drawing.disc(box.left + radius, top + radius, radius, accent)
            numeral = Fitted((str(number),), size, 1)
            around = Box(box.left, top, 2 * radius, height)
            drawing.write_lines(numeral, around, first, ground, bold=True, centred=True)
            beside = Box(box.left + size * POINT * INDENT, top, box.width, height)
            drawing.write_lines(words, beside, first, letters, bold=number == len(fitted))
        top += height + gap


def _fitted_steps(drawing: Drawing, rows: list[tuple[str, ...]], box: Box, scale: float) -> list[list[Fitted]]:
    """Fit all steps in letters of one size, as large as their box lets them be; raise DoesNotFit."""
    everything = [text for row in rows for text in row]
    # The last says that nobody is asked for a name: that is what somebody afraid looks for.
    measure, heavy = (drawing.measured(" ".join(everything), bold=bold) for bold in (False, True))
    measures = [*[measure] * (len(rows) - 1), heavy]
    size, least = 21.0 * scale, 9.0 * scale
    while True:
        room = Room(box.width - size * POINT * INDENT, box.height, size, size, 1.22)
        try:
            fitted = [fit(list(row), measured, room) for row, measured in zip(rows, measures, strict=True)]
        except DoesNotFit:
            if size == least:
                raise
        else:
            gaps = size * POINT * GAP_LEAST * (len(rows) - 1)
            if sum(map(_height, fitted)) + gaps <= box.height:
                return fitted
            if size == least:
                longest = max(everything, key=measure)
                raise DoesNotFit(f"“{longest}”: the lines on how it works have no place. Shorten them.")
        size = max(size * 0.98, least)


def _height(row: list[Fitted]) -> float:
    """Give the height of a step, whose number stands beside the first line."""
    size = row[0].size * POINT
    return max(max(each.height for each in row) + size * (NUMBER - CAPITAL / 2), size * NUMBER * 2)


def _code(drawing: Drawing, place: Layout, order: Order) -> None:
    """Draw the code, and under it whose it is and the link in words."""
    code = order.code()
    in_code = order.emblem() if code.hole else None
    drawing.draw_code(code, place.code, in_code)
    accent = colour(order.design.colours.accent)
    drawing.corners(place.code, place.code.width * 0.12, 1.6 * place.scale, accent)
    scale = place.scale
    for text, box, least, most, bold in (
        (f"@{order.bot}", place.name, 10.0, 32.0, True),
        (order.spoken, place.link, 7.0, 15.0, False),
    ):
        room = Room(box.width, box.height, least * scale, most * scale)
        fitted = fit_one(text, drawing.measured(text, bold=bold), room)
        drawing.write_lines(fitted, box, box.top, BLACK if bold else GREY, bold=bold, centred=True)
