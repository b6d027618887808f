"""Days as an officer writes them behind a command: up to two days, a week, a month, in the desk's languages."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from bot.reports.figures import Period
from bot.reports.periods import MONTH, WEEK, last_days

_LASTING: Final = {"week": WEEK, "неделя": WEEK, "апта": WEEK, "month": MONTH, "месяц": MONTH, "ай": MONTH}
_DATE: Final = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)|(\d\d?)\.(\d\d?)\.(\d{4})")
_BETWEEN: Final = re.compile(r"[–—]|(?<=\.\d{4})-(?=\d)")
"""What stands between two days without a space."""


def read(words: str, today: date) -> tuple[Period | None, list[str]] | None:
    """Read the days among words, and give the other words as they are left; None where the days make no sense.

    A week and a month last until today, today included. One day is a period of its own.
    """
    days: list[date] = []
    rest: list[str] = []
    for word in _BETWEEN.sub(" ", words.lower()).split():
        day = _day(word)
        if day is not None:
            days.append(day)
        elif word in _LASTING:
            period = last_days(_LASTING[word], today)
            days += [period.first, period.last]
        elif word != "-":
            rest.append(word)
    if len(days) > 2 or days != sorted(days):
        return None
    return (Period(days[0], days[-1]) if days else None), rest


def _day(word: str) -> date | None:
    match = _DATE.fullmatch(word)
    if match is None:
        return None
    year, month, day = (match[1], match[2], match[3]) if match[1] else (match[6], match[5], match[4])
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
