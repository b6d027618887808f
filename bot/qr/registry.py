"""The placements on a database: added one by one or from a table, renamed, moved, closed and listed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from bot.database import Database, driver
from bot.qr import store
from bot.qr.errors import PlacementRefused
from bot.qr.placement import Placement, folded, written
from bot.qr.table_file import Table, read_table
from bot.qr.wish import Checked, Districts, Wish, checked, names_of, read_surface

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
            await store.alone(raw)
            placement = await store.make(raw, checked(wish, await store.districts(raw)), self.today)
        return f"“{placement.name}” was added. Its code is {placement.code}."

    async def bring(self, path: Path) -> str:
        """Add every row of a table, or none; raise PlacementRefused, which names each bad row by its line."""
        table = read_table(path)
        async with self.database.transaction() as connection:
            raw = await driver(connection)
            await store.alone(raw)
            there = await store.read_all(raw)
            wanted = _all_checked(table, await store.districts(raw), there)
            taken, placements = {each.code for each in there}, []
            for each in wanted:
                placements.append(store.made(each, taken, self.today))
                taken.add(placements[-1].code)
            await store.keep(raw, placements)
        campaigns = ", ".join(f"“{name}”" for name in dict.fromkeys(each.campaign for each in placements))
        return f"{len(placements)} placements were added: {campaigns}."

    async def rename(self, what: str, campaign: str | None, name: str) -> str:
        """Give a placement another name; raise PlacementRefused."""
        async with self.database.transaction() as connection:
            raw = await driver(connection)
            placement = await _alone_with(raw, what, campaign)
            new = await store.rename(raw, placement, name)
        return f"“{placement.name}” is “{new}” now. Its code stays {placement.code}."

    async def move(self, what: str, campaign: str | None, district: str | None, surface: str | None) -> str:
        """Bring a placement into another district or onto another surface; raise PlacementRefused."""
        async with self.database.transaction() as connection:
            raw = await driver(connection)
            placement = await _alone_with(raw, what, campaign)
            where = placement.district if district is None else (await store.districts(raw)).find(district)
            on = placement.surface if surface is None else read_surface(surface)
            await store.move(raw, placement, where, on)
        return f"“{placement.name}” is a {on} in {where or 'no district'} now. Its code stays {placement.code}."

    async def close(self, what: str, campaign: str | None) -> str:
        """Close a placement; raise PlacementRefused."""
        async with self.database.transaction() as connection:
            raw = await driver(connection)
            placement = await _alone_with(raw, what, campaign)
            await store.close(raw, placement, self.today)
        return f"“{placement.name}” was closed. Whoever scans its code still comes to the bot; nobody else gets it."

    async def all(self) -> list[Placement]:
        """Give every placement, closed ones too, by campaign and name."""
        async with self.database.transaction() as connection:
            return await store.read_all(await driver(connection))

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


def found(placements: Iterable[Placement], what: str, campaign: str | None) -> Placement:
    """Find an open placement by its code or its name, however it is capitalised; raise PlacementRefused."""
    wanted = folded(what)
    some = [
        each
        for each in in_campaign(placements, campaign)
        if each.closed_on is None and (each.code == what.strip() or folded(each.name) == wanted)
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


async def _alone_with(raw: Any, what: str, campaign: str | None) -> Placement:
    """Find a placement that nobody else changes until the transaction ends; raise PlacementRefused."""
    await store.alone(raw)
    return found(await store.read_all(raw), what, campaign)


def _line(placement: Placement) -> str:
    closed = f"  closed {placement.closed_on}" if placement.closed_on else ""
    return (
        f"  {placement.code}  {placement.surface:9}  {written(placement.languages):5}  "
        f"{placement.district or '–':9}  {placement.name}{closed}"
    )
