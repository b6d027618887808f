"""What an officer types behind `/placement` and `/qr`: commands as people write them, in the desk's languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.languages import Language
from bot.qr.layouts import Format
from bot.qr.placement import Languages, folded
from bot.qr.wish import SURFACES, Wish

USUAL_LANGUAGES: Final = "kk,ru"


class Verb(StrEnum):
    """What is to be done with placements."""

    LOOK = "look"
    ADD = "add"
    RENAME = "rename"
    MOVE = "move"
    CLOSE = "close"


VERBS: Final[Mapping[str, Verb]] = {
    **dict.fromkeys(("add", "new", "добавить", "новое", "қосу", "жаңа"), Verb.ADD),
    **dict.fromkeys(("rename", "переименовать", "атау"), Verb.RENAME),
    **dict.fromkeys(("move", "перенести", "переместить", "көшіру"), Verb.MOVE),
    **dict.fromkeys(("close", "закрыть", "жабу"), Verb.CLOSE),
}
NOWHERE: Final = frozenset({"-", "–", "—"})
"""So it is written that a placement is in no district."""
FORMATS: Final[Mapping[str, Format]] = {
    **{each.value: each for each in Format},
    **dict.fromkeys(("билборд", "щит"), Format.BILLBOARD),
    **dict.fromkeys(("наклейки", "наклейка", "стикеры", "жапсырма", "жапсырмалар"), Format.STICKERS),
}
LANGUAGES: Final = {
    **{each.value: each for each in Language},
    **dict.fromkeys(("қаз", "каз"), Language.KK),
    **dict.fromkeys(("рус", "орыс"), Language.RU),
    **dict.fromkeys(("англ", "ағыл"), Language.EN),
}
MARKED: Final = frozenset({"типография", "баспахана", "print"})
"""By these words bleed and crop marks are asked for."""
_LATIN: Final = str.maketrans("аАкКрРуУеЕ", "aAkKpPyYeE")


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked behind `/placement`: the first part names a placement, the others say what of it."""

    verb: Verb
    parts: tuple[str, ...]
    lines: tuple[Wish, ...] = ()
    """Those to be added."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A code and a poster that are asked for."""

    what: str
    """Of the placement: its code or its name."""
    campaign: str
    format: Format = Format.A4
    languages: Languages = ()
    """None at all: the placement's own."""
    marks: bool = False


def read_placement(words: str) -> Order | None:
    """Read what stands behind `/placement`; None: it cannot be read."""
    first, *rest = words.split(maxsplit=1) or [""]
    verb = VERBS.get(folded(first), Verb.LOOK)
    if verb is Verb.LOOK:
        return Order(verb, (" ".join(words.split()),))
    said = rest[0] if rest else ""
    if verb is Verb.ADD:
        lines = [_wish(_parts(line)) for line in said.splitlines() if line.strip()]
        wishes = tuple(filter(None, lines))
        return Order(verb, (), wishes) if wishes and len(wishes) == len(lines) else None
    parts = _parts(said)
    least, most = {Verb.RENAME: (2, 2), Verb.MOVE: (2, 3), Verb.CLOSE: (1, 1)}[verb]
    if not all(parts) or not least <= len(parts) <= most:
        return None
    # A third part is a surface beside a district, in whatever order.
    both = verb is not Verb.MOVE or len(parts) == least or None not in move_parts(tuple(parts))
    return Order(verb, tuple(parts)) if both else None


def read_wanted(words: str) -> list[Wanted]:
    """Read what stands behind `/qr`, in each way in which it may be meant: a name may end like a format."""
    tokens, ways = words.split(), []
    format, marks = None, False
    languages: list[Language] = []
    while tokens:
        ways.append(_way(tokens, format, languages, marks=marks))
        token = folded(tokens[-1])
        if found := FORMATS.get(token.translate(_LATIN)) or FORMATS.get(token):
            format = format or found
        elif read := _languages(token):
            languages = [*read, *languages]
        elif token in MARKED:
            marks = True
        else:
            break
        tokens.pop()
    return [way for way in ways if way.what]


def move_parts(parts: tuple[str, ...]) -> tuple[str | None, str | None]:
    """Give the district and the surface that a move names behind the placement; None where it names none."""
    surfaces = [part for part in parts[1:] if folded(part) in SURFACES]
    others = [part for part in parts[1:] if folded(part) not in SURFACES]
    district = ("" if others[0] in NOWHERE else others[0]) if others else None
    return district, surfaces[0] if surfaces else None


def _parts(line: str) -> list[str]:
    return [" ".join(part.split()) for part in line.split(";")]


def _wish(parts: list[str]) -> Wish | None:
    """Tell surface, languages and district from one another, in whatever order they come; None: one of them twice."""
    name, campaign, *others = parts if len(parts) > 1 else (*parts, "")
    found: dict[str, str] = {}
    for part in filter(None, others):
        read = _languages(folded(part))
        what = "surface" if folded(part) in SURFACES else "languages" if read else "district"
        if what in found:
            return None
        found[what] = ",".join(read) or ("" if part in NOWHERE else part)
    if "surface" not in found:
        # It is wanted, and a district is not: what is neither known is told as a surface.
        found["surface"] = found.pop("district", "")
    return Wish(
        name, campaign, found.get("surface", ""), found.get("languages", USUAL_LANGUAGES), found.get("district", "")
    )


def _languages(said: str) -> list[Language]:
    words = [word for word in re.split(r"[\s,/+]+", said) if word]
    found = [LANGUAGES[word] for word in words if word in LANGUAGES]
    return found if len(found) == len(words) else []


def _way(tokens: list[str], format: Format | None, languages: list[Language], *, marks: bool) -> Wanted:
    what, _, campaign = " ".join(tokens).partition(";")
    return Wanted(what.strip(), campaign.strip(), format or Format.A4, tuple(languages), marks)
