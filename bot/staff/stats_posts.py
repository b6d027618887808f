"""`/stats` on the desk: which days an officer asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final
from uuid import uuid4

from bot.delivery.outbox import Outbox, Recipient
from bot.papers.placement_tables import CAMPAIGN, PLACEMENT
from bot.reports.figures import Period
from bot.reports.periods import MONTH, last_days
from bot.reports.placement_counting import DAYS
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
PLACES: Final = "placement_stats"
"""The template of what placements brought."""
BY: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("места", "место", "размещения", "орындар", "орын", "places", "placements", "placement"), PLACEMENT
    ),
    **dict.fromkeys(("кампании", "кампания", "науқандар", "науқан", "campaigns", "campaign"), CAMPAIGN),
}
"""By these words what placements brought is asked for."""


def read(words: str, today: date) -> tuple[Period, bool] | None:
    """Read what stands behind `/stats`: days, and whether the note is wanted. None: it cannot be read.

    Bare, it asks for a month.
    """
    found = spoken_days.read(words, today)
    if found is None:
        return None
    period, rest = found[0] or last_days(MONTH, today), set(found[1])
    if rest - NOTE or not _makes_sense(period, today):
        return None
    return period, bool(rest)


def read_places(words: str, today: date) -> tuple[Period, str] | None:
    """Read what stands behind `/stats` where it asks what placements brought: days, and by what. None: it does not.

    Without days it asks for eight weeks.
    """
    found = spoken_days.read(words, today)
    if found is None or len(found[1]) != 1 or found[1][0] not in BY:
        return None
    period = found[0] or last_days(DAYS, today)
    return (period, BY[found[1][0]]) if _makes_sense(period, today) else None


def _makes_sense(period: Period, today: date) -> bool:
    return period.days <= LONGEST and period.first.year >= 2000 and period.last.year <= today.year + 1


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
        language, today = self._desks.language(chat), self._counting.today
        asked, places = read(words, today), read_places(words, today)
        if places is not None:
            return await self._queue(turn, PLACES, places[0], {"by": places[1]})
        if asked is None:
            return say(self._texts.render(language, "desk.stats_usage"))
        period, note = asked
        office = self._desks.offices.by_id.get(self._desks.office(chat))
        params = {"offices": self._desks.scope(chat), "office": office.name if office else "", "note": note}
        return await self._queue(turn, TEMPLATE, period, params)

    async def _queue(self, turn: Turn, template: str, period: Period, params: dict[str, Any]) -> Reply:
        """Queue figures of a period for the desk that asks, and say that they come."""
        chat, days = turn.actor.chat_id, {"first": period.first.isoformat(), "last": period.last.isoformat()}
        await self._outbox.message(
            turn.driver, Recipient.DESK, uuid4(), template, days | params, turn.now, desk=self._desks.line(chat)
        )
        turn.after_commit.append(self._wake)
        return say(self._texts.render(self._desks.language(chat), "desk.stats_asked"))
