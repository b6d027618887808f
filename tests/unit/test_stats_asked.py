"""What stands behind /stats: days in the desk's languages, and the word for the note."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from bot.languages import Language
from bot.reports.figures import Period
from bot.staff import spoken_days
from bot.staff.stats_posts import read, read_places
from bot.wording import load_wording

TODAY = date(2026, 11, 23)
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
WEEK = Period(date(2026, 11, 17), TODAY)
MONTH = Period(date(2026, 10, 25), TODAY)
EIGHT_WEEKS = Period(date(2026, 9, 29), TODAY)


@pytest.mark.parametrize(
    "words",
    [
        "01.11.2026–30.11.2026",
        "01.11.2026 – 30.11.2026",
        "01.11.2026-30.11.2026",
        "01.11.2026 - 30.11.2026",
        "1.11.2026—30.11.2026",
        "2026-11-01 2026-11-30",
        "2026-11-01–2026-11-30",
    ],
)
def test_two_days_are_a_period_however_they_are_written(words: str) -> None:
    assert read(words, TODAY) == (NOVEMBER, False)


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("", (MONTH, False)),
        ("месяц", (MONTH, False)),
        ("Ай", (MONTH, False)),
        ("week", (WEEK, False)),
        ("апта анықтама", (WEEK, True)),
        ("справка неделя", (WEEK, True)),
        ("pdf", (MONTH, True)),
        ("22.11.2026", (Period(date(2026, 11, 22), date(2026, 11, 22)), False)),
    ],
)
def test_a_week_a_month_and_a_day_are_understood_and_the_note_with_them(words: str, asked: object) -> None:
    assert read(words, TODAY) == asked


@pytest.mark.parametrize(
    "words",
    [
        "вчера",
        "30.11.2026 01.11.2026",
        "неделя месяц",
        "31.02.2026",
        "01.01.0001",
        "1.1.2020 1.1.2026",
        "1.1.2099",
        "все",
    ],
)
def test_what_makes_no_sense_is_not_understood(words: str) -> None:
    assert read(words, TODAY) is None


def test_each_example_of_the_usage_is_understood() -> None:
    texts = load_wording(Path(__file__).resolve().parents[2] / "templates").texts
    for language in Language:
        examples = re.findall(r"<code>/stats ([^<]+)</code>", texts.render(language, "desk.stats_usage"))
        assert len(examples) == 6
        asked = [read(example, TODAY) for example in examples]
        assert asked == [(NOVEMBER, False), (WEEK, False), (MONTH, False), (MONTH, True), None, None], language
        places = [read_places(example, TODAY) for example in examples]
        assert places == [*[None] * 4, (EIGHT_WEEKS, "placement"), (EIGHT_WEEKS, "campaign")], language


def test_what_places_brought_is_asked_for_with_or_without_days() -> None:
    assert read_places("места 01.11.2026–30.11.2026", TODAY) == (NOVEMBER, "placement")
    assert read_places("апта науқандар", TODAY) == (WEEK, "campaign")
    for words in ("", "места кампании", "места справка", "места 1.1.2020 1.1.2026", "неделя", "места 31.02.2026"):
        assert read_places(words, TODAY) is None


def test_other_words_are_left_to_who_asked() -> None:
    assert spoken_days.read("неделя закрытые ещё", TODAY) == (WEEK, ["закрытые", "ещё"])
