"""Office hours as people of each language write them: `Mon-Fri 09:00-18:30` → «пн–пт 09:00–18:30»."""

from __future__ import annotations

from functools import cache
from typing import Final

from babel import Locale

from bot.languages import Language

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@cache
def office_hours(setting: str, language: Language) -> str:
    """Write the setting OFFICE_HOURS in a language, with its own names of days and en dashes."""
    days, hours = setting.split(" ")
    names = Locale(language.value).days["format"]["abbreviated"]
    spoken = "–".join(names[_DAYS.index(day)] for day in days.split("-"))
    return f"{spoken} {hours.replace('-', '–')}"
