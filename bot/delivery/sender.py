"""One delivery: rendered, allowed by the limits, sent, and marked with what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from typing import Any, Final, cast

from bot import metrics
from bot.clock import Clock
from bot.database import Database
from bot.delivery import statements
from bot.delivery.desk_line import DeskLine
from bot.delivery.errors import MessageGone, NotModified, Unreachable
from bot.delivery.faces import Faces
from bot.delivery.limits import Limits
from bot.delivery.marks import Mark, Marks
from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.delivery.precedence import Rank, Shares
from bot.delivery.road import Caller, Letter, NotYet, Outgoing, Road, WantedCard
from bot.delivery.sends import Sends
from bot.delivery.setbacks import CHANGES, HIDE, LONGEST_PAUSE, Setbacks, as_it_should_be
from bot.delivery.topics import Topics
from bot.delivery.traces import Traces
from bot.delivery.turnstile import Turnstile
from bot.privacy.keyring import KeyRing

__all__ = ["Caller", "Letter", "NotYet", "Outgoing", "Road", "Sender", "WantedCard"]

_WHAT: Final = {"sendPhoto": "photo", "sendMediaGroup": "photo", "sendDocument": "photo", "sendLocation": "place"}
"""What of the desk's messages is no text. A file is emptied as a photo is: Telegram lets one become the other."""
SETTLE: Final = 7.0
"""Seconds that what is being sent may take when the process stops."""


class Sender:
    """Sends the deliveries of one recipient."""

    def __init__(
        self,
        database: Database,
        ring: KeyRing,
        outbox: Outbox,
        api: Caller,
        limits: Limits,
        road: Road,
        clock: Clock,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._ring, self._outbox, self._api = ring, outbox, api
        self._road, self._clock = road, clock
        self._marks, self._traces = Marks(database), Traces(outbox, road, clock)
        shares = Shares(limits.clock) if road.recipient is Recipient.DESK else None
        self.line = DeskLine(outbox, shares, road.line) if shares else None
        """What is next on the desk; None among citizens, who each have a chat of their own."""
        self._sends = Sends(self._marks, limits, shares, clock, road.line)
        self._setbacks = Setbacks(self._marks, limits, road, outbox, self._sends, clock)
        self._sending: set[asyncio.Task[Any]] = set()
        self._hurried = asyncio.Event()
        self._faces = Faces()
        self._turnstile = Turnstile(limits, sleep, shares)
        self._topics = Topics(self._marks, outbox, api, limits, road, clock)

    @property
    def recipient(self) -> str:
        """Give what the rows of these deliveries bear as their recipient."""
        return self._road.line

    @property
    def waits(self) -> bool:
        """Tell whether a delivery waits for room, and nothing of it is on its way yet."""
        return self._turnstile.waits

    async def message(self, row: Mapping[str, Any]) -> None:
        """Deliver a message."""
        lane, template, rank, chat_id = row["lane"], row["template"], _rank(row), 0
        try:
            target = self._road.opened(row) or await self._road.address(lane)
            if target is None:
                return await self._over(row, "closed")
            chat_id, language = target
            await self._turnstile.room(chat_id, self._sends.cost(row), rank)
            params = self._outbox.params(lane, template, row["sealed"])
            closed = tuple(row.get("closed") or ())
            letter = Letter(lane, template, params, chat_id, language, self._road.line, closed)
            outgoing = await self._road.message(letter)
            if outgoing is None:
                return await self._over(row, "dropped")
            await self._topics.place(chat_id, outgoing, language, row["attempts"])
            self._sends.learn(row, outgoing)
            await self._turnstile.room(chat_id, outgoing.cost, rank, book=True)
        except Exception as error:
            return await self._message_failed(row, chat_id, error)
        return await self._uncut(self._send_message(row, chat_id, outgoing))

    async def card(self, row: Mapping[str, Any]) -> None:
        """Bring a card to its newest version: an edit where it was posted, else a new message."""
        rank, chat_id = _rank(row), 0
        try:
            target = await self._road.address(row["subject"])
            if target is None:
                return await self._give_up_card(row)
            chat_id, language = target
            if await self._turnstile.room(chat_id, rank=rank):
                # While it waited, more may have changed: the newest state is sent, once.
                rows = await self._marks.read(statements.CARD_NOW, row["id"])
                if not rows:
                    return None
                row = {**rows[0], "rank": rank}
            sort, subject = CardSort(row["sort"]), row["subject"]
            params = self._outbox.card_params(subject, row["params"])
            wanted = WantedCard(row["id"], sort, subject, row["wanted_version"], params, language, self._road.line)
            outgoing = await self._road.card(wanted)
            if outgoing is None:
                return await self._give_up_card(row)
            message_id = self._message_id(row)
            if message_id is not None and self._faces.stands(row["id"], outgoing):
                return await self._shown(row, message_id)
            outgoing = outgoing if message_id is None else _edit(message_id, outgoing)
            await self._topics.place(chat_id, outgoing, language, row["attempts"])
            await self._turnstile.room(chat_id, outgoing.cost, rank, book=True)
        except Exception as error:
            return await self._card_failed(row, chat_id, error)
        return await self._uncut(self._send_card(row, chat_id, message_id, outgoing, rank))

    async def take_over(self) -> None:
        """Begin where another process may have been the courier: what it posted counts into Telegram's limits."""
        self._faces.doubt_all()
        await self._sends.take_over()

    async def settle(self) -> None:
        """Let what is being sent come to its mark: after this nothing is sent any more.

        However long the database is away; when the process stops, for SETTLE seconds.
        """
        hurried = asyncio.create_task(self._hurried.wait())
        while self._sending and not hurried.done():
            await asyncio.wait([*self._sending, hurried], return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        if self._sending:
            await asyncio.wait(self._sending, timeout=SETTLE)
        for task in self._sending:
            task.cancel()

    def hurry(self) -> None:
        """Note that the process stops."""
        self._hurried.set()

    def cut(self, deliveries: Iterable[asyncio.Task[None]]) -> None:
        """Cancel those of which nothing is on its way yet: what is sent and not marked is sent again."""
        for task in deliveries:
            if task not in self._sending:
                task.cancel()

    async def _uncut(self, sending: Coroutine[Any, Any, None]) -> None:
        """Send and mark, where `cut` passes this delivery by."""
        task = cast("asyncio.Task[Any]", asyncio.current_task())
        self._sending.add(task)
        try:
            await sending
        finally:
            self._sending.discard(task)

    async def _send_message(self, row: Mapping[str, Any], chat_id: int, outgoing: Outgoing) -> None:
        try:
            result = await self._call(chat_id, outgoing)
        except Exception as error:
            if not as_it_should_be(outgoing.method, error):
                return await self._message_failed(row, chat_id, error)
            result = None
        noted = self._sends.sent(chat_id, _rank(row), outgoing.cost)
        if outgoing.method in CHANGES:
            emptied = chat_id, outgoing.params.get("message_id")
            return await self._over(row, "sent", (statements.POST_OVER, emptied), *noted)
        sent = result if isinstance(result, list) else [result]
        what = _WHAT.get(outgoing.method, "text")
        posted = self._traces.posted(chat_id, sent, CardSort.REPORT, row["lane"], what)
        strays = self._traces.strays(statements.STRAY_MESSAGE, row["id"], chat_id, sent, row["lane"], what)
        hidden = self._traces.hidden(row, chat_id, sent, what)
        return await self._over(row, "sent", *posted, *strays, *hidden, *noted)

    async def _send_card(
        self, row: Mapping[str, Any], chat_id: int, message_id: int | None, outgoing: Outgoing, rank: Rank | None
    ) -> None:
        posted = []
        self._faces.doubt(row["id"])
        try:
            result = await self._call(chat_id, outgoing)
            if message_id is None:
                message_id, posted = int(result["message_id"]), [result]
        except NotModified:
            pass
        except Exception as error:
            return await self._card_failed(row, chat_id, error)
        self._setbacks.over(row)
        self._faces.note(row["id"], outgoing)
        marks = self._traces.posted(chat_id, posted, CardSort(row["sort"]), row["subject"], "card")
        marks += self._traces.strays(statements.STRAY_CARD, row["id"], chat_id, posted, row["subject"], "text")
        if posted and row["sort"] == CardSort.HELP:
            marks.append(self._traces.pinned(row["subject"], chat_id, message_id))
        await self._shown(row, message_id, *marks, *self._sends.sent(chat_id, rank, outgoing.cost))
        target = await self._road.address(row["subject"]) if self._road.recipient is Recipient.DESK else None
        if target and target[0] != chat_id:
            # The desk moved before this was marked: an id of the old chat is of no use, the new one gets the card.
            await self._marks.write((statements.CARD_AGAIN, (row["id"], message_id)))
        return None

    async def _shown(self, row: Mapping[str, Any], message_id: int | None, *marks: Mark) -> None:
        shown: tuple[int | None, bytes | None] = (message_id, None)
        if self._road.recipient is Recipient.CITIZEN:
            shown = (None, self._ring.seal("cards", row["id"].bytes, str(message_id).encode()))
        metrics.DELIVERIES.labels(self._road.recipient.value, "shown").inc()
        await self._marks.write(
            (statements.CARD_SHOWN, (row["id"], row["wanted_version"], *shown, self._road.line)), *marks
        )

    async def _message_failed(self, row: Mapping[str, Any], chat_id: int, error: Exception) -> None:
        if isinstance(error, Unreachable):
            if self._road.recipient is Recipient.DESK:
                return await self._setbacks.later(statements.MESSAGE_LATER, row, LONGEST_PAUSE)
            return await self._over(row, "unreachable")
        if not await self._setbacks.put_off(statements.MESSAGE_LATER, row, chat_id, error):
            await self._over(row, "failed", *self._setbacks.unshown(row["lane"], row["template"]))
        return None

    async def _card_failed(self, row: Mapping[str, Any], chat_id: int, error: Exception) -> None:
        if isinstance(error, MessageGone) and self._message_id(row) is not None:
            return await self._marks.write((statements.CARD_GONE, (row["id"], self._road.line)))
        if isinstance(error, Unreachable) and self._road.recipient is Recipient.DESK:
            return await self._setbacks.later(statements.CARD_LATER, row, LONGEST_PAUSE)
        if isinstance(error, Unreachable) or not await self._setbacks.put_off(
            statements.CARD_LATER, row, chat_id, error
        ):
            await self._give_up_card(row, *self._setbacks.unshown(row["subject"], _what(row)))
        return None

    async def _call(self, chat_id: int, outgoing: Outgoing) -> Any:
        async def call() -> Any:
            return await self._api.call(
                outgoing.method,
                {"chat_id": chat_id, **outgoing.params},
                files=outgoing.files or None,
                protect=self._road.recipient is Recipient.DESK,
            )

        return await self._topics.send(chat_id, outgoing, call)

    def _message_id(self, row: Mapping[str, Any]) -> int | None:
        if row["sealed"] is not None:
            return int(self._ring.open("cards", row["id"].bytes, row["sealed"]))
        message_id: int | None = row["message_id"]
        return message_id

    async def _over(self, row: Mapping[str, Any], outcome: str, *marks: Mark) -> None:
        self._setbacks.over(row)
        self._sends.over(row)
        metrics.of(metrics.DELIVERIES, self._road.recipient.value, outcome).inc()
        # Before the mark: an erasure that was told must happen, whatever happens to this process.
        await self._setbacks.after(row["lane"], row["template"], outcome)
        await self._marks.write((statements.MESSAGE_DONE, (row["id"], outcome, self._clock(), self._road.line)), *marks)

    async def _give_up_card(self, row: Mapping[str, Any], *marks: Mark) -> None:
        metrics.DELIVERIES.labels(self._road.recipient.value, "failed").inc()
        self._setbacks.over(row)
        await self._marks.write((statements.CARD_GIVEN_UP, (row["id"], row["wanted_version"], self._road.line)), *marks)


def _edit(message_id: int, outgoing: Outgoing) -> Outgoing:
    """Turn a card's new message into an edit of the one that stands."""
    params = {name: outgoing.params[name] for name in ("text", "reply_markup") if name in outgoing.params}
    return Outgoing("editMessageText", params | {"message_id": message_id})


def _what(row: Mapping[str, Any]) -> str:
    """Give what could not be done with a card: shown, or hidden."""
    return f"{HIDE}card" if _rank(row) is Rank.HIDE else str(row["sort"])


def _rank(row: Mapping[str, Any]) -> Rank | None:
    """Give how a delivery is ranked on the desk; citizens' have no rank."""
    rank = row.get("rank")
    return Rank(rank) if rank is not None else None
