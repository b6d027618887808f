"""A bot at work on a sandbox: the stage of journeys. Everything between the two goes over real HTTP."""

from __future__ import annotations

import asyncio
import base64
import secrets
import socket
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from bot.bootstrap import App, Telegram
from bot.database import Database
from bot.privacy.keyring import KeyRing
from bot.process import Process
from bot.sandbox.server import Sandbox
from bot.sandbox.world import Message, Person
from bot.settings import Settings
from bot.wording import Wording
from tests.workbench import look

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """Find a port that nobody listens on, among those that no connection is given before it is listened on."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as found, suppress(OSError):
            found.bind(("127.0.0.1", port))
            return port


class Stage:
    """The bot, the sandbox, a desk with an officer, and a clock that tests move."""

    def __init__(
        self,
        database_url: str,
        wording: Wording,
        *,
        webhook: bool = False,
        forum: bool = False,
        pinned_help: bool = False,
        **settings: Any,
    ) -> None:
        """Without `pinned_help` the bot posts none: tests count what comes to the desk."""
        self.url, self.wording = database_url, wording
        self.ahead = timedelta()
        self.sandbox = Sandbox(retry_base=0.02)
        self.sandbox.limits.enabled = False
        self.desk = self.sandbox.add_group("Прокуратура", forum=forum)
        self.officer = self.sandbox.add_person("Айгерим")
        self.sandbox.join(self.officer, self.desk, status="member")
        self._webhook, self._pinned_help, self._overrides = webhook, pinned_help, settings
        self._key = secrets.token_bytes(32)
        self._task: asyncio.Task[None] | None = None
        self._window: asyncpg.Connection[Any] | None = None
        self._at_the_window = asyncio.Lock()

    def now(self) -> datetime:
        """The stage's time."""
        return datetime.now(UTC) + self.ahead

    async def open(self) -> None:
        """Start the sandbox and the bot."""
        await self.sandbox.start()
        await self.start_bot()

    async def start_bot(self) -> None:
        """Start the bot, on the same database and key as before."""
        values: dict[str, Any] = {
            "bot_token": None,
            "secret_key": base64.b64encode(self._key).decode(),
            "templates_dir": ROOT / "templates",
            "health_listen": f"127.0.0.1:{free_port()}",
            "feedback_delay_minutes": "0-0",
            "undo_seconds": 0,
        }
        if self._webhook:
            port = free_port()
            values |= {
                "webhook_url": f"http://127.0.0.1:{port}/hook",
                "webhook_secret": "a-secret-of-the-tests",
                "webhook_listen": f"127.0.0.1:{port}",
            }
        settings = Settings(_env_file=None, **(values | self._overrides))
        self.database = Database(self.url, pool_size=8)
        ring = KeyRing(self.database, self._key)
        telegram = Telegram(self.sandbox.token, self.sandbox.url, self.desk.id)
        self.app = App(settings, telegram, self.database, self.url, ring, self.wording, self.now)
        if not self._pinned_help:
            self.app.desk_help.desks = list
        # By the machine's clock they would come upon some test every five minutes, and some tests move the stage's.
        self.app.jobs._chores = {}
        # The first photo starts it, as in earnest it starts the second one: most stages see none.
        self.app.cleaner.start = _nothing  # type: ignore[method-assign]
        self._task = asyncio.create_task(Process(self.app).run())

    async def stop_bot(self) -> None:
        """Stop the bot; a failure of it fails the test."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=False) if self._task.done() else await _ended(self._task)
            self._task = None
        if self._window:
            self._window.terminate()
            self._window = None
        await self.database.close()

    async def close(self) -> None:
        """Stop the bot and the sandbox."""
        await self.stop_bot()
        await self.sandbox.stop()

    def citizen(self, language: str = "ru") -> Person:
        """Somebody with a phone."""
        return self.sandbox.add_person("Citizen", language_code=language)

    async def says(self, person: Person, text: str, after: Message | None = None) -> Message:
        """Wait until the bot has said something to a person, after one of their messages."""
        return await self.sandbox.wait_text(person.id, text, after=after.id if after else None)

    async def card(self, text: str) -> Message:
        """Wait until the desk sees something."""
        return await self.sandbox.wait_text(self.desk.id, text)

    async def press(self, officer: Person, card: Message, button: str, *, outdated: bool = False) -> str:
        """Press a card's button as an officer and give what the toast says."""
        query = self.sandbox.press(officer, card.id, button, chat=self.desk, outdated=outdated)
        await self.sandbox.wait_for(lambda: self.sandbox.presses[query].answered)
        return self.sandbox.presses[query].text or ""

    async def until(self, statement: str) -> None:
        """Wait until a statement gives true; what no chat shows can only be looked for."""
        async with asyncio.timeout(60):
            while not (await self.fetch(statement))[0][0]:  # noqa: ASYNC110 — nobody tells
                await asyncio.sleep(0.02)

    async def fetch(self, statement: str, *params: Any) -> list[Any]:
        """Look into the database; while the bot is at work, over a connection that stays."""
        if self._task is None or self._at_the_window.locked():
            return await look(self.url, statement, *params)
        async with self._at_the_window:
            if self._window is None or self._window.is_closed():
                self._window = await asyncpg.connect(self.url, statement_cache_size=0)
            with suppress(asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, asyncpg.InterfaceError, OSError):
                return list(await self._window.fetch(statement, *params))
            self._window.terminate()
            return await look(self.url, statement, *params)


async def _nothing() -> None:
    return


async def _ended(task: asyncio.Task[None]) -> None:
    try:
        await task
    except asyncio.CancelledError:
        return
