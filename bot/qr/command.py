"""What `shekteu qr` does: placements are looked after, codes and posters drawn. fpdf2 and the like come when needed."""

from __future__ import annotations

import os
import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bot.qr.errors import NotDrawn, PlacementRefused
from bot.qr.layouts import GRIDS, Format, read_format
from bot.qr.link import bot_name, link
from bot.qr.placement import Placement, read_languages
from bot.qr.registry import Registry, found, in_campaign
from bot.qr.wish import Wish
from bot.settings import Settings

READABLE: Final = 0o644


@dataclass(frozen=True, slots=True)
class Asked:
    """Posters that were asked for."""

    placements: list[Placement]
    bot: str
    templates: Path
    chosen: Namespace


@dataclass(frozen=True, slots=True)
class CodeOrder:
    """One code to be drawn."""

    placement: Placement
    bot: str
    out: Path
    millimetres: float
    emblem: Path | None


Drawing = Callable[[], Iterable[str]]
"""What is still to be drawn, and told of line by line."""


async def manage(registry: Registry, settings: Settings, chosen: Namespace) -> Drawing:
    """Do what is asked on the database, and give what is left to do without it; raise QrRefused."""
    if chosen.act == "code":
        order = await _order_code(registry, settings, chosen)
        return lambda: [draw_code(order)]
    if chosen.act == "posters":
        asked = await _ask_for_posters(registry, settings, chosen)
        return lambda: draw_posters(asked)
    lines = await _kept(registry, chosen)
    return lambda: lines


async def _kept(registry: Registry, chosen: Namespace) -> list[str]:
    match chosen.act:
        case "add":
            wish = Wish(chosen.name, chosen.campaign, chosen.surface, chosen.language, chosen.district)
            return [await registry.add(wish)]
        case "import":
            return [await registry.bring(chosen.file)]
        case "rename":
            return [await registry.rename(chosen.place, chosen.campaign, chosen.name)]
        case "move":
            if chosen.district is None and chosen.surface is None:
                raise PlacementRefused("--district or --surface is wanted: what has changed?")
            return [await registry.move(chosen.place, chosen.campaign, chosen.district, chosen.surface)]
        case "close":
            return [await registry.close(chosen.place, chosen.campaign)]
        case _:
            return await registry.listed(chosen.campaign, closed_too=chosen.closed)


async def _order_code(registry: Registry, settings: Settings, chosen: Namespace) -> CodeOrder:
    placement = found(await registry.all(), chosen.place, chosen.campaign)
    return CodeOrder(placement, await bot_name(settings, chosen.bot), chosen.out, chosen.size, chosen.emblem)


async def _ask_for_posters(registry: Registry, settings: Settings, chosen: Namespace) -> Asked:
    placements = [each for each in in_campaign(await registry.all(), chosen.campaign) if each.closed_on is None]
    if chosen.place is not None:
        placements = [found(placements, chosen.place, chosen.campaign)]
    elif chosen.campaign is None:
        raise PlacementRefused("--campaign or --place is wanted: whose posters?")
    if not placements:
        raise PlacementRefused(f"All placements of “{chosen.campaign}” are closed.")
    if chosen.language is not None:
        languages = read_languages(chosen.language)
        if languages is None:
            raise PlacementRefused(f"--language {chosen.language}: kk, ru or en is wanted, or two, as in kk,ru.")
        placements = [replace(each, languages=languages) for each in placements]
    return Asked(placements, await bot_name(settings, chosen.bot), settings.templates_dir, chosen)


def draw_posters(asked: Asked) -> Iterator[str]:
    """Draw posters, and tell what came of it; raise NotDrawn."""
    from bot.qr.batch import Batch, run
    from bot.qr.design import read_design
    from bot.qr.poster import Order

    chosen, format = asked.chosen, read_format(asked.chosen.format)
    stickers = format is Format.STICKERS
    if stickers and chosen.per_page not in GRIDS:
        raise NotDrawn(f"--per-page {chosen.per_page}: one of {', '.join(map(str, GRIDS))} is wanted.")
    design = read_design(asked.templates, chosen.template)
    marks, per_page = not (stickers or chosen.plain), chosen.per_page if stickers else 0
    orders = [Order(each, asked.bot, design, format, marks, per_page) for each in asked.placements]
    yield from run(Batch(orders, chosen.out, chosen.one))


def draw_code(order: CodeOrder) -> str:
    """Draw a code, read it again, and write it; raise NotDrawn."""
    from bot.qr import code, reading
    from bot.qr.emblem import read_emblem

    drawers = {".png": (code.as_png, reading.require_png), ".svg": (code.as_svg, reading.require_svg)}
    form = order.out.suffix.lower()
    if form not in drawers:
        raise NotDrawn(f"--out {order.out}: a name that ends in .png or .svg is wanted.")
    draw, require = drawers[form]
    emblem = read_emblem(order.emblem) if order.emblem else None
    target = link(order.bot, order.placement.code)
    made = code.make_code(target, order.placement.surface, emblem=emblem is not None)
    data = draw(made, order.millimetres, emblem)
    require(data, target, f"the code of “{order.placement.name}” ({order.placement.code})")
    write_new(order.out, data)
    return f"{order.out} holds the code of “{order.placement.name}”: {target}"


def write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, whole or not at all; raise NotDrawn."""
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        unfinished = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            unfinished.chmod(READABLE)
            os.link(unfinished, path)
        finally:
            unfinished.unlink()
    except FileExistsError:
        raise NotDrawn(f"{path} is there already: give another name.") from None
    except OSError as error:
        raise NotDrawn(f"{path}: {error.strerror}.") from error
