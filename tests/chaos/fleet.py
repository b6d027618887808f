"""The bot's processes: started as an operator starts them, killed, and started again at once."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Final

from tests.stage import ROOT

ENDS: Final = 15.0
"""Seconds that a bot may take to end when it is told to."""


class Fleet:
    """So many processes of one bot, each with a log in a folder."""

    def __init__(self, folder: Path, environments: list[dict[str, str]], hurry: int) -> None:
        self._folder, self._hurry = folder, hurry
        self._orders = [
            json.dumps({"environment": one, "log": str(folder / f"bot-{n}.log"), "folder": str(folder)}).encode()
            for n, one in enumerate(environments)
        ]
        self._lives: dict[int, int] = {}
        """Which process → its file descriptor, by which it is signalled whatever becomes of its number."""
        self._nursery: asyncio.subprocess.Process | None = None
        self.fell: list[str] = []
        """Processes that ended though nobody had killed them."""
        self._ending = False
        self._restarting: set[asyncio.Task[None]] = set()
        self._one_order = asyncio.Lock()

    async def prepare(self) -> None:
        """Have the nursery ready."""
        self._nursery = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.chaos.nursery", str(self._hurry)),
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert self._nursery.stdout
        await self._nursery.stdout.readline()

    async def open(self) -> None:
        """Start all of them."""
        for number in range(len(self._orders)):
            await self._start(number)

    async def kill(self, number: int) -> None:
        """`kill -9`, and a new one at once."""
        life = self._lives.pop(number, None)
        if life is None:
            return  # it fell by itself, and is being started
        asyncio.get_running_loop().remove_reader(life)
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(life, signal.SIGKILL)
        await self._gone(life)
        await self._start(number)

    async def close(self) -> list[str]:
        """Stop all as an operator does; give those that did not end in time."""
        self._ending, late = True, []
        for number, life in self._lives.items():
            asyncio.get_running_loop().remove_reader(life)
            try:
                signal.pidfd_send_signal(life, signal.SIGTERM)
                async with asyncio.timeout(ENDS):
                    await self._gone(life)
            except ProcessLookupError:
                continue  # it stands in `fell`
            except TimeoutError:
                late.append(f"process {number} did not stop on SIGTERM within {ENDS:.0f} s")
                signal.pidfd_send_signal(life, signal.SIGKILL)
                os.close(life)
        self._lives.clear()
        if self._nursery and self._nursery.stdin:
            self._nursery.stdin.close()
            await self._nursery.wait()
        return late

    @property
    def logs(self) -> str:
        """All that was logged."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self._folder.glob("bot-*.log")))

    async def _start(self, number: int) -> None:
        assert self._nursery
        assert self._nursery.stdin
        assert self._nursery.stdout
        async with self._one_order:
            self._nursery.stdin.write(self._orders[number] + b"\n")
            pid = int(await self._nursery.stdout.readline())
        self._lives[number] = life = os.pidfd_open(pid)
        asyncio.get_running_loop().add_reader(life, self._fell, number, life)

    def _fell(self, number: int, life: int) -> None:
        asyncio.get_running_loop().remove_reader(life)
        if not self._ending and self._lives.get(number) == life:
            del self._lives[number]
            os.close(life)
            self._restarting.add(asyncio.create_task(self._start(number)))
            said = (self._folder / f"bot-{number}.log").read_text(errors="replace")
            self.fell.append(f"process {number} ended by itself; its log ends: {said[-600:]}")

    async def _gone(self, life: int) -> None:
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()
        loop.add_reader(life, _set, ended)
        try:
            await ended
        finally:
            loop.remove_reader(life)
        os.close(life)


def _set(ended: asyncio.Future[None]) -> None:
    if not ended.done():
        ended.set_result(None)
