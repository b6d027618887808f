"""Why a card is urgent, in one line of words; of what is usual, or decided, there is nothing to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.languages import Language
from bot.papers.numbers import grouped
from bot.reports.lifecycle import Status
from bot.reports.priority import Facts, Level, Reason, points
from bot.reports.trade import Trade
from bot.texts import Texts


@dataclass(frozen=True, slots=True)
class UrgencyLines:
    """Tells it, of the rows that cards are drawn from."""

    texts: Texts

    def of_resource(self, row: Any, language: Language) -> str:
        """Give the line of a link; empty where there is none."""
        reports = row["times_reported"] - row["times_refuted"]
        facts = Facts(reports, row["reach"], Trade(row["trade"]), row["returned"])
        return self._line(row, facts, language)

    def of_report(self, row: Any, language: Language) -> str:
        """Give the line of a report with a card of its own; empty where there is none."""
        return self._line(row, Facts(words=Trade(row["trade"]), near=row["near"]), language)

    def mark(self, level: Level, language: Language) -> str:
        """Give the word for a level in a list; empty for what is usual."""
        return "" if level is Level.USUAL else self.texts.plain(language, f"desk.level.{level.name.lower()}")

    def _line(self, row: Any, facts: Facts, language: Language) -> str:
        level = Level(row["priority"])
        if level is Level.USUAL or row["status"] == Status.DECIDED:
            return ""
        counted = {Reason.REPORTS: facts.reports, Reason.REACH: facts.reach or 0}
        reasons = [self._reason(reason, counted.get(reason, 0), language) for reason in points(facts)]
        return self.texts.plain(language, "desk.urgency", level=self.mark(level, language), reasons=reasons)

    def _reason(self, reason: Reason, count: int, language: Language) -> str:
        return self.texts.plain(language, f"desk.urgent.{reason}", count=count, shown=grouped(count))
