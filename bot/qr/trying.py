"""Designs of posters tried as a whole: drawn in every language and in two, with the longest names, and a code read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Final
from uuid import UUID

from bot.languages import Language
from bot.qr.design import FOLDER, Design, read_design
from bot.qr.errors import CodeUnreadable, NotDrawn
from bot.qr.layouts import Format
from bot.qr.making import drawn
from bot.qr.placement import LENGTH, LETTERS, Languages, Placement, Surface
from bot.qr.poster import Order, draw_poster
from bot.qr.stickers import require_fit

BOT: Final = "Narko_Shekteu_Zhambyl_Oblysy_Bot"
"""As long as a bot's name can be."""
SHAPES: Final = ((Format.A4, 0), (Format.BILLBOARD, 0), *((Format.STICKERS, per_page) for per_page in (4, 12, 18, 24)))
"""With the tightest sheets of stickers. A5, A3 and A2 are A4, smaller or larger."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one design."""

    name: str
    """Of its file."""
    faults: tuple[str, ...]
    missing: Languages = ()
    """The languages that it has no texts in."""


def tried(templates: Path) -> Iterator[Tried]:
    """Try every design of a folder."""
    for path in sorted((templates / FOLDER).glob("*.toml")):
        try:
            design = read_design(templates, path.stem)
        except NotDrawn as refused:
            yield Tried(path.name, (str(refused).removeprefix(f"{path.name}: "),))
        else:
            there = tuple(language for language in Language if getattr(design, language) is not None)
            missing = tuple(language for language in Language if language not in there)
            yield Tried(path.name, tuple(dict.fromkeys(_faults(design, there))), missing)


def _faults(design: Design, there: Languages) -> Iterator[str]:
    if not there:
        yield "it has texts in no language"
    for languages in (*((each,) for each in there), *combinations(there, 2)):
        for format, per_page in SHAPES:
            order = _order(design, languages, format, per_page)
            try:
                require_fit(order) if per_page else draw_poster(order)
            except NotDrawn as refused:
                yield f"{format}{f', {per_page} a page' if per_page else ''}, in {','.join(languages)}: {refused}"
    if there:
        # What its emblem hides of a code is the same on each.
        try:
            drawn(_order(design, there[:1], Format.A4, 0))
        except CodeUnreadable:
            yield "a code with its emblem cannot be read: make the emblem smaller, or set emblem_in_code = false"
        except NotDrawn:
            pass  # told above


def _order(design: Design, languages: Languages, format: Format, per_page: int) -> Order:
    code = (LETTERS * 2)[:LENGTH]
    placement = Placement(UUID(int=0), code, "Абай 12", "Күз", None, Surface.STICKER, languages, date.min)
    return Order(placement, BOT, design, format, False, per_page)
