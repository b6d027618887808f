"""What a citizen does with reports that were sent: learn how they stand, and erase the way back."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from bot.citizen.additions import AddingLater
from bot.citizen.conversation import Conversation, Talk
from bot.citizen.dialogue import Asked, close_draft, keep
from bot.privacy import addresses
from bot.privacy.keyring import KeyRing
from bot.reports import guessing
from bot.reports.feedback import feedback_text
from bot.reports.found import Found
from bot.reports.kinds import Content
from bot.reports.lifecycle import Status
from bot.reports.service import Reports
from bot.telegram.reply import Reply


class Afterwards:
    """Status and additions by receipt, `Erase my address`, `/forget`."""

    def __init__(
        self,
        conversation: Conversation,
        reports: Reports,
        ring: KeyRing,
        later: AddingLater,
        wake: Callable[[], None],
    ) -> None:
        self._say, self._reports, self._ring, self._later, self._wake = conversation, reports, ring, later, wake

    async def ask_status(self, talk: Talk) -> Reply:
        """Ask for a receipt, to tell how its report stands."""
        talk.dialogue.asked = Asked.STATUS
        return self._say.ask_receipt(talk)

    async def ask_add(self, talk: Talk) -> Reply:
        """Ask for a receipt, to add to its report."""
        if talk.dialogue.draft:
            return self._say.present(talk, self._say.text(talk, "finish_first"))
        talk.dialogue.asked = Asked.ADD
        return self._say.ask_receipt(talk)

    async def by_receipt(self, talk: Talk, receipt: str, asked: Asked) -> Reply:
        """Do what was asked with the report of a receipt, from any account; a wrong one is asked for again."""
        turn = talk.turn
        try:
            found = await guessing.find(turn.driver, self._ring, receipt, turn.actor.chat_id, turn.now)
        except guessing.TooManyGuesses:
            talk.dialogue.asked = None
            return self._say.present(talk, self._say.text(talk, "too_many_codes"))
        if found is None:
            return self._say.present(talk, self._say.text(talk, "status_unknown"))
        talk.dialogue.asked = None
        if asked is Asked.ADD:
            return await self._later.add(talk, found)
        return self._say.present(talk, *await self._standing(talk, found))

    async def erase(self, talk: Talk) -> Reply | None:
        """Erase the return address of the report sent last; the courier does it if its code has yet to leave."""
        turn, report_id = talk.turn, talk.dialogue.sent
        # The label outlives the dialogue, which knows the report for a day; the addresses outlive it too.
        report_ids = [report_id] if report_id else await self._filed(talk)
        talk.dialogue.sent = talk.dialogue.hour_list = None
        if not report_ids:
            return self._say.present(talk, self._say.text(talk, "erase_nothing"))
        erased = [await self._reports.erase_address(turn.driver, each, turn.now) for each in report_ids]
        turn.after_commit.append(self._wake)
        if all(erased):
            return self._say.present(talk, self._say.text(talk, "erased"))
        keep(turn, talk.dialogue)
        return None

    async def forget(self, talk: Talk) -> Reply:
        """Erase the open draft and every return address of this chat, found by opening them one by one."""
        turn = talk.turn
        if talk.dialogue.draft:
            await self._reports.drop_draft(turn.driver, talk.dialogue.draft.report_id)
        for report_id in await addresses.reports_of(turn.driver, self._ring, turn.actor.chat_id):
            await self._reports.erase_address(turn.driver, report_id, turn.now)
        talk.dialogue.sent = talk.dialogue.hour_list = talk.dialogue.came = None
        close_draft(talk.dialogue)
        turn.after_commit.append(self._wake)
        return self._say.menu(talk, self._say.text(talk, "forgotten"))

    async def _filed(self, talk: Talk) -> list[UUID]:
        draft = talk.dialogue.draft
        found = await addresses.reports_of(talk.turn.driver, self._ring, talk.turn.actor.chat_id)
        return [report_id for report_id in found if draft is None or report_id != draft.report_id]

    async def _standing(self, talk: Talk, found: Found) -> list[str]:
        if found.status is not Status.DECIDED:
            # Whatever the officers did since: it was asked, and can be answered.
            question = await self._later.question(talk, found)
            if question:
                return [self._say.text(talk, "status_needs_info", question=question)]
        if found.status is Status.NEEDS_INFO:
            # A question that has not left yet may still be taken back: nobody learns of it sooner by asking.
            return [self._say.text(talk, "status_in_progress")]
        lines = [self._say.text(talk, f"status_{found.status}")]
        kind = self._say.kinds.get(found.kind)
        by_links = kind is None or kind.take(Content.LINKS) is not None
        if by_links and found.links["total"] > 1 and found.status is not Status.NEW:
            lines.append(self._say.text(talk, "progress", **found.links))
        elif kind:
            told = ((decision, line) for decision, line in found.told if decision in kind.decisions)
            lines += (feedback_text(self._say.texts, talk.language, kind.name, *each) for each in told)
        return lines
