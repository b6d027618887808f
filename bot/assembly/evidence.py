"""What looks at the network, put together: nothing of it is loaded that PROBE does not need."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.assembly.parts import Parts
from bot.evidence.desk import CapturePosts, Capturing, Room
from bot.evidence.standing import Standing
from bot.reports.deciding import Officer
from bot.staff.list_handlers import Looks
from bot.staff.officers import writer

if TYPE_CHECKING:
    from aiogram.types import Message

    from bot.evidence.watching import Watching
    from bot.telegram.turn import Turn


def make_watching(parts: Parts) -> Watching | None:
    """Put together what watches links; None: it is off."""
    if not parts.settings.probe:
        return None
    from bot.evidence.fetching import Fetcher
    from bot.evidence.looking import Looking
    from bot.evidence.reading import Pages
    from bot.evidence.watching import Watching

    fetcher = Fetcher(parts.clock, _proxy(parts))
    common = parts.database, parts.ring, parts.outbox
    looking = Looking(*common, fetcher, Pages(parts.succession), parts.wake, parts.clock, parts.trade, parts.found)
    return Watching(parts.database, looking, onions=bool(_proxy(parts)), clock=parts.clock)


def make_captures(parts: Parts, looks: Looks) -> Capturing:
    """Put together what `/capture` is given."""
    texts, desks = parts.wording.texts, parts.desks

    def officer(turn: Turn, message: Message) -> Officer:
        return writer(turn, message, texts, desks.language(turn.actor.chat_id))

    room = Room(looks.answer, officer, desks.language, desks.scope, desks.line)
    return Capturing(room, texts, parts.ring, watching=parts.settings.probe, onions=bool(_proxy(parts)))


def make_capture_posts(parts: Parts) -> CapturePosts:
    """Put together what tells of captures."""
    return CapturePosts(parts.database, parts.wording.texts, ZoneInfo(parts.settings.timezone))


def make_standing(parts: Parts) -> Standing:
    """Put together what tells cards how their links were seen."""
    return Standing(parts.ring, ZoneInfo(parts.settings.timezone))


def _proxy(parts: Parts) -> str:
    given = parts.settings.probe_proxy
    return given.get_secret_value().replace("socks5h://", "socks5://", 1) if given else ""
