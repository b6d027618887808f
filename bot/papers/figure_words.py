"""How figures are written on papers: numbers in groups, shares, times, and what things are called."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from bot.languages import Language
from bot.papers.numbers import grouped
from bot.reports.figures import Figures, Period
from bot.reports.link_words import platform_name
from bot.texts import Texts


class FigureWords:
    """Writes figures in one language."""

    def __init__(self, texts: Texts, language: Language) -> None:
        self._texts, self._language = texts, language

    def say(self, name: str, **variables: Any) -> str:
        """Give a text of the papers of figures."""
        return self._texts.plain(self._language, f"desk.figures.{name}", **variables)

    def number(self, number: int) -> str:
        """Write a number."""
        return grouped(number)

    def share(self, share: float | None) -> str:
        """Write a share as a percentage; whole, but for what is neither nothing nor all."""
        if share is None:
            return self.say("nothing")
        shown = min(max(round(100 * share), 1), 99) if 0 < share < 1 else round(100 * share)
        return f"{shown} %"

    def time(self, time: timedelta | None) -> str:
        """Write how long something took."""
        if time is None:
            return self.say("nothing")
        minutes = _minutes(time)
        return self.say("duration", days=minutes // 1440, hours=minutes // 60 % 24, minutes=minutes % 60)

    def within(self, time: timedelta | None) -> str:
        """Write within which time something was done."""
        return self.say("within", time=self.time(time) if time is None or _minutes(time) else "")

    def period(self, period: Period) -> dict[str, str]:
        """Give the first and last day of a period for a text."""
        return {"first": day(period.first), "last": day(period.last)}

    def kind(self, kind: str) -> str:
        """Name a kind, one that is no more by its own name."""
        return self._named(f"kinds.{kind}.name") or kind

    def standing(self, word: str) -> str:
        """Name how something stands, by decision or status."""
        return self._named(f"desk.done.{word}") or self._named(f"desk.status.{word}") or word

    def platform(self, platform: str) -> str:
        """Name a platform."""
        return platform_name(platform, self._language)

    def district(self, code: str, names: Mapping[str, Mapping[Language, str]]) -> str:
        """Name a district."""
        return names[code][self._language] if code in names else code or self.say("no_district")

    def left_out(self, figures: Figures) -> int:
        """Count what is no report of its own."""
        return figures.reports.duplicates + figures.reports.abuse

    def _named(self, name: str) -> str | None:
        return self._texts.plain(self._language, name) if self._texts.has(self._language, name) else None


def day(moment: date) -> str:
    """Write a day."""
    return f"{moment:%d.%m.%Y}"


def _minutes(time: timedelta) -> int:
    return round(time.total_seconds() / 60)
