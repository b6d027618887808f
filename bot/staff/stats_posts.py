"""`/stats` on the desk: which days an officer asks for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final
from uuid import uuid4

from bot.delivery.outbox import Outbox, Recipient
from bot.reports.figures import Period
from bot.reports.periods import MONTH, last_days
from bot.reports.statistics import Counting
from bot.staff import spoken_days
from bot.staff.desks import Desks
from bot.telegram.reply import Reply, say
from bot.telegram.turn import Turn
from bot.texts import Texts

TEMPLATE: Final = "stats"
LONGEST: Final = 1100
"""Days of a period, three years: what is more is a mistake in a date."""
NOTE: Final = frozenset({"pdf", "справка", "анықтама", "note"})
"""By these words the note is asked for."""


def read(words: str, today: date) -> tuple[Period, bool] | None:
    """Read what stands behind `/stats`: days, and whether the note is wanted. None: it cannot be read.

    Bare, it asks for a month.
    """
    found = spoken_days.read(words, today)
    if found is None:
        return None
    period, rest = found[0] or last_days(MONTH, today), set(found[1])
    if rest - NOTE or period.days > LONGEST or period.first.year < 2000 or period.last.year > today.year + 1:
        return None
    return period, bool(rest)


class StatsAsked:
    """Queues the figures that an officer asks for."""

    def __init__(
        self, outbox: Outbox, texts: Texts, desks: Desks, counting: Counting, wake: Callable[[], None]
    ) -> None:
        self._outbox, self._texts, self._desks, self._wake = outbox, texts, desks, wake
        self._counting = counting

    async def ask(self, turn: Turn, words: str) -> Reply:
        """Queue them, or say how they are asked for."""
        chat = turn.actor.chat_id
        language, asked = self._desks.language(chat), read(words, self._counting.today)
        if asked is None:
            return say(self._texts.render(language, "desk.stats_usage"))
        period, note = asked
        office = self._desks.offices.by_id.get(self._desks.office(chat))
        params = {
            "first": period.first.isoformat(),
            "last": period.last.isoformat(),
            "offices": self._desks.scope(chat),
            "office": office.name if office else "",
            "note": note,
        }
        await self._outbox.message(
            turn.driver, Recipient.DESK, uuid4(), TEMPLATE, params, turn.now, desk=self._desks.line(chat)
        )
        turn.after_commit.append(self._wake)
        return say(self._texts.render(language, "desk.stats_asked"))
