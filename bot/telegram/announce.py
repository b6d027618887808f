"""What the bot tells Telegram of itself: commands and descriptions, in each language and scope."""

from __future__ import annotations

from bot.delivery.errors import TelegramDown, TelegramRefused, TooMany
from bot.languages import Language
from bot.log import error_fields, get_logger
from bot.telegram.api import Api
from bot.texts import Texts
from bot.texts_wanted import COMMANDS

log = get_logger()


async def announce(api: Api, texts: Texts, default: Language) -> None:
    """Set commands for private chats and descriptions; a failure is logged and does no harm."""
    try:
        for language in (None, *Language):
            words = language or default
            # Without a code it holds for every client whose language has none of its own.
            code = {"language_code": language.value} if language else {}
            commands = [{"command": name, "description": texts.plain(words, f"commands.{name}")} for name in COMMANDS]
            scope = {"type": "all_private_chats"}
            await api.call("setMyCommands", {"commands": commands, "scope": scope, **code})
            await api.call("setMyDescription", {"description": texts.plain(words, "bot.description"), **code})
            short = texts.plain(words, "bot.short_description")
            await api.call("setMyShortDescription", {"short_description": short, **code})
    except (TelegramDown, TelegramRefused, TooMany) as error:
        log.warning("announce_failed", **error_fields(error))
