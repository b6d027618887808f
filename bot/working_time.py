"""Working time by OFFICE_HOURS: how long ago something must have begun for its time to be used up.

Days of the week are known, holidays are not: on one of these the clock of the office goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SETTING: Final = re.compile(r"([A-Z][a-z]{2})-([A-Z][a-z]{2}) (\d\d):(\d\d)-(\d\d):(\d\d)")
_DAY: Final = timedelta(days=1)


class WorkingTime:
    """The hours in which an office works."""

    def __init__(self, office_hours: str, timezone: str) -> None:
        """Read settings like `Mon-Fri 09:00-18:30` and `Asia/Almaty`; raise ValueError."""
        found = _SETTING.fullmatch(office_hours)
        if found is None:
            raise ValueError("not like Mon-Fri 09:00-18:30")
        first, last = DAYS.index(found[1]), DAYS.index(found[2])
        self._days = frozenset((first + day) % 7 for day in range((last - first) % 7 + 1))
        self._begin, self._end = _of_day(found[3], found[4]), _of_day(found[5], found[6])
        if not self._begin < self._end <= _DAY:
            raise ValueError("the day ends before it begins")
        self._zone = ZoneInfo(timezone)

    def days(self, count: int) -> timedelta:
        """Give so many working days as working time."""
        return count * (self._end - self._begin)

    def is_open(self, moment: datetime) -> bool:
        """Tell whether the office works at a moment."""
        begin, end = self._hours(self.day_of(moment)) or (moment, moment)
        return begin <= moment < end

    def day_of(self, moment: datetime) -> date:
        """Give the office's date at a moment."""
        return moment.astimezone(self._zone).date()

    def ago(self, amount: timedelta, now: datetime) -> datetime:
        """Give the latest moment since which `amount` of working time has passed by `now`; `amount` is above zero."""
        left = amount
        for begin, end in self._backwards(now):
            if end - begin >= left:
                return end - left
            left -= end - begin
        raise AssertionError("there is always a working day before")

    def _backwards(self, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Give the office's hours before a moment, the newest first."""
        day = self.day_of(now)
        while True:
            begin, end = self._hours(day) or (now, now)
            if begin < now:
                yield begin, min(end, now)
            day -= _DAY

    def _hours(self, day: date) -> tuple[datetime, datetime] | None:
        if day.weekday() not in self._days:
            return None
        # Reckoned on the wall's clock, and compared in UTC: where clocks are changed, a day keeps its hours.
        midnight = datetime.combine(day, time())
        begin, end = ((midnight + hour).replace(tzinfo=self._zone) for hour in (self._begin, self._end))
        return begin.astimezone(UTC), end.astimezone(UTC)


def _of_day(hours: str, minutes: str) -> timedelta:
    if int(minutes) > 59:
        raise ValueError("an hour has 60 minutes")
    return timedelta(hours=int(hours), minutes=int(minutes))
