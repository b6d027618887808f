"""`/placement` on the desk: members look, administrators of the main desk add, rename, move and close."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiogram.types import CallbackQuery, Message

from bot.qr import desk_buttons, queries, store
from bot.qr.desk_buttons import Leaf, Press
from bot.qr.desk_room import Room
from bot.qr.desk_words import Order, Verb, move_parts, read_placement
from bot.qr.errors import Fault, PlacementRefused
from bot.qr.placement import Placement, folded
from bot.qr.wish import Names, checked, read_surface
from bot.reports.deciding import Officer
from bot.reports.queries import JOURNAL
from bot.telegram.reply import Reply, say
from bot.telegram.turn import Turn

SORT: Final = "placement"
"""What the journal calls the subject of these acts."""
LINES: Final = 10
ADDED_MOST: Final = 20
"""Lines of one message; longer lists are tables, for `shekteu qr import`."""


@dataclass(frozen=True, slots=True)
class PlacementActs:
    """What the command and its buttons need, handed in by the composition root."""

    room: Room
    zone: ZoneInfo
    answer_press: Callable[[str], None]
    """Ends a press whose reply is an edit."""

    async def command(self, turn: Turn, message: Message, words: str) -> Reply | None:
        """Answer a command under it; to outsiders nothing is said."""
        order = read_placement(words)
        if order and order.verb is not Verb.LOOK:
            return await self.room.managed(turn, message, lambda officer: self._act(turn, order, officer))
        return await self.room.looked(turn, message, lambda: self._look(turn, order.parts[0] if order else None))

    async def page(self, turn: Turn, query: CallbackQuery, leaf: Leaf) -> Reply | None:
        """Turn the list over; None when that page is no more."""
        params = await self._page(turn, leaf)
        return self._edit(turn, query, params) if params else None

    async def press(self, turn: Turn, query: CallbackQuery, press: Press, officer: Officer) -> Reply | None:
        """Do what a button under one placement says, or ask first; None when it says so no more."""
        await store.alone(turn.driver)
        placement = await store.by_id(turn.driver, press.placement)
        if placement is None or placement.closed_on:
            return None
        if press.verb is desk_buttons.Verb.ASK_CLOSE:
            verbs = desk_buttons.Verb.CLOSE, desk_buttons.Verb.KEEP
            return self._edit(turn, query, await self._shown(turn, placement, "placement_close", *verbs))
        if press.verb is desk_buttons.Verb.CLOSE:
            await store.close(turn.driver, placement, self._today(turn))
            await self._note(turn, officer, "placement_close", placement)
            placement = await store.by_id(turn.driver, press.placement) or placement
        return self._edit(turn, query, await self._one(turn, placement))

    async def find(self, turn: Turn, what: str, campaign: str = "") -> Placement:
        """Find an open placement by its code or its name; raise PlacementRefused."""
        there = [each for each in await store.named(turn.driver, what) if not each.closed_on]
        some = [each for each in there if not campaign or folded(each.campaign) == folded(campaign)]
        if not some:
            raise PlacementRefused(f"There is no open placement “{what}”.", Fault.UNKNOWN, given=what)
        if len(some) > 1:
            codes = [{"code": each.code, "campaign": each.campaign} for each in some]
            raise PlacementRefused(f"“{what}” is in several campaigns.", Fault.SEVERAL, given=what, placements=codes)
        return some[0]

    def refusal(self, turn: Turn, refused: PlacementRefused, line: int = 0) -> Reply:
        """Say why it was refused; `line` of several, counted from 1."""
        why = self.room.text(turn, f"placement_refused_{refused.fault}", **refused.told)
        return say(f"{self.room.text(turn, 'placement_line', line=line)} {why}" if line else why)

    async def _look(self, turn: Turn, sought: str | None) -> Reply:
        if sought is None:
            return self.room.say(turn, "placement_usage")
        exact = await store.named(turn.driver, sought) if sought else []
        if len(exact) == 1:
            return Reply("sendMessage", await self._one(turn, exact[0]))
        params = await self._page(turn, Leaf(0, sought))
        if params:
            return Reply("sendMessage", params)
        if exact:
            # All of them are closed: the newest is shown.
            return Reply("sendMessage", await self._one(turn, exact[0]))
        return self.room.say(turn, "placement_nothing" if sought else "placement_none")

    async def _act(self, turn: Turn, order: Order, officer: Officer) -> Reply:
        await store.alone(turn.driver)
        if order.verb is Verb.ADD:
            return await self._add(turn, order, officer)
        try:
            placement = await self.find(turn, order.parts[0])
            match order.verb:
                case Verb.RENAME:
                    await store.rename(turn.driver, placement, order.parts[1])
                case Verb.MOVE:
                    district, surface = move_parts(order.parts)
                    where = placement.district
                    if district is not None:
                        where = (await store.districts(turn.driver)).find(district)
                    on = read_surface(surface) if surface else placement.surface
                    await store.move(turn.driver, placement, where, on)
                case _:
                    verbs = desk_buttons.Verb.CLOSE, desk_buttons.Verb.KEEP
                    return Reply("sendMessage", await self._shown(turn, placement, "placement_close", *verbs))
        except PlacementRefused as refused:
            return self.refusal(turn, refused)
        await self._note(turn, officer, f"placement_{order.verb}", placement)
        changed = await store.by_id(turn.driver, placement.id)
        return Reply("sendMessage", await self._one(turn, changed or placement))

    async def _add(self, turn: Turn, order: Order, officer: Officer) -> Reply:
        """Add all lines, or none."""
        if len(order.lines) > ADDED_MOST:
            return self.room.say(turn, "placement_too_many", most=ADDED_MOST)
        districts, names, wanted = await store.districts(turn.driver), Names(), []
        added: list[Placement] = []
        try:
            async with turn.whole():
                for wish in order.lines:
                    wanted.append(wish)
                    one = checked(wish, districts)
                    names.take(one.campaign, one.name, "")
                    added.append(await store.make(turn.driver, one, self._today(turn)))
        except PlacementRefused as refused:
            return self.refusal(turn, refused, len(wanted) if len(order.lines) > 1 else 0)
        for placement in added:
            await self._note(turn, officer, "placement_add", placement)
        if len(added) == 1:
            return Reply("sendMessage", await self._one(turn, added[0]))
        language = self.room.language(turn.actor.chat_id)
        lines = [await self.room.telling.told(turn.driver, language, each) for each in added]
        return self.room.say(turn, "placement_added", lines=lines)

    async def _page(self, turn: Turn, leaf: Leaf) -> dict[str, Any] | None:
        sought = folded(leaf.sought)
        named = [row["campaign"] for row in await turn.driver.fetch(queries.CAMPAIGNS)]
        campaigns = [each for each in named if sought and sought in folded(each)]
        rows = await turn.driver.fetch(queries.PAGE, sought, campaigns, LINES, leaf.page * LINES)
        if not rows:
            return None
        language, together = self.room.language(turn.actor.chat_id), rows[0]["together"]
        lines = [await self.room.telling.told(turn.driver, language, store.placement_of(row)) for row in rows]
        pages = -(-together // LINES)
        shown = {"lines": lines, "sought": leaf.sought, "together": together, "page": leaf.page + 1, "pages": pages}
        return {
            "text": self.room.text(turn, "placement_list", **shown),
            "reply_markup": {"inline_keyboard": desk_buttons.of_list(leaf, pages)},
        }

    async def _one(self, turn: Turn, placement: Placement) -> dict[str, Any]:
        manages = self.room.manages(turn.actor.chat_id, turn.actor.user_id)
        verbs = [desk_buttons.Verb.DRAW, *([desk_buttons.Verb.ASK_CLOSE] if manages else [])]
        return await self._shown(turn, placement, "placement", *([] if placement.closed_on else verbs), manages=manages)

    async def _shown(
        self, turn: Turn, placement: Placement, name: str, *verbs: desk_buttons.Verb, **more: Any
    ) -> dict[str, Any]:
        language = self.room.language(turn.actor.chat_id)
        told = await self.room.telling.told(turn.driver, language, placement)
        keyboard = desk_buttons.of_one(self.room.telling.texts, language, placement.id, *verbs)
        return {"text": self.room.text(turn, name, **told, **more), "reply_markup": {"inline_keyboard": keyboard}}

    def _edit(self, turn: Turn, query: CallbackQuery, params: dict[str, Any]) -> Reply | None:
        if query.message is None:
            return None
        turn.after_commit.append(lambda: self.answer_press(query.id))
        return Reply("editMessageText", {"message_id": query.message.message_id, **params})

    async def _note(self, turn: Turn, officer: Officer, act: str, placement: Placement) -> None:
        await turn.driver.execute(JOURNAL, turn.now, officer.id, officer.name, act, SORT, placement.id)

    def _today(self, turn: Turn) -> date:
        return turn.now.astimezone(self.zone).date()
