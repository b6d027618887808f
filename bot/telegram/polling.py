"""Our own polling loop: the offset moves only when every update of a batch is committed and its reply tried."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Final

from bot.delivery.errors import AnotherPoller, TelegramDown, TelegramRefused, TooMany
from bot.log import error_fields, get_logger
from bot.stopping import GIVEN_UP, give_up
from bot.telegram.api import Api
from bot.telegram.insisting import LONGEST_PAUSE, insist
from bot.telegram.intake import UPDATES, Intake
from bot.telegram.turn import TryAgain

AGAIN: Final = 1.0
"""Seconds until updates that could not be taken are asked for again, as the webhook's Retry-After: the database is
away for a moment, and Telegram is well."""
REPLY_LIMIT: Final = 5.0
"""Seconds that the replies of a batch may take before the next batch is asked for."""
FINISH: Final = 6.0
"""Seconds that a batch in hand may take to be finished when polling ends."""
log = get_logger()


class Polling:
    """Asks Telegram for updates and takes them, chats in parallel, each chat in order."""

    def __init__(
        self,
        api: Api,
        intake: Intake,
        heard: Callable[[], None] = lambda: None,
        *,
        long_poll: int = 25,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        """`heard` is told each time that Telegram answers."""
        self._api, self._intake, self._heard, self._long_poll, self._sleep = api, intake, heard, long_poll, sleep
        self._offset = self._confirmed = 0
        self._taken: set[int] = set()
        """What is committed above the offset, kept back by an update that is not: its reply is not repeated."""
        self._replying: set[asyncio.Task[None]] = set()

    async def end_webhook(self) -> None:
        """End a webhook that was set before, however often Telegram has to be asked."""
        while True:
            try:
                await insist(self._api, "deleteWebhook", {"drop_pending_updates": False}, self._sleep)
                return
            except TelegramRefused as error:
                log.error("webhook_stays", method=error.method, code=error.code, **error_fields(error))
            await self._sleep(LONGEST_PAUSE)

    async def run(self) -> None:
        """Poll until cancelled; raise AnotherPoller when somebody else polls with this token."""
        pause, failures = 1.0, 0
        while True:
            try:
                updates = await self._ask(self._long_poll)
                self._heard()
                if failures:
                    log.info("polling_back", count=failures)
                pause, failures = 1.0, 0
                if not await self._finish(updates):
                    await self._sleep(AGAIN)
                continue
            except TooMany as error:
                log.warning("telegram_asks_to_wait", method="getUpdates", seconds=error.seconds)
                await self._sleep(error.seconds)
                continue
            except AnotherPoller:
                raise
            except (TelegramDown, TelegramRefused) as error:
                failures += 1
                if failures == 1:
                    log.warning("polling_failed", **error_fields(error))
            await self._sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _ask(self, seconds: int, **more: int) -> list[dict[str, Any]]:
        """Ask for updates, waiting so many seconds for one; what lies before the offset is confirmed with it."""
        offset = self._offset
        updates: list[dict[str, Any]] = await self._api.call(
            "getUpdates",
            {"offset": offset, "timeout": seconds, "allowed_updates": list(UPDATES), **more},
            time_limit=seconds + 15,
        )
        self._confirmed = offset
        return updates

    async def _finish(self, updates: list[dict[str, Any]]) -> bool:
        """Take a batch; cancelled, take it to its end all the same, for a while, and confirm it."""
        taking = asyncio.create_task(self.take(updates))
        try:
            return await asyncio.shield(taking)
        except asyncio.CancelledError:
            await asyncio.wait([taking], timeout=FINISH)
            await give_up(taking, GIVEN_UP)
            await self._confirm()
            raise

    async def _confirm(self) -> None:
        """Tell Telegram what was taken: brought again, an update would have its reply repeated."""
        if self._offset == self._confirmed:
            return
        try:
            async with asyncio.timeout(1.0):
                await self._ask(0, limit=1)
        except (TelegramDown, TelegramRefused, TooMany, TimeoutError) as error:
            log.info("not_confirmed", **error_fields(error))

    async def take(self, updates: list[dict[str, Any]]) -> bool:
        """Take a batch; True when all of it is committed and the offset has moved past it."""
        queues: dict[Hashable, list[dict[str, Any]]] = {}
        for update in updates:
            if update["update_id"] not in self._taken:
                queues.setdefault(self._intake.queue(update), []).append(update)
        results = await asyncio.gather(*(self._in_order(queue) for queue in queues.values()))
        undone = {update["update_id"] for _, left in results for update in left}
        for update in updates:
            if update["update_id"] in undone:
                break
            self._offset = update["update_id"] + 1
            self._taken.discard(update["update_id"])
        replies = [reply for sent, _ in results for reply in sent]
        if replies:
            await asyncio.wait(replies, timeout=REPLY_LIMIT)
        return not undone

    async def _in_order(self, queue: list[dict[str, Any]]) -> tuple[list[asyncio.Task[None]], list[dict[str, Any]]]:
        """Take one actor's updates; give the replies under way, and what must be brought again: none overtakes it."""
        replies: list[asyncio.Task[None]] = []
        for position, update in enumerate(queue):
            try:
                call = await self._intake.take(update)
            except TryAgain:
                return replies, queue[position:]
            self._taken.add(update["update_id"])
            if call:
                reply = asyncio.create_task(self._reply(*call))
                # Those that take longer than REPLY_LIMIT go on.
                self._replying.add(reply)
                reply.add_done_callback(self._replying.discard)
                replies.append(reply)
        return replies, []

    async def _reply(self, method: str, body: dict[str, Any]) -> None:
        # A reply can be repeated at no loss: what must arrive is a delivery, so a refusal here ends in the log.
        try:
            await self._api.call(method, body)
        except (TelegramDown, TelegramRefused, TooMany) as error:
            log.info("reply_lost", method=method, **error_fields(error))
