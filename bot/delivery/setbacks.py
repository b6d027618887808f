"""What is done when a delivery does not go through: it is put off as its error asks, or given up."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from bot import metrics
from bot.clock import Clock
from bot.database import is_outage
from bot.delivery import statements
from bot.delivery.errors import (
    ChatMigrated,
    MessageGone,
    NotModified,
    TelegramDown,
    TelegramRefused,
    TooMany,
    Unreachable,
    WrongThread,
)
from bot.delivery.limits import Crowded, Limits
from bot.delivery.marks import Mark, Marks
from bot.delivery.outbox import Outbox, Recipient
from bot.delivery.road import NotYet, Road
from bot.delivery.sends import Sends
from bot.log import error_fields, get_logger

TRIES: Final = 8
"""Refusals of one delivery by Telegram until it is given up; outages are not counted."""
LONGEST_PAUSE: Final = 300.0
DISMISSED: Final = frozenset({401, 404})
"""Telegram does not know this token: nothing is wrong with the delivery, and the operator will mend it."""
CHANGES: Final = frozenset({"editMessageText", "editMessageMedia", "deleteMessage", "deleteMessages"})
"""Messages of the outbox that send nothing: they empty one that stands on the desk."""
EXTRAS: Final = frozenset({"deleteMessage", "deleteMessages", "pinChatMessage"})
"""What is tried once: the desk can do without it."""
NOT_SHOWN: Final = "not_shown"
"""The message that tells the desk of what was given up."""
HIDE: Final = "hide_"
"""What begins so takes something hidden off the desk."""
NOT_HIDDEN: Final = "not_hidden"
"""The message that tells the desk of what of that was given up."""
SILENT: Final = (NOT_SHOWN, NOT_HIDDEN, "empty_", "digest", "register", "batch", "help", "pin", "no_topics", "qr")
"""What is given up without a word: officers miss nothing by it."""
log = get_logger()


def as_it_should_be(method: str, error: Exception) -> bool:
    """Tell whether a refused change leaves nothing to be tried again: it is done, or it never can be."""
    if method in EXTRAS and isinstance(error, TelegramRefused) and not isinstance(error, Unreachable):
        if error.code in DISMISSED:
            return False
        log.warning("extra_refused", method=method, code=error.code)
        return True
    return method in CHANGES and isinstance(error, (NotModified, MessageGone))


class Setbacks:
    """Puts deliveries off. How often one met an outage is known to this process alone; refusals stand in its row."""

    def __init__(self, marks: Marks, limits: Limits, road: Road, outbox: Outbox, sends: Sends, clock: Clock) -> None:
        self._marks, self._limits, self._road, self._clock = marks, limits, road, clock
        self._outbox, self._sends = outbox, sends
        self._outages: dict[Any, int] = {}

    async def put_off(self, statement: str, row: Mapping[str, Any], chat_id: int, error: Exception) -> bool:
        """Put a delivery off as its error asks; False when it is to be given up. Raises what the database failed with.

        `statement` sets a row's due_at and attempts; `chat_id` is negative for a group, 0 when it is not known yet.
        """
        refusals = row["attempts"]
        match error:
            case TooMany():
                self._limits.pause(chat_id, error.seconds)
                if not await self._sends.pause(chat_id, error.seconds):
                    await self.later(statement, row, error.seconds)
            case Crowded():
                await self.later(statement, row, error.seconds)
            case ChatMigrated() if chat_id < 0:
                await self._road.migrated(error.chat_id)
                await self.later(statement, row, 1.0)
            case NotYet():
                await self.later(statement, row, self._longer(row, 60.0))
            case TelegramDown():
                await self.later(statement, row, self._longer(row, LONGEST_PAUSE))
            case TelegramRefused() if error.code in DISMISSED:
                log.error("token_refused", method=error.method, code=error.code)
                await self.later(statement, row, self._longer(row, LONGEST_PAUSE))
            case WrongThread() if refusals < TRIES:
                await self.later(statement, row, 0.0, counted=True)
            case _ if is_outage(error):
                raise error
            case _:
                told = {"method": error.method, "code": error.code} if isinstance(error, TelegramRefused) else {}
                log.error("delivery_refused", count=refusals, **told, **error_fields(error))
                if refusals >= TRIES:
                    return False
                await self.later(statement, row, min(2.0**refusals, LONGEST_PAUSE), counted=True)
        return True

    async def later(self, statement: str, row: Mapping[str, Any], seconds: float, *, counted: bool = False) -> None:
        """Put a delivery off for so many seconds, and a little more."""
        metrics.DELIVERIES.labels(self._road.recipient.value, "later").inc()
        # Jitter keeps deliveries that failed together from coming back together.
        pause = timedelta(seconds=seconds * (1 + random.random() / 4))  # noqa: S311 — no secret hangs on it
        await self._marks.write((statement, (row["id"], self._clock() + pause, row["attempts"] + counted)))

    def unshown(self, about: UUID, what: str) -> list[Mark]:
        """Give the mark that has the desk told, once, that something about this could not be shown, or not be hidden.

        `what` is a message's template or a card's sort.
        """
        if self._road.recipient is not Recipient.DESK or what.startswith(SILENT):
            return []
        template = NOT_HIDDEN if what.startswith(HIDE) else NOT_SHOWN
        sealed = self._outbox.seal(about, template, {})
        return [(statements.NOT_SHOWN, (about, template, sealed, self._clock(), self._road.line))]

    async def after(self, lane: UUID, template: str, outcome: str) -> None:
        """Do what belongs to the end of a message. It must be marked all the same when that goes wrong."""
        try:
            await self._marks.surely(lambda: self._road.over(lane, template, outcome))
        except Exception as error:
            log.error("after_message_failed", template=template, **error_fields(error))

    def over(self, row: Mapping[str, Any]) -> None:
        """Forget the outages that a delivery met: it is done with."""
        self._outages.pop(row["id"], None)

    def _longer(self, row: Mapping[str, Any], longest: float) -> float:
        """Give a pause that doubles each time."""
        before = self._outages.get(row["id"], 0)
        self._outages[row["id"]] = before + 1
        return min(2.0 ** min(before, 10), longest)
