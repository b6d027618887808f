"""One delivery: rendered, allowed by the limits, sent, and marked with what came of it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Protocol
from uuid import UUID

from bot.clock import Clock
from bot.database import Database, driver
from bot.delivery import statements
from bot.delivery.errors import (
    ChatMigrated,
    MessageGone,
    NotModified,
    TelegramDown,
    TelegramRefused,
    TooMany,
    Unreachable,
)
from bot.delivery.limits import Limits
from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.log import get_logger
from bot.privacy.keyring import KeyRing

TRIES: Final = 8
"""Refusals of one delivery by Telegram until it is given up; outages are not counted."""
LONGEST_PAUSE: Final = 300.0
log = get_logger()


@dataclass(slots=True)
class Outgoing:
    """One rendered call without its chat. `cost` is how many messages Telegram counts."""

    method: str
    params: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)
    cost: int = 1


class NotYet(Exception):
    """What a delivery needs is not there yet, such as the card that photos belong under."""


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


@dataclass(frozen=True, slots=True)
class Road:
    """What a recipient's deliveries need of the layers above, handed in by the composition root."""

    recipient: Recipient
    address: Callable[[UUID], Awaitable[tuple[int, str] | None]]
    """lane or subject → (chat, language); None: there is no way to reach them any more."""
    message: Callable[[UUID, str, dict[str, Any], str], Awaitable[Outgoing | None]]
    """(lane, template, parameters, language) → the call; None: there is nothing to say any more."""
    card: Callable[[WantedCard], Awaitable[Outgoing | None]]
    """The call that posts a card as a new message; None: there is nothing to show any more."""
    over: Callable[[UUID, str], Awaitable[None]]
    """(lane, template): what is done right after a message has left, or could not."""
    unreachable: Callable[[UUID], Awaitable[None]]
    """lane: the recipient cannot be reached."""
    migrated: Callable[[int], Awaitable[None]]
    """The chat's new id."""


class Sender:
    """Sends the deliveries of one recipient."""

    def __init__(
        self, database: Database, ring: KeyRing, outbox: Outbox, api: Caller, limits: Limits, road: Road, clock: Clock
    ) -> None:
        self._database, self._ring, self._outbox, self._api = database, ring, outbox, api
        self._limits, self._road, self._clock = limits, road, clock

    async def message(self, row: Mapping[str, Any]) -> None:
        """Deliver a message."""
        lane, template = row["lane"], row["template"]
        target = await self._road.address(lane)
        if target is None:
            return await self._over(row, "closed")
        chat_id, language = target
        params = self._outbox.params(lane, template, row["sealed"])
        try:
            outgoing = await self._road.message(lane, template, params, language)
            if outgoing is None:
                return await self._over(row, "dropped")
            result = await self._call(chat_id, outgoing)
        except Unreachable:
            if self._road.recipient is Recipient.DESK:
                return await self._later(statements.MESSAGE_LATER, row, LONGEST_PAUSE)
            await self._over(row, "unreachable")
            return await self._road.unreachable(lane)
        except Exception as error:
            if await self._postpone(statements.MESSAGE_LATER, row, chat_id, error):
                return None
            return await self._over(row, "failed")
        await self._over(row, "sent")
        if self._road.recipient is Recipient.DESK:
            await self._posted(chat_id, result, CardSort.REPORT, lane)
        return None

    async def card(self, row: Mapping[str, Any]) -> None:
        """Bring a card to its newest version: an edit where it was posted, else a new message."""
        sort, subject, version = CardSort(row["sort"]), row["subject"], row["wanted_version"]
        params = self._outbox.card_params(subject, row["params"])
        target = await self._road.address(subject)
        if target is None:
            return await self._mark(statements.CARD_GIVEN_UP, row["id"])
        chat_id, language = target
        message_id = self._message_id(row)
        try:
            outgoing = await self._road.card(WantedCard(row["id"], sort, subject, version, params, language))
            if outgoing is None:
                return await self._mark(statements.CARD_GIVEN_UP, row["id"])
            if message_id is None:
                result = await self._call(chat_id, outgoing)
                message_id = int(result["message_id"])
            else:
                await self._edit(chat_id, message_id, outgoing)
        except MessageGone:
            return await self._mark(statements.CARD_GONE, row["id"])
        except Unreachable:
            if self._road.recipient is Recipient.DESK:
                return await self._later(statements.CARD_LATER, row, LONGEST_PAUSE)
            return await self._mark(statements.CARD_GIVEN_UP, row["id"])
        except Exception as error:
            if await self._postpone(statements.CARD_LATER, row, chat_id, error):
                return None
            return await self._mark(statements.CARD_GIVEN_UP, row["id"])
        if self._road.recipient is Recipient.DESK:
            await self._mark(statements.CARD_SHOWN, row["id"], version, message_id, None)
            return await self._posted(chat_id, {"message_id": message_id}, sort, subject)
        sealed = self._ring.seal("cards", row["id"].bytes, str(message_id).encode())
        return await self._mark(statements.CARD_SHOWN, row["id"], version, None, sealed)

    async def _call(self, chat_id: int, outgoing: Outgoing) -> Any:
        while (seconds := self._limits.wait(chat_id, outgoing.cost)) > 0:  # noqa: ASYNC110 — the windows tell how long
            await asyncio.sleep(seconds)
        return await self._api.call(
            outgoing.method,
            {"chat_id": chat_id, **outgoing.params},
            files=outgoing.files or None,
            protect=self._road.recipient is Recipient.DESK,
        )

    async def _edit(self, chat_id: int, message_id: int, outgoing: Outgoing) -> None:
        params: dict[str, Any] = {
            name: outgoing.params[name] for name in ("text", "reply_markup") if name in outgoing.params
        }
        try:
            await self._call(chat_id, Outgoing("editMessageText", params | {"message_id": message_id}))
        except NotModified:
            return

    def _message_id(self, row: Mapping[str, Any]) -> int | None:
        if row["sealed"] is not None:
            return int(self._ring.open("cards", row["id"].bytes, row["sealed"]))
        message_id: int | None = row["message_id"]
        return message_id

    async def _posted(self, chat_id: int, result: Any, sort: CardSort, subject: UUID) -> None:
        for message in result if isinstance(result, list) else [result]:
            await self._mark(statements.POSTED, chat_id, message["message_id"], sort.value, subject, self._clock())

    async def _postpone(self, statement: str, row: Mapping[str, Any], chat_id: int, error: Exception) -> bool:
        """Put a delivery off as its error asks; False when it is to be given up."""
        match error:
            case TooMany():
                self._limits.pause(chat_id, error.seconds)
                await self._later(statement, row, error.seconds, counted=False)
            case ChatMigrated():
                await self._road.migrated(error.chat_id)
                await self._later(statement, row, 1.0, counted=False)
            case NotYet():
                await self._later(statement, row, 2.0, counted=False)
            case TelegramDown():
                await self._later(statement, row, min(2.0 ** row["attempts"], LONGEST_PAUSE))
            case TelegramRefused():
                log.error("delivery_refused", method=error.method, code=error.code, count=row["attempts"])
                if row["attempts"] >= TRIES:
                    return False
                await self._later(statement, row, min(2.0 ** row["attempts"], LONGEST_PAUSE))
            case _:
                raise error
        return True

    async def _later(self, statement: str, row: Mapping[str, Any], seconds: float, *, counted: bool = True) -> None:
        # Jitter keeps deliveries that failed together from coming back together.
        pause = timedelta(seconds=seconds * (1 + random.random() / 4))  # noqa: S311 — no secret hangs on it
        await self._mark(statement, row["id"], self._clock() + pause, row["attempts"] + counted)

    async def _over(self, row: Mapping[str, Any], outcome: str) -> None:
        await self._mark(statements.MESSAGE_DONE, row["id"], outcome, self._clock())
        await self._road.over(row["lane"], row["template"])

    async def _mark(self, statement: str, *params: Any) -> None:
        async with self._database.transaction() as connection:
            await (await driver(connection)).execute(statement, *params)
