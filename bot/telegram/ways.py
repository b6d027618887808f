"""The two ways to take an update: as one statement, and, if that will not do, in a transaction that holds the lock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import asyncpg
import orjson

from bot.at_once import NeedsTransaction, in_one_go
from bot.clock import to_minute
from bot.database import IDLE_LIMIT
from bot.telegram import statements
from bot.telegram.looks import Looks
from bot.telegram.records import Records
from bot.telegram.reply import Reply

if TYPE_CHECKING:
    from bot.telegram.turn import Handle, Turn

REFUSED: Final = (NeedsTransaction, asyncpg.SerializationError, asyncpg.IntegrityConstraintViolationError)
"""What ends a turn that was to be one statement: it needs more, something has changed, or is not as it nearly always
is."""


class HandlerTooSlow(Exception):
    """A handler took longer than it may: that is counted as its failure."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What a turn leaves: its recorded reply, and that its dialogue ends, or what it is now; else that stays."""

    reply: bytes | None
    minute: datetime
    ends: bool = False
    dialogue: bytes | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """An update that was taken, perhaps `before`, and its reply."""

    reply: Reply | None
    before: bool = False


class Ways:
    """Takes turns: `handle` answers an update that waits for nothing, `run` one that may, within its time limit."""

    def __init__(self, records: Records, looks: Looks, handle: Handle, run: Handle) -> None:
        self._records, self._looks, self._handle, self._run = records, looks, handle, run

    async def at_once(self, turn: Turn, update: Mapping[str, Any], lock: int) -> Taken | None:
        """Take an update by a look and one statement; None, and nothing is written, if it needs a transaction.

        The turn's driver is AtOnce.
        """
        seen = await self._looks.look(turn.update_id, turn.chat_hash)
        if seen["handled"]:
            return self._taken_before(turn, seen)
        try:
            before = self._open(turn, seen["dialogue"])
            reply = in_one_go(self._handle(turn, update))
            saved = self._saved(turn, reply, before)
            row = lock, turn.update_id, turn.chat_hash, seen["dialogue"]
            await turn.driver.write(statements.END_TURN, *row, saved.reply, saved.minute, saved.ends, saved.dialogue)
        except REFUSED:
            return None
        return Taken(reply)

    async def in_transaction(self, turn: Turn, update: Mapping[str, Any], lock: int) -> Taken:
        """Take an update in one transaction, whatever it needs; its driver is a connection that is in none."""
        driver, began = turn.driver, monotonic()
        try:
            await driver.execute("BEGIN")
            peek = await driver.fetchrow(statements.OPEN, lock, turn.update_id, turn.chat_hash)
            if peek["handled"]:
                await driver.execute("ROLLBACK")
                return self._taken_before(turn, peek)
            before = self._open(turn, peek["dialogue"])
            reply = await self._run(turn, update)
            await _save(turn, self._saved(turn, reply, before))
            await driver.execute("COMMIT")
        except BaseException as error:
            if driver.is_closed() and isinstance(error, Exception) and monotonic() - began > IDLE_LIMIT:
                # The server ended the session because the handler was idle for so long, and would be again.
                raise HandlerTooSlow from None
            await _roll_back(driver)
            raise
        return Taken(reply)

    def _taken_before(self, turn: Turn, seen: Mapping[str, Any]) -> Taken:
        return Taken(self._records.reply(turn.update_id, seen["reply"]), before=True)

    def _open(self, turn: Turn, dialogue: bytes | None) -> tuple[str | None, bytes]:
        """Give a turn its dialogue; give that as it was before the handler."""
        turn.state, turn.data = self._records.dialogue(turn.chat_hash, dialogue)
        return turn.state, orjson.dumps(turn.data)

    def _saved(self, turn: Turn, reply: Reply | None, before: tuple[str | None, bytes]) -> Saved:
        """Give what is to be saved of a turn that has its reply."""
        # A finer moment would stand beside the report as well, and tell whose chat it came from.
        data, minute = orjson.dumps(turn.data), to_minute(turn.now)
        recorded = self._records.seal_reply(turn.update_id, reply)
        if (turn.state, data) == before:
            return Saved(recorded, minute)
        if turn.state is None and not turn.data:
            return Saved(recorded, minute, ends=True)
        return Saved(recorded, minute, dialogue=self._records.seal_dialogue(turn.chat_hash, turn.state, data))


async def _save(turn: Turn, saved: Saved) -> None:
    marked = turn.update_id, saved.reply, saved.minute
    if saved.dialogue is not None:
        await turn.driver.execute(statements.SAVE, *marked, turn.chat_hash, saved.dialogue)
    elif saved.ends:
        await turn.driver.execute(statements.END, *marked, turn.chat_hash)
    else:
        await turn.driver.execute(statements.MARK, *marked)


async def _roll_back(driver: Any) -> None:
    if not driver.is_closed() and driver.is_in_transaction():
        await driver.execute("ROLLBACK")
