"""`shekteu keys rotate`: wraps the keyring anew and seals everything under a new generation, while the bot runs.

Stopped anywhere, it goes on from there when it is run again. The order is what makes that safe:

1. The new generation's key is in the database, and nobody seals under it.
2. Every running process knows it. Now they may seal under it, for all can open it.
3. Nobody seals under an older one, and what was being written meanwhile is written.
4. Everything is sealed anew. Only now the older keys are destroyed.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from time import monotonic
from typing import Any, Final
from uuid import uuid4

import asyncpg

from bot import rotation_statements as statements
from bot.database import Database
from bot.key_watch import CONNECTION, HELD, KNOWS, LOOK_EVERY
from bot.privacy.generations import KEPT, MOST, NEXT, SEAL, read_purpose
from bot.privacy.keyring import KeyRing
from bot.resealing import Resealing

SETTLE: Final = 2 * LOOK_EVERY
"""Seconds that a new key lies in the database at least: a process that has just lost its connection comes back."""
LINGER: Final = 60.0
"""Seconds until what was sealed under the older generation is written: a handler takes 20 at most, a transaction may
wait for a connection for 30, and for a lock for 10."""
LOOK: Final = 1.0
REMIND: Final = 30.0
"""Seconds after which a rotation that waits says again for what."""


class RotationRefused(Exception):
    """A rotation cannot begin."""


class AnotherRotation(RotationRefused):
    """Another `shekteu keys rotate` is at work on this database: let it end."""


class NoKeyring(RotationRefused):
    """This database has no keys yet: `shekteu run` makes them."""


class NoGenerationLeft(RotationRefused):
    """There were 255 rotations, and a generation has one byte: tell those who look after the program."""


class Rotation:
    """One rotation, told step by step."""

    def __init__(
        self,
        database: Database,
        url: str,
        ring: KeyRing,
        tell: Callable[[str], None],
        *,
        settle: float = SETTLE,
        linger: float = LINGER,
        look: float = LOOK,
    ) -> None:
        self._url, self._ring, self._tell = url, ring, tell
        self._settle, self._linger, self._look = settle, linger, look
        self._resealing = Resealing(database, ring, tell)

    async def run(self) -> bool:
        """Rotate; False when something does not open, so that its old key stays. Raises RotationRefused, KeyTrouble."""
        if not await self._ring.verify():
            raise NoKeyring
        connection = await asyncpg.connect(self._url, server_settings=CONNECTION | statements.SESSION)
        try:
            if not await connection.fetchval(statements.TRY, statements.LOCK):
                raise AnotherRotation
            return await self._run(connection)
        finally:
            await connection.close(timeout=5)

    async def _run(self, connection: Any) -> bool:
        await self._ring.load()
        number = await self._begin(connection)
        since = monotonic()
        processes = await self._wait(
            connection, lambda held: held["newest"] == number, f"know generation {number} and the new SECRET_KEY"
        )
        await asyncio.sleep(since + self._settle - monotonic())
        self._tell(f"Running processes that know generation {number}: {processes}.")
        await self._wrap(connection)
        await connection.execute(statements.RENAME, f"{NEXT}{number}", f"{SEAL}{number}")
        await self._ring.refresh(connection)
        await self._wait(connection, lambda held: held["current"] == number, f"seal under generation {number}")
        since = monotonic()
        self._tell("Sealing everything anew; the bot goes on meanwhile.")
        await self._resealing.run()
        await self._let_finish(connection, since)
        await self._resealing.run()
        return await self._end(connection, number)

    async def _begin(self, connection: Any) -> int:
        """Make a new generation, or go on with one that an earlier rotation left half done."""
        found = {
            known: row for row in await connection.fetch(statements.LASTING) if (known := read_purpose(row["purpose"]))
        }
        state, number = max(found, key=lambda known: known[1])
        row = found[state, number]
        half_done = state == NEXT or any(known[0] == SEAL and known[1] != number for known in found)
        # One that the previous SECRET_KEY wrapped may be known to whoever has that: it does not do.
        if half_done and self._ring.wrapping.is_newest(row["id"], row["wrapped"]):
            self._tell(f"Going on with generation {number}, which an earlier rotation has made.")
            return number
        if number == MOST:
            raise NoGenerationLeft
        number, key_id = number + 1, uuid4()
        wrapped = self._ring.wrapping.wrap(key_id, secrets.token_bytes(32))
        await connection.execute(statements.MAKE, key_id, f"{NEXT}{number}", wrapped)
        self._tell(f"Generation {number} is made. Waiting until every running process knows it.")
        return number

    async def _wait(self, connection: Any, done: Callable[[Any], bool], what: str) -> int:
        """Wait until every running process has done something; give how many there are."""
        told = monotonic()
        while True:
            held = await connection.fetch(HELD, KNOWS)
            late = sum(not done(row) for row in held)
            if not late:
                return len(held)
            if monotonic() - told > REMIND:
                told = monotonic()
                self._tell(
                    f"Still waiting: {late} of {len(held)} running processes do not {what} yet. "
                    "One that was started with the old settings has to be started again."
                )
            await asyncio.sleep(self._look)

    async def _wrap(self, connection: Any) -> None:
        """Wrap by the present SECRET_KEY what the previous one has wrapped. Both tables, again until none is left."""
        wrapping, done = self._ring.wrapping, 0
        for find, change in (
            (statements.LASTING, statements.WRAP_LASTING),
            (statements.PERIODS, statements.WRAP_PERIOD),
        ):
            while old := [
                row for row in await connection.fetch(find) if not wrapping.is_newest(row["id"], row["wrapped"])
            ]:
                for row in old:
                    anew = wrapping.wrap(row["id"], wrapping.unwrap(row["id"], row["wrapped"]))
                    await connection.execute(change, row["id"], row["wrapped"], anew)
                    done += 1
        if done:
            self._tell(f"Keys wrapped by the new SECRET_KEY: {done}.")

    async def _let_finish(self, connection: Any, since: float) -> None:
        """Wait until everything that was sealed under an older generation stands where it can be seen."""
        if (rest := since + self._linger - monotonic()) > 0:
            self._tell(f"Waiting {rest:.0f} s for what was being written meanwhile.")
            await asyncio.sleep(rest)
        begun, told = await connection.fetchval(statements.NOW), monotonic()
        while await connection.fetchval(statements.OLDEST_OPEN) <= begun:
            if monotonic() - told > REMIND:
                told = monotonic()
                self._tell("Still waiting for a transaction that was open before, perhaps of another program.")
            await asyncio.sleep(self._look)

    async def _end(self, connection: Any, number: int) -> bool:
        """Destroy the keys of the generations under which nothing lies any more."""
        left = await self._resealing.left()
        well = True
        for row in await connection.fetch(statements.LASTING):
            known = read_purpose(row["purpose"])
            if known is None or known[1] == number:
                continue
            if count := left.get(known[1], 0):
                well = False
                await connection.execute(statements.RENAME, row["purpose"], f"{KEPT}{known[1]}")
                self._tell(f"✗ {count} values of generation {known[1]} do not open, so its key stays.")
            else:
                await connection.execute(statements.DESTROY, row["id"])
                self._tell(f"Nothing is sealed under generation {known[1]} any more: its key is destroyed.")
        await self._leave_no_trace(connection)
        self._tell(f"Done: generation {number} is in use." if well else "Tell those who look after the program.")
        return well

    async def _leave_no_trace(self, connection: Any) -> None:
        """Have the old wrappings leave the files of their tables."""
        for statement in statements.NO_TRACE:
            try:
                await connection.execute(statement)
            except asyncpg.LockNotAvailableError:
                self._tell("The tables of keys are busy: their old rows leave the disk a little later.")
            except asyncpg.InsufficientPrivilegeError:
                # A checkpoint is the server's own business where the role may not ask for one.
                continue
