"""The keys of days, weeks and blocks: destroyed when nothing under them is kept any more, so that no dump holds them.

The database's files and its write-ahead log hold them until they are recycled: what the role may do about that is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg

from bot.database import Database, driver
from bot.log import error_fields, get_logger
from bot.privacy.keyring import KeyRing
from bot.purge_rules import affected

USED: Final[Mapping[str, str | None]] = {
    "day": None,
    "week": "SELECT DISTINCT key_id FROM return_addresses",
    "block": "SELECT DISTINCT key_id FROM blocks",
}
"""Purpose → which of its keys are in use; of days none is, once they are over."""
AGE: Final = {"day": timedelta(days=1), "week": timedelta(days=8), "block": timedelta(days=32)}
"""Since a period began: it is over by then, and so are the turns that began in it. A block's key is that of a month."""
TRY: Final = "DELETE FROM period_keys WHERE purpose = $1 AND begins < $2 AND id <> ALL($3::uuid[])"
OWED: Final = """
INSERT INTO facts (name, value) VALUES ('keys_destroyed', 'yes') ON CONFLICT (name) DO NOTHING
"""
IS_OWED: Final = "SELECT EXISTS (SELECT 1 FROM facts WHERE name = 'keys_destroyed')"
PAID: Final = "DELETE FROM facts WHERE name = 'keys_destroyed'"
SWITCHED: Final = """
INSERT INTO facts (name, value) VALUES ('wal_switched', $1)
ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE facts.value <> excluded.value RETURNING name
"""
log = get_logger()


async def try_out(raw: Any, now: datetime) -> dict[str, int]:
    """Destroy what `destroy` would, in a transaction that the caller takes back: memory keeps the keys."""
    found = {}
    for purpose in USED:
        before, keep = await _due(raw, purpose, now)
        found[_named(purpose)] = affected(await raw.execute(TRY, purpose, before, list(keep)))
    return found


async def destroy(database: Database, ring: KeyRing, now: datetime) -> dict[str, int]:
    """Destroy the keys that are due and count them, by purpose."""
    gone = {}
    for purpose in USED:
        async with database.transaction() as connection:
            before, keep = await _due(await driver(connection), purpose, now)
        gone[_named(purpose)] = await ring.destroy(purpose, before, keep=keep)
    if any(gone.values()):
        async with database.transaction() as connection:
            await (await driver(connection)).execute(OWED)
    return gone


async def bury(database: Database, now: datetime) -> None:
    """Have the database let go of destroyed keys, as far as its role may; each day its write-ahead log moves on."""
    # None of this can run in a transaction.
    async with database.lend() as raw:
        if await raw.fetchval(SWITCHED, now.date().isoformat()):
            await _allowed(raw, "SELECT pg_switch_wal()", "switch_wal")
        if await raw.fetchval(IS_OWED) and await _vacuum(raw):
            await _allowed(raw, "CHECKPOINT", "checkpoint")
            await raw.execute(PAID)


async def _due(raw: Any, purpose: str, now: datetime) -> tuple[date, frozenset[UUID]]:
    """Give before which day a purpose's keys are due, and which of them stay."""
    statement = USED[purpose]
    rows = await raw.fetch(statement) if statement else []
    return now.date() - AGE[purpose], frozenset(row["key_id"] for row in rows)


async def _vacuum(raw: Any) -> bool:
    """Write the small table anew without its dead rows; False when somebody holds it, such as a backup."""
    # Who waits for the table makes all who come after wait as well, turns of citizens among them.
    await raw.execute("SET lock_timeout = '1s'")
    try:
        return await _allowed(raw, "VACUUM FULL period_keys", "vacuum")
    except asyncpg.LockNotAvailableError as error:
        log.warning("keys_not_vacuumed_yet", **error_fields(error))
        return False
    finally:
        await raw.execute("RESET lock_timeout")


async def _allowed(raw: Any, statement: str, act: str) -> bool:
    """Run a statement that the role perhaps may not; that it may not is told, and nothing more can be done."""
    try:
        await raw.execute(statement)
    except asyncpg.InsufficientPrivilegeError as error:
        log.info("role_may_not", act=act, **error_fields(error))
    return True


def _named(purpose: str) -> str:
    return f"keys of past {purpose}s"
