"""What the turn keeps sealed: the dialogue of a chat, and the reply to an update."""

from __future__ import annotations

from typing import Any

import orjson

from bot.log import get_logger
from bot.privacy.keyring import KeyRing
from bot.privacy.sealing import CannotOpen
from bot.telegram.reply import Reply

log = get_logger()


class Records:
    """Seals and opens the rows of the turn, each bound to its own."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def seal_dialogue(self, chat_hash: bytes, state: str | None, data: bytes) -> bytes:
        """Seal a dialogue's state and its data, which is JSON already."""
        return self._ring.seal("dialogues", chat_hash, orjson.dumps({"state": state, "data": orjson.Fragment(data)}))

    def dialogue(self, chat_hash: bytes, sealed: bytes | None) -> tuple[str | None, dict[str, Any]]:
        """Open a dialogue; one whose key is no more begins anew, rather than that the chat is never answered again."""
        if sealed is None:
            return None, {}
        try:
            stored = orjson.loads(self._ring.open("dialogues", chat_hash, sealed))
        except CannotOpen:
            log.error("dialogue_not_opened")
            return None, {}
        return stored["state"], stored["data"]

    def seal_reply(self, update_id: int, reply: Reply | None) -> bytes | None:
        """Seal the reply to an update; the chat is not in it."""
        if reply is None:
            return None
        return self._ring.seal("handled_updates", _row(update_id), orjson.dumps([reply.method, reply.params]))

    def reply(self, update_id: int, sealed: bytes | None) -> Reply | None:
        """Open the recorded reply to an update; None when there was none, or its key is no more."""
        if sealed is None:
            return None
        try:
            method, params = orjson.loads(self._ring.open("handled_updates", _row(update_id), sealed))
        except CannotOpen:
            log.error("reply_not_opened")
            return None
        return Reply(method, params)


def _row(update_id: int) -> bytes:
    return update_id.to_bytes(8, "big", signed=True)
