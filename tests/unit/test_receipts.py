"""Receipts: what is shown is read again however it is typed, and told from words and from bank cards."""

from __future__ import annotations

import re
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.privacy import receipts
from bot.privacy.receipts import ALPHABET, looks_like, new_receipt, read, show

CODES = st.binary(min_size=10, max_size=10)
RECEIPTS = st.builds(lambda code: show(code), CODES).filter(receipts._mixed)
SEPARATORS = st.sampled_from(["-", " ", "  ", "", "–", "—", "_", ".", " - ", "\n", "\u00a0"])
TYPED_FOR = {"0": "0OoОо", "1": "1IiLlІі", "A": "AaАа", "B": "BbВ", "E": "EeЕе", "K": "KkКк", "M": "MmМ"}
TYPED_FOR |= {"H": "HhНҺ", "P": "PpРр", "C": "CcСс", "T": "TtТ", "Y": "YyУуҮү", "X": "XxХх"}


@given(CODES)
def test_what_is_shown_is_read_again(code: bytes) -> None:
    assert re.fullmatch(rf"[{ALPHABET}]{{4}}(-[{ALPHABET}]{{4}}){{3}}", show(code))
    assert read(show(code)) == code


@given(CODES, CODES)
def test_two_codes_are_never_shown_alike(one: bytes, two: bytes) -> None:
    assert (show(one) == show(two)) == (one == two)


@given(RECEIPTS, st.data())
def test_a_receipt_is_read_and_recognised_however_it_is_typed(receipt: str, data: st.DataObject) -> None:
    between = data.draw(SEPARATORS)
    groups = [
        "".join(data.draw(st.sampled_from(TYPED_FOR.get(letter, letter + letter.lower()))) for letter in group)
        for group in receipt.split("-")
    ]
    typed = data.draw(st.sampled_from(["", " ", "\n"])) + between.join(groups) + data.draw(st.sampled_from(["", " "]))
    assert read(typed) == read(receipt)
    assert looks_like(typed)


def test_every_new_receipt_is_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    made = {new_receipt() for _ in range(2000)}
    assert len(made) == 2000
    assert all(looks_like(one) and looks_like(one.lower().replace("-", "")) for one in made)
    draws = iter([bytes(16), b"\xff" * 16, *(secrets.token_bytes(16) for _ in range(99))])
    monkeypatch.setattr(secrets, "token_bytes", lambda _: next(draws))
    # Sixteen zeros and sixteen letters Z are drawn, and drawn again.
    assert new_receipt() not in ("0000-0000-0000-0000", "ZZZZ-ZZZZ-ZZZZ-ZZZZ")


def test_a_receipt_is_drawn_from_all_letters_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 256 bytes each letter takes eight: so sixteen of them are 80 random bits."""
    every = bytes(range(256))
    draws = iter([every[start : start + 16] for start in range(0, 256, 16)])
    monkeypatch.setattr(secrets, "token_bytes", lambda _: next(draws))
    monkeypatch.setattr(receipts, "_mixed", lambda _: True)
    drawn = "".join(new_receipt().replace("-", "") for _ in range(16))
    assert {drawn.count(letter) for letter in ALPHABET} == {8}


@pytest.mark.parametrize(
    "words",
    [
        "here they sell meth",
        "Weed sold near park",
        "they have good coke",
        "Саке Марат тоже Сеня",
        "ВЕСТ МОСТ КРАН СТОК",
        "Мост Парк Верх Сход",
        "Нары тоже пора рано",
        "Тамақ асқа тату емес",
        "Көше Арка Тараз Сауық",
        "нарколаборатория",
        "антинаркотический",
        "есірткі саудасын тоқтат",
        "несовершеннолетний",
        "responsibilities",
        "misunderstanding",
        "ABCDEFGHJKMNPQRS",
        "4400 4301 2345 6789",
        "4400430123456789",
        "8701 123 45 67 / 8702",
        "+7 (701) 123-45-67",
        "42.9000 71.3667",
        "42.90012, 71.36678",
        "t.me/abcd1234efgh",
        "@narko_shop_24_kz",
        "https://t.me/some_shop",
        "ул. Абая 12, кв. 34",
        "Абая 123, подъезд 4",
        "2026-11-04 12:00:00",
        "Отправить",
        "Қазақша",
        "🇰🇿",
        "",
        "----",
        "7",
    ],
)
def test_words_places_and_numbers_are_not_taken_for_receipts(words: str) -> None:
    assert not looks_like(words)


@given(st.lists(st.from_regex(r"[А-Яа-яӘәҒғҚқҢңӨөҰұҮүҺһІіA-Za-z]{1,16}", fullmatch=True), max_size=8))
def test_no_sentence_without_a_digit_is_taken_for_a_receipt(words: list[str]) -> None:
    assert not looks_like(" ".join(words))


@given(st.from_regex(r"\d{4}([ -]?\d{4}){3}", fullmatch=True))
def test_no_bank_card_is_taken_for_a_receipt(number: str) -> None:
    assert not looks_like(number)


@given(st.text(max_size=40))
def test_nothing_that_people_type_breaks_the_reading(text: str) -> None:
    code = read(text)
    assert code is None or len(code) == 10
    assert not looks_like(text) or code is not None


@pytest.mark.parametrize(
    "typed", ["ABCD-EFGH-JKMN-PQR", "ABCD-EFGH-JKMN-PQRST", "ABCU-EFGH-JKMN-PQRS", "абвг-деёж-зийк-лмно"]
)
def test_what_cannot_be_a_receipt_is_not_read(typed: str) -> None:
    assert read(typed) is None
