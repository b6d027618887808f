"""What the desk's own room hands in to `/placement` and `/qr`: who may act, how the chat is spoken to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiogram.types import Message

from bot.areas.store import Areas
from bot.languages import Language
from bot.qr.link import spoken_link
from bot.qr.placement import Placement
from bot.reports.deciding import Officer
from bot.telegram.reply import Reply, say
from bot.telegram.turn import Turn
from bot.texts import Texts

Look = Callable[[], Awaitable[Reply]]
Act = Callable[[Officer], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Telling:
    """What texts about placements are written with."""

    texts: Texts
    areas: Areas
    bot_name: Callable[[], str]
    """The bot's own name, "" while Telegram has not told it."""

    async def told(self, raw: Any, language: Language, placement: Placement) -> dict[str, Any]:
        """Give what the texts need of a placement."""
        bot = self.bot_name()
        district = (await self.areas.now(raw)).name(placement.district, language) if placement.district else ""
        return {
            "code": placement.code,
            "name": placement.name,
            "campaign": placement.campaign,
            "district": district,
            "surface": self.texts.plain(language, f"desk.surface.{placement.surface}"),
            "languages": "+".join(placement.languages),
            "made": f"{placement.made_on:%d.%m.%Y}",
            "closed": f"{placement.closed_on:%d.%m.%Y}" if placement.closed_on else "",
            "link": spoken_link(bot, placement.code) if bot else "",
        }


@dataclass(frozen=True, slots=True)
class Room:
    """The desks, as these commands need them."""

    telling: Telling
    looked: Callable[[Turn, Message, Look], Awaitable[Reply | None]]
    """Answers a member's command."""
    managed: Callable[[Turn, Message, Act], Awaitable[Reply | None]]
    """Answers the command of an administrator of the main desk."""
    is_member: Callable[[int, int], bool]
    manages: Callable[[int, int], bool]
    """(chat, user) → whether that is an administrator of the main desk, on it."""
    language: Callable[[int], Language]
    line: Callable[[int], str]

    def text(self, turn: Turn, name: str, /, **variables: Any) -> str:
        """Render a text of the desk in its language."""
        return self.telling.texts.render(self.language(turn.actor.chat_id), f"desk.{name}", **variables)

    def say(self, turn: Turn, name: str, /, **variables: Any) -> Reply:
        """Answer with a text of the desk."""
        return say(self.text(turn, name, **variables))
