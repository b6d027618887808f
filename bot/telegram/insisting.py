"""Calls that Telegram must do sooner or later: repeated while it is away, or asks to wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from bot.delivery.errors import TelegramDown, TooMany
from bot.log import error_fields, get_logger
from bot.telegram.api import Api

LONGEST_PAUSE: Final = 4.0
"""Seconds between two tries: after an outage of any length Telegram is asked again within a few seconds."""
log = get_logger()

Sleep = Callable[[float], Awaitable[Any]]


async def insist(api: Api, method: str, params: Mapping[str, Any], sleep: Sleep = asyncio.sleep) -> Any:
    """Call a method until Telegram answers; raise TelegramRefused when the answer is no."""
    pause = 1.0
    while True:
        try:
            return await api.call(method, params)
        except TooMany as error:
            log.warning("telegram_asks_to_wait", method=method, seconds=error.seconds)
            await sleep(error.seconds)
        except TelegramDown as error:
            log.warning("telegram_away", method=method, **error_fields(error))
            await sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
