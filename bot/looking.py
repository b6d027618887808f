"""Looking again and again at what another process may have written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.database import end_if_told, is_outage


async def keep_looking(look: Callable[[], Awaitable[None]], every: float, waits: Callable[[Exception], None]) -> None:
    """Look every few seconds, for ever; where the database is away call `waits`, and go on."""
    while True:
        end_if_told()
        await asyncio.sleep(every)
        try:
            await look()
        except Exception as error:
            if not is_outage(error):
                raise
            waits(error)
