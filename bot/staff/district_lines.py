"""The line of a card that says in which district a report's place lies, and which others are near."""

from __future__ import annotations

from typing import Any

from bot.areas.area import BORDER
from bot.areas.store import Areas
from bot.languages import Language
from bot.reports.contents import Point


async def district_line(
    raw: Any, areas: Areas, language: Language, district: str | None, point: Point | None
) -> dict[str, Any]:
    """Give what the text of a card needs: the district's name, others near the point, or that it is in none.

    The district is the one that was found at filing. The point is gone once the report's term is over; a report from
    before areas were imported has a point alone.
    """
    told: dict[str, Any] = {"district": "", "near": [], "metres": BORDER, "outside": False}
    if not (district or point):
        return told
    known = await areas.now(raw)
    found = known.find(point.latitude, point.longitude) if point else None
    here = district or (found and found.district)
    if here:
        told["district"] = known.name(here, language)
    else:
        told["outside"] = bool(known.areas)
    codes = (found.district, *found.near) if found and found.district else ()
    told["near"] = [known.name(code, language) for code in codes if code != here]
    return told
