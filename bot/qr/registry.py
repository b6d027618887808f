"""The placements on a database: added one by one or from a table, renamed, moved, closed and listed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from bot.areas import queries as area_queries
from bot.database import Database, driver
from bot.languages import Language
from bot.qr import queries
from bot.qr.errors import PlacementRefused
from bot.qr.placement import Placement, Surface, new_code, read_languages, written
from bot.qr.table_file import Table, read_table
from bot.qr.wish import Checked, Districts, Wish, checked, names_of, read_name, read_surface

FAULTS_TOLD: Final = 20
NONE: Final = "There are no placements: `shekteu qr add` or `shekteu qr import` makes them."


@dataclass(frozen=True, slots=True)
class Registry:
    """What `shekteu qr` does with placements, as of a day."""

    database: Database
    today: date

    async def add(self, wish: Wish) -> str:
        """Add one; raise PlacementRefused."""
        async with self.database.transaction() as connection:
            raw = await driver(connection)
            there = await _alone(raw)
            wanted = checked(wish, await _districts(raw))
            names_of(there).take(wanted.campaign, wanted.name, "")
            placement = self._made(wanted, {each.code for each in there})
            await _store(raw, [placement])
        return f"“{placement.name}” was added. Its code is {placement.code}."

    async def bring(self, path: Path) -> str:
        """Add every row of a table, or none; raise PlacementRefused, which names each bad row by its line."""
        table = read_table(path)
        async with self.database.transaction() as connection:
            raw = await driver(connection)
            there = await _alone(raw)
            wanted = _all_checked(table, await _districts(raw), there)
            taken, placements = {each.code for each in there}, []
            for each in wanted:
                placements.append(self._made(each, taken))
                taken.add(placements[-1].code)
            await _store(raw, placements)
        campaigns = ", ".join(f"“{name}”" for name in dict.fromkeys(each.campaign for each in placements))
        return f"{len(placements)} placements were added: {campaigns}."

    async def rename(self, what: str, campaign: str | None, name: str) -> str:
        """Give a placement another name; raise PlacementRefused."""
        async with self.database.transaction() as connection:
            raw = await driver(connection)
            there = await _alone(raw)
            placement, new = found(there, what, campaign), read_name(name, "name")
            names_of(each for each in there if each.id != placement.id).take(placement.campaign, new, "")
            await raw.execute(queries.RENAME, placement.id, new)
        return f"“{placement.name}” is “{new}” now. Its code stays {placement.code}."

    async def move(self, what: str, campaign: str | None, district: str | None, surface: str | None) -> str:
        """Bring a placement into another district or onto another surface; raise PlacementRefused."""
        async with self.database.transaction() as connection:
            raw = await driver(connection)
            placement = found(await _alone(raw), what, campaign)
            where = placement.district if district is None else (await _districts(raw)).find(district)
            on = placement.surface if surface is None else read_surface(surface)
            await raw.execute(queries.MOVE, placement.id, where, on.value)
        return f"“{placement.name}” is a {on} in {where or 'no district'} now. Its code stays {placement.code}."

    async def close(self, what: str, campaign: str | None) -> str:
        """Close a placement; raise PlacementRefused."""
        async with self.database.transaction() as connection:
            raw = await driver(connection)
            placement = found(await _alone(raw), what, campaign)
            await raw.execute(queries.CLOSE, placement.id, self.today)
        return f"“{placement.name}” was closed. Whoever scans its code still comes to the bot; nobody else gets it."

    async def all(self) -> list[Placement]:
        """Give every placement, closed ones too, by campaign and name."""
        async with self.database.transaction() as connection:
            return await _read(await driver(connection))

    async def listed(self, campaign: str | None, *, closed_too: bool) -> list[str]:
        """List placements campaign by campaign, a line each; raise PlacementRefused for a campaign without any."""
        shown = [each for each in in_campaign(await self.all(), campaign) if each.closed_on is None or closed_too]
        if not shown:
            return [NONE]
        lines = []
        for name, group in groupby(shown, key=lambda each: each.campaign):
            members = list(group)
            lines += [f"{name}: {len(members)}", *map(_line, members)]
        return lines

    def _made(self, wanted: Checked, taken: set[str]) -> Placement:
        return Placement(
            uuid4(),
            new_code(taken),
            wanted.name,
            wanted.campaign,
            wanted.district,
            wanted.surface,
            wanted.languages,
            self.today,
        )


def found(placements: Iterable[Placement], what: str, campaign: str | None) -> Placement:
    """Find an open placement by its code or its name, however it is capitalised; raise PlacementRefused."""
    wanted = " ".join(what.split()).lower()
    some = [
        each
        for each in in_campaign(placements, campaign)
        if each.closed_on is None and (each.code == what.strip() or each.name.lower() == wanted)
    ]
    if not some:
        raise PlacementRefused(f"There is no open placement “{what}”: `shekteu qr list` tells those that there are.")
    if len(some) > 1:
        campaigns = ", ".join(f"“{each.campaign}”" for each in some)
        raise PlacementRefused(f"“{what}” is in the campaigns {campaigns}: --campaign says which is meant.")
    return some[0]


def in_campaign(placements: Iterable[Placement], campaign: str | None) -> list[Placement]:
    """Give those of a campaign, or all; raise PlacementRefused where a campaign has none."""
    there = list(placements)
    if campaign is None:
        return there
    some = [each for each in there if each.campaign == campaign.strip()]
    if not some:
        names = ", ".join(f"“{name}”" for name in dict.fromkeys(each.campaign for each in there)) or "none"
        raise PlacementRefused(f"There is no campaign “{campaign}”. Those there are: {names}.")
    return some


def _all_checked(table: Table, districts: Districts, there: list[Placement]) -> list[Checked]:
    """Check every row of a table; raise PlacementRefused naming each that is bad by its line."""
    names, wanted, faults = names_of(there), [], []
    for row in table.rows:
        try:
            one = checked(table.wish(row), districts)
            names.take(one.campaign, one.name, f"line {row.number}")
            wanted.append(one)
        except PlacementRefused as refused:
            faults.append(f"Line {row.number}: {refused}")
    if faults:
        more = len(faults) - FAULTS_TOLD
        told = [*faults[:FAULTS_TOLD], f"And {more} more lines that are not right."] if more > 0 else faults
        raise PlacementRefused("\n".join(told))
    return wanted


async def _alone(raw: Any) -> list[Placement]:
    await raw.execute(queries.ALONE)
    return await _read(raw)


async def _read(raw: Any) -> list[Placement]:
    return [
        Placement(
            row["id"],
            row["code"],
            row["name"],
            row["campaign"],
            row["district"],
            Surface(row["surface"]),
            read_languages(row["languages"]) or (Language.KK,),
            row["made_on"],
            row["closed_on"],
        )
        for row in await raw.fetch(queries.ALL)
    ]


async def _store(raw: Any, placements: list[Placement]) -> None:
    await raw.copy_records_to_table(
        "placements",
        columns=queries.COLUMNS,
        records=[
            (
                *(each.id, each.code, each.name, each.campaign, each.district),
                *(each.surface.value, written(each.languages), each.made_on, each.closed_on),
            )
            for each in placements
        ],
    )


async def _districts(raw: Any) -> Districts:
    rows = await raw.fetch(area_queries.NAMED)
    return Districts((row["code"], [row[f"name_{language}"] for language in Language]) for row in rows)


def _line(placement: Placement) -> str:
    closed = f"  closed {placement.closed_on}" if placement.closed_on else ""
    return (
        f"  {placement.code}  {placement.surface:9}  {written(placement.languages):5}  "
        f"{placement.district or '–':9}  {placement.name}{closed}"
    )
