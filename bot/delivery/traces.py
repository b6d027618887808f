"""What is written down of a message on a desk once it stands there: whose it is, and what is to become of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from bot.clock import Clock
from bot.delivery import statements
from bot.delivery.marks import Mark
from bot.delivery.outbox import QUEUE, CardSort, Outbox, Recipient
from bot.delivery.road import Road
from bot.delivery.setbacks import HIDE

PIN: Final = "pin"
"""The message that pins a card: it sends nothing that stays."""


class Traces:
    """Gives these marks; of citizens' chats there are none."""

    def __init__(self, outbox: Outbox, road: Road, clock: Clock) -> None:
        self._outbox, self._road, self._clock = outbox, road, clock

    def posted(self, chat_id: int, sent: list[Any], sort: CardSort, subject: UUID, what: str) -> list[Mark]:
        """Give the marks that tell which subject messages on the desk are about; of citizens' chats none is kept."""
        if self._road.recipient is Recipient.CITIZEN:
            return []
        now = self._clock()
        ids = [one["message_id"] for one in sent if isinstance(one, Mapping)]
        return [(statements.POSTED, (chat_id, message_id, sort.value, subject, now, what)) for message_id in ids]

    def pinned(self, subject: UUID, chat_id: int, message_id: int | None) -> Mark:
        """Give the mark that has a posted card pinned: what is posted twice is pinned once."""
        sealed = self._outbox.seal(subject, PIN, {"chat_id": chat_id, "message_id": message_id})
        return (QUEUE, (self._road.line, subject, PIN, sealed, self._clock()))

    def strays(
        self, statement: str, key: UUID | int, chat_id: int, sent: list[Any], subject: UUID, what: str
    ) -> list[Mark]:
        """Give the marks that have a post emptied if what it is about was passed to another desk meanwhile."""
        if self._road.recipient is Recipient.CITIZEN:
            return []
        template, now = f"empty_{what}", self._clock()
        marks: list[Mark] = []
        for one in sent:
            if isinstance(one, Mapping):
                params = {"chat_id": chat_id, "message_id": one["message_id"], "passed": True}
                sealed = self._outbox.seal(subject, template, params)
                marks.append((statement, (self._road.line, subject, template, sealed, now, key)))
        return marks

    def hidden(self, row: Mapping[str, Any], chat_id: int, sent: list[Any], what: str) -> list[Mark]:
        """Give the marks that take a post off the desk again if what it shows was hidden while it was on its way."""
        if self._road.recipient is Recipient.CITIZEN:
            return []
        template = f"{HIDE}{what}"
        marks: list[Mark] = []
        for one in sent:
            if isinstance(one, Mapping):
                params = {"chat_id": chat_id, "message_id": one["message_id"]}
                sealed = self._outbox.seal(row["lane"], template, params)
                marks.append((statements.HIDE_LATE, (row["id"], template, sealed, self._clock())))
        return marks
