"""What an operator asks of a placement, read and checked: each fault is one clear sentence."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.qr.errors import Fault, PlacementRefused
from bot.qr.placement import Languages, Placement, Surface, folded, read_languages

NAME_MOST: Final = 100
"""Characters of a placement's name, and of a campaign's: they stand in lists, tables and names of files."""
SURFACES: Final[Mapping[str, Surface]] = {
    **{each.value: each for each in Surface},
    **dict.fromkeys(("билборд", "щит", "рекламный щит", "жарнама тақтасы"), Surface.BILLBOARD),
    **dict.fromkeys(("остановка", "аялдама"), Surface.STOP),
    **dict.fromkeys(("брошюра", "листовка", "кітапша", "парақша"), Surface.BROCHURE),
    **dict.fromkeys(("столб", "доска объявлений", "бағана", "хабарландыру тақтасы"), Surface.POST),
    **dict.fromkeys(("наклейка", "наклейки", "стикер", "жапсырма"), Surface.STICKER),
}
"""What may stand in a table for each surface."""
_SORT: Final = re.compile(r"^(?:город|г\.|қ\.) ?|,? (?:район|р-н|аудан|ауданы|қаласы|district|city)$")
"""What people write beside a district's name, and the names of `shekteu areas` are without."""
_LOST: Final = re.compile(r"\w\?|\?\w")


@dataclass(frozen=True, slots=True)
class Wish:
    """A placement as it is asked for."""

    name: str
    campaign: str
    surface: str
    languages: str
    district: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """A wish in which nothing is wrong."""

    name: str
    campaign: str
    district: str | None
    surface: Surface
    languages: Languages


class Districts:
    """The districts that were imported, found by code or by name."""

    def __init__(self, rows: Iterable[tuple[str, Iterable[str]]]) -> None:
        """`rows`: a code, and its names in each language."""
        self._codes: dict[str, set[str]] = defaultdict(set)
        for code, names in rows:
            for name in (code, *names):
                self._codes[folded(name)].add(code)

    def find(self, given: str) -> str | None:
        """Give the code of a district, None where none is given; raise PlacementRefused."""
        if not (wanted := folded(given)):
            return None
        if not self._codes:
            raise PlacementRefused(
                "No districts were imported yet: `shekteu areas import FILE` brings them. Or leave the district out.",
                Fault.NO_DISTRICTS,
            )
        found = self._codes.get(wanted) or self._codes.get(_SORT.sub("", wanted), set())
        if not found:
            raise PlacementRefused(
                f"The district “{given.strip()}” is not among those that `shekteu areas` lists.",
                Fault.DISTRICT,
                given=given.strip(),
            )
        if len(found) > 1:
            raise PlacementRefused(
                f"Several districts are called “{given.strip()}”: write the code of one, {', '.join(sorted(found))}.",
                Fault.DISTRICTS,
                given=given.strip(),
                codes=sorted(found),
            )
        return next(iter(found))


@dataclass(frozen=True)
class Names:
    """The names that are taken: of open placements, campaign by campaign."""

    taken: dict[tuple[str, str], str] = field(default_factory=dict)
    """Where each stands, as it is to be told."""

    def take(self, campaign: str, name: str, where: str) -> None:
        """Take a name; raise PlacementRefused where another has it."""
        key = campaign, folded(name)
        if key in self.taken:
            raise PlacementRefused(
                f"“{name}” is in the campaign “{campaign}” already: {self.taken[key]}.",
                Fault.TAKEN,
                name=name,
                campaign=campaign,
            )
        self.taken[key] = where


def names_of(placements: Iterable[Placement]) -> Names:
    """Give the names that open placements have."""
    return Names(
        {(each.campaign, folded(each.name)): f"its code is {each.code}" for each in placements if not each.closed_on}
    )


def checked(wish: Wish, districts: Districts) -> Checked:
    """Check a wish by itself; raise PlacementRefused."""
    languages = read_languages(wish.languages)
    if languages is None:
        raise PlacementRefused(
            f"The language “{wish.languages.strip()}”: kk, ru or en is wanted, or two, as in kk,ru.",
            Fault.LANGUAGE,
            given=wish.languages.strip(),
        )
    return Checked(
        read_name(wish.name),
        read_name(wish.campaign, Fault.CAMPAIGN),
        districts.find(wish.district),
        read_surface(wish.surface),
        languages,
    )


def read_surface(given: str) -> Surface:
    """Read a surface by its name in any language; raise PlacementRefused."""
    found = SURFACES.get(folded(given))
    if found is None:
        raise PlacementRefused(
            f"The surface “{given.strip()}”: one of {', '.join(Surface)} is wanted.", Fault.SURFACE, given=given.strip()
        )
    return found


def read_name(given: str, what: Fault = Fault.NAME) -> str:
    """Read a placement's name, or its campaign's; raise PlacementRefused."""
    name = unicodedata.normalize("NFC", " ".join(given.split()))
    if not 0 < len(name) <= NAME_MOST or not name.isprintable():
        raise PlacementRefused(f"A {what} of 1 to {NAME_MOST} characters is wanted.", what, most=NAME_MOST)
    if _LOST.search(name):
        # Excel writes each of ә ғ қ ң ө ұ ү һ so where its encoding has none of them.
        raise PlacementRefused(
            f"“{name}” has lost letters, there are question marks in their place: save the table as “CSV UTF-8”.",
            Fault.LOST,
            name=name,
        )
    return name
