"""The outbox: what must arrive is queued here, in the transaction of what it tells of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid4

import orjson

from bot.privacy.keyring import KeyRing


class Recipient(StrEnum):
    """Who a delivery goes to."""

    CITIZEN = "citizen"
    DESK = "desk"


class CardSort(StrEnum):
    """What a card shows."""

    RESOURCE = "resource"
    REPORT = "report"
    COUNTER = "counter"
    """How many links a citizen's draft holds, in the citizen's chat."""
    FORM = "form"
    """An officer's act that is still being put together, or a question and what became of it."""
    DIGEST = "digest"
    """How many new cards wait for their turn on the desk."""


QUEUE: Final = """
INSERT INTO messages (recipient, lane, template, sealed, due_at, attempts) VALUES ($1, $2, $3, $4, $5, 0)
"""
WANT_CARDS: Final = """
INSERT INTO cards (id, recipient, sort, subject, wanted_version, shown_version, due_at, attempts)
SELECT id, $1, $2, subject, 1, 0, $5, 0 FROM unnest($3::uuid[], $4::uuid[]) AS wanted (id, subject)
ON CONFLICT (sort, subject) DO UPDATE SET wanted_version = cards.wanted_version + 1, attempts = 0,
  due_at = CASE WHEN cards.wanted_version > cards.shown_version THEN least(cards.due_at, excluded.due_at)
           ELSE excluded.due_at END
"""
COUNT: Final = """
INSERT INTO cards (id, recipient, sort, subject, wanted_version, shown_version, params, due_at, attempts)
VALUES ($1, 'citizen', 'counter', $2, 1, 0, $3, $4, 0)
ON CONFLICT (sort, subject) DO UPDATE SET wanted_version = cards.wanted_version + 1, params = excluded.params
"""
REFRESH_CARDS: Final = """
UPDATE cards SET wanted_version = wanted_version + 1, attempts = 0,
  due_at = CASE WHEN wanted_version > shown_version THEN least(due_at, $3) ELSE $3 END
WHERE sort = $1 AND subject = ANY($2::uuid[])
"""
FOR_OFFICER: Final = "UPDATE cards SET for_officer = true WHERE id = $1 AND wanted_version > shown_version"
END_CARD: Final = "DELETE FROM cards WHERE sort = $1 AND subject = $2"
LANE_WAITS: Final = """
SELECT EXISTS (SELECT 1 FROM messages WHERE recipient = $1 AND lane = $2 AND template = $3 AND outcome IS NULL)
"""


class Outbox:
    """Queues messages and wants cards, on the driver's connection of an open transaction."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    async def message(
        self, driver: Any, recipient: Recipient, lane: UUID, template: str, params: dict[str, Any], due: datetime
    ) -> None:
        """Queue a message that is sent once, after all that its lane already holds, at `due` or later."""
        await driver.execute(QUEUE, recipient.value, lane, template, self.seal(lane, template, params), due)

    def seal(self, lane: UUID, template: str, params: dict[str, Any]) -> bytes:
        """Seal a message's parameters."""
        return self._ring.seal("messages", lane.bytes + template.encode(), orjson.dumps(params))

    def params(self, lane: UUID, template: str, sealed: bytes) -> dict[str, Any]:
        """Open the parameters of a queued message."""
        params: dict[str, Any] = orjson.loads(self._ring.open("messages", lane.bytes + template.encode(), sealed))
        return params

    async def want(
        self, driver: Any, recipient: Recipient, sort: CardSort, subjects: Iterable[UUID], due: datetime
    ) -> None:
        """Want the newest state of these subjects to be shown, making their cards if there are none."""
        # In one order everywhere, so that two reports of the same resources do not wait for each other in a circle.
        wanted = sorted(subjects)
        if wanted:
            await driver.execute(WANT_CARDS, recipient.value, sort.value, [uuid4() for _ in wanted], wanted, due)

    async def count(self, driver: Any, report_id: UUID, links: int, due: datetime) -> None:
        """Want a draft's counter to show so many links."""
        sealed = self._ring.seal("cards.params", report_id.bytes, orjson.dumps({"links": links}))
        await driver.execute(COUNT, uuid4(), report_id, sealed, due)

    def card_params(self, subject: UUID, sealed: bytes | None) -> dict[str, Any]:
        """Open what a card's row holds beside its subject."""
        if sealed is None:
            return {}
        params: dict[str, Any] = orjson.loads(self._ring.open("cards.params", subject.bytes, sealed))
        return params

    async def refresh(self, driver: Any, sort: CardSort, subjects: Iterable[UUID], due: datetime) -> None:
        """Want the newest state of those of these subjects that have a card."""
        wanted = sorted(subjects)
        if wanted:
            await driver.execute(REFRESH_CARDS, sort.value, wanted, due)

    async def for_officer(self, driver: Any, card_id: UUID) -> None:
        """Note that an officer has pressed a card and waits for what that changed, if it changed anything."""
        await driver.execute(FOR_OFFICER, card_id)

    async def end_card(self, driver: Any, sort: CardSort, subject: UUID) -> None:
        """Forget a card, with the message id that it keeps."""
        await driver.execute(END_CARD, sort.value, subject)

    async def waits(self, driver: Any, recipient: Recipient, lane: UUID, template: str) -> bool:
        """Tell whether a message of a lane has not left yet."""
        return bool(await driver.fetchval(LANE_WAITS, recipient.value, lane, template))
