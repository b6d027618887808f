"""One process of the bot at work: what all of them do, and what only the leader does."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from bot import migrate
from bot.bootstrap import App
from bot.chaining import Chaining
from bot.database import CUT_OFF, end_if_told, patiently
from bot.health import Health
from bot.key_watch import KeyWatch
from bot.leader import Leader
from bot.log import error_fields, get_logger
from bot.stopping import GIVEN_UP, give_up
from bot.telegram.announce import announce
from bot.telegram.contact import Contact
from bot.telegram.polling import Polling
from bot.telegram.webhook import keep_webhook, webhook_server

JOBS_WAIT: Final = 2.0
ANNOUNCED_EVERY: Final = 1.0
"""Seconds between looks at whether there is something else to announce; nothing is asked of anybody."""
FINISH: Final = 7.0
"""Seconds that what is in hand may take when the process stops; requests, jobs and deliveries at the same time."""
log = get_logger()


class Process:
    """Runs an app until it is cancelled."""

    def __init__(self, app: App) -> None:
        self._app, self._settings = app, app.settings
        self._contact = Contact(app.clock)
        self._stopping = False

    async def run(self) -> None:
        """Take webhooks, work on jobs, answer for health, and stand for leader."""
        app, settings = self._app, self._settings
        async with AsyncExitStack() as opened:
            # The database may go away while the bot starts.
            await patiently(app.ring.load, _start_waits)
            watch = KeyWatch(app.database_url, app.ring)
            opened.callback(watch.close)
            await patiently(watch.start, _start_waits)
            await patiently(app.desks.load, _start_waits)
            await patiently(app.orders.load, _start_waits)
            await app.api.open()
            opened.push_async_callback(app.api.close)
            asked = Health(app.database, app.clock, migrate.head(), self._contact).app()
            health = web.AppRunner(asked, access_log=None, shutdown_timeout=GIVEN_UP)
            # Whoever asks while the database is away waits for the answer, and would be waited for after all else.
            opened.push_async_callback((await _listen(health, settings.health_listen)).cleanup)
            listening: list[web.BaseRunner] = []
            if settings.webhook_url and settings.webhook_secret:
                path = urlsplit(settings.webhook_url).path or "/"
                hook = webhook_server(app.intake, path, settings.webhook_secret.get_secret_value())
                runner = web.ServerRunner(hook, shutdown_timeout=FINISH)
                listening.append(await _listen(runner, settings.webhook_listen))
                opened.push_async_callback(listening[0].cleanup)
            # After the webhook's door is open: only jobs need it, and its children take a moment to start.
            await app.cleaner.start()
            opened.push_async_callback(app.cleaner.stop)
            leader = Leader(app.database_url, self._lead, follows=self._contact.follows)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(leader.run())
                tasks.create_task(self._work())
                tasks.create_task(watch.run())
                tasks.create_task(app.desks.watch())
                tasks.create_task(app.orders.watch())
                tasks.create_task(app.own_name.learn(app.api))
                # All that is in hand is finished at the same time.
                tasks.create_task(self._hurry_couriers())
                for door in listening:
                    tasks.create_task(_finish_requests(door))

    async def _lead(self) -> None:
        """What one process of all does: it is the courier, chains, watches links, polls or sets the webhook."""
        self._contact.leads()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._app.couriers.run())
                tasks.create_task(Chaining(self._app.database, self._app.ring).run())
                tasks.create_task(self._receive())
                tasks.create_task(self._announce())
                if self._app.watching:
                    tasks.create_task(self._app.watching.run())
        finally:
            self._contact.steps_down()

    async def _announce(self) -> None:
        """Tell Telegram of commands and descriptions, and again when other texts were taken up or a desk came."""
        app, told = self._app, None
        while True:
            desks = tuple(filter(None, map(app.desks.of, app.desks.open())))
            if told != (app.reloading.current, desks):
                told = app.reloading.current, desks
                await patiently(app.desk_help.look, _start_waits)
                await announce(app.api, app.wording.texts, self._settings.default_language, desks=desks)
            await asyncio.sleep(ANNOUNCED_EVERY)

    async def _receive(self) -> None:
        """Have updates come, for ever; raise AnotherPoller when they go to somebody else."""
        api, settings, heard = self._app.api, self._settings, self._contact.heard
        if settings.webhook_url and settings.webhook_secret:
            await keep_webhook(api, settings.webhook_url, settings.webhook_secret.get_secret_value(), heard)
        polling = Polling(api, self._app.intake, heard)
        await polling.end_webhook()
        await polling.run()

    async def _work(self) -> None:
        working = asyncio.create_task(self._work_on())
        try:
            await asyncio.shield(working)
        finally:
            self._stopping = True
            self._app.jobs.stop()
            await asyncio.wait([working], timeout=FINISH)
            await give_up(working, GIVEN_UP)

    async def _work_on(self) -> None:
        while not self._stopping:
            end_if_told()
            try:
                await self._app.jobs.run(self._app.database_url)
                return
            except CUT_OFF as error:
                log.warning("jobs_wait", **error_fields(error))
                await asyncio.sleep(JOBS_WAIT)

    async def _hurry_couriers(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self._app.couriers.hurry()


def _start_waits(error: Exception) -> None:
    log.warning("start_waits", **error_fields(error))


async def _finish_requests(runner: web.BaseRunner) -> None:
    """Once the process stops take no more, and answer what has come."""
    try:
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


async def _listen(runner: web.BaseRunner, address: tuple[str, int]) -> web.BaseRunner:
    await runner.setup()
    await web.TCPSite(runner, *address).start()
    return runner
