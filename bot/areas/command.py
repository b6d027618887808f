"""What `shekteu areas` does: bring the areas of a file into the database, and list those that are there."""

from __future__ import annotations

from typing import Final

from bot.areas import queries
from bot.areas.area import Area
from bot.areas.geojson import Properties
from bot.areas.store import replace
from bot.database import Database, driver
from bot.languages import Language

NONE: Final = "No areas were imported: `shekteu areas import FILE.geojson` brings them."


def properties(code: str | None, *names: str | None) -> Properties:
    """Say which property is what; those not given, and the names of regions, are looked for by their usual names.

    `names` come in the order of the languages.
    """
    usual = Properties()
    given = {each: (name,) for each, name in zip(Language, names, strict=True) if name}
    return Properties((code,) if code else usual.code, {**usual.names, **given})


async def bring(database: Database, areas: list[Area]) -> str:
    """Put areas in the place of those that were there; give a line that says so."""
    async with database.transaction() as connection:
        before = await replace(await driver(connection), areas)
    instead = f", in the place of {before}" if before else ""
    return f"Areas imported: {len(areas)}{instead}. Reports that were filed before keep the district they have."


async def listed(database: Database) -> list[str]:
    """List the areas, a line each, and how many they are."""
    async with database.transaction() as connection:
        rows = await (await driver(connection)).fetch(queries.NAMED)
    if not rows:
        return [NONE]
    names = (f"{row['name_kk']} · {row['name_ru']} · {row['name_en']}" for row in rows)
    regions = (f" ({row['region_en']})" if row["region_en"] else "" for row in rows)
    lines = [f"{row['code']}  {name}{region}" for row, name, region in zip(rows, names, regions, strict=True)]
    return [*lines, f"Areas: {len(rows)}"]
