"""What an administrator types behind `/offices`: commands as people write them, in the desk's languages."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.offices.wish import Fault, OfficeRefused


class Verb(StrEnum):
    """What is to be done with an office."""

    LOOK = "look"
    DISTRICTS = "districts"
    KINDS = "kinds"
    RENAME = "rename"
    LANGUAGE = "language"


VERBS: Final[Mapping[str, Verb]] = {
    **dict.fromkeys(("districts", "районы", "район", "аудандар", "аудан"), Verb.DISTRICTS),
    **dict.fromkeys(("kinds", "виды", "вид", "түрлер", "түрі"), Verb.KINDS),
    **dict.fromkeys(("rename", "переименовать", "атау"), Verb.RENAME),
    **dict.fromkeys(("language", "язык", "тіл"), Verb.LANGUAGE),
}
NONE: Final = frozenset({"-", "–", "—"})
"""So it is written that an office is bound to no districts, or kinds."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked: the office's name, "" for all of them, and what is to be said of it."""

    verb: Verb
    office: str
    said: str = ""


def read(words: str) -> Order | None:
    """Read what stands behind `/offices`; None: it cannot be read."""
    first, *rest = words.split(maxsplit=1) or [""]
    verb = VERBS.get(folded(first), Verb.LOOK)
    if verb is Verb.LOOK:
        return Order(verb, " ".join(words.split()))
    office, sign, said = (" ".join(part.split()) for part in (rest[0] if rest else "").partition(";"))
    return Order(verb, office, said) if office and sign and said else None


class Names:
    """What things are called, each in several languages, found by a name or the beginning of one."""

    def __init__(self, named: Iterable[tuple[str, Iterable[str]]], fault: Fault) -> None:
        """`named`: a code, and its names."""
        self._codes: dict[str, set[str]] = defaultdict(set)
        self._fault = fault
        for code, names in named:
            for name in (code, *names):
                self._codes[folded(name)].add(code)

    def codes(self, said: str) -> str:
        """Give the codes of what is listed by name, with commas; raise OfficeRefused where one is not, or many are."""
        if said in NONE:
            return ""
        listed = [name for name in said.split(",") if name.strip()]
        found = {name.strip(): self._find(folded(name)) for name in listed}
        if wrong := [name for name, codes in found.items() if len(codes) != 1]:
            raise OfficeRefused(f"{', '.join(wrong)}: not known, or more than one.", self._fault, given=wrong)
        return ",".join(sorted(code for codes in found.values() for code in codes))

    def _find(self, name: str) -> set[str]:
        whole = self._codes.get(name)
        return whole or {code for known, codes in self._codes.items() if known.startswith(name) for code in codes}


def folded(text: str) -> str:
    """Give a name as it is compared: however it is capitalised, spaced or composed, it is the same."""
    return unicodedata.normalize("NFC", " ".join(text.split())).lower()
