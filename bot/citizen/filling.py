"""What a message adds to a draft: whatever its kind takes, whatever the step."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

from bot.citizen.conversation import Conversation, Talk
from bot.citizen.dialogue import Dialogue, keep
from bot.citizen.intake import Incoming
from bot.citizen.steps import next_take
from bot.delivery.outbox import Outbox
from bot.privacy import addresses
from bot.privacy.keyring import KeyRing
from bot.reports import parts
from bot.reports.contents import INLINE_LINKS, WORDS_MOST, Contents
from bot.reports.kinds import Content, Take
from bot.reports.places import Point as MapPoint
from bot.reports.places import in_kazakhstan
from bot.telegram.reply import Reply

PHOTOS_MOST = 10
"""Photos that a draft holds before its kind says how many it takes."""
HELD_WORDS = 15
"""Words sent before a kind was chosen are kept from this length on, in characters."""


class Filling:
    """Takes content into drafts."""

    def __init__(self, conversation: Conversation, ring: KeyRing, outbox: Outbox, wake: Callable[[], None]) -> None:
        self._say, self._ring, self._outbox, self._wake = conversation, ring, outbox, wake

    async def take(self, talk: Talk, incoming: Incoming) -> Reply | None:
        """Take a message into the open draft, starting one when none is open; answer with the next step."""
        if incoming.empty:
            return None
        dialogue = talk.dialogue
        first_part = self._album(dialogue, incoming)
        leads = [] if incoming.refused and not incoming.links else await self._add(talk, incoming)
        if incoming.refused:
            leads.insert(0, incoming.refused)
        if incoming.album:
            # An album is answered once; of its other parts only what was not yet said.
            leads = [lead for lead in leads if lead not in dialogue.album_told]
            dialogue.album_told += leads
            if not first_part and not leads:
                keep(talk.turn, dialogue)
                return None
        if dialogue.link_messages > 1 and incoming.links and not leads:
            await self._count(talk)
            return None
        lead = [self._lead(talk, name) for name in leads]
        if self._say.safety.danger(incoming.text):
            lead.insert(0, self._say.contacts_text(talk, danger=True))
        return self._say.present(talk, *lead)

    def open_draft(self, talk: Talk, kind: str) -> Contents:
        """Open a draft of a kind (empty: not chosen yet)."""
        talk.dialogue.draft = Contents(kind=kind, report_id=uuid4())
        return talk.dialogue.draft

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

    async def _add(self, talk: Talk, incoming: Incoming) -> list[str]:
        """Add what the draft's kind takes; give the names of the texts to say first."""
        draft = talk.dialogue.draft
        if draft is None:
            kind = self._starts(incoming)
            if kind is None:
                return [incoming.point_refused] if incoming.point_refused else []
            draft = self.open_draft(talk, kind)
        if not draft.kind:
            return await self._hold(talk, draft, incoming)
        await self._address(talk, draft.report_id)
        kind_of = self._say.kind(draft)
        before = next_take(kind_of, talk.dialogue)
        leads: list[str] = []
        words = incoming.rest
        links = kind_of.take(Content.LINKS)
        if incoming.links and links:
            leads += await self._add_links(talk, draft, incoming, links)
        elif incoming.links:
            words = incoming.text or words
        if incoming.list_file:
            leads += await self._add_list(talk, draft, incoming.list_file, links)
        if incoming.photo:
            leads += await self._add_photo(talk, draft, incoming.photo, kind_of.take(Content.PHOTOS), before)
        if incoming.point:
            leads += self._add_point(talk, draft, incoming, kind_of.take(Content.LOCATION))
        if incoming.point_refused == "short_map_link":
            words = incoming.text
        if incoming.point_refused and kind_of.take(Content.LOCATION):
            leads.append(incoming.point_refused)
        if words:
            leads += self._add_words(draft, words, before)
        return leads or self._missing(talk, incoming, before)

    async def _hold(self, talk: Talk, draft: Contents, incoming: Incoming) -> list[str]:
        """Keep what came before a kind was chosen."""
        await self._address(talk, draft.report_id)
        leads: list[str] = []
        if incoming.photo:
            leads += await self._add_photo(
                talk, draft, incoming.photo, Take(content=Content.PHOTOS, most=PHOTOS_MOST), None
            )
        if incoming.point:
            leads += self._add_point(talk, draft, incoming, Take(content=Content.LOCATION))
        words = incoming.text if incoming.links else incoming.rest
        if words:
            leads += self._add_words(draft, words, None)
        return leads

    def _starts(self, incoming: Incoming) -> str | None:
        """Give the kind that a message starts: the first match decides; empty: ask which; None: it starts none."""
        if incoming.links or incoming.list_file:
            kinds = self._say.kinds.values()
            return next((kind.name for kind in kinds if (take := kind.take(Content.LINKS)) and take.required), None)
        if incoming.point or incoming.photo or len(incoming.rest) >= HELD_WORDS:
            return ""
        return None

    async def _address(self, talk: Talk, report_id: UUID) -> None:
        if not talk.dialogue.addressed:
            turn = talk.turn
            await addresses.keep(turn.driver, self._ring, report_id, turn.actor.chat_id, talk.language, turn.now)
            talk.dialogue.addressed = True

    async def _add_links(self, talk: Talk, draft: Contents, incoming: Incoming, take: Take) -> list[str]:
        turn = talk.turn
        known = {link.url for link in draft.links}
        if draft.links_apart:
            known |= {link.url for link in await parts.links_apart(turn.driver, self._ring, draft.report_id)}
        fresh = [link for link in incoming.links if link.url not in known]
        room = max(take.most - draft.links_total, 0)
        inline = fresh[: min(room, max(INLINE_LINKS - len(draft.links), 0))]
        apart = fresh[len(inline) : room]
        draft.links += inline
        if apart:
            await parts.add_links(turn.driver, self._ring, draft.report_id, apart, turn.now)
            draft.links_apart += len(apart)
        talk.dialogue.link_messages += 1
        return ["links_full"] if len(fresh) > room else []

    async def _add_list(self, talk: Talk, draft: Contents, file_id: str, take: Take | None) -> list[str]:
        if take is None:
            return ["not_taken_links"]
        turn = talk.turn
        await parts.add_file(turn.driver, self._ring, draft.report_id, parts.PartSort.LIST, file_id, turn.now)
        draft.lists += 1
        return ["list_reading"]

    async def _add_photo(
        self, talk: Talk, draft: Contents, file_id: str, take: Take | None, before: Take | None
    ) -> list[str]:
        if take is None:
            return ["not_taken_photos"]
        if draft.photos >= take.most:
            return ["photos_too_many"]
        turn = talk.turn
        await parts.add_file(turn.driver, self._ring, draft.report_id, parts.PartSort.PHOTO, file_id, turn.now)
        draft.photos += 1
        # Sent while something else is asked, photos are not asked for again.
        asked = before is not None and before.content is Content.PHOTOS
        if not asked and Content.PHOTOS not in talk.dialogue.finished:
            talk.dialogue.finished.append(Content.PHOTOS)
        return []

    def _add_point(self, talk: Talk, draft: Contents, incoming: Incoming, take: Take | None) -> list[str]:
        if take is None or incoming.point is None:
            return ["not_taken_location"]
        if in_kazakhstan(MapPoint(incoming.point.latitude, incoming.point.longitude)):
            draft.point, talk.dialogue.pending = incoming.point, None
        else:
            talk.dialogue.pending = incoming.point
        return []

    def _add_words(self, draft: Contents, words: str, before: Take | None) -> list[str]:
        if before is not None and before.content is Content.LOCATION and before.address:
            draft.address = words[:500]
            return []
        room = WORDS_MOST - len(draft.words)
        draft.words = f"{draft.words}\n{words[:room]}".strip()
        return ["words_full"] if len(words) > room else []

    def _missing(self, talk: Talk, incoming: Incoming, before: Take | None) -> list[str]:
        """Say what was asked for when something else came and the same is still asked."""
        draft = talk.dialogue.draft
        if draft is None or before is None or talk.dialogue.pending or not incoming.text:
            return []
        same = next_take(self._say.kind(draft), talk.dialogue)
        return [f"missing_{before.content}"] if same == before else []

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
        most = {f"{take.content}": take.most for take in takes} | {"words": WORDS_MOST}
        return self._say.text(talk, name, most=most.get(name.split("_", maxsplit=1)[0], PHOTOS_MOST))
