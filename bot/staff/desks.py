"""Which chats are desks: the main one's, and the offices'; and the ids that they got when they became supergroups."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any, Final

from bot.database import Database, driver
from bot.delivery.outbox import line
from bot.delivery.road import NotYet
from bot.languages import Language
from bot.log import error_fields, get_logger
from bot.looking import keep_looking
from bot.offices import queries as office_queries
from bot.offices.office import MAIN, Office, OfficeList
from bot.offices.store import Offices
from bot.reports import queries

LOOK_EVERY: Final = 10.0
"""Seconds between looks at whether a desk has moved, and at which offices there are."""
LOOK_AGAIN: Final = 1.0
"""Seconds between looks that strange groups cause."""
FIND: Final = "SELECT value FROM facts WHERE name = 'desk'"
# Whoever learns of it second changes nothing, and waits until the first has committed.
MOVED: Final = """
INSERT INTO facts (name, value) VALUES ('desk', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value
WHERE facts.value <> excluded.value RETURNING 1
"""
log = get_logger()


class Desks:
    """The desks' chats and languages. An office is called by its id, the main desk by MAIN."""

    def __init__(self, database: Database, chat_id: int, language: Language, offices: Offices | None = None) -> None:
        """`chat_id` and `language` are the main desk's, as the settings have them."""
        self._database, self._set_to, self._language = database, chat_id, language
        self._offices = offices or Offices()
        self._chat_id = chat_id
        self._moving: dict[int, int] = {}
        """New ids until they are written down. Were they not, the old chat's update, which tells it, comes again."""
        self._looked = 0.0
        self._ids: tuple[OfficeList, frozenset[int]] | None = None
        """Of these offices; None once one of the ids above has changed. Every update asks."""

    @property
    def offices(self) -> OfficeList:
        """Give the offices as they are known now."""
        return self._offices.now

    async def load(self) -> None:
        """Read the offices, and the main desk's new id, if it migrated since the setting was made."""
        async with self._database.lend() as raw:
            moved = await raw.fetchval(FIND)
            await self._offices.load(raw)
        if moved:
            old, new = map(int, moved.split(">"))
            self._chat_id = new if self._set_to == old else self._chat_id
            self._ids = None

    async def watch(self) -> None:
        """Look now and then, for ever: another process may have learned that a desk has moved."""
        await keep_looking(self.load, LOOK_EVERY, _waits)

    async def look_for(self, chat_id: int) -> bool:
        """Tell whether a group that was no desk is one now: its updates may come before the next look."""
        if monotonic() - self._looked > LOOK_AGAIN:
            self._looked = monotonic()
            await self.load()
        return chat_id in self.ids()

    def ids(self) -> frozenset[int]:
        """Give the chats that are desks."""
        if self._ids is None or self._ids[0] is not self.offices:
            chats = self._chat_id, *(office.chat_id for office in self.offices.open), *self._moving.values()
            self._ids = self.offices, frozenset(chats)
        return self._ids[1]

    def main(self) -> tuple[int, str] | None:
        """Give the main desk's chat and language."""
        return self._moving.get(MAIN, self._chat_id), self._language.value

    def of(self, office: int) -> tuple[int, str] | None:
        """Give the chat and language of an office's desk, a closed one's too: it has to be emptied."""
        if office == MAIN:
            return self.main()
        known = self.offices.by_id.get(office)
        return (self._moving.get(office, known.chat_id), known.language.value) if known else None

    async def found(self, office: int) -> tuple[int, str]:
        """Like `of`, and where it is not known look again: another process knows it; raise NotYet if none does."""
        if self.of(office) is None:
            await self.load()
        desk = self.of(office)
        if desk is None:
            raise NotYet
        return desk

    def open(self) -> list[int]:
        """List the desks at work, the main one first."""
        return [MAIN, *(office.id for office in self.offices.open)]

    def office(self, chat_id: int) -> int:
        """Give whose desk a chat is."""
        found = self._office(chat_id)
        return found.id if found else MAIN

    def line(self, chat_id: int) -> str:
        """Give the line of the desk that a chat is: what the rows of its deliveries bear as their recipient."""
        return line(self.office(chat_id))

    def language(self, chat_id: int) -> Language:
        """Give the language that is spoken on a desk."""
        found = self._office(chat_id)
        return found.language if found else self._language

    def scope(self, chat_id: int) -> list[int]:
        """List the offices whose reports a desk is shown."""
        return self.offices.scope(self.office(chat_id) or None)

    def elsewhere(self, chat_id: int, office: int | None) -> str:
        """Name the office whose desk has a row, seen from another desk; empty where it is the desk's own."""
        known = self.offices.by_id.get(office or MAIN)
        return known.name if known and not known.closed and known.id != self.office(chat_id) else ""

    async def migrated(self, new: int, office: int = MAIN) -> None:
        """Follow a desk to its new id, in a transaction of its own."""
        async with self._database.transaction() as connection:
            moved = await self.migrated_in(await driver(connection), new, office)
        moved()

    async def migrated_in(self, raw: Any, new: int, office: int = MAIN) -> Callable[[], None]:
        """Follow a desk to its new id, in an open transaction; give what is to be called after its commit."""
        # Before the cards are looked through: one whose posting is marked just after that must find the desk moved.
        self._moving[office], self._ids = new, None
        if await self._note(raw, new, office):
            # The ids of the old chat are dead: open cards are posted anew in the new one.
            await raw.execute(queries.DESK_MOVED, line(office))
        return partial(self._moved, new, office)

    async def _note(self, raw: Any, new: int, office: int) -> bool:
        if office == MAIN:
            return bool(await raw.fetchval(MOVED, f"{self._set_to}>{new}"))
        known = self.offices.by_id[office]
        return bool(await raw.fetchval(office_queries.MOVED, office, known.chat_id, new))

    def _moved(self, new: int, office: int) -> None:
        if office == MAIN:
            self._chat_id = new
        else:
            self._offices.moved(office, new)
        self._moving.pop(office, None)
        self._ids = None

    def _office(self, chat_id: int) -> Office | None:
        if chat_id in (self._chat_id, self._moving.get(MAIN)):
            return None
        return next((each for each in self.offices.open if chat_id in (each.chat_id, self._moving.get(each.id))), None)


def _waits(error: Exception) -> None:
    log.warning("desk_waits", **error_fields(error))
