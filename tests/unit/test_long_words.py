"""Long words are parted without a loss, each piece as long as a message may be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reports.contents import WORDS_MOST
from bot.reports.long_words import PIECE, following, pieces


def units(words: str) -> int:
    return len(words.encode("utf-16-le")) // 2


@given(st.text("а🚪 \n", min_size=1, max_size=40), st.integers(1, 500))
def test_pieces_are_the_whole_words_and_each_fits(some: str, times: int) -> None:
    words = some * times
    parted = pieces(words)
    assert "".join(parted) == words
    assert all(0 < units(piece) <= PIECE for piece in parted)


def test_words_are_parted_between_two_of_them() -> None:
    first, second = pieces("слово " * (PIECE // 6 + 20))
    assert first.endswith("слово")
    assert second.startswith(" слово")


@pytest.mark.parametrize(
    ("words", "count"), [("", 0), ("а" * 1200, 0), ("а" * 1201, 1), ("🚪" * 601, 1), ("🚪" * WORDS_MOST, 3)]
)
def test_nothing_follows_what_is_shown_whole(words: str, count: int) -> None:
    assert following(words, 1200) == count
