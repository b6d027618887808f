"""The help that stands pinned on a desk: posted once, and edited when its text has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any, Final
from uuid import UUID

from bot.clock import Clock
from bot.database import Database, driver
from bot.delivery.outbox import CardSort, Outbox, Recipient, of_desk
from bot.delivery.road import Letter, Outgoing, WantedCard
from bot.texts import Texts

HELP: Final = UUID("00000000-0000-4000-8000-000000000002")
"""What the help's card of the main desk is about."""
LOOK_AGAIN: Final = "*/10 * * * *"
"""When it is looked for new desks."""
Desk = tuple[str, int, str]
"""A desk: its line, its chat and its language."""
# Whoever learns of a new text second changes nothing, and waits until the first has committed.
CHANGED: Final = """
INSERT INTO facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value
WHERE facts.value <> excluded.value RETURNING 1
"""
STANDS: Final = """
SELECT EXISTS (
  SELECT 1 FROM cards AS card
  LEFT JOIN desk_posts AS post ON post.message_id = card.message_id AND post.chat_id = $3 AND post.sort = card.sort
  WHERE card.sort = $1 AND card.subject = $2 AND (card.message_id IS NULL OR post.message_id IS NOT NULL))
"""


class DeskHelp:
    """Wants the help to stand on each desk as the texts have it."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        texts: Texts,
        desks: Callable[[], Iterable[Desk]],
        wake: Callable[[], None],
        clock: Clock,
    ) -> None:
        self._database, self._outbox, self._texts = database, outbox, texts
        self.desks, self._wake, self._clock = desks, wake, clock

    async def look(self) -> None:
        """Have it posted where it does not stand, and edited where it says something else."""
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            for desk in self.desks():
                await self._look_at(raw, *desk)
        self._wake()

    async def _look_at(self, raw: Any, line: str, chat_id: int, language: str) -> None:
        about = of_desk(HELP, line)
        digest = hashlib.blake2b(text(self._texts, language).encode(), digest_size=16).hexdigest()
        changed = await raw.fetchval(CHANGED, f"help {line}", digest)
        stands = await raw.fetchval(STANDS, CardSort.HELP.value, about, chat_id)
        if stands and not changed:
            return
        if not stands:
            # The id that its card may keep is of another chat.
            await self._outbox.end_card(raw, CardSort.HELP, about)
        await self._outbox.want(raw, Recipient.DESK, CardSort.HELP, [about], self._clock(), desk=line)


def text(texts: Texts, language: str) -> str:
    """Write what can be done on a desk."""
    return texts.render(language, "desk.help")


def card(texts: Texts, wanted: WantedCard) -> Outgoing:
    """Render the help."""
    return Outgoing("sendMessage", {"text": text(texts, wanted.language)})


def pin(letter: Letter) -> Outgoing | None:
    """Render the call that pins the help, without a sound; None when the desk has moved since it was posted."""
    if letter.params["chat_id"] != letter.chat_id:
        return None
    return Outgoing("pinChatMessage", {"message_id": letter.params["message_id"], "disable_notification": True})
