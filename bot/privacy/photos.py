"""Photos are repainted before anyone sees them: the bot's side of the small process that opens them."""

import asyncio
import contextlib
import hashlib
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from bot.privacy.photo_wire import (
    HELLO,
    LENGTH,
    MAX_BYTES,
    MAX_CODES_BYTES,
    REASONS,
    REPLY,
    Reason,
    is_bare,
    unpacked_codes,
)

__all__ = ["CleanPhoto", "CleanerDown", "CleanerFailed", "PhotoCleaner", "PhotoCleaners", "PhotoRefused", "Reason"]

WORKER = (sys.executable, "-s", "-B", "-m", "bot.privacy.photo_worker")
START_SECONDS, PHOTO_SECONDS = 30.0, 30.0
HANDED_DOWN = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH")  # all that the worker gets of our environment


@dataclass(frozen=True)
class CleanPhoto:
    """A photo without metadata; sizes in pixels, `gps` as latitude and longitude in degrees, read off the original."""

    jpeg: bytes
    width: int
    height: int
    gps: tuple[float, float] | None
    original_sha256: bytes
    codes: tuple[str, ...] = ()
    """What its QR codes say."""


class PhotoRefused(Exception):
    """The photo cannot be taken."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"{self.__doc__} ({reason})")
        self.reason = reason


class CleanerFailed(Exception):
    """The photo worker failed, not the photo: try again later."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"{self.__doc__} {detail}".rstrip())


class CleanerDown(CleanerFailed):
    """The photo worker does not start: try again later."""


class PhotoCleaner:
    """Cleans one photo after another in a process of its own, which is replaced when it ends or does not answer."""

    def __init__(self, *, photo_seconds: float = PHOTO_SECONDS) -> None:
        self._photo_seconds = photo_seconds
        self._turn = asyncio.Lock()
        self._worker: _Worker | None = None

    async def start(self) -> None:
        """Start the worker, so that the first photo need not wait for it; raise `CleanerFailed`."""
        async with self._turn:
            await self._ready()

    async def stop(self) -> None:
        """End the worker."""
        async with self._turn:
            await self._end()

    async def clean(self, data: bytes) -> CleanPhoto:
        """Return the photo repainted; raise `PhotoRefused` for its faults and `CleanerFailed` for ours."""
        if len(data) > MAX_BYTES:
            raise PhotoRefused(Reason.TOO_BIG)
        digest = await asyncio.to_thread(lambda: hashlib.sha256(data).digest())
        async with self._turn:
            try:
                return await self._attempt(data, digest)
            except (OSError, asyncio.IncompleteReadError):
                pass  # a worker ends after its share of photos, and a full machine may kill it
            try:
                return await self._attempt(data, digest)
            except (OSError, asyncio.IncompleteReadError):
                raise CleanerFailed("(It ended at its work.)") from None

    async def _attempt(self, data: bytes, digest: bytes) -> CleanPhoto:
        """Have one photo cleaned; leave no worker behind that may still be at it."""
        worker, answered = await self._ready(), False
        try:
            async with asyncio.timeout(self._photo_seconds):
                photo = await worker.exchange(data, digest)
            answered = True
        except PhotoRefused:
            answered = True
            raise
        except TimeoutError:
            raise PhotoRefused(Reason.TOO_SLOW) from None
        finally:
            if not answered:
                await self._end()
        return photo

    async def _ready(self) -> "_Worker":
        if self._worker is None or self._worker.process.returncode is not None:
            await self._end()
            try:
                self._worker = await _Worker.spawn()
                await self._worker.greeted()
            except (OSError, asyncio.IncompleteReadError):
                await self._end()
                raise CleanerDown from None
            except BaseException:
                await self._end()
                raise
        return self._worker

    async def _end(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            await worker.end()


class PhotoCleaners:
    """Two cleaners or more, so that a slow photo keeps nobody waiting; all but the first start when they are needed."""

    def __init__(self, count: int = 2) -> None:
        self._all = [PhotoCleaner() for _ in range(count)]
        self._idle = self._all[::-1]
        self._free = asyncio.Semaphore(count)

    async def start(self) -> None:
        """Start the first worker, so that the first photo need not wait for it; raise `CleanerFailed`."""
        await self._all[0].start()

    async def stop(self) -> None:
        """End the workers."""
        for cleaner in self._all:
            await cleaner.stop()

    async def clean(self, data: bytes) -> CleanPhoto:
        """Return the photo repainted; raise `PhotoRefused` for its faults and `CleanerFailed` for ours."""
        async with self._free:
            cleaner = self._idle.pop()
            try:
                return await cleaner.clean(data)
            finally:
                self._idle.append(cleaner)


class _Worker:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._requests = cast(asyncio.StreamWriter, process.stdin)
        self._replies = cast(asyncio.StreamReader, process.stdout)

    @classmethod
    async def spawn(cls) -> "_Worker":
        environment = {name: os.environ[name] for name in HANDED_DOWN if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            *WORKER,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # a traceback could quote the picture
            cwd=Path(__file__).parents[2],
            env=environment | {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2"},
            start_new_session=True,  # Ctrl-C is for the bot
        )
        return cls(process)

    async def greeted(self) -> None:
        async with asyncio.timeout(START_SECONDS):
            await self._replies.readexactly(len(HELLO))

    async def exchange(self, data: bytes, digest: bytes) -> CleanPhoto:
        self._requests.write(LENGTH.pack(len(data)))
        self._requests.write(data)
        await self._requests.drain()
        header = await self._replies.readexactly(REPLY.size)
        reason, width, height, latitude, longitude, length, more = REPLY.unpack(header)
        if 0 < reason <= len(REASONS):
            raise PhotoRefused(REASONS[reason - 1])
        if reason:
            raise CleanerFailed
        jpeg = await self._replies.readexactly(min(length, MAX_BYTES))
        codes = unpacked_codes(await self._replies.readexactly(min(more, MAX_CODES_BYTES)))
        if not is_bare(jpeg):
            raise CleanerFailed("(Its JPEG holds more than pixels.)")
        gps = (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None
        return CleanPhoto(jpeg, width, height, gps, digest, codes)

    async def end(self) -> None:
        """Kill the process and the fork that it may have; it holds nothing that is worth a farewell."""
        self._requests.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()
