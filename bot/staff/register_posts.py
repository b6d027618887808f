"""`/register` on the desk: which links an officer asks for, and the workbook that comes of it."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.delivery.outbox import Outbox, Recipient
from bot.delivery.sender import Letter, Outgoing
from bot.languages import Language
from bot.reports.lifecycle import Decision, Status
from bot.reports.register import OPEN, Asked, Register, Row, statuses
from bot.reports.register_files import opened
from bot.reports.register_template import Column
from bot.telegram.reply import Reply, say
from bot.telegram.turn import Turn
from bot.texts import Texts

TEMPLATE: Final = "register"
MOST: Final = 20_000
"""Rows of a workbook that the desk is sent; more than anybody reads there, and few enough to be made in seconds."""
_DAYS: Final = {"week": 7, "неделя": 7, "апта": 7, "month": 30, "месяц": 30, "ай": 30}
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
    "жабылған": Decision.BLOCKED,
}
"""How the desk calls what the register calls by a word of its own."""
_DATE: Final = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)|(\d\d?)\.(\d\d?)\.(\d{4})")


def read(words: str, today: date) -> Asked | None:
    """Read what stands behind `/register`: up to two days, a week or a month, a status. None: it cannot be read.

    Words are those of the desk's languages, and the register's own. Bare, it asks for the links that are neither sent
    to be blocked nor decided.
    """
    days: list[date] = []
    status: str | None = None
    for spoken in words.lower().replace("–", " ").split():
        word = _SAID.get(spoken, spoken)
        if word in ("-", "—"):
            continue
        day = _day(word)
        if day is not None:
            days.append(day)
        elif word in _DAYS:
            days += [today - timedelta(days=_DAYS[word] - 1), today]
        elif status is None and word in (*statuses(), ALL):
            status = word
        else:
            return None
    if len(days) > 2 or days != sorted(days):
        return None
    status = status or (None if days else OPEN)
    first, last = (days[0], days[-1]) if days else (None, None)
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
        self, outbox: Outbox, texts: Texts, language: Language, timezone: str, wake: Callable[[], None]
    ) -> None:
        self._outbox, self._texts, self._language = outbox, texts, language
        self._timezone, self._wake = ZoneInfo(timezone), wake

    async def ask(self, turn: Turn, words: str) -> Reply:
        """Queue it, or say how it is asked for."""
        asked = read(words, turn.now.astimezone(self._timezone).date())
        if asked is None:
            return say(self._texts.render(self._language, "desk.register_usage"))
        await self._outbox.message(turn.driver, Recipient.DESK, uuid4(), TEMPLATE, params(asked), turn.now)
        turn.after_commit.append(self._wake)
        return say(self._texts.render(self._language, "desk.register_asked"))


class RegisterPosts:
    """Renders the workbook. It is made when it is sent: what changed meanwhile is in it."""

    def __init__(self, register: Register, columns: list[Column], texts: Texts, clock: Clock) -> None:
        self._register, self._columns, self._texts, self._clock = register, columns, texts, clock

    async def message(self, letter: Letter) -> Outgoing:
        """Render the message: a file, or a sentence where there is nothing, or too much, to send."""
        kept, language = letter.params, Language(letter.language)
        first, last = (date.fromisoformat(kept[name]) if kept[name] else None for name in ("first", "last"))
        rows: list[Row] = []
        async for row in self._register.rows(Asked(first, last, status=kept["status"])):
            rows.append(row)
            if len(rows) > MOST:
                return Outgoing(
                    "sendMessage", {"text": self._texts.render(language, "desk.register_too_many", most=MOST)}
                )
        if not rows:
            return Outgoing("sendMessage", {"text": self._texts.render(language, "desk.register_empty")})
        # In a thread: a long one takes seconds, in which the bot has others to answer.
        data = await asyncio.to_thread(self._workbook, rows, language)
        name = f"register-{self._clock():%Y-%m-%d}.xlsx"
        caption = self._texts.render(language, "desk.register", count=len(rows))
        return Outgoing("sendDocument", {"document": f"attach://{name}", "caption": caption}, {name: data})

    def _workbook(self, rows: list[Row], language: Language) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "register.xlsx"
            with opened(path, "xlsx", self._columns, language, self._texts) as book:
                for row in rows:
                    book.take(row)
            return path.read_bytes()


def _day(word: str) -> date | None:
    match = _DATE.fullmatch(word)
    if match is None:
        return None
    year, month, day = (match[1], match[2], match[3]) if match[1] else (match[6], match[5], match[4])
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
