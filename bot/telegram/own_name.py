"""The bot's own @name, as Telegram tells it: what stands under every code, and what a clone cannot have."""

from __future__ import annotations

import asyncio
from typing import Final

from bot.delivery.errors import TelegramRefused
from bot.log import error_fields, get_logger
from bot.telegram.api import Api
from bot.telegram.insisting import Sleep, insist

AGAIN: Final = 60.0
"""Seconds after which a Telegram that would not tell it is asked again."""
log = get_logger()


class OwnName:
    """Asked for once at each start; until Telegram has answered it is not told to anybody."""

    def __init__(self) -> None:
        self._name = ""

    def get(self) -> str:
        """Give it without the @, or "" while it is not known."""
        return self._name

    async def learn(self, api: Api, sleep: Sleep = asyncio.sleep) -> None:
        """Ask for it, however long it takes. A refusal is logged: others tell what is wrong with the token."""
        while not self._name:
            try:
                told = await insist(api, "getMe", {}, sleep)
                self._name = str(told["username"]) if isinstance(told, dict) and "username" in told else ""
            except TelegramRefused as error:
                log.warning("own_name_not_told", **error_fields(error))
            if not self._name:
                await sleep(AGAIN)
