"""What is said to a citizen beside the turns: an apology, that it was too much at once, the end of a press."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.citizen.labels import Labels
from bot.citizen.safety import Safety
from bot.delivery.errors import TelegramRefused, TooMany
from bot.languages import Language
from bot.log import error_fields, get_logger
from bot.telegram.reply import Reply, say, toast
from bot.texts import Texts

log = get_logger()


class Beside:
    """Speaks without a dialogue, in the language of the phone where none is handed in."""

    def __init__(
        self,
        texts: Texts,
        labels: Labels,
        safety: Safety,
        default_language: Language,
        call: Callable[..., Awaitable[Any]],
    ) -> None:
        """`call` calls a method of the Bot API."""
        self._texts, self._labels, self._safety, self._default = texts, labels, safety, default_language
        self._call = call
        self._presses: set[asyncio.Task[None]] = set()

    def apology(self, update: Mapping[str, Any], kept: Mapping[str, Any]) -> Reply | None:
        """Say that an update was set aside; to the desk and to groups nothing.

        `kept` is what the chat's dialogue holds: the language that was chosen there goes before that of the phone.
        """
        query = update.get("callback_query") or {}
        message = query.get("message") or update.get("message") or {}
        if message.get("chat", {}).get("type") != "private":
            return None
        chosen = kept.get("language")
        language = chosen if chosen in set(Language) else self._language(query or message)
        if query:
            return toast(query["id"], self._texts.plain(language, "citizen.apology"), alert=True)
        return say(self._texts.render(language, "citizen.apology"))

    def too_much(self, message: Mapping[str, Any]) -> Reply:
        """Say that too much came at once."""
        return say(self._texts.render(self._language(message), "citizen.flood"))

    def asks_for_help(self, text: str) -> bool:
        """Tell whether a text asks for the numbers to call, or holds words of danger."""
        label = self._labels.read(text)
        return bool(label and label.name == "help") or self._safety.danger(text)

    def answer_press(self, query_id: str) -> None:
        """Answer a press whose reply is a message. Nothing hangs on it: the phone only stops waiting sooner."""
        task = asyncio.create_task(self._end_press(query_id))
        self._presses.add(task)
        task.add_done_callback(self._presses.discard)

    async def _end_press(self, query_id: str) -> None:
        try:
            await self._call("answerCallbackQuery", {"callback_query_id": query_id})
        except (TelegramRefused, TooMany, OSError) as error:
            log.info("press_not_answered", **error_fields(error))

    def _language(self, event: Mapping[str, Any]) -> str:
        client = str((event.get("from") or {}).get("language_code", ""))[:2]
        return client if client in set(Language) else self._default
