"""`shekteu areas`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from bot.commands.command import Command, in_loop, refusals
from bot.languages import Language
from bot.settings import Settings


def _list(settings: Settings, _: argparse.Namespace) -> int:
    from bot.areas.command import listed
    from bot.migrate import require_newest
    from bot.running import open_database, tell

    async def work() -> None:
        async with open_database(settings) as (database, _url):
            await require_newest(database)
            lines = await listed(database)
        for line in lines:
            tell(line)

    in_loop(work)
    return 0


def _import(settings: Settings, chosen: argparse.Namespace) -> int:
    from bot.areas.command import bring, properties
    from bot.areas.geojson import AreasRefused, read_areas
    from bot.migrate import require_newest
    from bot.running import open_database, tell

    async def work() -> str:
        async with open_database(settings) as (database, _url):
            await require_newest(database)
            return await bring(database, areas)

    with refusals(AreasRefused, then="Nothing was changed.\n"):
        areas = read_areas(chosen.file, properties(chosen.code, chosen.name_kk, chosen.name_ru, chosen.name_en))
    tell(in_loop(work))
    return 0


def _import_arguments(added: argparse.ArgumentParser) -> None:
    added.add_argument("file", type=Path, metavar="FILE", help="polygons in WGS 84, longitude first")
    for option, what, known in (
        ("code", "KATO code", "KATO, kato, code"),
        *((f"name-{each}", f"name in {each}", f"ADM2_{each.upper()}, name_{each}, name:{each}") for each in Language),
    ):
        added.add_argument(f"--{option}", metavar="PROPERTY", help=f"which property is the {what} ({known})")


ACTS: Final = (
    Command("list", None, "list the districts", "shekteu areas list"),
    Command(
        "import",
        _import,
        "put the districts of a file in the place of those that are there",
        "shekteu areas import districts.geojson --code KATO --name-en NAME_LATIN",
        _import_arguments,
        description="Put the districts of a GeoJSON file in the place of those that are there: all of them, or "
        "none if one is not as it must be. The bot takes them up by itself.",
    ),
)
COMMAND: Final = Command(
    "areas",
    _list,
    "list the districts, or import their borders",
    "shekteu areas import districts.geojson",
    acts=ACTS,
)
