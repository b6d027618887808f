"""Working time: nights, weekends and the edges of a day, by the clock of the office's wall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings import BadSetting, load
from bot.working_time import WorkingTime

ALMATY = ZoneInfo("Asia/Almaty")
OFFICE = WorkingTime("Mon-Fri 09:00-18:30", "Asia/Almaty")
HOUR = timedelta(hours=1)
# November 2026 begins on a Sunday: the 2nd is a Monday, the 6th a Friday.


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ALMATY)


@pytest.mark.parametrize(
    ("amount", "now", "then"),
    [
        pytest.param(2 * HOUR, at(3, 12), at(3, 10), id="within a day"),
        pytest.param(3 * HOUR, at(3, 12), at(3, 9), id="from the first minute of the day"),
        pytest.param(4 * HOUR, at(3, 12), at(2, 17, 30), id="over a night"),
        pytest.param(2 * HOUR, at(3, 23), at(3, 16, 30), id="asked at night, the day's end counts"),
        pytest.param(2 * HOUR, at(8, 15), at(6, 16, 30), id="asked on a Sunday, Friday counts"),
        pytest.param(2 * HOUR, at(9, 10), at(6, 17, 30), id="over a weekend"),
        pytest.param(HOUR, at(9, 10), at(9, 9), id="not from before the night, when it is all of this day"),
        pytest.param(timedelta(hours=9, minutes=30), at(3, 9), at(2, 9), id="a whole day"),
        pytest.param(OFFICE.days(3), at(9, 9), at(4, 9), id="three working days"),
        pytest.param(OFFICE.days(5), at(9, 12), at(2, 12), id="a working week"),
    ],
)
def test_time_that_is_used_up_is_counted_back_over_nights_and_weekends(
    amount: timedelta, now: datetime, then: datetime
) -> None:
    assert OFFICE.ago(amount, now) == then


@given(
    st.timedeltas(timedelta(minutes=1), timedelta(days=30)),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
)
def test_the_moment_lies_in_office_hours_and_so_much_working_time_has_passed_since(
    amount: timedelta, now: datetime
) -> None:
    amount, now = amount - timedelta(microseconds=amount.microseconds), now.replace(microsecond=0)
    then = OFFICE.ago(amount, now)
    passed, day = timedelta(), then.astimezone(ALMATY).replace(hour=0, minute=0, second=0)
    while day < now:
        if day.weekday() < 5:
            begin, end = day + 9 * HOUR, day + 18 * HOUR + HOUR / 2
            passed += max(timedelta(), min(end, now) - max(begin, then))
        day += timedelta(days=1)
    assert passed == amount
    assert OFFICE.is_open(then)


@pytest.mark.parametrize(
    ("moment", "works"),
    [
        (at(2, 8, 59), False),
        (at(2, 9), True),
        (at(2, 18, 29), True),
        (at(2, 18, 30), False),
        (at(7, 12), False),
        (at(8, 12), False),
    ],
)
def test_the_office_works_in_its_hours(moment: datetime, works: bool) -> None:
    assert OFFICE.is_open(moment) is works


def test_a_week_may_begin_on_any_day_and_a_day_may_be_whole() -> None:
    gulf = WorkingTime("Sun-Thu 09:00-17:00", "Asia/Almaty")
    assert [gulf.is_open(at(day, 12)) for day in range(1, 8)] == [True] * 5 + [False] * 2
    always = WorkingTime("Mon-Sun 00:00-24:00", "Asia/Almaty")
    assert always.ago(100 * HOUR, at(9, 3)) == at(9, 3) - 100 * HOUR


def test_a_day_keeps_its_hours_where_clocks_are_changed() -> None:
    berlin = WorkingTime("Mon-Sun 09:00-17:00", "Europe/Berlin")
    zone = ZoneInfo("Europe/Berlin")
    # In the night to 25 October 2026 the clocks go back.
    assert berlin.ago(8 * HOUR, datetime(2026, 10, 25, 9, tzinfo=zone)) == datetime(2026, 10, 24, 9, tzinfo=zone)


@pytest.mark.parametrize("hours", ["Mon-Fri 18:30-09:00", "Mon-Fri 09:00-09:00", "Mon-Fri 09:00-25:00", "Mon-Fri 9-18"])
def test_hours_that_no_day_has_are_refused_at_start(hours: str) -> None:
    with pytest.raises(BadSetting, match="OFFICE_HOURS: wants like"):
        load(_env_file=None, office_hours=hours)
