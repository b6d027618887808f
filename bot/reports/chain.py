"""The journal's chain: each act has a position, and a hash that holds the one before it.

No past act changes without breaking it. The hash is keyed: whoever has the database alone cannot write another chain
that fits what they changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from bot.privacy.keyring import KeyRing

BATCH: Final = 500
BEGIN: Final = bytes(32)
"""What stands for the hash before the first."""
SHORT: Final = 16
"""Hexadecimal digits of a head's short form: 64 bits, for a line of print."""

UNCHAINED: Final = """
SELECT journal.* FROM journal
WHERE journal.id > $1 AND NOT EXISTS (SELECT FROM journal_chain WHERE journal_chain.journal = journal.id)
ORDER BY journal.id LIMIT $2
"""
HEAD: Final = "SELECT position, hash FROM journal_chain ORDER BY position DESC LIMIT 1"
APPEND: Final = """
INSERT INTO journal_chain (position, journal, hash) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[])
"""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link: whoever has it printed can prove later that no act before it was changed or taken out."""

    position: int
    hash: bytes

    def short(self) -> str:
        """Give it for print, such as `1204-9f3a5b1c22d0e7aa`."""
        return f"{self.position}-{self.hash.hex()[:SHORT]}"


@dataclass(frozen=True, slots=True)
class PrintedHead:
    """A head as somebody reads it from paper: its position, and how its hash begins."""

    position: int
    begins: str

    @classmethod
    def read(cls, short: str) -> Self:
        """Read what `Head.short` gave; raise ValueError."""
        position, _, begins = short.strip().lower().partition("-")
        if len(begins) != SHORT or len(bytes.fromhex(begins)) * 2 != SHORT:
            raise ValueError(short)
        return cls(int(position), begins)

    def fits(self, link_hash: bytes) -> bool:
        """Tell whether this is the hash that was printed."""
        return link_hash.hex()[:SHORT] == self.begins


async def head(driver: Any) -> Head | None:
    """Give the newest link, or None while no act is chained."""
    row = await driver.fetchrow(HEAD)
    return row and Head(row["position"], row["hash"])


async def append(driver: Any, ring: KeyRing, after: int) -> list[int]:
    """Chain a batch of the acts above an id that have no position yet, by their ids; give these ids.

    Outside a transaction: what it reads may be outdated when it writes, and then the table's keys refuse the whole
    batch. Positions have no gaps, so that one that is free comes right after the head that was read. Raises
    asyncpg.UniqueViolationError when another leader has chained meanwhile.
    """
    acts = await driver.fetch(UNCHAINED, after, BATCH)
    if not acts:
        return []
    before = await head(driver)
    position, last = (before.position, before.hash) if before else (0, BEGIN)
    links: list[tuple[int, int, bytes]] = []
    for act in acts:
        position += 1
        last = link(ring, last, position, act)
        links.append((position, act["id"], last))
    await driver.execute(APPEND, *map(list, zip(*links, strict=True)))
    return [act["id"] for act in acts]


def link(ring: KeyRing, before: bytes, position: int, act: Mapping[str, Any]) -> bytes:
    """Give the hash of an act at its position, after the hash before it."""
    return ring.hash("journal", before, position.to_bytes(8, "big"), canonical(act))


def canonical(act: Mapping[str, Any]) -> bytes:
    """Write all columns of a journal's row in one way: JSON by name, UTC, without those that are null.

    So a column that comes later, null in the rows before it, leaves their hashes as they are.
    """
    fields = {name: _plain(value) for name, value in act.items() if value is not None}
    return json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
