"""The link that a code holds, and the name of the bot that it leads to."""

from __future__ import annotations

import re
from typing import Final

from bot.delivery.errors import TelegramDown, TelegramRefused, TooMany
from bot.qr.errors import NoBotName
from bot.settings import Settings

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")


def spoken_link(bot: str, code: str) -> str:
    """Give the link of a placement as it is written under its code, to be typed by hand."""
    return f"t.me/{bot}?start={code}"


def link(bot: str, code: str) -> str:
    """Give the link of a placement as its code holds it."""
    return f"https://{spoken_link(bot, code)}"


def read_bot_name(given: str) -> str:
    """Read a bot's name, also as @name or as a link; raise NoBotName."""
    name = re.sub(r"^(https?://)?t\.me/|^@", "", given.strip())
    if not _NAME.fullmatch(name):
        raise NoBotName(f"--bot {given}: a name such as ShekteuBot is wanted, as @BotFather gave it.")
    return name


async def bot_name(settings: Settings, given: str | None) -> str:
    """Give the bot's name: as it is given, or as Telegram tells it for BOT_TOKEN; raise NoBotName."""
    if given is not None:
        return read_bot_name(given)
    if settings.bot_token is None:
        raise NoBotName("Which bot are the codes for? --bot NAME says it, or BOT_TOKEN, for which Telegram is asked.")
    from bot.telegram.api import Api

    api = Api(settings.telegram_api_url, settings.bot_token.get_secret_value())
    await api.open()
    try:
        return str((await api.call("getMe"))["username"])
    except (TelegramDown, TelegramRefused, TooMany, KeyError):
        raise NoBotName("Telegram does not tell the bot's name now: `shekteu check` says why, or --bot NAME.") from None
    finally:
        await api.close()
