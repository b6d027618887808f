"""Photos under a card: one, or an album; covered until they are tapped."""

from __future__ import annotations

from typing import Any

from bot.delivery.sender import Outgoing
from bot.privacy.keyring import KeyRing


def album(ring: KeyRing, parts: list[Any], caption: str, under: int) -> Outgoing | None:
    """Make the call that posts those photos that are ready; None when there is none."""
    ready = [part for part in parts if part["state"] == "ready"]
    if not ready:
        return None
    files = {f"photo{n}": ring.open("parts", part["id"].bytes, part["sealed"]) for n, part in enumerate(ready)}
    if len(files) == 1:
        params = {"photo": "attach://photo0", "caption": caption, "has_spoiler": True, **reply_to(under)}
        return Outgoing("sendPhoto", params, files)
    media = [{"type": "photo", "media": f"attach://{name}", "has_spoiler": True} for name in files]
    media[0]["caption"] = caption
    return Outgoing("sendMediaGroup", {"media": media, **reply_to(under)}, files, cost=len(files))


def reply_to(message_id: int) -> dict[str, Any]:
    """Give the parameters that put a message under another."""
    return {"reply_parameters": {"message_id": message_id, "allow_sending_without_reply": True}}
