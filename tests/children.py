"""The bot in processes of their own, born in a nursery: what they do is what `python -m bot …` does, but sooner."""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import signal
import socket
import subprocess
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import IO, Any, Final

from tests.nursery import LONGEST
from tests.stage import ROOT

PLAIN: Final = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TEMPLATES_DIR": str(ROOT / "templates")}
"""What every environment has."""


class Nursery:
    """The process in which they are born; one for all tests of this one."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.nursery", str(theirs.fileno())],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
                pass_fds=[theirs.fileno()],
            )
        self._line.recv(LONGEST)
        atexit.register(self._close)

    def order(self, streams: list[int], **order: Any) -> int:
        """Order something, and give the number that comes back."""
        socket.send_fds(self._line, [json.dumps(order).encode()], streams)
        return int(self._line.recv(LONGEST))

    def _close(self) -> None:
        self._line.close()
        self._process.wait()


nursery = cache(Nursery)


class Child:
    """One of them, used like a process of asyncio's."""

    def __init__(self, pid: int, stdout: asyncio.StreamReader | None, stderr: asyncio.StreamReader | None) -> None:
        self.pid, self.stdout, self.stderr = pid, stdout, stderr
        self.returncode: int | None = None
        # Until it is buried its number is nobody else's.
        self._life, self._ended = os.pidfd_open(pid), asyncio.Event()
        asyncio.get_running_loop().add_reader(self._life, self._bury)

    def _bury(self) -> None:
        asyncio.get_running_loop().remove_reader(self._life)
        self.returncode = nursery().order([], bury=self.pid)
        os.close(self._life)
        self._ended.set()

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        if self.returncode is None:
            signal.pidfd_send_signal(self._life, number)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        """Wait for its end; give the exit code."""
        await self._ended.wait()
        assert self.returncode is not None
        return self.returncode

    async def communicate(self) -> tuple[bytes, bytes]:
        """Read what it writes to the end, and wait for its own."""
        written = await asyncio.gather(*(_rest(stream) for stream in (self.stdout, self.stderr)))
        await self.wait()
        return written[0], written[1]


async def _rest(stream: asyncio.StreamReader | None) -> bytes:
    return await stream.read() if stream else b""


async def start(
    *words: str,
    folder: Path,
    environment: Mapping[str, str],
    stdout: int | IO[bytes] = PIPE,
    stderr: int | IO[bytes] = PIPE,
) -> Child:
    """Start `python -m` with these words in a folder, with nothing else in its environment."""
    # The first time it is imported there, which takes seconds.
    born_in = await asyncio.to_thread(nursery)
    readers: list[asyncio.StreamReader | None] = []
    theirs: list[int] = []
    ours: list[int] = []
    for stream in (stdout, stderr):
        reader = None
        if stream == PIPE:
            read, write = os.pipe()
            reader = await _reader(read)
            ours.append(write)
        else:
            write = theirs[0] if stream == STDOUT else stream if isinstance(stream, int) else stream.fileno()
        theirs.append(write)
        readers.append(reader)
    pid = born_in.order(theirs, words=words, folder=str(folder), environment=dict(environment))
    for each in ours:
        os.close(each)
    return Child(pid, *readers)


async def _reader(pipe: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(pipe, "rb"))
    return reader


async def shekteu(*words: object, folder: Path, **settings: str) -> tuple[int, str, str]:
    """Run a command as an operator does; give exit code, stdout and stderr."""
    child = await start("bot", *map(str, words), folder=folder, environment=PLAIN | settings)
    out, err = await child.communicate()
    return await child.wait(), out.decode(), err.decode()
