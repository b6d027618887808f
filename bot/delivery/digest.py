"""How many new cards wait, in one message of the desk that stands before them and is edited as the number changes.

Its row is a card. While there is one, a digest stands or is to be posted. What it says is counted when it is rendered;
so another leader goes on with it, and a hundred changes are one edit. When the queue is short again the row goes, and
a last edit of the message says so.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from bot.delivery import limits
from bot.delivery.outbox import CardSort, Outbox, Recipient, of_desk

DIGEST: Final = UUID("00000000-0000-4000-8000-000000000001")
"""What the digest's card of the main desk is about, and the lane of its last state."""
OVER: Final = "digest_over"
"""The message that edits the digest into its last state."""
PACE: Final = timedelta(seconds=60)
"""Between two edits of the digest."""

# A point or photos that wait for their card cost messages as well. What an outage has put off waits all the same.
LOOK: Final = """
SELECT (SELECT message_id FROM cards WHERE sort = $1 AND subject = $2) AS message_id,
  (SELECT wanted_version > shown_version FROM cards WHERE sort = $1 AND subject = $2) AS behind,
  (SELECT coalesce(sum(1 + parts), 0) FROM (
    SELECT (SELECT count(*) FILTER (WHERE recipient = $4 AND outcome IS NULL) FROM messages
      WHERE lane = cards.subject) AS parts
    FROM cards WHERE recipient = $4 AND wanted_version > shown_version AND message_id IS NULL
      AND sort IN ('report', 'resource')
    LIMIT $3) AS new_cards) AS cost
"""
BEGIN: Final = """
INSERT INTO cards (id, recipient, sort, subject, wanted_version, shown_version, due_at, attempts)
VALUES ($1, $5, $2, $3, 1, 0, $4, 0) ON CONFLICT (sort, subject) DO NOTHING
"""
CHAT: Final = """
SELECT chat_id FROM desk_posts WHERE message_id = $1 AND sort = $2 AND subject = $3 ORDER BY posted_at DESC LIMIT 1
"""


class Digest:
    """Begins, renews and ends the digest, on the driver's connection of an open transaction."""

    def __init__(self, outbox: Outbox, line: str) -> None:
        self._outbox, self._line, self._about = outbox, line, of_desk(DIGEST, line)
        self._many, self._few = 2 * limits.GROUP[0], limits.GROUP[0] // 2
        # Below half a minute's worth, not below two minutes': one digest a burst, not one for each of its waves.

    async def look(self, raw: Any, now: datetime) -> None:
        """Bring the digest's row to what the queue is now."""
        seen = await raw.fetchrow(LOOK, CardSort.DIGEST.value, self._about, self._many + 1, self._line)
        if seen["behind"] is None:
            if seen["cost"] > self._many:
                await raw.execute(BEGIN, uuid4(), CardSort.DIGEST.value, self._about, now, self._line)
        elif seen["cost"] <= self._few:
            await self._end(raw, seen["message_id"], now)
        elif not seen["behind"]:
            await self._outbox.refresh(raw, CardSort.DIGEST, [self._about], now + PACE)

    async def _end(self, raw: Any, message_id: int | None, now: datetime) -> None:
        await self._outbox.end_card(raw, CardSort.DIGEST, self._about)
        chat_id = await raw.fetchval(CHAT, message_id, CardSort.DIGEST.value, self._about)
        if message_id is not None:
            params = {"chat_id": chat_id, "message_id": message_id}
            await self._outbox.message(raw, Recipient.DESK, self._about, OVER, params, now, self._line)
