"""A message for a draft, and its answer: the next step, one counter for many links, once for an album."""

from __future__ import annotations

from collections.abc import Callable

from bot.citizen.adding import PHOTOS_MOST, Adding
from bot.citizen.conversation import Conversation, Talk
from bot.citizen.dialogue import Dialogue, keep
from bot.citizen.intake import Incoming
from bot.delivery.outbox import Outbox
from bot.privacy.keyring import KeyRing
from bot.reports.contents import WORDS_MOST, Contents
from bot.reports.kinds import Content
from bot.telegram.reply import Reply


class Filling:
    """Takes messages into drafts and answers them."""

    def __init__(self, conversation: Conversation, ring: KeyRing, outbox: Outbox, wake: Callable[[], None]) -> None:
        self._say, self._ring, self._outbox, self._wake = conversation, ring, outbox, wake
        self._adding = Adding(conversation, ring)

    async def take(self, talk: Talk, incoming: Incoming) -> Reply | None:
        """Take a message into the open draft, starting one when none is open; answer with the next step."""
        if incoming.empty:
            return None
        dialogue = talk.dialogue
        begins = dialogue.draft is None
        first_part = self._album(dialogue, incoming)
        danger = self._say.safety.danger(incoming.text)
        # The words beside a video or a voice are taken, though it is not.
        leads = await self._adding.add(talk, incoming) if incoming.content or not incoming.refused else []
        if incoming.refused:
            leads.insert(0, incoming.refused)
        if incoming.album:
            # An album is answered once; of its other parts only what was not yet said.
            leads = [lead for lead in leads if lead not in dialogue.album_told]
            dialogue.album_told += leads
            if not (first_part or leads or danger):
                keep(talk.turn, dialogue)
                return None
        counted = dialogue.link_messages > 1 and dialogue.target is None
        if counted and incoming.links and not (leads or danger or dialogue.guesses):
            await self._count(talk)
            return None
        lead = [self._lead(talk, name) for name in leads]
        if danger:
            lead.insert(0, self._say.contacts_text(talk, danger=True))
        draft = dialogue.draft
        if begins and draft:
            lead.append(self._say.paused(talk))
        if leads == ["list_reading"] and draft and not (draft.links_total or draft.words):
            return self._say.wait(talk, *lead)
        return self._say.present(talk, *lead)

    async def confirm(self, talk: Talk, *lead: str) -> Reply:
        """Take the links that were guessed, and go on."""
        return self._say.present(talk, *lead, *[self._lead(talk, name) for name in await self._adding.confirm(talk)])

    def open_draft(self, talk: Talk, kind: str) -> Contents:
        """Open a draft of a kind."""
        return self._adding.open_draft(talk, kind)

    def _album(self, dialogue: Dialogue, incoming: Incoming) -> bool:
        """Note which album is arriving; True for its first part."""
        if incoming.album is None:
            dialogue.album, dialogue.album_told = "", []
            return False
        album = self._ring.hash("press", incoming.album.encode()).hex()[:16]
        first = dialogue.album != album
        if first:
            dialogue.album, dialogue.album_told = album, []
        return first

    async def _count(self, talk: Talk) -> None:
        """From the second message of links on, one counter is edited: a card, which the courier folds."""
        turn, draft = talk.turn, talk.dialogue.draft
        keep(turn, talk.dialogue)
        if draft is not None:
            await self._outbox.count(turn.driver, draft.report_id, draft.links_total, turn.now)
            turn.after_commit.append(self._wake)

    def _lead(self, talk: Talk, name: str) -> str:
        draft = talk.dialogue.draft
        takes = self._say.kind(draft).takes if draft and draft.kind else ()
        if name == "missing_photos":
            required = any(take.required for take in takes if take.content is Content.PHOTOS)
            return self._say.text(talk, name, count=draft.photos if draft else 0, required=required)
        if name == "invite_hint":
            return self._say.text(talk, name, added=talk.dialogue.target is not None)
        most = {f"{take.content}": take.most for take in takes} | {"words": WORDS_MOST}
        return self._say.text(talk, name, most=most.get(name.split("_", maxsplit=1)[0], PHOTOS_MOST))
