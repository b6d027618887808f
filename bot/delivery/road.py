"""The road of a recipient's deliveries: what the layers above hand in, and what passes between them and the courier."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from bot.delivery.outbox import CardSort, Recipient, line


class NotYet(Exception):
    """What a delivery needs is not there yet, such as the card that photos belong under."""


@dataclass(slots=True)
class Outgoing:
    """One rendered call without its chat.

    `cost` is how many messages Telegram counts. `topic` is where it belongs on a desk that is a forum, "" for the
    general topic; what answers a message stands in the topic of that. `opens` names a topic that is opened for it.
    """

    method: str
    params: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)
    cost: int = 1
    topic: str = ""
    opens: str = ""


class Caller(Protocol):
    """The Bot API's client, as far as deliveries use it."""

    async def call(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        files: Mapping[str, bytes] | None = None,
        protect: bool = False,
    ) -> Any:
        """Call a method and give its result."""
        ...


@dataclass(frozen=True, slots=True)
class WantedCard:
    """A card to be rendered."""

    id: UUID
    sort: CardSort
    subject: UUID
    version: int
    params: dict[str, Any]
    language: str
    desk: str = Recipient.DESK.value
    """The line of the desk that it is shown on."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to be rendered."""

    lane: UUID
    template: str
    params: dict[str, Any]
    chat_id: int
    language: str
    desk: str = Recipient.DESK.value
    """The line of the desk that it goes to."""
    closed: tuple[str, ...] = ()
    """Of an acknowledgement: the addresses of its report's links of which it tells that they are closed already."""


@dataclass(frozen=True, slots=True)
class Road:
    """What a recipient's deliveries need of the layers above, handed in by the composition root."""

    recipient: Recipient
    address: Callable[[UUID], Awaitable[tuple[int, str] | None]]
    """lane or subject → (chat, language); None: there is no way to reach them any more."""
    message: Callable[[Letter], Awaitable[Outgoing | None]]
    """The call that sends a message; None: there is nothing to say any more."""
    card: Callable[[WantedCard], Awaitable[Outgoing | None]]
    """The call that posts a card as a new message; None: there is nothing to show any more."""
    over: Callable[[UUID, str, str], Awaitable[None]]
    """(lane, template, outcome): what is done right after a message has left, or could not."""
    migrated: Callable[[int], Awaitable[None]]
    """The chat's new id."""
    office: int = 0
    """Whose desk it is; 0: the main one."""
    topic_name: Callable[[str, str], Awaitable[str]] | None = None
    """(topic, language) → what it is called; None: there are no topics on this road."""
    opened: Callable[[Mapping[str, Any]], tuple[int, str] | None] = lambda _row: None
    """A message's row → (chat, language), where its address was read with it; None: it has to be looked up."""

    @property
    def line(self) -> str:
        """Give what the rows of these deliveries bear as their recipient."""
        return line(self.office) if self.recipient is Recipient.DESK else self.recipient.value
