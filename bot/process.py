"""One process of the bot at work: what all of them do, and what only the leader does."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Final
from urllib.parse import urlsplit

import asyncpg
from aiohttp import web

from bot import migrate
from bot.bootstrap import App
from bot.delivery.errors import AnotherPoller
from bot.health import Health
from bot.key_watch import KeyWatch
from bot.leader import Leader
from bot.log import error_fields, get_logger
from bot.telegram.announce import announce
from bot.telegram.intake import UPDATES
from bot.telegram.polling import Polling
from bot.telegram.webhook import webhook_app

JOBS_WAIT: Final = 2.0
POLLER_WAIT: Final = 5.0
log = get_logger()


class Process:
    """Runs an app until it is cancelled."""

    def __init__(self, app: App) -> None:
        self._app, self._settings = app, app.settings

    async def run(self) -> None:
        """Take webhooks, work on jobs, answer for health, and stand for leader."""
        app, settings = self._app, self._settings
        async with AsyncExitStack() as opened:
            await app.ring.load()
            watch = KeyWatch(app.database_url, app.ring)
            await watch.start()
            opened.callback(watch.close)
            await app.desks.load()
            await app.api.open()
            opened.push_async_callback(app.api.close)
            await app.cleaner.start()
            opened.push_async_callback(app.cleaner.stop)
            health = Health(app.database, app.clock, migrate.head()).app()
            opened.push_async_callback((await _listen(health, settings.health_listen)).cleanup)
            if settings.webhook_url and settings.webhook_secret:
                path = urlsplit(settings.webhook_url).path or "/"
                hook = webhook_app(app.intake, path, settings.webhook_secret.get_secret_value())
                opened.push_async_callback((await _listen(hook, settings.webhook_listen)).cleanup)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(Leader(app.database_url, self._lead).run())
                tasks.create_task(self._work())
                tasks.create_task(watch.run())

    async def _lead(self) -> None:
        """What one process of all does: it is the courier, and polls or sets the webhook."""
        async with asyncio.TaskGroup() as tasks:
            for courier in self._app.couriers:
                tasks.create_task(courier.run())
            tasks.create_task(self._receive())

    async def _receive(self) -> None:
        api, settings = self._app.api, self._settings
        await announce(api, self._app.wording.texts, settings.default_language)
        if settings.webhook_url and settings.webhook_secret:
            secret = settings.webhook_secret.get_secret_value()
            body = {"url": settings.webhook_url, "secret_token": secret, "allowed_updates": list(UPDATES)}
            await api.call("setWebhook", body)
            return
        while True:
            try:
                await api.call("deleteWebhook", {"drop_pending_updates": False})
                await Polling(api, self._app.intake).run()
            except AnotherPoller as error:
                log.warning("another_poller", **error_fields(error))
                await asyncio.sleep(POLLER_WAIT)

    async def _work(self) -> None:
        while True:
            try:
                await self._app.jobs.run(self._app.database_url)
                return
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("jobs_wait", **error_fields(error))
                await asyncio.sleep(JOBS_WAIT)


async def _listen(app: web.Application, address: tuple[str, int]) -> web.AppRunner:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=8.0)
    await runner.setup()
    await web.TCPSite(runner, *address).start()
    return runner
