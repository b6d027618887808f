"""Locks by key within the process: one actor's updates wait here, not for a connection of the pool."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable


class KeyedLocks:
    """One fair lock a key, kept only while somebody holds it or waits for it."""

    def __init__(self) -> None:
        self._locks: dict[Hashable, tuple[asyncio.Lock, int]] = {}

    def hold(self, key: Hashable) -> Hold:
        """Hold the lock of a key for the length of an `async with`."""
        return Hold(self._locks, key)


class Hold:
    """One holding of a lock. A class, since a generator that every update goes through costs more."""

    __slots__ = ("_key", "_lock", "_locks")

    def __init__(self, locks: dict[Hashable, tuple[asyncio.Lock, int]], key: Hashable) -> None:
        self._locks, self._key = locks, key

    async def __aenter__(self) -> None:
        """Wait for the lock."""
        self._lock, users = self._locks.get(self._key) or (asyncio.Lock(), 0)
        self._locks[self._key] = (self._lock, users + 1)
        try:
            await self._lock.acquire()
        except BaseException:
            self._forget()
            raise

    async def __aexit__(self, *_: object) -> None:
        """Let the next one have it."""
        self._lock.release()
        self._forget()

    def _forget(self) -> None:
        lock, users = self._locks[self._key]
        if users == 1:
            del self._locks[self._key]
        else:
            self._locks[self._key] = (lock, users - 1)
