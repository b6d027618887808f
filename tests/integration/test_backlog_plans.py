"""A queue that grew since the planner last looked: the courier's looks read each row that waits a few times."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import asyncpg
import pytest

from bot.delivery import digest, statements
from bot.delivery.outbox import CardSort
from bot.embedded import Embedded
from tests.conftest import migrated_database

WAITING: Final = 2_000
PAGES: Final = 20
"""Pages of 8 KB that a look may read for each row that waits; walking through the queue for each would be 60."""
DONE: Final = """
INSERT INTO messages (recipient, lane, template, due_at, attempts, outcome)
SELECT 'citizen', gen_random_uuid(), 'received', $2, 0, 'sent' FROM generate_series(1, $1)
"""
QUEUED: Final = """
INSERT INTO messages (recipient, lane, template, sealed, due_at, attempts)
SELECT $1, gen_random_uuid(), 'received', '', $3, 0 FROM generate_series(1, $2)
"""
# The desk's last message waits for no card: a look has to go past all others to find it.
CARDS: Final = """
INSERT INTO cards (id, recipient, sort, subject, wanted_version, shown_version, due_at, attempts)
SELECT gen_random_uuid(), 'desk', 'report', lane, 1, 0, due_at, 0 FROM messages WHERE recipient = 'desk'
  AND id < (SELECT max(id) FROM messages)
"""
DUE: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOW: Final = DUE + timedelta(minutes=1)
LOOKS: Final[dict[str, tuple[str, tuple[Any, ...]]]] = {
    "a citizen's next message": (statements.MESSAGES_DUE, ("citizen", NOW, 40)),
    "the desk's next message": (statements.DESK_MESSAGE, (NOW, "desk")),
    "the desk's next card": (statements.DESK_CARDS, (NOW, "desk")),
    "the digest": (digest.LOOK, (CardSort.DIGEST.value, digest.DIGEST, 41, "desk")),
}


@pytest.fixture(scope="module")
async def grown(cluster: Embedded) -> AsyncIterator[asyncpg.Connection]:
    """A database whose queue has grown since the planner last looked."""
    async with migrated_database(cluster) as url:
        raw = await asyncpg.connect(url)
        await raw.execute("ALTER TABLE messages SET (autovacuum_enabled = false)")
        await raw.execute("ALTER TABLE cards SET (autovacuum_enabled = false)")
        # What the planner knows is what it always sees: many that were sent, and none that waits.
        await raw.execute(DONE, WAITING, DUE)
        await raw.execute("ANALYZE messages")
        await raw.execute("ANALYZE cards")
        for line in ("citizen", "desk"):
            await raw.execute(QUEUED, line, WAITING, DUE)
        await raw.execute(CARDS)
        yield raw
        await raw.close()


@pytest.mark.parametrize("look", LOOKS)
async def test_a_look_at_a_long_queue_reads_no_row_as_often_as_there_are_rows(
    grown: asyncpg.Connection, look: str
) -> None:
    statement, params = LOOKS[look]
    [explained] = json.loads(await grown.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", *params))
    plan = explained["Plan"]
    assert plan["Actual Rows"], "it found nothing to send: then it tells nothing"
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < PAGES * WAITING
