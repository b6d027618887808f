"""Areas in the database: replaced as a whole by an import, read into memory once by each process."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from bot.areas import queries
from bot.areas.area import Area, AreaMap, Place
from bot.areas.geometry import Box, from_wkb, to_wkb
from bot.languages import Language


async def replace(driver: Any, areas: list[Area]) -> int:
    """Put areas in the place of those that were there, in the driver's open transaction; give how many were."""
    await driver.execute(queries.ALONE)
    before = int((await driver.execute(queries.CLEAR)).rsplit(" ", 1)[-1])
    await driver.executemany(queries.ADD, [_row(area) for area in areas])
    await driver.execute(queries.NEW_VERSION, uuid4().hex)
    return before


class Areas:
    """The areas as a process knows them: read when first needed, and again after an import."""

    def __init__(self) -> None:
        self._version: str | None = None
        self._map = AreaMap(())

    async def now(self, driver: Any) -> AreaMap:
        """Give the areas of this moment; borders are read only if there was an import since they were."""
        version = await driver.fetchval(queries.VERSION)
        if version != self._version:
            rows = await driver.fetch(queries.ALL)
            self._map, self._version = AreaMap(map(_area, rows)), rows[0]["version"] if rows else version
        return self._map

    async def find(self, driver: Any, latitude: float, longitude: float) -> Place:
        """Find the district of a point, and those whose border is near."""
        return (await self.now(driver)).find(latitude, longitude)


def _row(area: Area) -> tuple[Any, ...]:
    names, regions, box = area.names, area.regions, area.box
    return (
        area.code,
        *(names[language] for language in Language),
        *(regions.get(language) for language in Language),
        *(box.south, box.north, box.west, box.east),
        to_wkb(area.polygons),
    )


def _area(row: Any) -> Area:
    return Area(
        row["code"],
        {language: row[f"name_{language}"] for language in Language},
        {language: region for language in Language if (region := row[f"region_{language}"])},
        Box(row["south"], row["north"], row["west"], row["east"]),
        from_wkb(row["geometry"]),
    )
