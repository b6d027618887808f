"""The keyring: random keys wrapped by SECRET_KEY, loaded once and kept in memory."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert

from bot.database import Database, driver
from bot.privacy.generations import Generations
from bot.privacy.lasting import can_seal, missing
from bot.privacy.models import LastingKey, PeriodKey
from bot.privacy.sealing import keyed_hash
from bot.privacy.wrapping import KeyringLost, Wrapping

LASTING_KEYS: Final = "SELECT id, purpose, wrapped FROM lasting_keys"
FIND_PERIOD: Final = "SELECT purpose, begins, wrapped FROM period_keys WHERE id = $1"


class KeyRing:
    """Every key in use. Loaded at start; keys of days and weeks are made before the transaction that needs them."""

    def __init__(self, database: Database, secret_key: bytes, previous: bytes | None = None) -> None:
        self._database = database
        self.wrapping = Wrapping(secret_key, previous)
        self.generations = Generations()
        self._lasting: dict[str, bytes] = {}
        self._opened: dict[UUID, bytes] = {}
        self._periods: dict[UUID, bytes] = {}
        self._current: dict[tuple[str, date], UUID] = {}
        self._ready: date | None = None
        """The day whose keys are all there."""

    async def load(self) -> None:
        """Load all keys, making them in an empty database; raise WrongKey or KeyringLost."""
        async with self._database.transaction() as connection:
            await connection.execute(text("LOCK TABLE lasting_keys IN SHARE ROW EXCLUSIVE MODE"))
            raw = await driver(connection)
            lasting = await self._open_lasting(raw)
            for purpose in await missing(raw, lasting):
                key_id, key = uuid4(), secrets.token_bytes(32)
                await connection.execute(
                    insert(LastingKey).values(id=key_id, purpose=purpose, wrapped=self.wrapping.wrap(key_id, key))
                )
                lasting[purpose] = key
            periods = (await connection.execute(select(PeriodKey))).all()
            for row in periods:
                self._remember(row.id, row.purpose, row.begins, self.wrapping.unwrap(row.id, row.wrapped))
        self._lasting = lasting
        self.generations.learn(lasting)

    async def refresh(self, driver: Any) -> None:
        """Learn which sealing generations there are now: one small query. Raise WrongKey or KeyringLost."""
        lasting = await self._open_lasting(driver)
        if not can_seal(lasting):
            raise KeyringLost
        self.generations.learn(lasting)

    async def verify(self) -> int:
        """Open every key and give how many there are, writing nothing; raise WrongKey or KeyringLost."""
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            lasting = await self._open_lasting(raw)
            await missing(raw, lasting)
            periods = (await connection.execute(select(PeriodKey.id, PeriodKey.wrapped))).all()
        for row in periods:
            self.wrapping.unwrap(row.id, row.wrapped)
        return len(lasting) + len(periods)

    async def ready(self, now: datetime) -> None:
        """Make the keys of this day, week and month if they are not there. Call it outside any transaction."""
        if self.generations.behind:
            async with self._database.transaction() as connection:
                await self.refresh(await driver(connection))
        today = now.date()
        if today == self._ready:
            return
        for purpose, begins in (("day", today), ("week", week_of(now)), ("block", month_of(now))):
            if (purpose, begins) not in self._current:
                await self._make(purpose, begins)
        self._ready = today

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
        self._ready = None
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

    def month(self, now: datetime) -> tuple[UUID, bytes]:
        """Give the id and key of the month's blocks; `ready` must have run."""
        key_id = self._current["block", month_of(now)]
        return key_id, self._periods[key_id]

    def held(self, purpose: str) -> dict[UUID, bytes]:
        """Give the keys of a purpose's periods that this process holds, by their ids."""
        return {key_id: self._periods[key_id] for (of, _), key_id in self._current.items() if of == purpose}

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
                self._remember(key_id, row["purpose"], row["begins"], self.wrapping.unwrap(key_id, row["wrapped"]))
        return self._periods.get(key_id)

    def seal(self, table: str, row_id: bytes, plain: bytes) -> bytes:
        """Seal for a row of a table, under the current generation."""
        return self.generations.seal(_row(table, row_id), plain)

    def open(self, table: str, row_id: bytes, sealed: bytes) -> bytes:
        """Open what `seal` made for the same row; raise CannotOpen, or NewGeneration when it is to be tried again."""
        return self.generations.open(_row(table, row_id), sealed)

    async def _open_lasting(self, driver: Any) -> dict[str, bytes]:
        """Give the lasting keys by purpose; what was opened before is not opened again."""
        rows = await driver.fetch(LASTING_KEYS)
        self._opened = {
            row["id"]: self._opened.get(row["id"]) or self.wrapping.unwrap(row["id"], row["wrapped"]) for row in rows
        }
        return {row["purpose"]: self._opened[row["id"]] for row in rows}

    async def _make(self, purpose: str, begins: date) -> None:
        key_id, key = uuid4(), secrets.token_bytes(32)
        async with self._database.transaction() as connection:
            await connection.execute(
                insert(PeriodKey)
                .values(id=key_id, purpose=purpose, begins=begins, wrapped=self.wrapping.wrap(key_id, key))
                .on_conflict_do_nothing(index_elements=["purpose", "begins"])
            )
            row = (
                await connection.execute(
                    select(PeriodKey).where(PeriodKey.purpose == purpose, PeriodKey.begins == begins)
                )
            ).one()
        self._remember(row.id, purpose, begins, self.wrapping.unwrap(row.id, row.wrapped))

    def _remember(self, key_id: UUID, purpose: str, begins: date, key: bytes) -> None:
        self._periods[key_id] = key
        self._current[purpose, begins] = key_id


def _row(table: str, row_id: bytes) -> bytes:
    return table.encode() + b"\0" + row_id


def week_of(moment: datetime) -> date:
    """Give the Monday of a moment's week, in UTC."""
    return moment.date() - timedelta(days=moment.weekday())


def month_of(moment: datetime) -> date:
    """Give the first day of a moment's month, in UTC."""
    return moment.date().replace(day=1)


def keyed(ring: KeyRing, purpose: str, now: datetime, *parts: bytes) -> tuple[UUID, bytes]:
    """Give the day key's id and the keyed hash of `parts` under the key of the day."""
    key_id, key = ring.day(now)
    return key_id, keyed_hash(key, purpose, *parts)
