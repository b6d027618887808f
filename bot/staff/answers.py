"""Answers that show what a card shows: which messages they are is written down, so that they can be emptied too.

They do not ride in the answer to the webhook, of which nobody learns what message it became. Nothing hangs on them:
who gets none asks again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from bot.clock import Clock
from bot.database import Database, driver, is_outage
from bot.delivery.errors import TelegramRefused, TooMany
from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.log import error_fields, get_logger
from bot.telegram.reply import Reply

HIDES: Final = "hide_text"
NOBODY: Final = UUID(int=0)
SHOWN: Final = """
SELECT id, hidden_by FROM reports WHERE id = $1 UNION ALL
(SELECT report.id, report.hidden_by FROM report_links AS link JOIN reports AS report ON report.id = link.report_id
WHERE link.resource_id = $1 ORDER BY link.number DESC LIMIT $2)
"""
# Locked: whoever hides one of them just now finds the answer, or is found here.
LOCKED: Final = "SELECT id, hidden_by FROM reports WHERE id = ANY($1::uuid[]) ORDER BY id FOR SHARE"
NOTED: Final = """
INSERT INTO desk_posts (chat_id, message_id, sort, subject, posted_at, what) VALUES ($1, $2, $3, $4, $5, 'text')
ON CONFLICT (chat_id, message_id) DO NOTHING
"""
log = get_logger()


@dataclass(frozen=True, slots=True)
class Shown(Reply):
    """A reply that shows the card of a report or a resource."""

    sort: CardSort = CardSort.REPORT
    subject: UUID = NOBODY
    open: tuple[UUID, ...] = ()
    """The reports whose words it may show: none of them was hidden."""


class Answers:
    """Sends such replies."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        call: Callable[..., Awaitable[Any]],
        count: Callable[[int], None],
        line: Callable[[int], str],
        clock: Clock,
    ) -> None:
        """`call` calls a method of the Bot API, `count` counts into a desk's minute; `line` gives that of a chat."""
        self._database, self._outbox, self._call = database, outbox, call
        self._count, self._line, self._clock = count, line, clock
        self._under_way: set[asyncio.Task[None]] = set()

    def send(self, chat_id: int, shown: Shown) -> None:
        """Send one, once the turn that asked for it is committed."""
        task = asyncio.create_task(self._send(chat_id, shown))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _send(self, chat_id: int, shown: Shown) -> None:
        try:
            result = await self._call(shown.method, {"chat_id": chat_id, **shown.params}, protect=True)
            self._count(chat_id)
            await self._note(chat_id, int(result["message_id"]), shown)
        except (TelegramRefused, TooMany) as error:
            log.info("answer_not_sent", **error_fields(error))
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("answer_not_noted", **error_fields(error))

    async def _note(self, chat_id: int, message_id: int, shown: Shown) -> None:
        async with self._database.transaction() as connection:
            raw, now = await driver(connection), self._clock()
            rows = await raw.fetch(LOCKED, list(shown.open))
            await raw.execute(NOTED, chat_id, message_id, shown.sort.value, shown.subject, now)
            hidden = next((row["id"] for row in rows if row["hidden_by"] is not None), None)
            if hidden is not None:
                params = {"chat_id": chat_id, "message_id": message_id}
                line = self._line(chat_id)
                await self._outbox.message(raw, Recipient.DESK, hidden, HIDES, params, now, line)
