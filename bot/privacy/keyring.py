"""The keyring: random keys wrapped by SECRET_KEY, loaded once and kept in memory."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert

from bot.database import Database
from bot.privacy.models import LastingKey, PeriodKey
from bot.privacy.sealing import CannotOpen, derive, keyed_hash, open_sealed, seal

LASTING: Final = ("receipt", "chat", "resource", "press", "seal1")
"""The keys that live as long as the installation; `seal1` is the first sealing generation."""
FIND_PERIOD: Final = "SELECT purpose, begins, wrapped FROM period_keys WHERE id = $1"


class WrongKey(Exception):
    """SECRET_KEY does not open this database's keyring: bring back the key that it was made with."""


class KeyRing:
    """Every key in use. Loaded at start; keys of days and weeks are made before the transaction that needs them."""

    def __init__(self, database: Database, secret_key: bytes, previous: bytes | None = None) -> None:
        self._database = database
        self._wrapping = derive(secret_key, "wrap")
        self._opening = [self._wrapping] + ([derive(previous, "wrap")] if previous else [])
        self._lasting: dict[str, bytes] = {}
        self._periods: dict[UUID, bytes] = {}
        self._current: dict[tuple[str, date], UUID] = {}
        self.sealing: dict[int, bytes] = {}
        self.generation = 1

    async def load(self) -> None:
        """Load all keys, making those that are missing; raise WrongKey."""
        async with self._database.transaction() as connection:
            await connection.execute(text("LOCK TABLE lasting_keys IN SHARE ROW EXCLUSIVE MODE"))
            rows = (await connection.execute(select(LastingKey.id, LastingKey.purpose, LastingKey.wrapped))).all()
            self._lasting = {row.purpose: self._unwrap(row.id, row.wrapped) for row in rows}
            for purpose in LASTING:
                if purpose not in self._lasting:
                    key_id, key = uuid4(), secrets.token_bytes(32)
                    await connection.execute(
                        insert(LastingKey).values(id=key_id, purpose=purpose, wrapped=self._wrap(key_id, key))
                    )
                    self._lasting[purpose] = key
            periods = (await connection.execute(select(PeriodKey))).all()
            for row in periods:
                self._remember(row.id, row.purpose, row.begins, self._unwrap(row.id, row.wrapped))
        self.sealing = {int(name[4:]): key for name, key in self._lasting.items() if name.startswith("seal")}
        self.generation = max(self.sealing)

    async def verify(self) -> int:
        """Open every key and give how many there are, writing nothing; raise WrongKey."""
        async with self._database.transaction() as connection:
            lasting = (await connection.execute(select(LastingKey.id, LastingKey.wrapped))).all()
            periods = (await connection.execute(select(PeriodKey.id, PeriodKey.wrapped))).all()
        for row in (*lasting, *periods):
            self._unwrap(row.id, row.wrapped)
        return len(lasting) + len(periods)

    async def ready(self, now: datetime) -> None:
        """Make the keys of this day and week if they are not there. Call it outside any transaction."""
        for purpose, begins in (("day", now.date()), ("week", week_of(now))):
            if (purpose, begins) not in self._current:
                await self._make(purpose, begins)

    async def destroy(self, purpose: str, before: date, keep: frozenset[UUID] = frozenset()) -> int:
        """Destroy the keys of periods that began before a day, but those in `keep`; give how many went."""
        async with self._database.transaction() as connection:
            gone = await connection.scalars(
                delete(PeriodKey)
                .where(PeriodKey.purpose == purpose, PeriodKey.begins < before, PeriodKey.id.not_in(keep))
                .returning(PeriodKey.id)
            )
            ids = set(gone)
        for key_id in ids:
            self._periods.pop(key_id, None)
        self._current = {period: key_id for period, key_id in self._current.items() if key_id not in ids}
        return len(ids)

    def hash(self, purpose: str, *parts: bytes) -> bytes:
        """Give the keyed hash of `parts` under the lasting key of a purpose."""
        return keyed_hash(self._lasting[purpose], purpose, *parts)

    def day(self, now: datetime) -> tuple[UUID, bytes]:
        """Give the id and key of the day; `ready` must have run."""
        key_id = self._current["day", now.date()]
        return key_id, self._periods[key_id]

    def week(self, now: datetime) -> tuple[UUID, bytes]:
        """Give the id and key of the week; `ready` must have run."""
        key_id = self._current["week", week_of(now)]
        return key_id, self._periods[key_id]

    def period(self, key_id: UUID) -> bytes | None:
        """Give the key of a past or present period by its id, or None when it was destroyed."""
        return self._periods.get(key_id)

    async def find_period(self, driver: Any, key_id: UUID) -> bytes | None:
        """Like `period`, and looks in the database for one that another process made.

        On the caller's connection: a second one while the first is held can empty the pool for good.
        """
        if key_id not in self._periods:
            row = await driver.fetchrow(FIND_PERIOD, key_id)
            if row:
                self._remember(key_id, row["purpose"], row["begins"], self._unwrap(key_id, row["wrapped"]))
        return self._periods.get(key_id)

    def seal(self, table: str, row_id: bytes, plain: bytes) -> bytes:
        """Seal for a row of a table, under the newest generation."""
        return seal(self.sealing[self.generation], self.generation, table.encode() + b"\0" + row_id, plain)

    def open(self, table: str, row_id: bytes, sealed: bytes) -> bytes:
        """Open what `seal` made for the same row; raise CannotOpen."""
        return open_sealed(self.sealing, table.encode() + b"\0" + row_id, sealed)

    async def _make(self, purpose: str, begins: date) -> None:
        key_id, key = uuid4(), secrets.token_bytes(32)
        async with self._database.transaction() as connection:
            await connection.execute(
                insert(PeriodKey)
                .values(id=key_id, purpose=purpose, begins=begins, wrapped=self._wrap(key_id, key))
                .on_conflict_do_nothing(index_elements=["purpose", "begins"])
            )
            row = (
                await connection.execute(
                    select(PeriodKey).where(PeriodKey.purpose == purpose, PeriodKey.begins == begins)
                )
            ).one()
        self._remember(row.id, purpose, begins, self._unwrap(row.id, row.wrapped))

    def _remember(self, key_id: UUID, purpose: str, begins: date, key: bytes) -> None:
        self._periods[key_id] = key
        self._current[purpose, begins] = key_id

    def _wrap(self, key_id: UUID, key: bytes) -> bytes:
        return seal(self._wrapping, 1, key_id.bytes, key, padded=False)

    def _unwrap(self, key_id: UUID, wrapped: bytes) -> bytes:
        for wrapping in self._opening:
            try:
                return open_sealed({1: wrapping}, key_id.bytes, wrapped, padded=False)
            except CannotOpen:
                continue
        raise WrongKey


def week_of(moment: datetime) -> date:
    """Give the Monday of a moment's week, in UTC."""
    return moment.date() - timedelta(days=moment.weekday())


def keyed(ring: KeyRing, purpose: str, now: datetime, *parts: bytes) -> tuple[UUID, bytes]:
    """Give the day key's id and the keyed hash of `parts` under the key of the day."""
    key_id, key = ring.day(now)
    return key_id, keyed_hash(key, purpose, *parts)
