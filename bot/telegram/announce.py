"""What the bot tells Telegram of itself: commands and descriptions, in each language and scope."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

from bot.delivery.errors import ChatMigrated, TelegramRefused
from bot.languages import Language
from bot.log import error_fields, get_logger
from bot.telegram.api import Api
from bot.telegram.insisting import Sleep, insist
from bot.texts import Texts
from bot.texts_wanted import ADMINISTRATORS_COMMANDS, COMMANDS, DESK_COMMANDS

log = get_logger()


async def announce(
    api: Api,
    texts: Texts,
    default: Language,
    sleep: Sleep = asyncio.sleep,
    desks: Sequence[tuple[int, str]] = (),
) -> None:
    """Set commands for private chats and the desks, and descriptions, however long it takes.

    `desks` are their chats and languages, the main one first. A refusal is logged and does no harm.
    """
    on_desks = (told for place, desk in enumerate(desks) for told in _told_on_desk(texts, *desk, main=place == 0))
    for method, params in [*_told(texts, default), *on_desks]:
        try:
            await insist(api, method, params, sleep)
        except TelegramRefused as error:
            log.warning("announce_failed", method=method, code=error.code, **error_fields(error))
        except ChatMigrated as error:
            # Whoever leads learns of the new group by what else goes there or comes from it, and announces it then.
            log.info("announce_failed", method=method, **error_fields(error))


def _told(texts: Texts, default: Language) -> Iterator[tuple[str, dict[str, Any]]]:
    for language in (None, *Language):
        words = language or default
        # Without a code it holds for every client whose language has none of its own.
        code = {"language_code": language.value} if language else {}
        commands = [{"command": name, "description": texts.plain(words, f"commands.{name}")} for name in COMMANDS]
        yield "setMyCommands", {"commands": commands, "scope": {"type": "all_private_chats"}, **code}
        yield "setMyDescription", {"description": texts.plain(words, "bot.description"), **code}
        yield "setMyShortDescription", {"short_description": texts.plain(words, "bot.short_description"), **code}


def _told_on_desk(texts: Texts, chat_id: int, language: str, *, main: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    # An administrator is shown the list of their own scope alone.
    managing = {"chat_administrators": (*DESK_COMMANDS, *ADMINISTRATORS_COMMANDS)} if main else {}
    for scope, names in {"chat": DESK_COMMANDS, **managing}.items():
        commands = [{"command": name, "description": texts.plain(language, f"desk.command.{name}")} for name in names]
        yield "setMyCommands", {"commands": commands, "scope": {"type": scope, "chat_id": chat_id}}
