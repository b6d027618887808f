"""A post office for the courier's tests: a strict sandbox, a scripted road, and one clock that all of them read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from bot.database import Database, driver
from bot.delivery import statements
from bot.delivery.courier import Courier
from bot.delivery.limits import Limits
from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.delivery.sender import Letter, Outgoing, Road, Sender, WantedCard
from bot.sandbox.server import Sandbox
from bot.sandbox.world import Group, Person
from bot.telegram.api import Api
from tests.workbench import Clock, open_ring

Rendered = Callable[[UUID, str, dict[str, Any]], Awaitable[Outgoing | None]]


class Post:
    """One courier and all that a test wants to know of it. Waiting costs nothing: it moves the clock."""

    def __init__(self, database: Database, recipient: Recipient, at_once: int) -> None:
        self.database, self.recipient, self.at_once = database, recipient, at_once
        self.clock = Clock()
        self.sandbox = Sandbox(clock=self.seconds, retry_base=0.01)
        self.targets: dict[UUID, int | None] = {}
        self.states: dict[UUID, str] = {}
        self.rendered: list[WantedCard] = []
        self.ended: list[tuple[UUID, str, str]] = []
        self.moved: list[int] = []
        self.render: Rendered = self._text
        self.topics: dict[UUID, str] = {}
        """Where cards belong in a forum; with a `topic_name` before the post is opened."""
        self.topic_name: Callable[[str, str], Awaitable[str]] | None = None

    def seconds(self) -> float:
        return self.clock().timestamp()

    async def open(self) -> None:
        await self.sandbox.start()
        self.api = Api(self.sandbox.url, self.sandbox.token)
        await self.api.open()
        self.ring = await open_ring(self.database)
        self.outbox = Outbox(self.ring)
        self.lead()

    def lead(self) -> None:
        """Begin with a courier that knows nothing but what the database says."""
        self.limits = Limits(self.seconds)
        road = Road(
            *(self.recipient, self._address, self._message, self._card, self._over, self._migrated),
            topic_name=self.topic_name,
        )
        self.sender = Sender(
            self.database, self.ring, self.outbox, self.api, self.limits, road, self.clock, self._sleep
        )
        self.courier = Courier(self.database, self.sender, self.recipient, self.at_once, self.clock)

    async def close(self) -> None:
        await self.api.close()
        await self.sandbox.stop()

    def person(self) -> Person:
        found = self.sandbox.add_person("Aigul Sarsenova", username="aigul_s")
        found.started = True
        return found

    def desk(self) -> Group:
        return self.sandbox.add_group("Desk")

    def lane(self, chat: Person | Group | None) -> UUID:
        lane = uuid4()
        self.targets[lane] = chat.id if chat else None
        return lane

    async def queue(self, lane: UUID, template: str, *, after: float = 0.0, **params: Any) -> None:
        async with self.database.transaction() as connection:
            raw, due = await driver(connection), self.clock() + timedelta(seconds=after)
            await self.outbox.message(raw, self.recipient, lane, template, params, due)

    async def want(self, subject: UUID, state: str, sort: CardSort = CardSort.REPORT) -> None:
        self.states[subject] = state
        async with self.database.transaction() as connection:
            await self.outbox.want(await driver(connection), self.recipient, sort, [subject], self.clock())

    async def refresh(self, subject: UUID, state: str, sort: CardSort = CardSort.REPORT) -> None:
        self.states[subject] = state
        async with self.database.transaction() as connection:
            await self.outbox.refresh(await driver(connection), sort, [subject], self.clock())

    async def look(self) -> None:
        """One look of the courier at the outbox, and all that it starts."""
        await self.courier._start_what_is_due()
        await asyncio.gather(*self.courier._under_way.values())

    async def until(self, told: Callable[[], object]) -> None:
        """Let the courier look, as time goes on, until something is true."""
        for _ in range(1500):
            await self.look()
            if told():
                return
            await self._go_on()
        raise AssertionError(f"in vain; errors: {[(call.method, str(call.error)) for call in self.sandbox.errors]}")

    async def until_idle(self) -> None:
        """Let the courier look until nothing waits, whatever it takes."""
        for _ in range(1500):
            await self.look()
            waiting = await self.rows("SELECT 1 FROM messages WHERE outcome IS NULL")
            waiting += await self.rows("SELECT 1 FROM cards WHERE wanted_version > shown_version")
            if not waiting:
                return
            await self._go_on()
        raise AssertionError("something waits for ever")

    async def _go_on(self) -> None:
        """Move the clock to when the next delivery falls due, if none is due already."""
        looks: list[tuple[str, tuple[Any, ...]]]
        if self.recipient is Recipient.DESK:
            desk = (self.clock(), self.recipient.value)
            looks = [(look, desk) for look in (statements.DESK_HIDES, statements.DESK_CARDS, statements.DESK_MESSAGE)]
        else:
            now = (self.recipient.value, self.clock(), 1)
            looks = [(statements.MESSAGES_DUE, now), (statements.CARDS_DUE, now)]
        for look, params in looks:
            if await self.rows(look, *params):
                return
        statement = """SELECT min(due_at) AS due FROM (
          SELECT due_at FROM messages WHERE outcome IS NULL
          UNION ALL SELECT due_at FROM cards WHERE wanted_version > shown_version) AS waiting WHERE due_at > $1"""
        due = (await self.rows(statement, self.clock()))[0]["due"]
        self.clock.now = max(due or self.clock(), self.clock() + timedelta(seconds=1))

    async def rows(self, statement: str, *params: Any) -> list[Any]:
        async with self.database.transaction() as connection:
            return list(await (await driver(connection)).fetch(statement, *params))

    def texts(self, chat: Person | Group) -> list[str]:
        return [one.words for one in self.sandbox.messages(chat.id) if one.from_bot and not one.deleted]

    async def _sleep(self, seconds: float) -> None:
        self.clock.forward(seconds=seconds + 0.001)
        await asyncio.sleep(0)

    async def _address(self, lane: UUID) -> tuple[int, str] | None:
        chat_id = self.targets.get(lane)
        return (chat_id, "ru") if chat_id is not None else None

    async def _message(self, letter: Letter) -> Outgoing | None:
        return await self.render(letter.lane, letter.template, letter.params)

    async def _text(self, lane: UUID, template: str, params: dict[str, Any]) -> Outgoing | None:
        return Outgoing("sendMessage", {"text": " ".join([template, *map(str, params.values())])})

    async def _card(self, wanted: WantedCard) -> Outgoing | None:
        self.rendered.append(wanted)
        state = self.states.get(wanted.subject)
        topic = self.topics.get(wanted.subject, "")
        return Outgoing("sendMessage", {"text": state}, topic=topic) if state is not None else None

    async def _over(self, lane: UUID, template: str, outcome: str) -> None:
        self.ended.append((lane, template, outcome))

    async def _migrated(self, chat_id: int) -> None:
        self.moved.append(chat_id)
        self.targets = dict.fromkeys(self.targets, chat_id)


@asynccontextmanager
async def open_post(
    database: Database, recipient: Recipient = Recipient.CITIZEN, at_once: int = 20
) -> AsyncIterator[Post]:
    """Open a post office."""
    post = Post(database, recipient, at_once)
    await post.open()
    try:
        yield post
    finally:
        await post.close()


async def new_cards(post: Post, desk: Group, count: int) -> list[UUID]:
    """Want so many new cards on a desk, in this order."""
    cards = [post.lane(desk) for _ in range(count)]
    for number, card in enumerate(cards):
        await post.want(card, f"card {number}")
    return cards
