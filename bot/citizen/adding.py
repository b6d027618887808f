"""What a message adds to a draft: whatever its kind takes, whatever the step."""

from __future__ import annotations

from uuid import uuid4

from bot.citizen.conversation import Conversation, Talk
from bot.citizen.dialogue import close_draft
from bot.citizen.intake import Incoming, words_of
from bot.citizen.steps import holds_anything, next_take
from bot.links.cutting import without
from bot.privacy import blocks, counting
from bot.privacy.keyring import KeyRing
from bot.reports import parts
from bot.reports.contents import ADDRESS_MOST, INLINE_LINKS, INLINE_LINKS_LENGTH, WORDS_MOST, Contents, StoredLink
from bot.reports.kinds import Content, Take
from bot.reports.places import Point as MapPoint
from bot.reports.places import in_kazakhstan

PHOTOS_MOST = 10
"""Photos that a draft holds before its kind says how many it takes."""
FILES_PER_HOUR = 200
"""Photos and lists of one chat that are downloaded within an hour."""
HELD_WORDS = 15
"""Words sent before a kind was chosen are kept from this length on, in characters."""
_ANY_KIND = {
    Content.PHOTOS: Take(content=Content.PHOTOS, most=PHOTOS_MOST),
    Content.LOCATION: Take(content=Content.LOCATION),
    Content.WORDS: Take(content=Content.WORDS),
}
"""What a draft takes before its kind is chosen."""


class Adding:
    """Adds content to drafts, starting one when none is open."""

    def __init__(self, conversation: Conversation, ring: KeyRing) -> None:
        self._say, self._ring = conversation, ring

    async def add(self, talk: Talk, incoming: Incoming) -> list[str]:
        """Add what the draft's kind takes; give the names of the texts to say first."""
        draft = self._draft(talk, incoming)
        if draft is None:
            return [incoming.point_refused] if incoming.point_refused else []
        if await self._blocked(talk, draft):
            return ["blocked"]
        before = next_take(self._say.kind(draft), talk.dialogue) if draft.kind else None
        leads: list[str] = []
        words = incoming.rest
        links = self._take(draft, Content.LINKS)
        if incoming.links and links:
            leads += await self._links(talk, draft, incoming.links, links)
        elif incoming.links:
            words = incoming.written
        if incoming.guesses and (links or (not draft.kind and self._say.for_links(draft))):
            self._guessed(talk, draft, incoming.guesses)
        if incoming.list_file:
            leads += await self._list(talk, draft, incoming.list_file, links)
        if incoming.photo:
            leads += await self._photo(talk, draft, incoming.photo, before)
        place = self._take(draft, Content.LOCATION)
        if incoming.point and (place or not incoming.point_typed):
            leads += self._point(talk, draft, incoming, place, before)
        elif incoming.point or incoming.point_refused == "short_map_link":
            words = incoming.written
        if incoming.point_refused and place:
            leads.append(incoming.point_refused)
        if words:
            leads += self._words(draft, words, before, incoming)
        return leads or ([] if incoming.refused else self._missing(talk, incoming, before, added=bool(words)))

    def open_draft(self, talk: Talk, kind: str) -> Contents:
        """Open a draft of a kind (empty: not chosen yet)."""
        talk.dialogue.draft = Contents(kind=kind, report_id=uuid4())
        return talk.dialogue.draft

    def _draft(self, talk: Talk, incoming: Incoming) -> Contents | None:
        """Give the open draft, or start the right one: the first match decides. None: the message starts none."""
        draft = talk.dialogue.draft
        brings_links = bool(incoming.links or incoming.list_file)
        if draft is None:
            kind = self._say.for_links(None) if brings_links else None
            if kind is None and not (self._starts(incoming) or brings_links or incoming.guesses):
                return None
            return self.open_draft(talk, kind or "")
        if not draft.kind and brings_links:
            # Words, or a screenshot, came first, and now what they are about.
            draft.kind = self._say.for_links(draft) or ""
        return draft

    def _starts(self, incoming: Incoming) -> bool:
        """Tell whether a message without links begins a report whose kind is asked then."""
        worth = len(incoming.rest) >= HELD_WORDS or incoming.point_refused == "short_map_link"
        return bool(incoming.point or incoming.photo or worth)

    def _take(self, draft: Contents, content: Content) -> Take | None:
        return self._say.kind(draft).take(content) if draft.kind else _ANY_KIND.get(content)

    async def _links(self, talk: Talk, draft: Contents, links: list[StoredLink], take: Take) -> list[str]:
        turn = talk.turn
        known = {link.url for link in draft.links}
        if draft.links_apart or draft.lists:
            known |= {link.url for link in await parts.links_apart(turn.driver, self._ring, draft.report_id)}
        fresh = [link for link in links if link.url not in known]
        room = max(take.most - draft.links_total, 0)
        apart: list[StoredLink] = []
        length = sum(len(link.url) for link in draft.links)
        for link in fresh[:room]:
            length += len(link.url)
            if apart or len(draft.links) >= INLINE_LINKS or length > INLINE_LINKS_LENGTH:
                apart.append(link)
            else:
                draft.links.append(link)
        if apart:
            await parts.add_links(turn.driver, self._ring, draft.report_id, apart, turn.now)
            draft.links_apart += len(apart)
        talk.dialogue.link_messages += 1
        hint = not talk.dialogue.hinted and any(link.invite for link in fresh[:room])
        talk.dialogue.hinted |= hint
        return [*(["links_full"] if len(fresh) > room else []), *(["invite_hint"] if hint else [])]

    def _guessed(self, talk: Talk, draft: Contents, links: list[StoredLink]) -> None:
        """Keep what is to be confirmed first, each link once."""
        known = {link.url for link in [*draft.links, *talk.dialogue.guesses]}
        talk.dialogue.guesses += [link for link in links if link.url not in known]

    async def confirm(self, talk: Talk) -> list[str]:
        """Take the guessed links into the draft, which is a report of links from now on if its kind was not chosen."""
        draft, guesses, talk.dialogue.guesses = talk.dialogue.draft, talk.dialogue.guesses, []
        if draft is None:
            return []
        draft.kind = draft.kind or self._say.for_links(draft) or ""
        take = self._take(draft, Content.LINKS)
        if take is None:
            return []
        leads = await self._links(talk, draft, guesses, take)
        if "links_full" not in leads:
            # What has become a link is none of the words any more.
            taken = {link.url for link in guesses}
            draft.words = words_of(without(draft.words, lambda link: link.url in taken))
        return leads

    async def _list(self, talk: Talk, draft: Contents, file_id: str, take: Take | None) -> list[str]:
        if take is None:
            return ["not_taken_links"]
        if not await self._file(talk, draft, parts.PartSort.LIST, file_id):
            return ["too_many_files"]
        draft.lists += 1
        # What comes of it goes to a draft's return address, which a draft that adds to a report has not.
        return [] if talk.dialogue.target else ["list_reading"]

    async def _photo(self, talk: Talk, draft: Contents, file_id: str, before: Take | None) -> list[str]:
        take = self._take(draft, Content.PHOTOS)
        if take is None:
            return ["not_taken_photos"]
        if draft.photos >= take.most:
            return ["photos_too_many"]
        if not await self._file(talk, draft, parts.PartSort.PHOTO, file_id):
            return ["too_many_files"]
        draft.photos += 1
        # Sent while something else is asked, photos are not asked for again.
        asked = before is not None and before.content is Content.PHOTOS
        if not asked and Content.PHOTOS not in talk.dialogue.finished:
            talk.dialogue.finished.append(Content.PHOTOS)
        return []

    async def _file(self, talk: Talk, draft: Contents, sort: parts.PartSort, file_id: str) -> bool:
        """Keep a file, which a job will download; False when this chat has sent too many within the hour."""
        turn = talk.turn
        chat = turn.driver, self._ring, "files", turn.actor.chat_id, turn.now
        sent = await counting.counted(*chat)
        if sent >= FILES_PER_HOUR:
            return False
        await counting.count(*chat, sent)
        await parts.add_file(turn.driver, self._ring, draft.report_id, sort, file_id, turn.now)
        return True

    async def _blocked(self, talk: Talk, draft: Contents) -> bool:
        """Tell at a draft's first content whether this chat is blocked: then the draft goes, with nothing in it.

        A draft of a report gets its return address here.
        """
        dialogue, turn = talk.dialogue, talk.turn
        wants_address = dialogue.target is None and not dialogue.addressed
        if holds_anything(draft) and not wants_address:
            return False
        chat_id = turn.actor.chat_id
        if wants_address:
            row = draft.report_id, chat_id, talk.language, turn.now
            blocked = not await blocks.keep_address(turn.driver, self._ring, *row)
            dialogue.addressed = not blocked
        else:
            blocked = await blocks.is_blocked(turn.driver, self._ring, chat_id, turn.now)
        if blocked:
            # Of an album it is said once.
            album, told = dialogue.album, dialogue.album_told
            close_draft(dialogue)
            dialogue.album, dialogue.album_told = album, told
        return blocked

    def _point(
        self, talk: Talk, draft: Contents, incoming: Incoming, take: Take | None, before: Take | None
    ) -> list[str]:
        if take is None or incoming.point is None:
            return ["not_taken_location"]
        if not in_kazakhstan(MapPoint(incoming.point.latitude, incoming.point.longitude)):
            talk.dialogue.pending = incoming.point
            return []
        draft.point, talk.dialogue.pending = incoming.point, None
        # Photos are asked for once more, and nothing else would say that the place has come.
        return ["place_added"] if before is not None and before.content is Content.PHOTOS else []

    def _words(self, draft: Contents, words: str, before: Take | None, incoming: Incoming) -> list[str]:
        # A short map link or an address of the web is no address of a house, though it came when one was asked for.
        plain = not incoming.point and not incoming.point_refused and bool(incoming.rest)
        if plain and before is not None and before.content is Content.LOCATION and before.address:
            draft.address, words = words[:ADDRESS_MOST], words[ADDRESS_MOST:]
            if not words:
                return []
        if self._take(draft, Content.WORDS) is None:
            return ["not_taken_words"]
        room = WORDS_MOST - len(draft.words)
        draft.words = f"{draft.words}\n{words[:room]}".strip()
        return ["words_full"] if len(words) > room else []

    def _missing(self, talk: Talk, incoming: Incoming, before: Take | None, *, added: bool) -> list[str]:
        """Say what was asked for when something else came and the same is still asked."""
        draft = talk.dialogue.draft
        if draft is None or before is None or talk.dialogue.pending or talk.dialogue.guesses:
            return []
        if not incoming.text:
            return []
        if next_take(self._say.kind(draft), talk.dialogue) != before:
            return []
        return [f"missing_{before.content}"] if added or before.content is not Content.PHOTOS else []
