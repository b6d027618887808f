"""A rush on the desk: the real core, outbox, courier and renderers, on a clock that jumps, before a strict Telegram."""

from __future__ import annotations

import asyncio
import base64
import math
import random
import re
import secrets
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from bot.bootstrap import App, Telegram
from bot.database import Database, driver
from bot.delivery.courier import Courier
from bot.delivery.errors import MessageGone, NotModified, TooMany
from bot.delivery.limits import Limits
from bot.delivery.outbox import CardSort, Recipient
from bot.delivery.road import WantedCard
from bot.delivery.sender import Sender
from bot.privacy.keyring import KeyRing
from bot.reports import queries
from bot.reports.contents import Contents, Point, StoredLink
from bot.reports.deciding import Officer
from bot.reports.lifecycle import Act
from bot.settings import Settings
from bot.wording import Wording
from tests.workbench import Clock

ROOT = Path(__file__).resolve().parents[2]
DESK = -1_001_234_567_890
DIGEST_WORDS = re.compile(r"В очереди (\d+) ")
WAITING = """
SELECT count(*) FROM cards WHERE recipient = 'desk' AND wanted_version > shown_version AND message_id IS NULL
  AND sort IN ('report', 'resource')
"""
NEXT_DUE = """
SELECT min(due_at) FROM (
  SELECT due_at FROM messages WHERE recipient = 'desk' AND outcome IS NULL
  UNION ALL SELECT due_at FROM cards WHERE recipient = 'desk' AND wanted_version > shown_version) AS waiting
"""
UNPRESSED = """
SELECT id, sort, subject, message_id FROM cards
WHERE recipient = 'desk' AND message_id IS NOT NULL AND wanted_version = shown_version
  AND sort IN ('report', 'resource') AND NOT id = ANY($1::uuid[]) ORDER BY ordinal DESC LIMIT $2
"""


@dataclass(slots=True)
class Sent:
    """One call that Telegram took."""

    at: float
    method: str
    message_id: int
    cost: int
    text: str


class StrictTelegram:
    """Takes 20 messages a minute into a group, edits and parts of albums counted, 30 a second, and what it knows."""

    def __init__(self, clock: Clock, chance: random.Random) -> None:
        self._clock, self._chance = clock, chance
        self._arrived = 0.0
        self._windows = [(20, 60.0, deque[float]()), (30, 1.0, deque[float]())]
        self.sent: list[Sent] = []
        self.refused: list[float] = []
        self.texts: dict[int, str] = {}
        self.watch: Callable[[Sent], Awaitable[None]] | None = None

    async def call(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        files: Mapping[str, bytes] | None = None,
        protect: bool = False,
    ) -> Any:
        assert params is not None
        if method == "getChat":
            return {"id": params["chat_id"], "type": "supergroup"}
        cost = len(params.get("media", "1"))
        # The way there takes a moment, never the same one.
        self._arrived = max(self._arrived, self._clock().timestamp() + self._chance.uniform(0, 0.5))
        for most, seconds, window in self._windows:
            while window and window[0] <= self._arrived - seconds:
                window.popleft()
            if len(window) + cost > most:
                self.refused.append(self._arrived)
                raise TooMany(math.ceil(window[0] + seconds - self._arrived))
        for _, _, window in self._windows:
            window.extend([self._arrived] * cost)
        text, message_id = params.get("text", ""), params.get("message_id", len(self.texts) + 1)
        if method == "editMessageText":
            if message_id not in self.texts:
                raise MessageGone(method, 400, "message to edit not found")
            if self.texts[message_id] == text:
                raise NotModified(method, 400, "message is not modified")
        else:
            assert method in ("sendMessage", "sendLocation", "sendPhoto", "sendMediaGroup"), method
        ids = [message_id + part for part in range(cost)]
        self.texts.update(dict.fromkeys(ids, text))
        self.sent.append(Sent(self._clock().timestamp(), method, message_id, cost, text))
        if self.watch:
            await self.watch(self.sent[-1])
        results = [{"message_id": one} for one in ids]
        return results if method == "sendMediaGroup" else results[0]


class Rush:
    """The desk's side of a bot, and a queue of what happens when."""

    courier: Courier

    def __init__(self, database: Database, app: App, clock: Clock, telegram: StrictTelegram) -> None:
        self.database, self.app, self.clock, self.telegram = database, app, clock, telegram
        self.began = clock().timestamp()
        self.events = deque[tuple[float, Callable[[], Awaitable[None]]]]()
        """Seconds from the beginning, and what happens then, in order."""
        self.answered: list[float] = []
        """Seconds from an officer's press to the edit that it caused."""
        self.digests: list[tuple[Sent, int]] = []
        """What the digest said, with the number of cards that waited at that moment."""
        self._sleeping: tuple[float, asyncio.Future[None]] | None = None
        self._asleep = asyncio.Event()
        self._pressed: dict[int, float] = {}
        self._had: list[UUID] = []
        telegram.watch = self._watch

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return self.clock().timestamp() - self.began

    async def lead(self) -> None:
        """Begin as a new leader does, knowing only what the database says."""
        road = self.app.couriers.main._sender._road
        limits = Limits(lambda: self.clock().timestamp())
        ring, outbox = self.app.ring, self.app.outbox
        sender = Sender(self.database, ring, outbox, self.telegram, limits, road, self.clock, self._sleep)
        self.courier = Courier(self.database, sender, Recipient.DESK, 1, self.clock)
        await sender.take_over()

    async def change_leader(self) -> None:
        """The courier is gone as it stands, and another one begins."""
        waiting = list(self.courier._under_way.values())
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await self.lead()

    async def run(self) -> None:
        """Let it all happen, until nothing waits any more."""
        while True:
            await self.courier._start_what_is_due()
            started = bool(self.courier._under_way)
            await self._work_or_sleep()
            if started and not self.courier._under_way:
                continue
            moments = [self.began + self.events[0][0]] if self.events else []
            moments += [self._sleeping[0]] if self._sleeping else []
            if not self.courier._under_way:
                due = await self.value(NEXT_DUE)
                moments += [due.timestamp()] if due else []
            if not moments:
                return
            self.clock.forward(seconds=max(0.0, min(moments) - self.clock().timestamp()) + 1e-3)
            while self.events and self.events[0][0] <= self.seconds:
                await self.events.popleft()[1]()
            if self._sleeping and self._sleeping[0] <= self.clock().timestamp():
                self._sleeping[1].set_result(None)
                self._sleeping = None
                self._asleep.clear()
                await self._work_or_sleep()

    def at(self, seconds: float, event: Callable[[], Awaitable[None]]) -> None:
        """Have something happen so many seconds after the beginning."""
        self.events = deque(sorted([*self.events, (seconds, event)], key=lambda entry: entry[0]))

    async def value(self, statement: str, *params: Any) -> Any:
        """Look into the database."""
        async with self.database.transaction() as connection:
            return await (await driver(connection)).fetchval(statement, *params)

    async def rows(self, statement: str, *params: Any) -> list[Any]:
        """Look into the database."""
        async with self.database.transaction() as connection:
            return list(await (await driver(connection)).fetch(statement, *params))

    async def file(self, number: int, popular: int) -> None:
        """File a report as a turn does: of fifty, one is a place, one a graffiti of three photos, the others links."""
        report_id, chat = uuid4(), 5_000_000_000 + number
        contents = Contents(kind="link", report_id=report_id, words=f"report {number}")
        await self.app.ring.ready(self.clock())
        async with self.database.transaction() as connection:
            raw = await driver(connection)
            if number % 50 == 7:
                contents.kind, contents.point = "place", Point(latitude=42.9, longitude=71.3)
            elif number % 50 == 8:
                contents.kind, contents.photos = "graffiti", 3
                for _ in range(3):
                    part = uuid4()
                    sealed = self.app.ring.seal("parts", part.bytes, b"photo")
                    today = self.clock().date()
                    await raw.execute(queries.ADD_PART, part, report_id, "photo", "ready", today, None, sealed)
            else:
                # One of ten links is one of the few that everybody sends.
                name = f"popular{number % popular}" if number % 10 == 0 else f"shop{number}"
                contents.links = [StoredLink(platform="telegram", what="channel", url=f"https://t.me/{name}")]
            await self.app.reports.file(raw, contents, chat, self.clock(), (secrets.token_bytes(32), uuid4()))

    async def press(self, cards: int) -> None:
        """Officers take cards that stand there, the newest."""
        for row in await self.rows(UNPRESSED, self._had, cards):
            self._had.append(row["id"])
            self._pressed[row["message_id"]] = self.clock().timestamp()
            async with self.database.transaction() as connection:
                raw, about = await driver(connection), (CardSort(row["sort"]), row["subject"])
                await self.app.decisions.act(raw, *about, Act.CLAIM, Officer(7, "Aigerim"), self.clock())
                await self.app.outbox.for_officer(raw, row["id"])

    async def shown(self) -> list[str]:
        """Name what does not stand on the desk as it is now."""
        road, wrong = self.app.couriers.main._sender._road, []
        for row in await self.rows("SELECT * FROM cards WHERE recipient = 'desk'"):
            wanted = WantedCard(row["id"], CardSort(row["sort"]), row["subject"], row["wanted_version"], {}, "ru")
            newest = await road.card(wanted)
            if newest is None or self.telegram.texts.get(row["message_id"]) != newest.params["text"]:
                wrong.append(f"{row['sort']} {row['ordinal']}")
        return wrong

    async def _sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        self._sleeping = (self.clock().timestamp() + seconds, future)
        self._asleep.set()
        try:
            await future
        except asyncio.CancelledError:
            self._sleeping = None
            self._asleep.clear()
            raise

    async def _work_or_sleep(self) -> None:
        """Let what is being delivered go on until it is over, or waits for time to pass."""
        while self.courier._under_way and not self._asleep.is_set():
            asleep = asyncio.create_task(self._asleep.wait())
            await asyncio.wait([*self.courier._under_way.values(), asleep], return_when=asyncio.FIRST_COMPLETED)
            asleep.cancel()

    async def _watch(self, sent: Sent) -> None:
        said = DIGEST_WORDS.search(sent.text)
        if said:
            self.digests.append((sent, await self.value(WAITING)))
        pressed = self._pressed.pop(sent.message_id, None) if sent.method == "editMessageText" else None
        if pressed is not None:
            self.answered.append(sent.at - pressed)


@asynccontextmanager
async def open_rush(database_url: str, wording: Wording, seed: int) -> AsyncIterator[Rush]:
    """Open a desk before a rush; nothing of the bot runs but what is called."""
    clock = Clock()
    key = secrets.token_bytes(32)
    settings = Settings(
        _env_file=None,
        bot_token=None,
        secret_key=base64.b64encode(key).decode(),
        templates_dir=ROOT / "templates",
        undo_seconds=0,
    )
    database = Database(database_url, pool_size=4)
    ring = KeyRing(database, key)
    await ring.load()
    app = App(settings, Telegram("1:x", "http://127.0.0.1:9", DESK), database, database_url, ring, wording, clock)
    rush = Rush(database, app, clock, StrictTelegram(clock, random.Random(seed)))
    await rush.lead()
    try:
        yield rush
    finally:
        for task in rush.courier._under_way.values():
            task.cancel()
        await database.close()
