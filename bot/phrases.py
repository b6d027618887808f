"""Phrases looked for in what people write: hundreds of them at once, each where a word begins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Final

ENDS: Final = "."
"""A phrase that ends with it is found where a word ends too; others go on as they like."""


def folded(text: str) -> str:
    """Give a text as phrases are compared: lower case, without ё and typographic apostrophes."""
    return text.casefold().replace("ё", "е").replace("’", "'")


def any_of(
    phrases: Iterable[str], fold: Callable[[str], str] = folded, between: str = r"\s+"
) -> re.Pattern[str] | None:
    """Give a pattern that finds any of these phrases in folded text; None: there are none.

    By their first letters: else each of hundreds is tried wherever a word begins. `between` stands between two words.
    """
    words = sorted(fold(phrase).split() for phrase in phrases)
    grouped = [
        f"{re.escape(letter)}(?:{'|'.join(_pattern([each[0][1:], *each[1:]], between) for each in group)})"
        for letter, group in groupby(words, lambda each: each[0][0])
    ]
    return re.compile(rf"(?<!\w)(?:{'|'.join(grouped)})") if grouped else None


def _pattern(words: list[str], between: str) -> str:
    ends = words[-1].endswith(ENDS)
    words = [*words[:-1], words[-1].removesuffix(ENDS)]
    return between.join(map(re.escape, words)) + (r"(?!\w)" if ends else "")
