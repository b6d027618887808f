"""Under the turn: an update is parsed, and goes to the handler whose Reply comes back."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any

from aiogram import Bot, Dispatcher, Router
from aiogram.client.session.base import BaseSession
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.types import Update
from pydantic import ValidationError

from bot.log import get_logger
from bot.telegram.actors import Side
from bot.telegram.plain import Words, words_of
from bot.telegram.reply import Reply
from bot.telegram.turn import Handle, Turn

log = get_logger()


class CallsNobody(Exception):
    """A handler called Telegram through aiogram, inside the turn: it gives a Reply, and `Api` makes the calls."""


class _Silent(BaseSession):
    """Stands where aiogram's own would be, which reads 140 certificates at start and would call from a handler."""

    async def close(self) -> None:
        """Nothing is open."""

    async def make_request(self, *_: Any, **__: Any) -> Any:
        raise CallsNobody

    async def stream_content(self, *_: Any, **__: Any) -> AsyncGenerator[bytes, None]:
        raise CallsNobody
        yield b""


def make_handle(
    token: str, citizen: Callable[[Turn, Update | Words], Awaitable[Reply | None]], router: Router, **parts: Any
) -> Handle:
    """Make the turn's handler: `citizen` for private chats, and for all else a router.

    `parts` is what the router's handlers ask for by name.
    """
    bot = Bot(token, session=_Silent())
    # The turn keeps the dialogue: aiogram has no state to look up.
    dispatcher = Dispatcher(disable_fsm=True, **parts)
    # Nor do our handlers ask for what aiogram works out beforehand; an error is the turn's to catch.
    for middleware in list(dispatcher.update.outer_middleware):
        dispatcher.update.outer_middleware.unregister(middleware)
    dispatcher.include_router(router)

    async def handle(turn: Turn, raw: Mapping[str, Any]) -> Reply | None:
        words = words_of(raw) if turn.actor.side is Side.CITIZEN else None
        if words is not None:
            return await citizen(turn, words)
        try:
            update = Update.model_validate(raw, context={"bot": bot})
        except ValidationError:
            # A field that this aiogram does not know yet: the update is marked and set aside, the others go on.
            log.warning("update_not_parsed")
            return None
        if turn.actor.side is Side.CITIZEN:
            # 98 of 100 updates. The dispatcher's way to a handler was a fifth of what they cost.
            return await citizen(turn, update)
        result = await dispatcher.feed_update(bot, update, turn=turn)
        if result is UNHANDLED and update.callback_query:
            # A button of the desk that was brought into another chat.
            log.warning("press_refused", state=turn.actor.side.value)
        return result if isinstance(result, Reply) else None

    return handle
