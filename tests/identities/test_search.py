"""The search of the identities' test finds every mark in every encoding, in bytes as they come."""

from __future__ import annotations

import random
import zlib

import pytest

from tests.identities.marks import IDS, MOST, ROWS
from tests.identities.planting import four_bytes, plants
from tests.identities.search import Search, too_many

PEOPLE = (0, 1, 4, 9, 16, 999, 40_000)
"""Names in small letters and in capitals, with and without a username, first and last numbers of a row."""
DRAW = random.Random(7)
CIPHERTEXT = DRAW.randbytes(2_000_000)


@pytest.mark.parametrize("n", PEOPLE)
def test_every_mark_is_found_in_every_encoding(n: int) -> None:
    search = Search()
    missed = {name for name, plant in plants(n) if not search.look("here", b"<" + plant + b">")}
    assert not missed
    assert len({name for name, _ in plants(n)}) > 80


def test_a_mark_is_found_in_the_midst_of_other_bytes() -> None:
    search = Search()
    for name, plant in DRAW.sample(list(plants(3)), 12):
        assert len(search.look("here", CIPHERTEXT[:500_000] + b" " + plant + b" " + CIPHERTEXT[:1000])) >= 1, name


def test_nothing_is_found_where_nothing_is() -> None:
    words = "Привет, қалайсыз? " * 1000
    many = Search(range(1000), ["ABCD-EFGH-JKMN-PQRS"])
    of_words = (words.encode(), words.encode("utf-16"), zlib.compress(words.encode()))
    for data in (CIPHERTEXT, CIPHERTEXT.hex().encode(), *of_words, b""):
        assert many.look("here", data) == []


def test_four_bytes_of_many_ids_are_told_from_chance() -> None:
    search = Search(range(15))
    for name, planted in four_bytes(15):
        assert search.look("here", CIPHERTEXT + planted), name
    # One person's four bytes stand in enough ciphertext by chance, and are no finding.
    assert search.look("here", CIPHERTEXT + (IDS.nth(3) & 0xFFFFFFFF).to_bytes(4, "big")) == []
    assert too_many(5, 0.01)
    assert not too_many(60, 46.0)
    assert too_many(120, 46.0)


def test_a_receipt_is_found_with_and_without_its_dashes() -> None:
    search = Search(codes=["ABCD-EFGH-JKMN-PQRS"])
    for written in ("ABCD-EFGH-JKMN-PQRS", "abcdefghjkmnpqrs", "code=ABCDEFGHJKMNPQRS;"):
        assert search.look("here", written.encode()), written
    assert search.look("here", b"ABCD-EFGH-JKMN-PQRT ABCDEFGHJKMNPQRST") == []


def test_the_numbers_of_a_row_are_as_many_as_its_people() -> None:
    for row in ROWS:
        assert len({row.nth(n) for n in range(MOST)}) == MOST
        assert all(str(row.nth(n)).startswith(row.digits) for n in range(0, MOST, 97))
