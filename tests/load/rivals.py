"""Bots as processes of their own, and what they cost: CPU and memory, read from /proc."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from time import monotonic

import aiohttp

from tests.stage import ROOT, free_port

TICKS = os.sysconf("SC_CLK_TCK")
SECRET = "bench"


class Rival:
    """One bot, started, asked and measured."""

    def __init__(self, name: str, command: list[str], port: int, path: str, environment: dict[str, str]) -> None:
        self.name, self.port, self.url = name, port, f"http://127.0.0.1:{port}{path}"
        self._command, self._environment = command, environment
        self.process: subprocess.Popen[bytes] | None = None
        self.idle = 0.0
        """Seconds of CPU that it uses in a second in which nothing is asked of it."""
        self.started_in = 0.0
        """Seconds from its start until it took its first update."""

    async def start(self) -> None:
        """Start it, and wait until it listens."""
        began = monotonic()
        environment = os.environ | {"PYTHONPATH": str(ROOT)} | self._environment
        command = self._command
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)  # noqa: ASYNC220
        async with aiohttp.ClientSession() as http:
            while True:
                with suppress(aiohttp.ClientError):
                    async with http.post(self.url, json={"update_id": 0}):
                        break
                if self.process.poll() is not None:
                    raise RuntimeError(f"{self.name} ended by itself")
                await asyncio.sleep(0.01)
        self.started_in = monotonic() - began

    def stop(self) -> None:
        """End it."""
        if self.process:
            self.process.terminate()
            self.process.wait(20)

    @property
    def cpu(self) -> float:
        """Seconds of CPU that it has used; its photo workers are processes of their own."""
        assert self.process
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def memory(self) -> float:
        """MB of memory that it holds."""
        assert self.process
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def echo(url: str | None) -> Rival:
    """Make a bare aiogram echo, with an insert when a database is given."""
    port = free_port()
    command = [sys.executable, "-m", "tests.load.echo", str(port), *([url] if url else [])]
    return Rival("echo + insert" if url else "echo", command, port, "/hook", {})


def shekteu(url: str, api: str, token: str, desk: int) -> Rival:
    """Make our bot, by webhook."""
    port = free_port()
    environment = {
        "BOT_TOKEN": token,
        "STAFF_CHAT_ID": str(desk),
        "DATABASE_URL": url,
        "SECRET_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "TELEGRAM_API_URL": api,
        "WEBHOOK_URL": f"http://127.0.0.1:{port}/hook",
        "WEBHOOK_SECRET": SECRET,
        "WEBHOOK_LISTEN": f"127.0.0.1:{port}",
        "HEALTH_LISTEN": f"127.0.0.1:{free_port()}",
        "REPORTS_PER_HOUR": "1000000",
        "LOG_LEVEL": "WARNING",
    }
    return Rival("shekteu", [sys.executable, "-m", "bot", "run"], port, "/hook", environment)
