"""QR codes on photos, shown under a report's card with a button that takes their links up. They are never opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from aiogram import F, Router
from aiogram.types import CallbackQuery

from bot.database import Database, driver
from bot.delivery.sender import Letter, NotYet, Outgoing
from bot.reports import queries
from bot.reports.codes import Codes
from bot.reports.deciding import Officer
from bot.reports.service import Reports
from bot.staff.access import Access
from bot.staff.album import reply_to
from bot.staff.buttons import copy_rows, pack, unpack
from bot.staff.desks import Desks
from bot.staff.officers import NAME_MOST
from bot.staff.shown import cut
from bot.telegram.reply import Reply, toast
from bot.telegram.turn import Turn
from bot.texts import Texts

PREFIX: Final = "k:"
OF_ADDITION: Final = "SELECT report_id FROM additions WHERE id = $1"


class CodePosts:
    """Renders what the desk is shown of codes."""

    def __init__(self, database: Database, codes: Codes, texts: Texts) -> None:
        self._database, self._codes, self._texts = database, codes, texts

    async def message(self, letter: Letter) -> Outgoing | None:
        """Render the codes of a report or of an addition; None when they were answered for, or it was hidden."""
        of = UUID(letter.params["of"])
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            report = await raw.fetchrow(queries.REPORT_CARD, letter.lane)
            if report is None or report["hidden_name"]:
                return None
            under = await raw.fetchval(queries.POSTED_CARD, letter.lane, letter.desk)
            if under is None:
                raise NotYet
            _, links = await self._codes.waiting(raw, of)
        if not links:
            return None
        shown = [cut(link.shown, 200) for link in links]
        text = self._texts.render(letter.language, "desk.codes", number=report["number"], links=shown)
        label = self._texts.plain(letter.language, "desk.codes_take")
        rows = [*copy_rows([link.url for link in links]), [{"text": label, "callback_data": f"{PREFIX}{pack(of)}"}]]
        return Outgoing("sendMessage", {"text": text, "reply_markup": {"inline_keyboard": rows}, **reply_to(under)})


@dataclass(frozen=True, slots=True)
class CodeActs:
    """What the button needs, handed in by the composition root."""

    access: Access
    codes: Codes
    reports: Reports
    texts: Texts
    desks: Desks
    wake: Callable[[], None]

    async def press(self, turn: Turn, query: CallbackQuery) -> Reply:
        """Take the links of codes up into their report, once."""
        if not self.access.is_member(turn.actor.chat_id, query.from_user.id):
            return self._toast(turn, query, "not_member")
        of = _read(query.data or "")
        report_id = await self._report(turn.driver, of, self.desks.line(turn.actor.chat_id)) if of else None
        if of is None or report_id is None:
            return self._toast(turn, query, "changed")
        parts, links = await self.codes.waiting(turn.driver, of)
        if not links or not await self.codes.answered(turn.driver, parts):
            return self._toast(turn, query, "already")
        officer = Officer(query.from_user.id, query.from_user.full_name[:NAME_MOST])
        # The desk stands for whoever sent the photo: nobody knows here who that is.
        chat_id = turn.actor.chat_id
        await self.reports.add_links(turn.driver, report_id, links, chat_id, turn.now, listed=False, own_cards=True)
        await self.codes.note(turn.driver, report_id, officer, turn.now)
        turn.after_commit.append(self.wake)
        return self._toast(turn, query, "done")

    async def _report(self, raw: Any, of: UUID, line: str) -> UUID | None:
        """Lock the report, whose card must stand on this desk, and not be hidden; None: it does not."""
        report_id = await raw.fetchval(OF_ADDITION, of) or of
        if await raw.fetchrow(queries.REPORT_LOCKED, report_id) is None:
            return None
        report = await raw.fetchrow(queries.REPORT_CARD, report_id)
        here = await raw.fetchval(queries.POSTED_CARD, report_id, line)
        return report_id if here is not None and not report["hidden_name"] else None

    def _toast(self, turn: Turn, query: CallbackQuery, name: str) -> Reply:
        language = self.desks.language(turn.actor.chat_id)
        return toast(query.id, self.texts.plain(language, f"desk.answer_{name}"), alert=name != "done")


def _read(data: str) -> UUID | None:
    try:
        return unpack(data.removeprefix(PREFIX))
    except ValueError:
        return None


def add_codes(router: Router) -> None:
    """Add the button to the desk's router, in front of what takes any press."""

    @router.callback_query(F.data.startswith(PREFIX))
    async def press_codes(query: CallbackQuery, turn: Turn, code_acts: CodeActs) -> Reply:
        return await code_acts.press(turn, query)
