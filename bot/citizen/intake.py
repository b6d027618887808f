"""A Telegram message → what of it is content. Nothing about its sender, and of a forward only the channel."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Final

from aiogram.types import Chat, Document, Message, MessageEntity, MessageOriginChannel, MessageOriginChat, Venue

from bot.links import find, find_all
from bot.links.cutting import cut
from bot.links.finding import Place, each_once, places
from bot.links.own import leads_to
from bot.reports.contents import LIST_MOST, PHOTO_MOST, Point, StoredLink
from bot.reports.places import Point as MapPoint
from bot.reports.places import PointOutOfRange, ShortMapLink, is_map_link, read_map_link, read_point

_PHOTO_TYPES: Final = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/heif", "image/bmp", "image/gif")
_PHOTO_NAMES: Final = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".bmp")
_LIST_NAMES: Final = (".txt", ".csv", ".tsv")
_ANSWERED: Final = frozenset(
    {"sticker", "poll", "dice", "game", "story", "paid_media", "invoice", "checklist", "giveaway", "gift", "unknown"}
)
"""Sent by a person, though nothing in it can be taken. All else is Telegram's own notice, such as a timer that was set:
answering it would only puzzle."""
GUESSES_MOST: Final = 10
"""Guessed links of one message, which its sender is to confirm."""
_LETTERS: Final = re.compile(r"\w")
_LONG_WORD: Final = re.compile(r"[^\W\d_]{4}")
"""What is left beside coordinates is words only if there is a word in it, not «с.ш.» or "N"."""


@dataclass(slots=True)
class Incoming:
    """What a message brings."""

    text: str = ""
    """All of its words."""
    rest: str = ""
    """Its words without links and map links."""
    hidden: list[str] = field(default_factory=list)
    """Addresses that its words do not show: behind words, on buttons, of the channel that it is forwarded from."""
    links: list[StoredLink] = field(default_factory=list)
    guesses: list[StoredLink] = field(default_factory=list)
    """Links that its words only hint at: «инста: name», `t . me / name`."""
    point: Point | None = None
    point_typed: bool = False
    """The point was read from words."""
    point_refused: str | None = None
    """The text that says why a place could not be read."""
    photo: str | None = None
    list_file: str | None = None
    refused: str | None = None
    """The text that says why it cannot be taken."""
    album: str | None = None

    @property
    def empty(self) -> bool:
        """Tell whether there is nothing to take or to answer."""
        return not (self.text or self.refused or self.content)

    @property
    def content(self) -> bool:
        """Tell whether there is anything that a draft could take."""
        return bool(self.links or self.rest or self.point or self.photo or self.list_file or self.point_refused)

    def leave_out(self, bot: str) -> bool:
        """Leave out links to a bot, which is ours; tell whether the message brings nothing else."""
        others = [link for link in self.links if not leads_to(bot, link.url)]
        own = len(self.links) > len(others)
        self.links = others
        self.guesses = [link for link in self.guesses if not leads_to(bot, link.url)]
        return own and not self.content

    @property
    def written(self) -> str:
        """All of its words and addresses, for a draft that takes no links."""
        return "\n".join(filter(None, [self.text, *(url for url in self.hidden if url not in self.text)]))


def read_message(message: Message) -> Incoming:
    """Read a citizen's message."""
    incoming = Incoming(text=(message.text or message.caption or "").strip(), album=message.media_group_id)
    _read_media(message, incoming)
    if message.venue or message.location:
        _read_place(message, incoming)
    else:
        _read_typed_place(incoming)
    hrefs = [*_hidden(message.entities or message.caption_entities or ()), *_buttons(message)]
    _read_links(incoming, hrefs, _origin(message), message.venue)
    return incoming


def read_words(text: str) -> Incoming:
    """Read a message that is words alone."""
    incoming = Incoming(text=text.strip())
    _read_typed_place(incoming)
    _read_links(incoming)
    return incoming


def _read_media(message: Message, incoming: Incoming) -> None:
    if message.photo:
        incoming.photo = message.photo[-1].file_id
    elif message.voice or message.audio:
        incoming.refused = "refused_voice"
    elif message.video or message.video_note or message.animation or message.live_photo:
        incoming.refused = "refused_video"
    elif message.document:
        _read_document(message.document, incoming)
    elif message.contact:
        incoming.refused = "refused_contact"
    elif message.content_type in _ANSWERED and not incoming.text:
        incoming.refused = "refused_other"


def _read_document(document: Document, incoming: Incoming) -> None:
    suffix = PurePath(document.file_name or "").suffix.casefold()
    mime, size = (document.mime_type or "").casefold(), document.file_size or 0
    if mime in _PHOTO_TYPES or (suffix in _PHOTO_NAMES and not mime.startswith(("video/", "audio/"))):
        if size > PHOTO_MOST:
            incoming.refused = "refused_photo_big"
        else:
            incoming.photo = document.file_id
    elif suffix in _LIST_NAMES or mime in ("text/plain", "text/csv"):
        if size > LIST_MOST:
            incoming.refused = "refused_list_big"
        elif document.file_size == 0:
            incoming.refused = "list_failed_empty"
        else:
            incoming.list_file = document.file_id
    else:
        incoming.refused = "refused_file"


def _read_place(message: Message, incoming: Incoming) -> None:
    place = message.venue.location if message.venue else message.location
    if place:
        try:
            point = MapPoint(place.latitude, place.longitude)
        except PointOutOfRange:
            incoming.point_refused = "out_of_range"
            return
        incoming.point = Point(latitude=point.latitude, longitude=point.longitude)
        if message.venue:
            incoming.text = ", ".join(part for part in (message.venue.title, message.venue.address) if part)


def _read_typed_place(incoming: Incoming) -> None:
    try:
        found = read_point(incoming.text) or read_map_link(incoming.text)
    except PointOutOfRange:
        incoming.point_refused = "out_of_range"
        return
    if isinstance(found, MapPoint):
        incoming.point = Point(latitude=found.latitude, longitude=found.longitude)
        incoming.point_typed = True
    elif isinstance(found, ShortMapLink):
        incoming.point_refused = "short_map_link"


def _read_links(
    incoming: Incoming,
    hrefs: Iterable[str] = (),
    origin: tuple[str, int | None] | None = None,
    venue: Venue | None = None,
) -> None:
    standing = places(incoming.text)
    written = each_once([link for _, _, link in standing])
    found = list(dict.fromkeys([*written, *find_all((), hrefs)]))
    if any(link.refused for link in found):
        incoming.refused = "refused_login_link"
    taken = [link for link in found if not link.refused and not is_map_link(link.url)]
    links = [StoredLink.of(link) for link in taken if not link.guessed]
    incoming.guesses = [StoredLink.of(link) for link in taken if link.guessed][:GUESSES_MOST]
    if origin is not None:
        name, post = origin
        # The channel is the resource; which of its posts it was stays with the words.
        links = list({link.url: link for link in [*map(StoredLink.of, find(f"@{name}")), *links]}.values())
        incoming.rest = f"t.me/{name}/{post}" if post else ""
    incoming.links = links
    shown = {link.url for link in written}
    incoming.hidden = [*([incoming.rest] if incoming.rest else []), *(x.url for x in links if x.url not in shown)]
    left = cut(incoming.text, _leaving(incoming.text, standing)).strip(" ,;:\n")
    if any(link.refused and link.guessed for link in found):
        left = ""  # its code stands somewhere among the words
    placed = incoming.point or incoming.point_refused == "out_of_range"
    if placed and not (venue or _LONG_WORD.search(left)):
        left = ""
    if incoming.refused == "refused_login_link":
        incoming.text, incoming.hidden = left, [link.url for link in links if link.url not in left]
    if incoming.point_refused != "short_map_link":
        incoming.rest = f"{incoming.rest}\n{words_of(left)}".strip()


def _origin(message: Message) -> tuple[str, int | None] | None:
    """Give the public name that a message is forwarded from, with the post's number; never a person's."""
    origin = message.forward_origin
    chat: Chat | None = None
    if isinstance(origin, MessageOriginChannel):
        chat = origin.chat
    elif isinstance(origin, MessageOriginChat):
        # A group's anonymous administrator writes in the name of the group.
        chat = origin.sender_chat
    if chat is None or not chat.username:
        return None
    return chat.username, origin.message_id if isinstance(origin, MessageOriginChannel) else None


def _hidden(entities: Iterable[MessageEntity]) -> list[str]:
    return [entity.url for entity in entities if entity.type == "text_link" and entity.url]


def _buttons(message: Message) -> list[str]:
    if message.reply_markup is None:
        return []
    return [button.url for row in message.reply_markup.inline_keyboard for button in row if button.url]


def words_of(left: str) -> str:
    """Give what is left of a text beside its links as words; too little says nothing."""
    left = left.strip(" ,;:\n")
    return left if len(_LETTERS.findall(left)) >= 3 else ""


def _leaving(text: str, standing: Iterable[Place]) -> Iterator[tuple[int, int]]:
    """Give what leaves the words: links read plainly; with a login code also all that is written against it."""
    for start, end, link in standing:
        if link.refused:
            while start and not text[start - 1].isspace():
                start -= 1
            while end < len(text) and not text[end].isspace():
                end += 1
        if link.refused or not link.guessed:
            yield start, end
