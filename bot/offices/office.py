"""What an office is, and which one a report goes to.

The more specific wins: an office with districts and kinds, for these kinds within these districts; then one with kinds
alone, for these kinds from everywhere; then one with districts alone, for all that lies in them; else the main desk. A
report whose place is not known, or lies in no district, goes by its kind alone. What concerns an officer goes to the
restricted office and nowhere else, and nothing else goes there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from bot.languages import Language

MAIN: Final = 0
"""What the main desk is called among the ids of offices; in a column it is null."""


@dataclass(frozen=True, slots=True)
class Office:
    """An office and its desk."""

    id: int
    name: str
    chat_id: int
    language: Language
    districts: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    restricted: bool = False
    closed: bool = False

    @property
    def rank(self) -> int:
        """Tell how specific its districts and kinds are; 0: nothing goes there by itself."""
        return 3 if self.districts and self.kinds else 2 if self.kinds else 1 if self.districts else 0

    def takes(self, kind: str, district: str | None) -> bool:
        """Tell whether a report of a kind, in a district, is among what this office is for."""
        return (
            self.rank > 0
            and (not self.kinds or kind in self.kinds)
            and (not self.districts or district in self.districts)
        )

    def contends_with(self, other: Office) -> bool:
        """Tell whether a report may be for both alike: then nobody could tell where it goes."""
        return (
            self.rank == other.rank > 0
            and (not self.kinds or bool(self.kinds & other.kinds))
            and (not self.districts or bool(self.districts & other.districts))
        )


@dataclass(frozen=True)
class OfficeList:
    """All offices, closed ones too, as they are at one moment."""

    offices: tuple[Office, ...] = ()
    by_id: dict[int, Office] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {office.id: office for office in self.offices})

    @property
    def open(self) -> tuple[Office, ...]:
        """Give those that work."""
        return tuple(office for office in self.offices if not office.closed)

    @property
    def restricted(self) -> Office | None:
        """Give the office for what concerns officers, if there is one."""
        return next((office for office in self.open if office.restricted), None)

    def route(self, kind: str, district: str | None, placement: str | None = None) -> int | None:
        """Give the office that a report goes to; None: the main desk.

        `placement` is the district of the QR code by which a citizen came, if there was one: it counts where the
        report itself tells no place.
        """
        where = district or placement
        fitting = [office for office in self.open if not office.restricted and office.takes(kind, where)]
        return max(fitting, key=lambda office: office.rank).id if fitting else None

    def scope(self, office: int | None) -> list[int]:
        """List whose reports a desk is shown: an office's its own, the main one's all but the restricted ones."""
        if office is not None:
            return [office]
        return [MAIN, *(each.id for each in self.offices if not each.restricted)]

    def passes(self, office: int) -> bool:
        """Tell whether a desk may pass reports on, and to whom: a restricted one's stay with it."""
        known = self.by_id.get(office)
        return not (known and known.restricted) and bool(self.others(office or None))

    def others(self, office: int | None) -> list[int]:
        """List where a desk may pass a report to."""
        found: Iterable[int] = (MAIN, *(each.id for each in self.open if not each.restricted))
        return [each for each in found if each != (office or MAIN)]
