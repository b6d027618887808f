"""Placements in the database: added, renamed, moved and closed in an open transaction, in which `alone` came first."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid4

from bot.areas import queries as area_queries
from bot.languages import Language
from bot.qr import queries
from bot.qr.errors import Fault, PlacementRefused
from bot.qr.placement import Placement, Surface, folded, new_code, read_languages, written
from bot.qr.wish import Checked, Districts, read_name

NOBODY: Final = UUID(int=0)


async def alone(raw: Any) -> None:
    """Let nobody else change placements until the transaction ends."""
    await raw.execute(queries.ALONE)


async def read_all(raw: Any) -> list[Placement]:
    """Give every placement, closed ones too, by campaign and name."""
    return list(map(placement_of, await raw.fetch(queries.ALL)))


async def by_id(raw: Any, id: UUID) -> Placement | None:
    """Give one."""
    row = await raw.fetchrow(queries.BY_ID, id)
    return placement_of(row) if row else None


async def named(raw: Any, what: str) -> list[Placement]:
    """Give those with this code or this name, however it is capitalised; closed ones too."""
    return list(map(placement_of, await raw.fetch(queries.NAMED, what.strip(), folded(what))))


async def districts(raw: Any) -> Districts:
    """Give the districts that were imported."""
    rows = await raw.fetch(area_queries.NAMED)
    return Districts((row["code"], [row[f"name_{language}"] for language in Language]) for row in rows)


async def make(raw: Any, wanted: Checked, today: date) -> Placement:
    """Add one; raise PlacementRefused where its name is taken."""
    await _free(raw, wanted.campaign, wanted.name)
    while await raw.fetchval(queries.CODE_TAKEN, code := new_code(())):
        pass
    placement = _placement(wanted, code, today)
    await keep(raw, [placement])
    return placement


def made(wanted: Checked, taken: Collection[str], today: date) -> Placement:
    """Make one whose code is none of those that are taken."""
    return _placement(wanted, new_code(taken), today)


async def keep(raw: Any, placements: list[Placement]) -> None:
    """Write placements that were made, any number at once."""
    await raw.copy_records_to_table(
        "placements",
        columns=queries.COLUMNS,
        records=[
            (
                *(each.id, each.code, each.name, folded(each.name), each.campaign, each.district),
                *(each.surface.value, written(each.languages), each.made_on, each.closed_on),
            )
            for each in placements
        ],
    )


async def rename(raw: Any, placement: Placement, name: str) -> str:
    """Give a placement another name, and that as it was read; raise PlacementRefused."""
    new = read_name(name)
    await _free(raw, placement.campaign, new, placement.id)
    await raw.execute(queries.RENAME, placement.id, new, folded(new))
    return new


async def move(raw: Any, placement: Placement, district: str | None, surface: Surface) -> None:
    """Bring a placement into a district and onto a surface."""
    await raw.execute(queries.MOVE, placement.id, district, surface.value)


async def close(raw: Any, placement: Placement, today: date) -> None:
    """Close a placement; its code stays its own."""
    await raw.execute(queries.CLOSE, placement.id, today)


def placement_of(row: Any) -> Placement:
    """Read a row."""
    return Placement(
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


async def _free(raw: Any, campaign: str, name: str, but: UUID = NOBODY) -> None:
    code = await raw.fetchval(queries.TAKEN, campaign, folded(name), but)
    if code:
        raise PlacementRefused(
            f"“{name}” is in the campaign “{campaign}” already: its code is {code}.",
            Fault.TAKEN,
            name=name,
            campaign=campaign,
        )


def _placement(wanted: Checked, code: str, today: date) -> Placement:
    return Placement(
        uuid4(), code, wanted.name, wanted.campaign, wanted.district, wanted.surface, wanted.languages, today
    )
