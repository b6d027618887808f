"""The bot as an operator runs it, in a process and a folder of its own; Telegram is the sandbox in the test's."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import aiohttp

from bot.embedded import Embedded
from bot.sandbox.world import Json
from bot.wording import Wording
from tests.children import Child, start
from tests.identities.marks import ALBUMS, LATIN
from tests.stage import ROOT, Stage, free_port

STARTS: Final = 120.0
UNIQUE: Final = "file_unique_id"


class House(Stage):
    """A stage whose bot is a process: what it prints, writes into its folder and stores can be searched."""

    def __init__(self, folder: Path, wording: Wording) -> None:
        super().__init__("", wording)
        # The database's own user must get through.
        folder.chmod(0o711)
        self.folder, self.data = folder, folder / "data"
        self.printed, self.planted = folder / "printed.log", folder / "planted"
        self.environment: dict[str, str] = {}
        self.secret_key = f"{LATIN}Key".ljust(32, "k").encode()
        self.health = f"127.0.0.1:{free_port()}"
        self.embedded = Embedded(self.data)
        self.url = self.embedded.url()
        self._process: Child | None = None
        self._albums: dict[str, str] = {}
        # Secrets are marks too: nothing that is searched may hold one.
        self.sandbox.use_token(f"7012345678:AA{LATIN}Token".ljust(46, "x"))
        self._tell = self.sandbox.tell
        self.sandbox.tell = self.tell  # type: ignore[method-assign]

    def now(self) -> datetime:
        return datetime.now(UTC)

    def tell(self, kind: str, payload: Json, queue: Any) -> int | None:
        """Mark what Telegram adds to every message: albums and files have numbers and names of its own."""
        self._mark(payload)
        return self._tell(kind, payload, queue)

    def _mark(self, shown: Any) -> None:
        for item in shown.values() if isinstance(shown, dict) else shown if isinstance(shown, list) else ():
            self._mark(item)
        if isinstance(shown, dict) and "media_group_id" in shown:
            known = self._albums.setdefault(shown["media_group_id"], str(ALBUMS.nth(len(self._albums))))
            shown["media_group_id"] = known
        if isinstance(shown, dict) and UNIQUE in shown and LATIN not in shown[UNIQUE]:
            shown[UNIQUE] = f"AQ{LATIN}{shown[UNIQUE][4:]}"

    async def start_bot(self) -> None:
        """Start `shekteu run` on its embedded PostgreSQL, by webhook, and wait until it is well."""
        hook = f"127.0.0.1:{free_port()}"
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            "TMPDIR": str(self._made("tmp")),
            "PLANTED": str(self.planted),
            "BOT_TOKEN": self.sandbox.token,
            "STAFF_CHAT_ID": str(self.desk.id),
            "TELEGRAM_API_URL": self.sandbox.url,
            "WEBHOOK_URL": f"http://{hook}/hook",
            "WEBHOOK_SECRET": f"{LATIN}Secret",
            "WEBHOOK_LISTEN": hook,
            "HEALTH_LISTEN": self.health,
            "DATA_DIR": str(self.data),
            "TEMPLATES_DIR": str(ROOT / "templates"),
            "SECRET_KEY": base64.b64encode(self.secret_key).decode(),
            "FEEDBACK_DELAY_MINUTES": "0-0",
            "UNDO_SECONDS": "0",
            "EVIDENCE_ORIGINALS": "on",
            "LOG_LEVEL": "DEBUG",
        }
        with self.printed.open("ab") as printed:
            self._process = await start(
                "tests.identities.loud",
                folder=self._made("home"),
                environment=self.environment,
                stdout=printed,
                stderr=printed,
            )
        async with asyncio.timeout(STARTS):
            while await self.answer("/healthz") is None or self.sandbox.postman.webhook is None:
                assert self._process.returncode is None, self.printed.read_text(errors="replace")[-2000:]
                await asyncio.sleep(0.1)

    async def stop_bot(self) -> None:
        """Stop it as an operator does."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(STARTS):
                await process.wait()

    async def command(self, *words: str) -> int:
        """Run a command beside the bot; what it prints is kept with what the bot prints. Give its exit code."""
        with self.printed.open("ab") as printed:
            process = await start(
                *("bot", *words),
                folder=self._made("home"),
                environment=self.environment,
                stdout=printed,
                stderr=printed,
            )
            async with asyncio.timeout(STARTS):
                return await process.wait()

    async def answer(self, path: str) -> bytes | None:
        """What a page of HEALTH_LISTEN says with its headers; None while nobody listens."""
        return await page(f"http://{self.health}{path}")

    async def write_down(self, planted: bytes) -> None:
        """Make the running process print something."""
        assert self._process is not None
        before = self.printed.stat().st_size
        self.planted.write_bytes(planted)
        os.kill(self._process.pid, signal.SIGUSR1)
        async with asyncio.timeout(STARTS):
            while self.printed.stat().st_size < before + len(planted):  # noqa: ASYNC110
                await asyncio.sleep(0.02)  # the process tells nobody
        self.planted.unlink()

    def _made(self, name: str) -> Path:
        (self.folder / name).mkdir(exist_ok=True, mode=0o711)
        return self.folder / name


async def page(url: str) -> bytes | None:
    """What stands at an address, headers and all; None while nobody listens."""
    async with aiohttp.ClientSession() as session:
        try:
            async with session.get(url) as answer:
                return b"\n".join([*(b": ".join(header) for header in answer.raw_headers), await answer.read()])
        except aiohttp.ClientConnectionError:
            return None
