"""A sheet of stickers: A4, so many a page, all of one placement, with lines to cut along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bot.qr.drawing import BLACK, GREY, Drawing, colour
from bot.qr.errors import DoesNotFit
from bot.qr.fitting import Fitted, Room, fit, fit_one
from bot.qr.layouts import GRIDS, Box
from bot.qr.poster import Order

WIDTH: Final = 210.0
HEIGHT: Final = 297.0
EDGE: Final = 8.0
"""Millimetres that office printers leave white."""
INSET: Final = 3.5
"""Between a cut and what is printed."""
GAP: Final = 3.0
"""Between the code and what stands beside it."""
BELOW: Final = 2.0
"""Between the code and what stands under it."""
GAP_LEAST: Final = 1.5
"""Between what stands one under the other."""
GAP_MOST: Final = 6.0
LYING: Final = 1.25
"""A sticker so much wider than tall has its code on the left, another above."""
LEAST: Final = 5.0
"""Points of the smallest letters."""
LARGEST: Final = 26.0
"""Of the largest."""
LINK_LEAST: Final = 4.0
"""Of a bot's name and link, which one who types reads with the sticker in hand."""
LINK_LARGEST: Final = 13.0
NAME: Final = 0.22
"""Points of the bot's name, by millimetres of its width."""


def draw_stickers(order: Order) -> Drawing:
    """Draw a sheet; raise NotDrawn."""
    columns, rows = GRIDS[order.per_page]
    wide, tall = (WIDTH - 2 * EDGE) / columns, (HEIGHT - 2 * EDGE) / rows
    drawing = _sheet(order)
    draw = _sticker(drawing, order, wide - 2 * INSET, tall - 2 * INSET)
    for row in range(rows):
        for column in range(columns):
            draw(EDGE + column * wide + INSET, EDGE + row * tall + INSET)
    for column in range(columns + 1):
        drawing.dashed(EDGE + column * wide, EDGE / 2, EDGE + column * wide, HEIGHT - EDGE / 2)
    for row in range(rows + 1):
        drawing.dashed(EDGE / 2, EDGE + row * tall, WIDTH - EDGE / 2, EDGE + row * tall)
    return drawing


def require_fit(order: Order) -> None:
    """Require that everything has its place on a sticker; raise NotDrawn."""
    columns, rows = GRIDS[order.per_page]
    _sticker(_sheet(order), order, (WIDTH - 2 * EDGE) / columns - 2 * INSET, (HEIGHT - 2 * EDGE) / rows - 2 * INSET)


def _sheet(order: Order) -> Drawing:
    language = order.placement.languages[0]
    return Drawing(WIDTH, HEIGHT, title=order.note, language=language, marks=False, bleed=0)


def _sticker(drawing: Drawing, order: Order, wide: float, tall: float) -> Callable[[float, float], None]:
    """Fit everything into one sticker, and give what draws it with its corner at a point; raise NotDrawn."""
    code, lying = order.code(), wide >= tall * LYING
    side = min(tall, wide * 0.46) if lying else min(wide, tall * 0.6)
    if side < code.least:
        raise DoesNotFit(f"--per-page {order.per_page}: a code of {side:.0f} mm is too small. Take fewer.")
    words_box = (
        Box(side + GAP, 0, wide - side - GAP, tall) if lying else Box(0, side + BELOW, wide, tall - side - BELOW)
    )
    # The link breaks where a person who types it takes a breath.
    named = f"@{order.bot}"
    spoken = order.spoken.replace("?", "\n?") if lying else order.spoken
    # Not so large that it leaves no room for what is asked.
    most = max(LINK_LARGEST, words_box.width * NAME)
    name = fit_one(named, drawing.measured(named, bold=True), Room(words_box.width, tall * 0.2, LINK_LEAST, most))
    room = Room(words_box.width, tall * 0.25, LINK_LEAST, min(LINK_LARGEST, name.size))
    typed = fit_one(spoken, drawing.measured(spoken), room)
    texts = [order.design.words(each).sticker for each in order.placement.languages]
    left_over = words_box.height - name.height - typed.height - (len(texts) + 1) * GAP_LEAST
    room = Room(words_box.width, left_over / len(texts), LEAST, LARGEST)
    said = fit(texts, drawing.measured(" ".join(texts), bold=True), room)
    blocks = (*said, name, typed) if lying else (name, typed, *said)
    code_box = Box(0 if lying else (wide - side) / 2, (tall - side) / 2 if lying else 0, side, side)
    accent, emblem = colour(order.design.colours.accent), order.emblem() if code.hole else None

    def draw(left: float, top: float) -> None:
        around = Box(left + code_box.left, top + code_box.top, side, side)
        drawing.draw_code(code, around, emblem)
        drawing.corners(around, side * 0.12, 0.6, accent)
        box = Box(left + words_box.left, top + words_box.top, words_box.width, words_box.height)
        _stack(drawing, blocks, box, typed=typed, centred=not lying)

    return draw


def _stack(drawing: Drawing, blocks: tuple[Fitted, ...], box: Box, *, typed: Fitted, centred: bool) -> None:
    gap = min((box.height - sum(each.height for each in blocks)) / (len(blocks) - 1), GAP_MOST)
    top = box.top + (box.height - sum(each.height for each in blocks) - gap * (len(blocks) - 1)) / 2
    for block in blocks:
        fill = GREY if block is typed else BLACK
        drawing.write_lines(block, box, top, fill, bold=block is not typed, centred=centred)
        top += block.height + gap
