"""What a citizen adds to a filed report: by `Answer` under a question, or by the receipt, from any account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID, uuid4

from bot.citizen.addition_kinds import ADDITION, ADDITION_LINKS, ANSWER, ANSWER_LINKS, KINDS
from bot.citizen.buttons import Button, Press
from bot.citizen.closed import closed_text
from bot.citizen.conversation import Conversation, Talk
from bot.citizen.dialogue import close_draft, keep, store
from bot.citizen.steps import holds_anything
from bot.reports.additions import ReportGone
from bot.reports.contents import Contents
from bot.reports.form_state import FormState
from bot.reports.forms import Forms
from bot.reports.found import Found
from bot.reports.kinds import Content
from bot.reports.questions import words_of
from bot.reports.sending import Sending
from bot.reports.service import Reports
from bot.telegram.reply import Reply, toast

WORDS_MOST: Final = 190
"""Characters of a toast; Telegram cuts at 200."""


class AddingLater:
    """The acts of additions."""

    def __init__(
        self,
        conversation: Conversation,
        reports: Reports,
        forms: Forms,
        sending: Sending,
        wake: Callable[[], None],
        answer_press: Callable[[str], None],
    ) -> None:
        """`answer_press` answers a press by its id after the commit, where the reply is a message instead."""
        self._say, self._reports, self._forms, self._sending = conversation, reports, forms, sending
        self._wake, self._answer_press = wake, answer_press

    async def press(self, talk: Talk, press: Press, query_id: str) -> Reply:
        """Do what a button under a question says."""
        asked = await self._forms.asked.report_asked(talk.turn.driver, press.subject)
        if asked is None:
            return self.toast(talk, query_id, "outdated")
        report_id, kind = asked
        match press.button:
            case Button.ANSWER:
                return self._answer(talk, report_id, kind, press.subject, query_id)
            case Button.DECLINE:
                return await self._decline(talk, report_id, press.subject, query_id)
            case _:
                await self._reports.erase_address(talk.turn.driver, report_id, talk.turn.now)
                talk.turn.after_commit.append(self._wake)
                return self.toast(talk, query_id, "erased")

    async def add(self, talk: Talk, found: Found) -> Reply:
        """Begin an addition to the report that a receipt has found."""
        if self._busy(talk):
            return self._say.present(talk, self._say.text(talk, "finish_first"))
        asked = await self._forms.asked.newest(talk.turn.driver, found.report_id)
        adds = ADDITION_LINKS if self._takes_links(found.kind) else ADDITION
        self._open(talk, adds.name, found.report_id, asked.form_id if asked else None)
        return self._say.present(talk)

    async def send(self, talk: Talk, draft: Contents) -> Reply:
        """Send an addition. Its acknowledgement rides: whoever adds by a receipt has left no address.

        Raises TooManyReports, StillReading, NothingToFile and AlreadyFiled, as the sending of a report does.
        """
        dialogue, turn = talk.dialogue, talk.turn
        if dialogue.target is None or not self._say.ready(draft) or dialogue.pending or dialogue.guesses:
            return self._say.present(talk)
        try:
            added = await self._sending.add(
                turn.driver, draft, dialogue.target, dialogue.form, turn.actor.chat_id, turn.now
            )
            told = [self._say.text(talk, "added", refused=added.refused)]
            told.append(closed_text(self._say.texts, talk.language, added.closed))
        except ReportGone:
            await self._reports.drop_draft(turn.driver, draft.report_id)
            told = [self._say.text(talk, "outdated")]
        close_draft(dialogue)
        turn.after_commit.append(self._wake)
        return self._say.menu(talk, *told)

    async def question(self, talk: Talk, found: Found) -> str:
        """Give the newest question of a report that waits for its answer, as words; empty when there is none."""
        asked = await self._forms.asked.newest(talk.turn.driver, found.report_id)
        if asked is None:
            return ""
        return words_of(self._say.texts, talk.language, asked.choice, asked.words)

    def toast(self, talk: Talk, query_id: str, name: str) -> Reply:
        """Answer a press with a text."""
        return toast(query_id, self._say.texts.plain(talk.language, f"citizen.{name}")[:WORDS_MOST], alert=True)

    def _answer(self, talk: Talk, report_id: UUID, kind: str, form_id: UUID, query_id: str) -> Reply:
        if talk.dialogue.form != form_id:
            if self._busy(talk):
                # Nothing of what is being written may be lost, nor land in the answer: the button can be pressed again.
                return self.toast(talk, query_id, "finish_first")
            self._open(talk, (ANSWER_LINKS if self._takes_links(kind) else ANSWER).name, report_id, form_id)
        talk.turn.after_commit.append(lambda: self._answer_press(query_id))
        return self._say.present(talk)

    async def _decline(self, talk: Talk, report_id: UUID, form_id: UUID, query_id: str) -> Reply:
        turn = talk.turn
        await self._forms.asked.end(turn.driver, report_id, form_id, FormState.DECLINED, turn.now)
        if talk.dialogue.form == form_id and talk.dialogue.draft:
            await self._reports.drop_draft(turn.driver, talk.dialogue.draft.report_id)
            close_draft(talk.dialogue)
            store(turn, talk.dialogue, None)
        else:
            keep(turn, talk.dialogue)
        turn.after_commit.append(self._wake)
        return self.toast(talk, query_id, "declined")

    def _busy(self, talk: Talk) -> bool:
        """Tell whether something is being written; an answer or addition that holds nothing yet gives way."""
        dialogue, draft = talk.dialogue, talk.dialogue.draft
        return draft is not None and (draft.kind not in KINDS or holds_anything(draft) or dialogue.pending is not None)

    def _takes_links(self, kind_name: str) -> bool:
        # In a report of another kind a link stays in the words, as it does while the report is made.
        kind = self._say.kinds.get(kind_name)
        return kind is not None and kind.take(Content.LINKS) is not None

    def _open(self, talk: Talk, kind: str, report_id: UUID, form_id: UUID | None) -> None:
        dialogue = talk.dialogue
        close_draft(dialogue)
        dialogue.draft = Contents(kind=kind, report_id=uuid4())
        dialogue.target, dialogue.form = report_id, form_id
