"""What cards look like: an edit that shows nothing new would cost one of the desk's 20 messages a minute."""

from __future__ import annotations

import hashlib
from typing import Final
from uuid import UUID

import orjson

from bot.delivery.road import Outgoing

MOST: Final = 10_000
"""Cards whose last look is remembered."""


class Faces:
    """Digests of what this process knows to stand in the chats."""

    def __init__(self) -> None:
        self._known: dict[UUID, bytes] = {}

    def stands(self, card: UUID, outgoing: Outgoing) -> bool:
        """Tell whether a card is known to look like this already."""
        return self._known.get(card) == _face(outgoing)

    def doubt(self, card: UUID) -> None:
        """Forget how a card looks: something is on its way, and its answer may be lost."""
        self._known.pop(card, None)

    def doubt_all(self) -> None:
        """Forget how all look: another process may have changed them."""
        self._known.clear()

    def note(self, card: UUID, outgoing: Outgoing) -> None:
        """Remember how a card looks."""
        self._known[card] = _face(outgoing)
        if len(self._known) > MOST:
            del self._known[next(iter(self._known))]


def _face(outgoing: Outgoing) -> bytes:
    shown = outgoing.params.get("text"), outgoing.params.get("reply_markup")
    return hashlib.blake2b(orjson.dumps(shown), digest_size=16).digest()
