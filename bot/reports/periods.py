"""Days and periods of the office: when a day begins, which period a period is compared with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.reports.figures import Period

WEEK: Final = 7
MONTH: Final = 30
"""Days of what a desk calls a week and a month: until today, today included."""
_DAY: Final = timedelta(days=1)


def last_days(count: int, today: date) -> Period:
    """Give so many days, the last of which is today."""
    return Period(today - timedelta(days=count - 1), today)


def week_before(day: date) -> Period:
    """Give the whole week, Monday to Sunday, before the one of a day."""
    monday = day - timedelta(days=day.weekday())
    return Period(monday - timedelta(days=WEEK), monday - _DAY)


def before(period: Period) -> Period:
    """Give the same period before: as many whole months before whole months, else as many days."""
    last = period.first - _DAY
    if _whole_months(period):
        months = _months(period.last) - _months(period.first) + 1
        return Period(_first_of(_months(period.first) - months), last)
    return Period(period.first - timedelta(days=period.days), last)


def year_ago(period: Period) -> Period:
    """Give the same days a year ago; a month of whole days stays one, 29 February becomes the 28th."""
    if _whole_months(period):
        return Period(_first_of(_months(period.first) - 12), _first_of(_months(period.last) - 11) - _DAY)
    return Period(_last_year(period.first), _last_year(period.last))


def days_of(*periods: Period) -> Iterator[date]:
    """Give each day of some periods once."""
    seen: set[date] = set()
    for period in periods:
        for number in range(period.days):
            day = period.first + number * _DAY
            if day not in seen:
                seen.add(day)
                yield day


def begin_of(day: date, zone: ZoneInfo) -> datetime:
    """Give the moment at which a day of the office begins."""
    return datetime.combine(day, time(), zone)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """Give the moment at which it is over."""
    return begin_of(day + _DAY, zone)


def _whole_months(period: Period) -> bool:
    return period.first.day == 1 and (period.last + _DAY).day == 1 and period.first <= period.last


def _months(day: date) -> int:
    return day.year * 12 + day.month - 1


def _first_of(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)


def _last_year(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
