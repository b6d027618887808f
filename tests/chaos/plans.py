"""What will be reported: everything bears a name of its own, so that it is known again wherever it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Final

from tests.chaos.scale import Scale

SCENES: Final = ("link",) * 6 + ("links", "messages", "list", "den", "den", "place", "graffiti")
"""Mostly links, as in life, but enough of all else."""
SHARED: Final = 12
"""Citizens who all name the same shop, each once."""
LEFT: Final = 0.25
"""The share of citizens who leave a draft lying at last."""
MOST: Final = 4
"""Reports of one citizen."""


@dataclass
class Planned:
    """One report as it should arrive."""

    mark: str
    scene: str
    hasty: bool
    """Its citizen waits for no answer before going on."""
    links: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    """Lines of words, in their order."""
    address: str = ""
    point: tuple[float, float] | None = None
    photos: int = 0
    left: bool = False
    """Never sent."""
    receipt: str = ""

    @property
    def kind(self) -> str:
        return self.scene if self.scene in ("den", "place", "graffiti") else "link"


@dataclass
class Life:
    """What one citizen will do."""

    number: int
    language: str
    reports: list[Planned]


def lives(scale: Scale) -> list[Life]:
    """Plan so many reports to be sent, and some drafts that will be left."""
    rng, made, planned = scale.rng("plans"), list[Life](), 0
    while planned < scale.reports:
        count = min(rng.randint(1, MOST), scale.reports - planned)
        citizen = len(made)
        reports = [_plan(rng, f"chaos_{citizen:04}_{n}x", planned + n) for n in range(count)]
        if citizen % 3 == 0:
            reports[0] = _shared(rng, reports[0].mark, citizen // 3 // SHARED)
        planned += count
        if rng.random() < LEFT:
            draft = _plan(rng, f"chaos_{citizen:04}_left", 5000 + citizen, ("link", "den", "place"))
            draft.left = True
            reports.append(draft)
        made.append(Life(citizen, rng.choice(("ru", "kk", "en")), reports))
    return made


def _plan(rng: Random, mark: str, number: int, scenes: tuple[str, ...] = SCENES) -> Planned:
    planned = Planned(mark, rng.choice(scenes), hasty=rng.random() < 0.3)
    place = (round(42.0 + number * 0.0007, 6), round(71.0 + number * 0.0007, 6))
    match planned.scene:
        case "link":
            planned.links = [mark]
            planned.words = [f"{mark} продают у школы"] if rng.random() < 0.3 else []
        case "links":
            planned.links = [f"{mark}{letter}" for letter in "abcdefgh"[: rng.randint(2, 8)]]
        case "messages":
            planned.links = [f"{mark}{letter}" for letter in "abcdef"[: rng.randint(3, 6)]]
        case "list":
            planned.links = [f"{mark}n{n}" for n in range(rng.randint(2, 30))]
        case "den":
            planned.words = [f"{mark} приходят ночью", f"{mark} третий этаж", f"{mark} синяя дверь"]
            planned.address = f"{mark} улица Абая"
            planned.photos = rng.choice((0, 0, 1, 3))
        case "place":
            planned.point, planned.words = place, [f"{mark} за гаражами"]
        case "graffiti":
            planned.point, planned.words = place, [f"{mark} на стене"]
            planned.photos = rng.choice((1, 2, 4))
    return planned


def _shared(rng: Random, mark: str, shop: int) -> Planned:
    """A shop that others name as well: told from theirs by its words."""
    return Planned(mark, "link", hasty=rng.random() < 0.3, links=[f"chaos_shop_{shop:03}"], words=[f"{mark} видел сам"])
