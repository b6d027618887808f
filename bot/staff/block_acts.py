"""`/blocks` on the main desk: its administrators see whose reports are not taken for a while, and end that.

A block is a keyed hash that names nobody. It is shown by the reports for which it was made, each for itself: how many
blocks there are would tell which of these reports one person sent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.delivery.outbox import CardSort, Outbox
from bot.offices.spoken import folded
from bot.privacy import blocks
from bot.privacy.keyring import KeyRing
from bot.reports import form_queries
from bot.reports.deciding import Officer
from bot.reports.queries import JOURNAL
from bot.staff.managing import SORT, SUBJECT, Managing
from bot.telegram.reply import Reply, say
from bot.telegram.turn import Turn

LIFT: Final = frozenset({"lift", "снять", "алу"})
ALL: Final = frozenset({"all", "все", "бәрі"})
ACT: Final = "unblock"
LIFTED: Final = "lifted"
"""What the form of a block says of it from then on."""
LISTED: Final = 30
_NUMBER: Final = re.compile(r"№?\s*(\d{1,15})")


@dataclass(frozen=True, slots=True)
class BlockActs:
    """What the command needs, handed in by the composition root."""

    managing: Managing
    ring: KeyRing
    outbox: Outbox

    async def command(self, turn: Turn, message: Message, words: str) -> Reply | None:
        """Answer the command under it."""
        first, _, rest = folded(words).partition(" ")
        number = _NUMBER.fullmatch(rest)

        async def act(officer: Officer) -> Reply:
            if first in LIFT and rest in ALL:
                return await self._lift_all(turn, officer)
            if first in LIFT and number:
                return await self._lift(turn, int(number[1]), officer)
            return await self._look(turn) if not first else self._say(turn, "blocks_usage")

        return await self.managing.answer(turn, message, act)

    async def _look(self, turn: Turn) -> Reply:
        standing = await self._standing(turn)
        shown = [{"number": row["number"], "until": f"{_until(row):%d.%m.%Y}"} for row in standing[:LISTED]]
        return self._say(turn, "blocks", blocks=shown, more=len(standing) - len(shown), days=blocks.BLOCK_DAYS)

    async def _lift(self, turn: Turn, number: int, officer: Officer) -> Reply:
        row = next((row for row in await self._standing(turn) if row["number"] == number), None)
        if row is None:
            return self._say(turn, "block_unknown", number=number)
        if not await blocks.lift(turn.driver, self.ring, row["report_id"], turn.now):
            return self._say(turn, "block_no_address", number=number, until=f"{_until(row):%d.%m.%Y}")
        await self._note(turn, [row])
        entry = turn.now, officer.id, officer.name, ACT, CardSort.REPORT.value, row["report_id"]
        await turn.driver.execute(JOURNAL, *entry)
        return self._say(turn, "block_lifted", number=number)

    async def _lift_all(self, turn: Turn, officer: Officer) -> Reply:
        await turn.driver.execute(blocks.LIFT_ALL)
        await self._note(turn, await self._standing(turn, everywhere=True))
        await turn.driver.execute(JOURNAL, turn.now, officer.id, officer.name, f"{ACT}_all", SORT, SUBJECT)
        return self._say(turn, "blocks_lifted")

    async def _standing(self, turn: Turn, *, everywhere: bool = False) -> list[Any]:
        """Give the reports for which blocks were made that stand, the newest first, of those that the desk may see."""
        seen = None if everywhere else self.managing.desks.scope(turn.actor.chat_id)
        since = turn.now - timedelta(days=blocks.BLOCK_DAYS)
        rows = await turn.driver.fetch(form_queries.BLOCKS, since, seen)
        return [row for row in rows if _until(row) > turn.now.date()]

    async def _note(self, turn: Turn, lifted: list[Any]) -> None:
        ids = [row["form_id"] for row in lifted]
        await turn.driver.execute(form_queries.BLOCKS_LIFTED, ids, LIFTED)
        await self.outbox.refresh(turn.driver, CardSort.FORM, ids, turn.now)

    def _say(self, turn: Turn, name: str, /, **variables: Any) -> Reply:
        language = self.managing.desks.language(turn.actor.chat_id)
        return say(self.managing.texts.render(language, f"desk.{name}", **variables))


def _until(row: Any) -> Any:
    """Give the day on which a block ends by itself."""
    return row["at"].date() + timedelta(days=blocks.BLOCK_DAYS)


def add_blocks(router: Router) -> None:
    """Add the command to the desk's router, in front of what takes any reply."""

    @router.message(Command("blocks", ignore_mention=True))
    async def show_blocks(message: Message, turn: Turn, block_acts: BlockActs, command: CommandObject) -> Reply | None:
        return await block_acts.command(turn, message, command.args or "")
