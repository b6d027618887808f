"""`/offices` on the main desk: its administrators see what goes where, and change that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.areas.area import AreaMap
from bot.areas.store import Areas
from bot.delivery.outbox import line, of_desk
from bot.languages import Language
from bot.offices import store
from bot.offices.office import Office
from bot.offices.spoken import Names, Order, Verb, read
from bot.offices.store import Offices
from bot.offices.wish import Fault, OfficeRefused, Wish, named, wanted
from bot.reports.deciding import Officer
from bot.reports.kinds import Kinds
from bot.reports.queries import JOURNAL
from bot.staff.managing import SUBJECT, Managing
from bot.telegram.reply import Reply, say
from bot.telegram.turn import Turn

SORT: Final = "office"
"""What the journal calls the subject of these acts."""
LISTED: Final = 15
"""Offices of one message."""
NAMED: Final = 5
"""Districts of an office in the list."""
MOST: Final = 80
"""Districts of an office that is shown alone: more names than these may not fit into a message."""


@dataclass(frozen=True, slots=True)
class OfficeActs:
    """What the command needs, handed in by the composition root.

    An office's group, and whether there is one, are matters of the command line: who names a group that is not a desk
    sends it reports.
    """

    managing: Managing
    offices: Offices
    areas: Areas
    kinds: Kinds

    async def command(self, turn: Turn, message: Message, words: str) -> Reply | None:
        """Answer the command under it."""
        order = read(words)
        return await self.managing.answer(turn, message, lambda officer: self._act(turn, order, officer))

    async def _act(self, turn: Turn, order: Order | None, officer: Officer) -> Reply:
        if order is None:
            return say(self._text(turn, "offices_usage"))
        areas = await self.areas.now(turn.driver)
        try:
            if order.verb is not Verb.LOOK:
                told = await self._change(turn, order, areas, officer)
                return say(self._text(turn, "office", office=told, changed=True))
            if order.office:
                told = self._told(turn, named(self.offices.now, order.office), areas)
                return say(self._text(turn, "office", office=told, changed=False))
        except OfficeRefused as refused:
            return self._refusal(turn, refused, areas)
        there = self.offices.now.open
        shown = [self._told(turn, office, areas, NAMED) for office in there[:LISTED]]
        listed = self._text(turn, "offices", offices=shown, more=len(there) - len(shown))
        return say(f"{listed}\n\n{self._text(turn, 'offices_usage')}" if there else listed)

    async def _change(self, turn: Turn, order: Order, areas: AreaMap, officer: Officer) -> dict[str, Any]:
        known = await store.known(turn.driver, tuple(self.kinds), None)
        now = named(known.offices, order.office)
        office = wanted(self._wish(order, now, areas), known, now.language, now)
        await store.change(turn.driver, office)
        subject = of_desk(SUBJECT, line(office.id))
        await turn.driver.execute(JOURNAL, turn.now, officer.id, officer.name, f"office_{order.verb}", SORT, subject)
        turn.after_commit.append(lambda: self.offices.changed(office))
        return self._told(turn, office, areas)

    def _wish(self, order: Order, now: Office, areas: AreaMap) -> Wish:
        match order.verb:
            case Verb.DISTRICTS:
                names = Names(((area.code, area.names.values()) for area in areas.areas.values()), Fault.DISTRICTS)
                return Wish(now.name, districts=names.codes(order.said))
            case Verb.KINDS:
                return Wish(now.name, kinds=Names(self._kind_names(), Fault.KINDS).codes(order.said))
            case Verb.LANGUAGE:
                return Wish(now.name, language=order.said.lower())
            case _:
                return Wish(order.said)

    def _kind_names(self) -> Iterable[tuple[str, list[str]]]:
        texts = self.managing.texts
        return ((kind, [texts.plain(each, f"kinds.{kind}.name") for each in Language]) for kind in self.kinds)

    def _told(self, turn: Turn, office: Office, areas: AreaMap, most: int = MOST) -> dict[str, Any]:
        """Give what the texts need of an office; of its districts no more than `most`."""
        language = self._language(turn)
        districts = self._districts(office.districts, areas, language)
        return {
            "name": office.name,
            "language": office.language.value,
            "restricted": office.restricted,
            "kinds": self._kinds(office.kinds, language),
            "districts": districts[:most],
            "more": max(0, len(districts) - most),
        }

    def _refusal(self, turn: Turn, refused: OfficeRefused, areas: AreaMap) -> Reply:
        told, language = dict(refused.told), self._language(turn)
        if refused.fault is Fault.SHARED:
            told["districts"] = self._districts(told["districts"], areas, language)
            told["kinds"] = self._kinds(told["kinds"], language)
        if refused.fault is Fault.KINDS:
            told["known"] = self._kinds(self.kinds, language)
        return say(self._text(turn, f"office_refused_{refused.fault}", **told))

    def _districts(self, codes: Iterable[str], areas: AreaMap, language: Language) -> list[str]:
        return sorted(areas.name(code, language) for code in codes)

    def _kinds(self, kinds: Iterable[str], language: Language) -> list[str]:
        texts = self.managing.texts
        # A kind's file may have gone since it was given to an office.
        return [texts.plain(language, f"kinds.{kind}.name") if kind in self.kinds else kind for kind in sorted(kinds)]

    def _language(self, turn: Turn) -> Language:
        return self.managing.desks.language(turn.actor.chat_id)

    def _text(self, turn: Turn, name: str, /, **variables: Any) -> str:
        return self.managing.texts.render(self._language(turn), f"desk.{name}", **variables)


def add_offices(router: Router) -> None:
    """Add the command to the desk's router, in front of what takes any reply."""

    @router.message(Command("offices", ignore_mention=True))
    async def show_offices(
        message: Message, turn: Turn, office_acts: OfficeActs, command: CommandObject
    ) -> Reply | None:
        return await office_acts.command(turn, message, command.args or "")
