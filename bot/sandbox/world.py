"""People, groups and messages: what exists in the sandbox."""

import secrets
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
Status = Literal["creator", "administrator", "member", "left", "kicked"]

ANONYMOUS_ADMINISTRATOR: Json = {
    "id": 1087968824,
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}


@dataclass(eq=False)
class Person:
    """Somebody with a phone; the private chat with the bot has the same id."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = "ru"
    started: bool = False
    blocked: bool = False
    deactivated: bool = False


@dataclass(eq=False)
class Member:
    """What a person is in a group."""

    person: Person
    status: Status = "member"
    anonymous: bool = False


@dataclass(eq=False)
class Topic:
    """A topic of a forum; its id is that of the message that opened it."""

    id: int
    name: str
    icon_color: int
    icon_custom_emoji_id: str | None = None
    closed: bool = False


@dataclass(eq=False)
class Group:
    """A group or supergroup; `bot_status` is what the bot is in it."""

    id: int
    title: str
    forum: bool = False
    supergroup: bool = True
    username: str | None = None
    bot_status: Status = "administrator"
    bot_rights: set[str] = field(
        default_factory=lambda: {"can_delete_messages", "can_manage_topics", "can_pin_messages"}
    )
    members: dict[int, Member] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    migrated_to: int | None = None


@dataclass(eq=False)
class Message:
    """A message of a chat, as it stands now; deleted ones are kept and marked."""

    id: int
    chat_id: int
    date: int
    from_bot: bool
    sender: Person | None = None
    anonymous: bool = False
    text: str | None = None
    caption: str | None = None
    entities: list[Json] = field(default_factory=list)
    html: str | None = None
    content: Json = field(default_factory=dict)
    markup: Json | None = None
    protect: bool = False
    spoiler: bool = False
    silent: bool = False
    link_preview: Json | None = None
    reply_to: int | None = None
    thread_id: int | None = None
    media_group_id: str | None = None
    forward_origin: Json | None = None
    edit_date: int | None = None
    deleted: bool = False
    reactions: list[Json] = field(default_factory=list)
    service: bool = False

    @property
    def edited(self) -> bool:
        """Whether the message was changed after it was sent."""
        return self.edit_date is not None

    @property
    def photo(self) -> list[Json] | None:
        """The sizes of the photo, the largest last."""
        return self.content.get("photo")

    @property
    def document(self) -> Json | None:
        """The attached file."""
        return self.content.get("document")

    @property
    def location(self) -> Json | None:
        """The point on the map."""
        return self.content.get("location")

    @property
    def words(self) -> str:
        """Text or caption, whichever there is."""
        return self.text or self.caption or ""

    @property
    def inline(self) -> list[list[Json]]:
        """The rows of inline buttons, empty without them."""
        rows: list[list[Json]] = (self.markup or {}).get("inline_keyboard", [])
        return rows

    @property
    def buttons(self) -> list[list[str]]:
        """The texts of the inline buttons, row by row."""
        return [[button["text"] for button in row] for row in self.inline]

    @property
    def uneditable(self) -> bool:
        """Messages that bear a reply keyboard, its removal or a forced reply cannot be edited."""
        return self.markup is not None and "inline_keyboard" not in self.markup


class World:
    """Who and what there is, found by id."""

    def __init__(self) -> None:
        self.people: dict[int, Person] = {}
        self.groups: dict[int, Group] = {}
        self.chats: dict[int, dict[int, Message]] = {}
        self.keyboards: dict[int, int] = {}
        # Private chats and basic groups share one row of message ids (that of 0), a supergroup has its own, as in
        # Telegram.
        self.last_ids: dict[int, int] = {0: secrets.randbelow(5000) + 100}

    def next_message_id(self, chat_id: int) -> int:
        """The id of the next message in a chat."""
        group = self.groups.get(chat_id)
        row = chat_id if group is not None and group.supergroup else 0
        self.last_ids[row] = self.last_ids.get(row, secrets.randbelow(50) + 1) + 1
        return self.last_ids[row]

    def add(self, message: Message) -> Message:
        """Put a message into its chat."""
        self.chats.setdefault(message.chat_id, {})[message.id] = message
        return message

    def find(self, chat_id: int, message_id: int) -> Message | None:
        """The message, unless it is gone."""
        message = self.chats.get(chat_id, {}).get(message_id)
        return None if message is None or message.deleted else message

    def messages(self, chat_id: int) -> list[Message]:
        """All messages of a chat, the oldest first, deleted ones too."""
        return list(self.chats.get(chat_id, {}).values())

    def keyboard(self, chat_id: int) -> Json | None:
        """The reply keyboard that the chat shows now; it goes with the message that brought it."""
        message = self.find(chat_id, self.keyboards.get(chat_id, -1))
        return message.markup if message is not None and message.markup and "keyboard" in message.markup else None
