"""What an officer may write behind /register."""

from __future__ import annotations

import re
from datetime import date

import pytest

from bot.languages import Language
from bot.reports.register import OPEN, Asked
from bot.staff.register_posts import read
from bot.wording import Wording

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("", Asked(status=OPEN)),
        ("all", Asked()),
        ("week", Asked(date(2026, 11, 17), TODAY)),
        ("month blocked", Asked(date(2026, 10, 25), TODAY, status="blocked")),
        ("2026-11-01 2026-11-20", Asked(date(2026, 11, 1), date(2026, 11, 20))),
        ("01.11.2026 – 20.11.2026", Asked(date(2026, 11, 1), date(2026, 11, 20))),
        ("1.11.2026–2.11.2026", Asked(date(2026, 11, 1), date(2026, 11, 2))),
        ("20.11.2026 sent_to_block", Asked(date(2026, 11, 20), date(2026, 11, 20), status="sent_to_block")),
        ("неделя закрытые", Asked(date(2026, 11, 17), TODAY, status="blocked")),
        ("ай жіберілген", Asked(date(2026, 10, 25), TODAY, status="sent_to_block")),
        ("ай шектелген", Asked(date(2026, 10, 25), TODAY, status="blocked")),
        ("Бәрі", Asked()),
        ("SENT_TO_BLOCK", Asked(status="sent_to_block")),
    ],
)
def test_days_and_a_status_are_read_in_any_order(words: str, asked: Asked) -> None:
    assert read(words, TODAY) == asked


@pytest.mark.parametrize(
    "words",
    [
        "yesterday",
        "31.02.2026",
        "2026-11-20 2026-11-01",
        "week month",
        "new blocked",
        "abuse",
        "1.1.2026 2.1.2026 3.1.2026",
    ],
)
def test_what_cannot_be_read_is_told_and_not_guessed(words: str) -> None:
    assert read(words, TODAY) is None


def test_each_example_of_the_usage_is_understood(wording: Wording) -> None:
    for language in Language:
        usage = wording.texts.render(language, "desk.register_usage")
        examples = re.findall(r"<code>(?:/register )?([^<]*)</code>", usage)
        assert len(examples) == 7
        assert all(read(example, TODAY) for example in examples), examples
