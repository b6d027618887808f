"""Delivery of updates to the bot's webhook, again and again until it takes them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
import orjson

from bot.sandbox.updates import QueueKey, Update
from bot.sandbox.world import Json

if TYPE_CHECKING:
    from bot.sandbox.core import Core

_log = logging.getLogger(__name__)
TIMEOUT = 60.0
LONGEST_WAIT = 120.0

# Does a method that rode in a webhook's answer: its name and its parameters.
Ride = Callable[[str, Json], Awaitable[None]]


@dataclass
class Webhook:
    """Where updates are sent, and what went wrong last."""

    url: str
    secret: str | None
    max_connections: int
    last_error: str | None = None
    last_error_time: int | None = None

    def same_as(self, other: "Webhook") -> bool:
        """Whether nothing would change by setting the other."""
        return (self.url, self.secret, self.max_connections) == (other.url, other.secret, other.max_connections)


class Postman:
    """Delivers each queue in order, queues in parallel, up to max_connections at once."""

    def __init__(self, core: "Core", retry_base: float) -> None:
        self.webhook: Webhook | None = None
        self.ride: Ride | None = None
        self.retry_base = retry_base
        self.sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
        self.running = asyncio.Event()
        self.running.set()
        self._core = core
        self._slots = asyncio.Semaphore(1)
        self._queues: dict[QueueKey, asyncio.Queue[Update]] = {}
        self._workers: dict[QueueKey, asyncio.Task[None]] = {}
        self._session: aiohttp.ClientSession | None = None

    async def set(self, webhook: Webhook | None) -> None:
        """Deliver to this webhook from now on, what waits first; None ends delivery, and nothing is lost."""
        if self.webhook is not None and webhook is not None and self.webhook.same_as(webhook):
            return
        await self._stop()
        self.webhook = webhook
        if webhook is None:
            return
        self._slots = asyncio.Semaphore(webhook.max_connections)
        connector = aiohttp.TCPConnector(limit=webhook.max_connections, ssl=False)
        self._session = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=TIMEOUT))
        for update in self._core.updates.pending():
            self.take(update)
        self._core.updates.watch(self.take)

    async def _stop(self) -> None:
        self._core.updates.watch(None)
        for worker in self._workers.values():
            worker.cancel()
        await asyncio.gather(*self._workers.values(), return_exceptions=True)
        self._workers.clear()
        self._queues.clear()
        if self._session is not None:
            await self._session.close()
            self._session = None

    def take(self, update: Update) -> None:
        """Put an update into its queue."""
        if update.queue not in self._queues:
            self._queues[update.queue] = asyncio.Queue()
            self._workers[update.queue] = asyncio.create_task(self._work(self._queues[update.queue]))
        self._queues[update.queue].put_nowait(update)

    async def _work(self, queue: asyncio.Queue[Update]) -> None:
        while True:
            await self._deliver(await queue.get())

    async def _deliver(self, update: Update) -> None:
        failures = 0
        while True:
            await self.running.wait()
            if not self._core.updates.waits(update):
                return
            async with self._slots:
                wait = await self._post(update)
            if wait is None:
                self._core.updates.done(update)
                return
            # The first repetition comes at once, then after 2, 4, 8 … units.
            backoff = 0.0 if failures == 0 else min(2.0**failures, LONGEST_WAIT) * self.retry_base
            failures += 1
            await self.sleep(max(wait, backoff))

    async def _post(self, update: Update) -> float | None:
        """One try: None when the bot took it, else how many seconds it asked to wait."""
        if self._session is None or self.webhook is None:
            raise RuntimeError("a delivery without a webhook")
        headers = {"Content-Type": "application/json"}
        if self.webhook.secret is not None:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self.webhook.secret
        try:
            async with self._session.post(self.webhook.url, data=orjson.dumps(update.body), headers=headers) as answer:
                body = await answer.read()
                if 200 <= answer.status < 300:
                    await self._ride_along(answer.content_type, body)
                    return None
                self._failed(f"Wrong response from the webhook: {answer.status} {answer.reason}")
                return _retry_after(answer.headers.get("Retry-After", ""))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self._failed(f"{type(error).__name__}: connection failed")
            return 0.0

    async def _ride_along(self, content_type: str, body: bytes) -> None:
        if not body.strip():
            return
        if content_type in ("multipart/form-data", "application/x-www-form-urlencoded"):
            # Telegram does these too; here they are told as refused, lest they be missed.
            await self._ride("", {"content_type": content_type})
        try:
            parameters: Any = orjson.loads(body)
        except orjson.JSONDecodeError:
            _log.debug("nothing rides in a webhook's answer of type %s", content_type)
            return
        if isinstance(parameters, dict) and isinstance(parameters.get("method"), str):
            name = parameters.pop("method")
            await self._ride(name, parameters)

    async def _ride(self, name: str, parameters: Json) -> None:
        if self.ride is not None:
            await self.ride(name, parameters)

    def _failed(self, why: str) -> None:
        if self.webhook is not None:
            self.webhook.last_error, self.webhook.last_error_time = why, self._core.now()
        _log.debug("webhook: %s", why)
        self._core.changed()


def _retry_after(value: str) -> float:
    return min(float(value), 3600.0) if value.isdigit() else 0.0
