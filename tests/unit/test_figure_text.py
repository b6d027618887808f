"""The numbers under the picture: they fit, whatever a period held, and say how much their lists leave out."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.languages import Language
from bot.papers.figure_text import CAPTION, caption
from bot.reports.figures import Counts, Day, Figures, Period, Statistics, Times
from bot.reports.lifecycle import Decision, Status
from bot.sandbox import html
from bot.wording import load_wording

TEXTS = load_wording(Path(__file__).resolve().parents[2] / "templates").texts
NONE = Counts(0, 0, {})
NOTHING = Figures(
    period=Period(date(2026, 11, 1), date(2026, 11, 1)),
    offices=None,
    reports=NONE,
    by_kind={},
    by_district={},
    resources=NONE,
    by_platform={},
    repeats=0,
    returned=0,
    sent_to_block=0,
    blocked=0,
    blocked_again=0,
    claim=Times(0, None, None),
    decide=Times(0, None, None),
    by_day=(Day(date(2026, 11, 1), 0, 0, 0, 0),),
)
MANY = 10_000_000
STANDINGS = {word.value: MANY for word in (*Decision, *Status)}
LONG = replace(
    NOTHING,
    period=Period(date(2026, 11, 1), date(2026, 11, 30)),
    reports=Counts(MANY * len(STANDINGS), MANY, STANDINGS),
    by_kind=dict.fromkeys(("link", "place", "graffiti", "stash", "lab", "den"), MANY),
    by_district={f"{n:09}": MANY for n in range(200)},
    resources=Counts(MANY, MANY, STANDINGS),
    by_platform={f"platform_{n}": MANY for n in range(40)},
    repeats=MANY,
    returned=MANY,
    sent_to_block=MANY,
    blocked=MANY,
    blocked_again=MANY,
    claim=Times(MANY, timedelta(days=300, hours=23), timedelta(days=364, hours=23)),
    decide=Times(MANY, timedelta(days=300, hours=23), timedelta(days=364, hours=23)),
)
NAMES = {code: dict.fromkeys(Language, "Область имени первого космонавта, Северный район") for code in LONG.by_district}


@pytest.mark.parametrize("language", Language)
def test_however_much_there_is_it_fits_under_a_picture(language: Language) -> None:
    shown = html.parse(caption(Statistics(LONG, LONG, LONG, NAMES), TEXTS, language))[0]
    assert len(shown.encode("utf-16-le")) // 2 <= CAPTION
    # A list that is cut says how much it leaves out: nothing of the 200 districts is lost.
    others = TEXTS.plain(language, "desk.figures.others")
    named, left = re.findall(r"космонавта", shown), re.search(rf"{others} ([\d\N{{NO-BREAK SPACE}}]+)$", shown.strip())
    assert left
    assert len(named) * MANY + int(left[1].replace("\N{NO-BREAK SPACE}", "")) == 200 * MANY


@pytest.mark.parametrize("language", Language)
def test_of_nothing_nothing_is_said_but_that(language: Language) -> None:
    shown = html.parse(caption(Statistics(NOTHING, NOTHING, NOTHING, {}), TEXTS, language))[0]
    first = shown.splitlines()[0]
    assert first.count("01.11.2026") == 1, "one day is written once"
    assert len(shown.splitlines()) == 9
    assert "None" not in shown
