"""`/capture` on the desk: the public links of a report are looked at now, and kept as they stand."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.database import Database, driver
from bot.delivery.outbox import CardSort
from bot.delivery.road import Letter, Outgoing
from bot.evidence import queries
from bot.evidence.errors import TargetRefused
from bot.evidence.target import host_of
from bot.languages import Language
from bot.links import canonical
from bot.privacy.keyring import KeyRing
from bot.reports.deciding import Officer
from bot.reports.naming import resource_key
from bot.reports.queries import JOURNAL, NUMBER_OF
from bot.telegram.reply import Reply, say
from bot.telegram.turn import Turn
from bot.texts import Texts

ACT: Final = "capture"
"""The act of asking for a capture, on the report; on the link itself where nobody has reported it."""
MOST: Final = 20
"""Links of one report that are captured at an officer's word; all are looked at by themselves in time."""
_ASKED: Final = re.compile(r"[№#]?\s?([0-9]{1,12})")


@dataclass(frozen=True, slots=True)
class Room:
    """What the desk's own room hands in."""

    looked: Callable[[Turn, Message, Callable[[], Awaitable[Reply]]], Awaitable[Reply | None]]
    """Answers a member's command under it; to others nothing is said."""
    officer: Callable[[Turn, Message], Officer]
    language: Callable[[int], Language]
    scope: Callable[[int], list[int]]
    line: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Capturing:
    """Takes an officer's word."""

    room: Room
    texts: Texts
    ring: KeyRing
    watching: bool
    """PROBE=on: without it nothing is looked at."""
    onions: bool

    async def command(self, turn: Turn, message: Message, words: str) -> Reply | None:
        """Answer `/capture 17`, or `/capture t.me/name`."""
        return await self.room.looked(turn, message, lambda: self._ask(turn, message, words))

    async def _ask(self, turn: Turn, message: Message, words: str) -> Reply:
        read, scope = _ASKED.fullmatch(words.strip()), self.room.scope(turn.actor.chat_id)
        link = None if read else canonical(words.strip())
        if read:
            rows = await turn.driver.fetch(queries.OF_REPORT, int(read[1]), scope)
        elif link:
            keys = [resource_key(self.ring, link.url, restricted=apart) for apart in (False, True)]
            rows = await turn.driver.fetch(queries.OF_LINK, keys, scope)
        else:
            return self._say(turn, "capture_usage")
        if not rows:
            return self._say(turn, "report_unknown", number=int(read[1])) if read else self._say(turn, "find_nothing")
        if not self.watching:
            return self._say(turn, "capture_off")
        number = rows[0]["number"]
        links = [row for row in rows if row["resource"]]
        hosts = {row["resource"]: host for row in links if not row["private"] and (host := self._host(row["url"]))}
        wanted = dict(list(hosts.items())[:MOST])
        if wanted:
            now, officer, line = turn.now, self.room.officer(turn, message), self.room.line(turn.actor.chat_id)
            # A link that an officer took up, and that nobody has reported yet, is spoken of by itself.
            sort, about = (CardSort.REPORT, rows[0]["id"]) if number else (CardSort.RESOURCE, rows[0]["resource"])
            await turn.driver.execute(queries.ASK, [*wanted], [*wanted.values()], now, about, line)
            await turn.driver.execute(JOURNAL, now, officer.id, officer.name, ACT, sort.value, about)
        left = {"private": sum(row["private"] for row in links), "more": len(hosts) - len(wanted)}
        named = {"number": number, "url": link.url if link else ""}
        return self._say(turn, "capture_asked", **named, links=len(wanted), **left)

    def _host(self, url: str) -> str:
        try:
            host = host_of(url)
        except TargetRefused:
            return ""
        return "" if host.endswith(".onion") and not self.onions else host

    def _say(self, turn: Turn, name: str, **variables: Any) -> Reply:
        return say(self.texts.render(self.room.language(turn.actor.chat_id), f"desk.{name}", **variables))


@dataclass(frozen=True, slots=True)
class CapturePosts:
    """Tells what came of it."""

    database: Database
    texts: Texts
    zone: ZoneInfo

    async def message(self, letter: Letter) -> Outgoing | None:
        """Render the message."""
        # What was queued by a version before this one has no changes yet.
        params: dict[str, Any] = {"changes": [], "same": False} | letter.params
        params.pop("changed", None)
        async with self.database.transaction() as connection:
            number = await (await driver(connection)).fetchval(NUMBER_OF, UUID(params.pop("report")))
        moments = ("since", "until")
        changes = [change | {name: self._moment(change[name]) for name in moments} for change in params["changes"]]
        params |= {"changes": changes, "same": params["same"] and not changes}
        text = self.texts.render(Language(letter.language), "desk.captured", number=number, **params)
        return Outgoing("sendMessage", {"text": text})

    def _moment(self, written: str) -> str:
        return f"{datetime.fromisoformat(written).astimezone(self.zone):%d.%m.%Y %H:%M}" if written else ""


def add_captures(router: Router) -> None:
    """Add the command to the desk's router, in front of what takes any reply."""

    @router.message(Command("capture", ignore_mention=True))
    async def capture(message: Message, turn: Turn, captures: Capturing, command: CommandObject) -> Reply | None:
        return await captures.command(turn, message, command.args or "")
