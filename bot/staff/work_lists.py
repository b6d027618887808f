"""The desk's work lists: /queue, /mine, /overdue, turned over in place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.languages import Language
from bot.reports import list_queries
from bot.reports.kinds import Content, Kinds
from bot.reports.lists import Listed, ListName, Page, WorkLists
from bot.staff import card_links, list_buttons
from bot.staff.desks import Desks
from bot.staff.urgency_lines import UrgencyLines
from bot.telegram.reply import Reply
from bot.telegram.turn import Turn
from bot.texts import Texts


@dataclass(frozen=True, slots=True)
class ListPages:
    """Shows pages of lists, in the desk's language."""

    lists: WorkLists
    texts: Texts
    kinds: Kinds
    language: Language
    answer_press: Callable[[str], None]
    """Ends a press whose reply is an edit."""
    desks: Desks
    urgency: UrgencyLines

    def spoken(self, turn: Turn) -> Language:
        """Give the language of the desk that asks."""
        return self.desks.language(turn.actor.chat_id)

    def scope(self, turn: Turn) -> list[int]:
        """List the offices whose rows the desk that asks is shown."""
        return self.desks.scope(turn.actor.chat_id)

    async def first(self, turn: Turn, which: ListName) -> Reply:
        """Show the first page of a list; nobody's own is known of who writes as the chat."""
        officer = turn.actor.user_id
        if which is ListName.MINE and officer == turn.actor.chat_id:
            return Reply("sendMessage", {"text": self.texts.render(self.spoken(turn), "desk.mine_anonymous")})
        page = await self.lists.page(turn.driver, which, officer, turn.now, self.scope(turn))
        return Reply("sendMessage", self._shown(turn, which, page, officer))

    async def leaf(self, turn: Turn, leaf: list_buttons.Leaf, message_id: int, query_id: str) -> Reply | None:
        """Turn a list's message over to another page; None when there is nothing there any more."""
        if await turn.driver.fetchval(list_queries.IS_POST, turn.actor.chat_id, message_id):
            # A card stands there, and no list: this button was made up.
            return None
        asked = leaf.which, leaf.officer, turn.now, self.scope(turn), leaf.key
        page = await self.lists.page(turn.driver, *asked, back=leaf.back)
        if not page.rows:
            return None
        turn.after_commit.append(lambda: self.answer_press(query_id))
        return Reply("editMessageText", {"message_id": message_id, **self._shown(turn, leaf.which, page, leaf.officer)})

    def found(self, turn: Turn, rows: list[Listed]) -> dict[str, Any]:
        """Give the parameters of a message that lists what was found."""
        lines = [self.line(row, turn) for row in rows]
        return {"text": self.texts.render(self.spoken(turn), "desk.list_found", lines=lines)}

    def line(self, row: Listed, turn: Turn) -> dict[str, Any]:
        """Give what a line of a list says."""
        language, elsewhere = self.spoken(turn), self.desks.elsewhere(turn.actor.chat_id, row.office)
        # Who asks may be no member of the other desk's group: nothing there would open.
        url = None if elsewhere else card_links.address(turn.actor.chat_id, row.message_id)
        return {
            "number": card_links.named(self._named(language, row.number), url),
            "kind": self._kind(language, row.kind),
            "level": self.urgency.mark(row.priority, language),
            "age": self._age(language, row.opened_at, turn.now),
            "status": self.texts.plain(language, f"desk.status.{row.status}"),
            "holder": row.holder,
            "sent": row.sent,
            "office": elsewhere,
        }

    def _shown(self, turn: Turn, which: ListName, page: Page, officer: int) -> dict[str, Any]:
        about = {"claim_hours": self.lists.claim_hours, "decide_days": self.lists.decide_days}
        used = about if which is ListName.OVERDUE else {}
        lines = [self.line(row, turn) for row in page.rows]
        text = self.texts.render(self.spoken(turn), f"desk.list_{which}", lines=lines, **used)
        return {"text": text, "reply_markup": {"inline_keyboard": list_buttons.rows(which, page, officer)}}

    def _named(self, language: Language, number: int | None) -> str:
        return self.texts.plain(language, "desk.found_row") if number is None else f"№{number}"

    def _kind(self, language: Language, name: str | None) -> str:
        if name is None:
            takes = ((kind, kind.take(Content.LINKS)) for kind in self.kinds.values())
            name = next((kind.name for kind, take in takes if take and take.required), "")
        return self.texts.plain(language, f"kinds.{name}.name") if name in self.kinds else name

    def _age(self, language: Language, since: datetime, now: datetime) -> str:
        minutes = max(0, int((now - since).total_seconds()) // 60)
        parts = {"days": minutes // 1440, "hours": minutes // 60, "minutes": minutes}
        return self.texts.plain(language, "desk.age", **parts)
