"""Priority: words of the trade however they are typed, and a level that more of anything never lowers."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.phrases import ENDS
from bot.reports.priority import HIGH_FROM, URGENT_FROM, Facts, Level, Reason, by_rules, points
from bot.reports.trade import ALL, FILE, Trade, TradeWords, plain

TEMPLATES = Path(__file__).parents[2] / "templates"
WORDS = TradeWords(TEMPLATES)
SELLING, HIRING, MINORS = Trade.SELLING, Trade.HIRING, Trade.MINORS
FACTS = st.builds(
    Facts,
    reports=st.integers(0, 30),
    reach=st.none() | st.integers(0, 20_000),
    words=st.integers(0, ALL).map(Trade),
    returned=st.booleans(),
    near=st.integers(0, 30),
)


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("", Trade.NONE),
        ("Здравствуйте, вот ссылка", Trade.NONE),
        ("продают ЗАКЛАДКИ", SELLING),
        ("зaклaдки", SELLING),  # Latin a
        ("3акладка", SELLING),
        ("закл0 закладoк", SELLING),
        ("клад, 5 метров", SELLING),
        ("кладбище, кладовка, складно", Trade.NONE),
        ("незакладка", Trade.NONE),
        ("Мяу! Прайс в описании", SELLING),
        ("есірткі сатады", SELLING),
        ("есiрткi сатып жатыр", SELLING),  # Latin i
        ("есиртки саудасымен айналысады", SELLING),
        ("есірткі заттарын таратып жүр", SELLING),
        ("бұл жерге жасырып қойыпты", SELLING),
        ("қарасора", SELLING),
        ("карасора", SELLING),
        ("weed and hash", SELLING),
        ("hashtag", Trade.NONE),
        ("ищут курьеров", HIRING),
        ("Набор   сотрудников", HIRING),
        ("лёгкие — деньги", HIRING),
        ("легкие деньги", HIRING),
        ("жұмысқа шақырады", HIRING),
        ("жумыска шакырады", HIRING),
        ("easy money, couriers wanted", HIRING),
        ("школьники покупают", MINORS),
        ("Шkoльники", MINORS),
        ("оқушыларға", MINORS),
        ("18-ге толмағандарға сатады", MINORS),
        ("ойын алаңының жанында", MINORS),
        ("окушыларга", MINORS),
        ("near the school", MINORS),
        ("убивают наших детей", Trade.NONE),
        ("закладки у школы, зовут курьером", SELLING | HIRING | MINORS),
    ],
)
def test_words_of_the_trade_are_found_however_they_are_typed(text: str, groups: Trade) -> None:
    assert WORDS.groups(text) == groups


def test_each_word_of_the_file_is_found_in_its_group_and_stands_there_once() -> None:
    for name, lists in tomllib.loads((TEMPLATES / FILE).read_text("utf-8")).items():
        phrases = [phrase for language in lists.values() for phrase in language]
        assert all(Trade[name.upper()] in WORDS.groups(phrase.removesuffix(ENDS)) for phrase in phrases)
        folded = sorted(map(plain, phrases))
        assert not [one for one, more in pairwise(folded) if more.startswith(one)], "the shorter one finds both"


@given(st.text(alphabet="абвгдеёжзқғәіөүұңhabcekmopx0346 .,-’", max_size=40))
def test_a_folded_text_is_folded_once_and_for_all(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        (Facts(), Level.USUAL),
        (Facts(words=SELLING), Level.USUAL),
        (Facts(reports=2), Level.USUAL),
        (Facts(reports=2, words=SELLING), Level.HIGH),
        (Facts(reports=3), Level.HIGH),
        (Facts(reports=10), Level.URGENT),
        (Facts(reach=1000), Level.USUAL),
        (Facts(reach=5000), Level.HIGH),
        (Facts(words=HIRING), Level.HIGH),
        (Facts(words=MINORS), Level.HIGH),
        (Facts(returned=True), Level.HIGH),
        (Facts(returned=True, reports=3), Level.URGENT),
        (Facts(near=1), Level.USUAL),
        (Facts(near=2), Level.HIGH),
        (Facts(near=1000), Level.HIGH),
        (Facts(near=1, words=MINORS), Level.URGENT),
        (Facts(reports=7, reach=9000, words=HIRING, returned=True), Level.URGENT),
    ],
)
def test_the_level_of_facts(facts: Facts, level: Level) -> None:
    assert by_rules(facts) is level


@given(FACTS, st.integers(0, 30), st.integers(0, 20_000), st.integers(0, ALL).map(Trade), st.integers(0, 30))
def test_more_of_anything_never_lowers_the_level(
    facts: Facts, reports: int, reach: int, words: Trade, near: int
) -> None:
    for more in (
        replace(facts, reports=facts.reports + reports),
        replace(facts, reach=(facts.reach or 0) + reach),
        replace(facts, words=facts.words | words),
        replace(facts, returned=True),
        replace(facts, near=facts.near + near),
    ):
        assert by_rules(more) >= by_rules(facts)
        assert sum(points(more).values()) >= sum(points(facts).values())


@given(st.integers(0, ALL).map(Trade))
def test_what_one_person_writes_makes_nothing_urgent_alone(words: Trade) -> None:
    assert by_rules(Facts(words=words)) < Level.URGENT


@given(FACTS)
def test_what_is_more_than_usual_has_reasons_and_each_reason_points(facts: Facts) -> None:
    given_points = points(facts)
    assert all(given_points.values())
    assert list(given_points) == [reason for reason in Reason if reason in given_points]
    if by_rules(facts) > Level.USUAL:
        assert sum(given_points.values()) >= (URGENT_FROM if by_rules(facts) is Level.URGENT else HIGH_FROM)
