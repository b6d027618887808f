"""A Telegram message → what of it is content. Nothing about its sender, and of a forward only the channel."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Final

from aiogram.types import Document, Message, MessageEntity, MessageOriginChannel

from bot.links import find, find_all
from bot.reports.contents import Point, StoredLink
from bot.reports.places import Point as MapPoint
from bot.reports.places import PointOutOfRange, ShortMapLink, is_map_link, read_map_link, read_point

PHOTO_MOST: Final = 20 << 20
LIST_MOST: Final = 1 << 20
_PHOTO_TYPES: Final = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/heif", "image/bmp", "image/gif")
_PHOTO_NAMES: Final = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".bmp")
_LIST_NAMES: Final = (".txt", ".csv", ".tsv")
_SILENT: Final = (
    "pinned_message",
    "successful_payment",
    "refunded_payment",
    "write_access_allowed",
    "chat_background_set",
)
_LETTERS: Final = re.compile(r"\w")
_WORDS: Final = re.compile(r"(\s+)")
_LONG_WORD: Final = re.compile(r"[^\W\d_]{4}")
"""What is left beside coordinates is words only if there is a word in it, not «с.ш.» or "N"."""


@dataclass(slots=True)
class Incoming:
    """What a message brings."""

    text: str = ""
    """All of its words."""
    rest: str = ""
    """Its words without links and map links."""
    links: list[StoredLink] = field(default_factory=list)
    point: Point | None = None
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
        return not (self.text or self.links or self.point or self.photo or self.list_file or self.refused)


def read_message(message: Message) -> Incoming:
    """Read a citizen's message."""
    incoming = Incoming(text=(message.text or message.caption or "").strip(), album=message.media_group_id)
    _read_media(message, incoming)
    _read_place(message, incoming)
    _read_links(message, incoming)
    return incoming


def _read_media(message: Message, incoming: Incoming) -> None:
    if message.photo:
        incoming.photo = message.photo[-1].file_id
    elif message.voice or message.audio:
        incoming.refused = "refused_voice"
    elif message.video or message.video_note or message.animation:
        incoming.refused = "refused_video"
    elif message.document:
        _read_document(message.document, incoming)
    elif message.contact:
        incoming.refused = "refused_contact"
    elif not (incoming.text or message.location or message.venue) and message.content_type not in _SILENT:
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
        incoming.point = Point(latitude=place.latitude, longitude=place.longitude)
        if message.venue:
            incoming.text = ", ".join(part for part in (message.venue.title, message.venue.address) if part)
        return
    try:
        found = read_point(incoming.text) or read_map_link(incoming.text)
    except PointOutOfRange:
        incoming.point_refused = "out_of_range"
        return
    if isinstance(found, MapPoint):
        incoming.point = Point(latitude=found.latitude, longitude=found.longitude)
    elif isinstance(found, ShortMapLink):
        incoming.point_refused = "short_map_link"


def _read_links(message: Message, incoming: Incoming) -> None:
    found = find_all(
        [incoming.text], [*_hidden(message.entities or message.caption_entities or ()), *_buttons(message)]
    )
    if any(link.refused for link in found):
        incoming.refused = "refused_login_link"
    links = [StoredLink.of(link) for link in found if not link.refused and not is_map_link(link.url)]
    origin = message.forward_origin
    if isinstance(origin, MessageOriginChannel) and origin.chat.username:
        channel = find(f"@{origin.chat.username}")
        # The channel is the resource; which of its posts it was stays with the words.
        links = list({link.url: link for link in [*map(StoredLink.of, channel), *links]}.values())
        incoming.rest = f"t.me/{origin.chat.username}/{origin.message_id}"
    incoming.links = links
    left = "".join(word for word in _WORDS.split(incoming.text) if not _is_link(word)).strip(" ,;:\n")
    if incoming.point and not (message.venue or _LONG_WORD.search(left)):
        left = ""
    if incoming.refused == "refused_login_link":
        incoming.text = left
    if len(_LETTERS.findall(left)) >= 3 and incoming.point_refused != "short_map_link":
        incoming.rest = f"{incoming.rest}\n{left}".strip()


def _hidden(entities: Iterable[MessageEntity]) -> list[str]:
    return [entity.url for entity in entities if entity.type == "text_link" and entity.url]


def _buttons(message: Message) -> list[str]:
    if message.reply_markup is None:
        return []
    return [button.url for row in message.reply_markup.inline_keyboard for button in row if button.url]


def _is_link(word: str) -> bool:
    return len(word) > 3 and any(sign in word for sign in ".@/") and bool(find(word))
