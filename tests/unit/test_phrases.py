"""Phrases in what people write: hundreds of them in one pattern."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.phrases import ENDS, any_of

WORD = st.text("abя'", min_size=1, max_size=3)
PHRASES = st.lists(
    st.builds(
        lambda words, ends: " ".join(words) + ends, st.lists(WORD, min_size=1, max_size=3), st.sampled_from(["", ENDS])
    ),
    min_size=1,
    max_size=6,
)


def one_by_one(phrase: str) -> re.Pattern[str]:
    """Give the pattern of one phrase, as the docstring of `any_of` tells it."""
    words = phrase.removesuffix(ENDS).split()
    return re.compile(r"(?<!\w)" + r"\s+".join(map(re.escape, words)) + (r"(?!\w)" if phrase.endswith(ENDS) else ""))


@given(PHRASES, st.text("abя' ", max_size=20))
def test_all_phrases_at_once_are_found_where_the_first_of_them_stands_by_itself(phrases: list[str], text: str) -> None:
    pattern = any_of(phrases)
    found = pattern.search(text) if pattern else None
    each = [alone.start() for phrase in phrases if (alone := one_by_one(phrase).search(text))]
    assert (found.start() if found else None) == min(each, default=None)


def test_without_phrases_there_is_no_pattern() -> None:
    assert any_of([]) is None
