"""What a placement is: one billboard, stop, brochure, post or sheet of stickers, with a code of its own."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from bot.languages import Language

LETTERS: Final = "23456789BCDFGHJKLMNPQRSTVWXZbdfghjmnqrt"
"""Of codes. People type them from a wall: no 0 and O, no 1, l and I, no letter whose small form is the large one made
smaller; and no vowels, so that no code is a word."""
LENGTH: Final = 10
"""Of a code: 39 letters, so some 53 bits. Who guesses does not meet another's."""


class Surface(StrEnum):
    """Where a code stands. How much of it may be lost before it is read no more follows from it."""

    BILLBOARD = "billboard"
    STOP = "stop"
    BROCHURE = "brochure"
    POST = "post"
    STICKER = "sticker"


Languages = tuple[Language, ...]
"""One language, or two that stand side by side."""


@dataclass(frozen=True, slots=True)
class Placement:
    """One placement."""

    id: UUID
    code: str
    name: str
    campaign: str
    district: str | None
    """A KATO code."""
    surface: Surface
    languages: Languages
    made_on: date
    closed_on: date | None = None


def folded(text: str) -> str:
    """Give a name as it is compared: however it is capitalised, spaced or composed, it is the same."""
    return unicodedata.normalize("NFC", " ".join(text.split())).lower()


def new_code(taken: Collection[str]) -> str:
    """Make a code that nobody has and nobody can guess."""
    while (code := "".join(secrets.choice(LETTERS) for _ in range(LENGTH))) in taken:
        pass
    return code


def written(languages: Languages) -> str:
    """Write languages as `read_languages` reads them."""
    return ",".join(languages)


def read_languages(given: str) -> Languages | None:
    """Read one language, or two with a comma between; None where it is neither."""
    parts = [part for part in re.split(r"[\s,;/+]+", given.strip().lower()) if part]
    if len(set(parts)) != len(parts) or not 1 <= len(parts) <= 2 or not set(parts) <= set(Language):
        return None
    return tuple(Language(part) for part in parts)
