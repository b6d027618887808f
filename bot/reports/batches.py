"""Batches: links that were taken out together in a register, or that an officer marks together by a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid4

from pydantic import BaseModel, Field

from bot import jobs
from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.privacy.keyring import KeyRing
from bot.reports import batch_queries, queries
from bot.reports.deciding import Officer
from bot.reports.lifecycle import Decision

MARK: Final = "mark_batch"
"""The job that reads a list, and marks its links."""
REGISTER_ACT: Final = "register"
"""What the journal calls it that an officer has a register sent."""
BATCH_SORT: Final = "batch"
"""What the journal calls a batch."""


class BatchState(StrEnum):
    """How far a batch is."""

    TAKEN_OUT = "taken_out"
    """It is a register's: it was sent, and marks nothing."""
    ASKED = "asked"
    """An officer is asked whether it is to be marked."""
    WAITING = "waiting"
    """It is to be read."""
    MARKING = "marking"
    DONE = "done"
    DROPPED = "dropped"
    FAILED = "failed"


class Outcome(StrEnum):
    """What came of a link that was to be marked."""

    MARKED = "marked"
    DECIDED = "decided"
    """It was decided before, or marked as the same."""
    HELD = "held"
    """Another officer has it in hand."""
    GONE = "gone"


class Reason(StrEnum):
    """Why a list could not be read."""

    TOO_BIG = "too_big"
    LOST = "lost"
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    NO_LINKS = "no_links"


class BatchOver(Exception):
    """This batch was confirmed or dropped meanwhile."""


class ToRead(BaseModel):
    """What of a batch is sealed until it was read: the handle of a file, or links as they were typed."""

    file_id: str = ""
    words: str = ""


class Found(BaseModel):
    """What of a batch is sealed once it was read; numbers are of links, each counted once."""

    links: int
    """All that the list holds."""
    unknown: int = 0
    unknown_links: list[str] = Field(default_factory=list)
    """The first of those that nobody reported."""
    others: int = 0
    """Those of which the list says something else."""
    answers: list[str] = Field(default_factory=list)
    bad: int = 0
    """Rows without a link."""
    bad_lines: list[int] = Field(default_factory=list)
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """What an officer wants marked, and as what: the links of a register, or those of a list that is to be read."""

    decision: Decision
    officer: Officer
    desk: str
    """The line of the desk on which it was said."""
    message_id: int | None
    """The officer's message, if there was one."""
    source: UUID | None = None
    to_read: ToRead | None = None


class Batches:
    """The service of batches. Its methods run on the driver's connection of an open transaction."""

    def __init__(self, ring: KeyRing, outbox: Outbox) -> None:
        self._ring, self._outbox = ring, outbox

    async def take_out(self, driver: Any, batch_id: UUID, officer: Officer, desk: str, now: datetime) -> None:
        """Note that an officer has a register sent. Which links it holds is known when it leaves."""
        await driver.execute(batch_queries.TAKEN_OUT, batch_id, desk, officer.id, officer.name, now)
        entry = now, officer.id, officer.name, REGISTER_ACT, BATCH_SORT, batch_id
        await driver.execute(queries.JOURNAL, *entry)

    async def hold(self, driver: Any, batch_id: UUID, resources: Sequence[UUID], now: datetime) -> None:
        """Note which links a register holds that is about to leave; what an earlier try held is forgotten."""
        if await driver.fetchval(batch_queries.SENT_AT, batch_id, now) is not None:
            await driver.execute(batch_queries.FORGET_LINKS, batch_id)
            await driver.execute(batch_queries.HOLD_LINKS, batch_id, resources)

    async def newest(self, driver: Any, desk: str) -> UUID | None:
        """Give the newest register that was sent to a desk."""
        found: UUID | None = await driver.fetchval(batch_queries.NEWEST, desk)
        return found

    async def posted(self, driver: Any, chat_id: int, message_id: int) -> UUID | None:
        """Give the register that stands in a message of a desk; None where something else does."""
        row = await driver.fetchrow(batch_queries.POSTED_BATCH, chat_id, message_id)
        return row["id"] if row and row["state"] == BatchState.TAKEN_OUT else None

    async def begin(self, driver: Any, wish: Wish, now: datetime, *, asks: bool = False) -> UUID:
        """Begin to mark, or with `asks` ask whether to: the answer is a card on the desk. Give the batch."""
        batch_id, state = uuid4(), BatchState.ASKED if asks else BatchState.WAITING
        sealed = self.seal(batch_id, wish.to_read) if wish.to_read else None
        about = wish.desk, wish.decision.value, state.value, wish.source
        who = wish.officer.id, wish.officer.name
        await driver.execute(batch_queries.NEW_BATCH, batch_id, *about, *who, wish.message_id, now, sealed)
        await self._outbox.want(driver, Recipient.DESK, CardSort.BATCH, [batch_id], now, desk=wish.desk)
        if not asks:
            await jobs.enqueue(driver, MARK, batch_id)
        return batch_id

    async def confirm(self, driver: Any, batch_id: UUID, officer: Officer, now: datetime) -> None:
        """Mark what was asked about, as the officer who says so; raise BatchOver."""
        await self._asked(driver, batch_id)
        row = await driver.fetchrow(batch_queries.BATCH, batch_id)
        state = BatchState.WAITING if row["source"] else BatchState.MARKING
        await driver.execute(batch_queries.CONFIRM, batch_id, state.value, officer.id, officer.name)
        await jobs.enqueue(driver, MARK, batch_id)
        await self._outbox.refresh(driver, CardSort.BATCH, [batch_id], now)

    async def drop(self, driver: Any, batch_id: UUID, now: datetime) -> None:
        """Mark nothing; raise BatchOver."""
        await self._asked(driver, batch_id)
        await driver.execute(batch_queries.MOVE, batch_id, BatchState.DROPPED.value)
        await self._outbox.refresh(driver, CardSort.BATCH, [batch_id], now)

    def seal(self, batch_id: UUID, what: ToRead | Found) -> bytes:
        """Seal what of a batch is nobody's to read in its row: it may name links that were made for one person."""
        return self._ring.seal("batches", batch_id.bytes, what.model_dump_json().encode())

    def to_read(self, batch_id: UUID, sealed: bytes) -> ToRead:
        """Open what is to be read."""
        return ToRead.model_validate_json(self._ring.open("batches", batch_id.bytes, sealed))

    def found(self, batch_id: UUID, sealed: bytes | None) -> Found | None:
        """Open what was found; None of the links of a register."""
        if sealed is None:
            return None
        return Found.model_validate_json(self._ring.open("batches", batch_id.bytes, sealed))

    async def _asked(self, driver: Any, batch_id: UUID) -> None:
        row = await driver.fetchrow(batch_queries.BATCH_LOCKED, batch_id)
        if row is None or row["state"] != BatchState.ASKED:
            raise BatchOver
