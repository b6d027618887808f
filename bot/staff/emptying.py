"""What stands on the desk about a report whose term is over: photos become grey, texts a line, points are deleted."""

from __future__ import annotations

import base64
from typing import Any, Final

from bot.delivery.sender import Letter, Outgoing
from bot.texts import Texts

TEMPLATES: Final = frozenset({"empty_photo", "empty_text", "empty_place"})
"""One for each sort of message; `empty_` is what the purge knows them by."""
NOTHING: Final = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAKBueIx4ZKCMgoy0qqC+8P//8Nzc8P//////////////////////////////////////////////////////"
    "////wAALCADAAQABAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8A" + "A" * 256 + "/9k="
)
"""A grey picture of 256 by 192 pixels, as JPEG."""
FORGET: Final = "DELETE FROM desk_posts WHERE chat_id = $1 AND message_id = $2"


async def render(raw: Any, texts: Texts, letter: Letter, number: int) -> Outgoing | None:
    """Render the call that empties one message; None when it stands in a chat that is the desk no more."""
    chat_id, message_id = letter.params["chat_id"], letter.params["message_id"]
    if chat_id != letter.chat_id:
        # No call reaches the messages of a group once it has become a supergroup.
        await raw.execute(FORGET, chat_id, message_id)
        return None
    if letter.template == "empty_place":
        return Outgoing("deleteMessage", {"message_id": message_id})
    text = texts.render(letter.language, f"desk.{letter.template}", number=number)
    if letter.template == "empty_text":
        return Outgoing("editMessageText", {"message_id": message_id, "text": text})
    media = {"type": "photo", "media": "attach://photo", "caption": text, "parse_mode": "HTML", "has_spoiler": True}
    return Outgoing("editMessageMedia", {"message_id": message_id, "media": media}, {"photo": NOTHING})
