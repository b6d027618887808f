"""`/register` on the desk: which links an officer asks for, and the workbook that comes of it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.database import Database, driver
from bot.delivery.outbox import Outbox, Recipient
from bot.delivery.sender import Letter, Outgoing
from bot.languages import Language
from bot.reports.batches import Batches
from bot.reports.deciding import Officer
from bot.reports.lifecycle import Decision, Status
from bot.reports.register import OPEN, Asked, Register, Row, statuses
from bot.reports.register_files import opened
from bot.reports.register_template import Column
from bot.staff import spoken_days
from bot.staff.desks import Desks
from bot.telegram.reply import Reply, say
from bot.telegram.turn import Turn
from bot.texts import Texts

TEMPLATE: Final = "register"
MOST: Final = 20_000
"""Rows of a workbook that the desk is sent; more than anybody reads there, and few enough to be made in seconds."""
ALL: Final = "all"
_SAID: Final = {
    "все": ALL,
    "бәрі": ALL,
    "новые": Status.NEW,
    "жаңа": Status.NEW,
    "sent": Decision.SENT_TO_BLOCK,
    "направленные": Decision.SENT_TO_BLOCK,
    "жіберілген": Decision.SENT_TO_BLOCK,
    "closed": Decision.BLOCKED,
    "закрытые": Decision.BLOCKED,
    "шектелген": Decision.BLOCKED,
    "жабылған": Decision.BLOCKED,
}
"""How the desk calls what the register calls by a word of its own."""


def read(words: str, today: date) -> Asked | None:
    """Read what stands behind `/register`: up to two days, a week or a month, a status. None: it cannot be read.

    Words are those of the desk's languages, and the register's own. Bare, it asks for the links that are neither sent
    to be blocked nor decided.
    """
    found = spoken_days.read(words, today)
    if found is None:
        return None
    period, rest = found
    status: str | None = None
    for spoken in rest:
        word = _SAID.get(spoken, spoken)
        if status is not None or word not in (*statuses(), ALL):
            return None
        status = word
    status = status or (None if period else OPEN)
    first, last = (period.first, period.last) if period else (None, None)
    return Asked(first, last, status=None if status == ALL else status)


def params(asked: Asked) -> dict[str, Any]:
    """Give what the queued message keeps of it."""
    return {
        "first": asked.first.isoformat() if asked.first else None,
        "last": asked.last.isoformat() if asked.last else None,
        "status": asked.status,
    }


class RegisterAsked:
    """Queues the workbook that an officer asks for."""

    def __init__(
        self,
        outbox: Outbox,
        batches: Batches,
        texts: Texts,
        timezone: str,
        desks: Desks,
        wake: Callable[[], None],
    ) -> None:
        self._outbox, self._batches, self._texts = outbox, batches, texts
        self._timezone, self._desks, self._wake = ZoneInfo(timezone), desks, wake

    async def ask(self, turn: Turn, words: str, officer: Officer) -> Reply:
        """Queue it, or say how it is asked for. Who takes the list out is journaled."""
        asked = read(words, turn.now.astimezone(self._timezone).date())
        language = self._desks.language(turn.actor.chat_id)
        if asked is None:
            return say(self._texts.render(language, "desk.register_usage"))
        batch_id, desk = uuid4(), self._desks.line(turn.actor.chat_id)
        await self._batches.take_out(turn.driver, batch_id, officer, desk, turn.now)
        await self._outbox.message(turn.driver, Recipient.DESK, batch_id, TEMPLATE, params(asked), turn.now, desk=desk)
        turn.after_commit.append(self._wake)
        return say(self._texts.render(language, "desk.register_asked"))


class RegisterPosts:
    """Renders the workbook. It is made when it is sent: what changed meanwhile is in it."""

    def __init__(
        self,
        database: Database,
        batches: Batches,
        register: Register,
        columns: list[Column],
        texts: Texts,
        scope: Callable[[str], list[int]],
        clock: Clock,
    ) -> None:
        """`scope` lists the offices whose links the desk of a line is shown."""
        self._database, self._batches, self._register, self._scope = database, batches, register, scope
        self._columns, self._texts, self._clock = columns, texts, clock

    async def message(self, letter: Letter) -> Outgoing:
        """Render the message: a file, or a sentence where there is nothing, or too much, to send."""
        kept, language = letter.params, Language(letter.language)
        first, last = (date.fromisoformat(kept[name]) if kept[name] else None for name in ("first", "last"))
        asked, offices = Asked(first, last, status=kept["status"]), self._scope(letter.desk)
        rows: list[Row] = []
        async for row in self._register.rows(asked, offices):
            rows.append(row)
            if len(rows) > MOST:
                return Outgoing(
                    "sendMessage", {"text": self._texts.render(language, "desk.register_too_many", most=MOST)}
                )
        private = await self._register.left_out(asked, offices)
        if not rows:
            text = self._texts.render(language, "desk.register_empty", private=private)
            return Outgoing("sendMessage", {"text": text})
        # Which links it holds is kept for `/sent`, before it leaves.
        async with self._database.transaction() as connection:
            held = [row.id for row in rows]
            await self._batches.hold(await driver(connection), letter.lane, held, self._clock())
        # In a thread: a long one takes seconds, in which the bot has others to answer.
        data = await asyncio.to_thread(self._workbook, rows, language)
        # The office's day, as on cards and in figures.
        name = f"register-{self._clock().astimezone(self._register.timezone):%Y-%m-%d}.xlsx"
        found = sum(row.first_reported is None for row in rows)
        caption = self._texts.render(language, "desk.register", count=len(rows), private=private, found=found)
        # Clients let nobody save a protected document, and this one is to be taken into the system of blocking.
        params = {"document": f"attach://{name}", "caption": caption, "protect_content": False}
        return Outgoing("sendDocument", params, {name: data})

    def _workbook(self, rows: list[Row], language: Language) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "register.xlsx"
            with opened(path, "xlsx", list(self._columns), language, self._texts) as book:
                for row in rows:
                    book.take(row)
            return path.read_bytes()
