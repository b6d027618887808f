"""What officers say with decisions: a case's number as people type it, and the lists that an office may edit."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.languages import Language
from bot.reports.kinds import load_kinds
from bot.reports.lifecycle import SAYS, TRANSITIONS, Amendment, Decision, Status, parse_act, parse_amendment
from bot.reports.ready import LISTS, load_ready, texts_of, unknown_kinds
from bot.reports.said import ERDR_DIGITS, LIST_OF, Said, erdr_of, like_erdr, number_of
from bot.texts import TextsBroken

TEMPLATES = Path(__file__).parents[2] / "templates"
DIGITS = st.text("0123456789", min_size=ERDR_DIGITS, max_size=ERDR_DIGITS)


@given(digits=DIGITS, gaps=st.lists(st.sampled_from(["", " ", "-", " – ", "."]), min_size=15, max_size=15))
def test_a_number_is_read_whatever_stands_between_its_digits(digits: str, gaps: list[str]) -> None:
    typed = "".join(digit + gap for digit, gap in zip(digits, gaps, strict=True))
    assert erdr_of(typed) == digits
    assert erdr_of(f"ЕРДР № {typed}") == digits
    assert like_erdr(typed)


@given(typed=st.text(max_size=40))
def test_what_is_read_as_a_number_has_fifteen_digits(typed: str) -> None:
    read = erdr_of(typed)
    assert read is None or (len(read) == ERDR_DIGITS and read.isascii() and read.isdigit())


@pytest.mark.parametrize("typed", ["", "22754703100008", "2275470310000890", "22754703100008O", "٢" * 15, "ст. 299-1"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    assert erdr_of(typed) is None


@pytest.mark.parametrize(
    ("typed", "number"),
    [("17", 17), ("№17", 17), ("№ 17", 17), ("#17 ", 17), ("17а", None), ("", None), ("1" * 13, None)],
)
def test_a_reports_number_is_read_as_officers_write_it(typed: str, number: int | None) -> None:
    assert number_of(typed) == number


def test_nothing_is_complete_before_all_is_said_and_one_press_decisions_need_nothing() -> None:
    nothing = Said()
    for decision in Decision:
        assert nothing.complete(decision) is (decision not in SAYS or decision is Decision.REMOVED)
    assert not Said(erdr="1" * 15).complete(Decision.REGISTERED)
    assert not Said(ready="297").complete(Decision.REGISTERED)
    assert Said(erdr="1" * 15, words="303").complete(Decision.REGISTERED)
    assert set(LIST_OF) < SAYS
    assert {Decision.BLOCKED, Decision.SENT_TO_BLOCK, Decision.NOT_CONFIRMED}.isdisjoint(SAYS)


def test_amendments_are_no_acts_and_a_button_names_one_or_nothing() -> None:
    for amendment in Amendment:
        assert parse_amendment(amendment.value) is amendment
        assert parse_act(amendment.value) is None
        assert amendment.value not in set(TRANSITIONS)
    assert parse_amendment("claim") is None
    # Whatever can be taken back was possible from each status to which it may be restored.
    assert all(
        move.before <= set(Status) - {Status.DECIDED} for act, move in TRANSITIONS.items() if act in set(Decision)
    )


def test_the_lists_are_named_alike_in_every_language_and_fit_on_buttons() -> None:
    lists = load_ready(TEMPLATES)
    assert set(lists) == set(LISTS)
    for language in Language:
        texts = texts_of(lists, language)
        assert set(texts) == set(texts_of(lists, Language.KK))
        assert len(set(texts.values())) == len(texts)
    for article in lists["articles"].values():
        assert all(getattr(article, language.value).startswith(article.name) for language in Language)
    assert unknown_kinds(lists, load_kinds(TEMPLATES / "kinds")) == []
    assert unknown_kinds(lists, {"den"})


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("articles", 'name = "297"', 'name = "299-1"', "articles.toml: each name once"),
        ("bodies", "[[body]]", "[[bodies]]", "bodies.toml: [[body]] is wanted, not bodies"),
        ("reasons", 'ru = "Не о наркотиках"\n', "", "reasons.toml: ru: Field required"),
        ("reasons", 'name = "lawful"', 'name = "L"', "reasons.toml: name"),
    ],
)
def test_a_broken_list_is_told_with_its_file(tmp_path: Path, file: str, old: str, new: str, fault: str) -> None:
    for name in LISTS:
        shutil.copy(TEMPLATES / f"{name}.toml", tmp_path)
    path = tmp_path / f"{file}.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(TextsBroken) as broken:
        load_ready(tmp_path)
    assert str(broken.value).startswith(fault)
