"""What a citizen does to a draft by a label or a command: begin, send, skip, done, back, cancel, language."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from bot.citizen.addition_kinds import KINDS as ADDED
from bot.citizen.additions import AddingLater
from bot.citizen.afterwards import Afterwards
from bot.citizen.closed import closed_text
from bot.citizen.conversation import Conversation, Talk
from bot.citizen.dialogue import close_draft, store
from bot.citizen.filling import Filling
from bot.citizen.labels import KIND, LANGUAGES, Label
from bot.citizen.steps import holds, holds_anything, next_take, step_back
from bot.languages import Language
from bot.privacy import addresses
from bot.privacy.keyring import KeyRing
from bot.reports import parts
from bot.reports.contents import Contents
from bot.reports.kinds import Content
from bot.reports.sending import SenderBlocked, Sending, TooManyReports
from bot.reports.service import AlreadyFiled, NoRestrictedDesk, NothingToFile, Reports, StillReading
from bot.telegram.reply import Reply, say

_STILL_ASKED = frozenset({"help", "status", "cancel", *LANGUAGES})
"""Labels that leave it to their act whether a receipt is still asked for; after all others it is not."""


class Acts:
    """The acts of citizens, each answered with the step that it leads to."""

    def __init__(
        self,
        conversation: Conversation,
        filling: Filling,
        reports: Reports,
        ring: KeyRing,
        later: AddingLater,
        sending: Sending,
        wake: Callable[[], None],
    ) -> None:
        self._later, self._sending = later, sending
        self._say, self._filling, self._reports, self._ring, self._wake = conversation, filling, reports, ring, wake
        self.after = Afterwards(conversation, reports, ring, later, wake)
        self._by_label: dict[str, Callable[[Talk], Awaitable[Reply | None]]] = {
            "help": self.help_contacts,
            "status": self.after.ask_status,
            "send": self.send,
            "skip": self.skip,
            "done": self.skip,
            "back": self.back,
            "cancel": self.cancel,
            "erase": self.after.erase,
            "yes": self.confirm,
            "no_link": self.no_link,
            "other_place": self.other_point,
            "restricted": self.restrict,
            "there": partial(self.place, there=True),
            "not_there": partial(self.place, there=False),
        }

    async def press(self, talk: Talk, label: Label) -> Reply | None:
        """Do what a label says; one that does not fit shows the present step."""
        if label.language and talk.dialogue.language is None and label.language is not talk.guessed:
            # Pressed on an old keyboard: what follows is answered in the language of that keyboard too.
            talk.dialogue.language = label.language
        if label.name not in _STILL_ASKED:
            talk.dialogue.asked = None
        if label.name in LANGUAGES:
            return await self.set_language(talk, LANGUAGES[label.name])
        if label.name.startswith(KIND):
            return await self.choose_kind(talk, label.name.removeprefix(KIND))
        return await self._by_label[label.name](talk)

    async def help_contacts(self, talk: Talk) -> Reply:
        """Show the numbers to call; the step stays."""
        return self._say.help_contacts(talk)

    async def set_language(self, talk: Talk, language: Language) -> Reply:
        """Change the language of the dialogue and of the answers to come."""
        talk.dialogue.language = talk.language = language
        draft = talk.dialogue.draft
        if draft and talk.dialogue.addressed:
            turn = talk.turn
            await addresses.keep(turn.driver, self._ring, draft.report_id, turn.actor.chat_id, language, turn.now)
        return self._say.present(talk, self._say.text(talk, "language_set"))

    async def choose_kind(self, talk: Talk, name: str) -> Reply:
        """Begin a report of a kind, with what was sent before the kind was chosen."""
        draft = talk.dialogue.draft
        if name not in self._say.kinds:
            # An old keyboard: its kind's file is gone.
            return self._say.present(talk)
        if draft is None:
            self._filling.open_draft(talk, name)
            return self._say.present(talk, self._say.paused(talk))
        if draft.kind in ADDED:
            if holds_anything(draft) or talk.dialogue.pending:
                return self._say.present(talk)
            close_draft(talk.dialogue)
            self._filling.open_draft(talk, name)
        elif not (holds_anything(draft) or talk.dialogue.pending):
            # The same draft, which may have its return address already.
            draft.kind, talk.dialogue.finished, talk.dialogue.link_messages = name, [], 0
        elif not draft.kind and name in self._say.offered(draft):
            draft.kind = name
            # Whoever sent words or a photo first meets no first question, and must be warned all the same.
            kind = self._say.kind(draft)
            if kind.careful and next_take(kind, talk.dialogue) is not kind.takes[0]:
                return self._say.present(talk, self._say.text(talk, "careful"))
        return self._say.present(talk)

    async def send(self, talk: Talk) -> Reply | None:
        """Send the report; the acknowledgement is a delivery, so there is no reply."""
        dialogue, draft = talk.dialogue, talk.dialogue.draft
        if draft is None:
            return self._say.menu(talk, self._say.text(talk, "sent_already" if dialogue.sent else "nothing_to_send"))
        try:
            return await (self._later.send if draft.kind in ADDED else self._send_report)(talk, draft)
        except SenderBlocked:
            return await self._drop(talk, self._say.text(talk, "blocked"))
        except TooManyReports:
            return say(self._say.text(talk, "too_many_reports"), self._say.rows(talk))
        except StillReading:
            return say(self._say.text(talk, "list_still_reading"), self._say.rows(talk))
        except NothingToFile:
            draft.lists = 0
            return self._say.present(talk, self._say.text(talk, "list_failed_no_links"))
        except NoRestrictedDesk:
            # It closed since that was asked for: nothing goes to others before the citizen knows.
            draft.restricted = False
            return self._say.present(talk, self._say.text(talk, "no_restricted"))
        except AlreadyFiled:
            close_draft(dialogue)
            return self._say.menu(talk, self._say.text(talk, "sent_already"))

    async def _send_report(self, talk: Talk, draft: Contents) -> Reply | None:
        dialogue, turn = talk.dialogue, talk.turn
        closed = await self._say.pause.still(turn.driver)
        if closed:
            return self._say.not_sent(talk, closed)
        if not self._say.ready(draft) or dialogue.pending or dialogue.guesses:
            return self._say.present(talk)
        if next_take(self._say.kind(draft), dialogue) is not None:
            dialogue.finished = list(Content)
            return self._say.present(talk)
        links = self._say.kind(draft).take(Content.LINKS)
        needs_links = bool(links and links.required)
        sent = await self._sending.send(
            turn.driver,
            draft,
            turn.actor.chat_id,
            turn.now,
            dialogue.hour_list,
            needs_links=needs_links,
            came=dialogue.came,
        )
        dialogue.sent, dialogue.hour_list = sent.report_id, sent.hour_list
        close_draft(dialogue)
        turn.after_commit.append(self._wake)
        if sent.folded:
            told = closed_text(self._say.texts, talk.language, sent.closed)
            return self._say.menu(talk, self._say.text(talk, "folded"), told)
        store(turn, dialogue, None)
        return None

    async def restrict(self, talk: Talk) -> Reply:
        """Have the summed-up report go to the restricted desk alone, or to all as usual; say so where there is none."""
        dialogue, draft = talk.dialogue, talk.dialogue.draft
        if draft is None or draft.kind in ADDED or dialogue.pending or not self._say.ready(draft):
            return self._say.present(talk)
        if next_take(self._say.kind(draft), dialogue) is not None:
            return self._say.present(talk)
        if not (draft.restricted or self._reports.restricted_desk):
            return self._say.present(talk, self._say.text(talk, "no_restricted"))
        draft.restricted = not draft.restricted
        return self._say.present(talk)

    async def place(self, talk: Talk, *, there: bool) -> Reply:
        """Say of a summed-up report whether it is about the district of the code by which its citizen came."""
        draft = talk.dialogue.draft
        if draft and draft.kind and self._say.suggestion(talk, draft):
            draft.there = there
        return self._say.present(talk)

    async def skip(self, talk: Talk) -> Reply:
        """Leave an optional question, or finish sending photos."""
        draft = talk.dialogue.draft
        if draft is None or not draft.kind:
            return self._say.present(talk)
        take = next_take(self._say.kind(draft), talk.dialogue)
        if take and (not take.required or holds(draft, take.content)):
            talk.dialogue.finished.append(take.content)
        return self._say.present(talk)

    async def back(self, talk: Talk) -> Reply:
        """Go back one question, or from the first one to the menu."""
        dialogue, draft = talk.dialogue, talk.dialogue.draft
        if dialogue.guesses:
            return await self.no_link(talk)
        if draft is None or dialogue.pending or draft.kind in ADDED:
            dialogue.pending = None
            return self._say.present(talk)
        content = step_back(self._say.kind(draft), dialogue) if draft.kind else None
        if content is None:
            return await self._drop(talk)
        dialogue.finished = [finished for finished in dialogue.finished if finished is not content]
        await self._clear(talk, draft, content)
        return self._say.present(talk)

    async def cancel(self, talk: Talk) -> Reply:
        """Cancel the draft, or what is being answered."""
        if talk.dialogue.asked:
            talk.dialogue.asked = None
            return self._say.present(talk)
        there = talk.dialogue.draft is not None
        return await self._drop(talk, self._say.text(talk, "cancelled" if there else "nothing_to_cancel"))

    async def confirm(self, talk: Talk) -> Reply:
        """Take the links that were guessed, or a point outside the country after all."""
        if talk.dialogue.guesses:
            return await self._filling.confirm(talk)
        if talk.dialogue.draft and talk.dialogue.pending:
            talk.dialogue.draft.point, talk.dialogue.pending = talk.dialogue.pending, None
        return self._say.present(talk)

    async def no_link(self, talk: Talk) -> Reply:
        """Leave what was guessed; a draft in which nothing else came ends."""
        draft, talk.dialogue.guesses = talk.dialogue.draft, []
        if draft and not (draft.kind or holds_anything(draft) or talk.dialogue.pending):
            return await self._drop(talk)
        return self._say.present(talk)

    async def other_point(self, talk: Talk) -> Reply:
        """Choose another point."""
        talk.dialogue.pending = None
        return self._say.present(talk)

    async def _drop(self, talk: Talk, *lead: str) -> Reply:
        if talk.dialogue.draft:
            await self._reports.drop_draft(talk.turn.driver, talk.dialogue.draft.report_id)
        close_draft(talk.dialogue)
        return self._say.menu(talk, *lead)

    async def _clear(self, talk: Talk, draft: Contents, content: Content) -> None:
        """Let the answer to a question go, so that it is given anew; photos stay, and more can be sent."""
        match content:
            case Content.WORDS:
                draft.words = ""
            case Content.LOCATION:
                draft.point, draft.address = None, ""
            case Content.LINKS:
                draft.links, draft.links_apart, draft.lists = [], 0, 0
                talk.dialogue.link_messages = 0
                await parts.drop_links(talk.turn.driver, draft.report_id)
            case Content.PHOTOS:
                return
