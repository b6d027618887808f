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
    """The desk that has it: the main one, or an office's, whose rows bear `desk:` and the office's id."""


def line(office: int | None) -> str:
    """Give what the rows of a desk's deliveries bear as their recipient; without an office it is the main desk."""
    return f"{Recipient.DESK.value}:{office}" if office else Recipient.DESK.value


def office_of(desk: str) -> int:
    """Give the office of a desk's line; 0: the main desk."""
    return int(desk.partition(":")[2] or 0)


def of_desk(base: UUID, desk: str) -> UUID:
    """Give each desk its own of what has no row, such as its digest; the main desk has `base` itself."""
    return UUID(int=base.int + (office_of(desk) << 16))


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
    HELP = "help"
    """What can be done on the desk, pinned there."""
    BATCH = "batch"
    """Links that an officer marks by a list, and what came of it."""
    FOUND = "found"
    """Links that a capture names, which officers take up or not."""


QUEUE: Final = """
INSERT INTO messages (recipient, lane, template, sealed, due_at, attempts) VALUES ($1, $2, $3, $4, $5, 0)
"""
# What is about a report goes where the card stands that it belongs under.
QUEUE_AT_DESK: Final = """
INSERT INTO messages (recipient, lane, template, sealed, due_at, attempts) SELECT coalesce(
  (SELECT recipient FROM cards WHERE sort = 'report' AND subject = $1),
  (SELECT card.recipient FROM report_links AS link
  JOIN cards AS card ON card.sort = 'resource' AND card.subject = link.resource_id
  WHERE link.report_id = $1 ORDER BY card.ordinal LIMIT 1),
  (SELECT 'desk:' || office.id FROM reports AS report
  JOIN offices AS office ON office.id = report.office AND office.closed_at IS NULL WHERE report.id = $1),
  'desk'), $1, $2, $3, $4, 0
"""
# A card is made on the desk of the office that has its subject, a form's where the card is that it belongs to.
WANT_CARDS: Final = """
INSERT INTO cards (id, recipient, sort, subject, wanted_version, shown_version, due_at, attempts)
SELECT id, coalesce(
  $5::text,
  (SELECT card.recipient FROM forms AS form JOIN cards AS card ON card.sort = form.sort AND card.subject = form.subject
  WHERE $1::text = 'form' AND form.id = wanted.subject),
  (SELECT 'desk:' || office.id FROM offices AS office WHERE office.closed_at IS NULL AND office.id = coalesce(
    (SELECT office FROM reports WHERE $1 = 'report' AND id = wanted.subject),
    (SELECT office FROM resources WHERE $1 = 'resource' AND id = wanted.subject),
    (SELECT report.office FROM forms AS form JOIN reports AS report ON report.id = form.report_id
    WHERE $1 = 'form' AND form.id = wanted.subject))),
  'desk'), $1, subject, 1, 0, $4, 0
FROM unnest($2::uuid[], $3::uuid[]) AS wanted (id, subject)
ON CONFLICT (sort, subject) DO UPDATE SET wanted_version = cards.wanted_version + 1, attempts = 0,
  due_at = CASE WHEN cards.wanted_version > cards.shown_version THEN least(cards.due_at, excluded.due_at)
           ELSE excluded.due_at END
"""
COUNT: Final = """
INSERT INTO cards (id, recipient, sort, subject, wanted_version, shown_version, params, due_at, attempts)
VALUES ($1, 'citizen', 'counter', $2, 1, 0, $3, $4, 0)
ON CONFLICT (sort, subject) DO UPDATE SET wanted_version = cards.wanted_version + 1, params = excluded.params
"""
# In one order everywhere, so that two reports of the same resources do not wait for each other in a circle.
REFRESH_CARDS: Final = """
WITH held AS (SELECT id FROM cards WHERE sort = $1 AND subject = ANY($2::uuid[]) ORDER BY subject FOR UPDATE)
UPDATE cards SET wanted_version = wanted_version + 1, attempts = 0,
  due_at = CASE WHEN wanted_version > shown_version THEN least(due_at, $3) ELSE $3 END
FROM held WHERE cards.id = held.id
"""
# Whatever else changes meanwhile wants another version: then it goes as any other.
SETTLE_CARDS: Final = """
UPDATE cards SET wanted_version = wanted_version + 1, attempts = 0,
  settled_version = CASE WHEN wanted_version IN (shown_version, settled_version) THEN wanted_version + 1 END,
  due_at = CASE WHEN wanted_version > shown_version THEN least(due_at, $3) ELSE $3 END
WHERE sort = $1 AND subject = $2
"""
HIDE_CARDS: Final = """
WITH held AS (SELECT id FROM cards WHERE sort = $1 AND subject = ANY($2::uuid[]) ORDER BY subject FOR UPDATE)
UPDATE cards SET wanted_version = wanted_version + 1, attempts = 0, hides = true,
  due_at = CASE WHEN wanted_version > shown_version THEN least(due_at, $3) ELSE $3 END
FROM held WHERE cards.id = held.id
"""
FOR_OFFICER: Final = "UPDATE cards SET for_officer = true WHERE id = $1 AND wanted_version > shown_version"
END_CARD: Final = "DELETE FROM cards WHERE sort = $1 AND subject = $2"
LANE_WAITS: Final = """
SELECT EXISTS (SELECT 1 FROM messages WHERE lane = $1 AND recipient = 'citizen' AND template = $2 AND outcome IS NULL)
"""
LANE_WAITS_AT_DESK: Final = """
SELECT EXISTS (SELECT 1 FROM messages WHERE lane = $1 AND recipient <> 'citizen' AND template = $2 AND outcome IS NULL)
"""


class Outbox:
    """Queues messages and wants cards, on the driver's connection of an open transaction."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    async def message(
        self,
        driver: Any,
        recipient: Recipient,
        lane: UUID,
        template: str,
        params: dict[str, Any],
        due: datetime,
        desk: str | None = None,
    ) -> None:
        """Queue a message that is sent once, after all that its lane already holds, at `due` or later.

        `desk` is the line of the desk that what is about no report goes to; else the desk that has the report.
        """
        sealed = self.seal(lane, template, params)
        if recipient is Recipient.DESK and desk is None:
            await driver.execute(QUEUE_AT_DESK, lane, template, sealed, due)
        else:
            await driver.execute(QUEUE, desk or recipient.value, lane, template, sealed, due)

    def seal(self, lane: UUID, template: str, params: dict[str, Any]) -> bytes:
        """Seal a message's parameters."""
        return self._ring.seal("messages", lane.bytes + template.encode(), orjson.dumps(params))

    def params(self, lane: UUID, template: str, sealed: bytes) -> dict[str, Any]:
        """Open the parameters of a queued message."""
        params: dict[str, Any] = orjson.loads(self._ring.open("messages", lane.bytes + template.encode(), sealed))
        return params

    async def want(
        self,
        driver: Any,
        recipient: Recipient,
        sort: CardSort,
        subjects: Iterable[UUID],
        due: datetime,
        desk: str | None = None,
    ) -> None:
        """Want the newest state of these subjects to be shown, making their cards if there are none.

        `desk` is the line of the desk that what is about no report stands on; else a card is made where its subject is.
        """
        # Sorted for the order in which rows are locked.
        wanted, where = sorted(subjects), desk if recipient is Recipient.DESK else recipient.value
        if wanted:
            await driver.execute(WANT_CARDS, sort.value, [uuid4() for _ in wanted], wanted, due, where)

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
        wanted = list(subjects)
        if wanted:
            await driver.execute(REFRESH_CARDS, sort.value, wanted, due)

    async def settle(self, driver: Any, sort: CardSort, subject: UUID, due: datetime) -> None:
        """Want the newest state of a card, from `due` on, once its desk has room for that.

        So it is with what nobody waits for: that a decision can be taken back no more, how far a list has come.
        """
        await driver.execute(SETTLE_CARDS, sort.value, subject, due)

    async def hide(self, driver: Any, sort: CardSort, subjects: Iterable[UUID], due: datetime) -> None:
        """Want those of these subjects that have a card to be shown without what was hidden, before all else."""
        wanted = list(subjects)
        if wanted:
            await driver.execute(HIDE_CARDS, sort.value, wanted, due)

    async def for_officer(self, driver: Any, card_id: UUID) -> None:
        """Note that an officer has pressed a card and waits for what that changed, if it changed anything."""
        await driver.execute(FOR_OFFICER, card_id)

    async def end_card(self, driver: Any, sort: CardSort, subject: UUID) -> None:
        """Forget a card, with the message id that it keeps."""
        await driver.execute(END_CARD, sort.value, subject)

    async def waits(self, driver: Any, recipient: Recipient, lane: UUID, template: str) -> bool:
        """Tell whether a message of a lane has not left yet."""
        statement = LANE_WAITS if recipient is Recipient.CITIZEN else LANE_WAITS_AT_DESK
        return bool(await driver.fetchval(statement, lane, template))
