"""What stands on the desk about a report that is hidden, or whose term is over: photos become grey, texts a line.

Points are deleted, for nothing can be put in their place; a hidden one that is too old for that officers are asked to.
"""

from __future__ import annotations

import base64
from typing import Any, Final

from bot.delivery.sender import Letter, Outgoing
from bot.reports.hiding import BY_HAND, GONE
from bot.staff.album import reply_to
from bot.texts import Texts

EMPTIED: Final = frozenset({"empty_photo", "empty_text", "empty_place"})
"""One for each sort of message; `empty_` is what the purge knows them by."""
HIDES: Final = frozenset({"hide_photo", "hide_text", "hide_place", GONE, BY_HAND})
"""Those of a hidden report; `hide_` is what the desk's line knows them by."""
TEMPLATES: Final = EMPTIED | HIDES
NOTHING: Final = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAKBueIx4ZKCMgoy0qqC+8P//8Nzc8P//////////////////////////////////////////////////////"
    "////wAALCADAAQABAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8A" + "A" * 256 + "/9k="
)
"""A grey picture of 256 by 192 pixels, as JPEG."""
FORGET: Final = "DELETE FROM desk_posts WHERE chat_id = $1 AND message_id = $2"
# Of what was passed to another desk: its newest №, and the office that has it now; null is the main desk.
PASSED_TO: Final = """
SELECT coalesce(
  (SELECT number FROM reports WHERE id = $1),
  (SELECT max(number) FROM report_links WHERE resource_id = $1),
  (SELECT report.number FROM forms AS form JOIN reports AS report ON report.id = form.report_id WHERE form.id = $1)
) AS number, (SELECT name FROM offices WHERE 'desk:' || id = coalesce(
  (SELECT recipient FROM cards WHERE sort IN ('report', 'resource') AND subject = $1 LIMIT 1),
  (SELECT card.recipient FROM forms AS form
  JOIN cards AS card ON card.sort = form.sort AND card.subject = form.subject WHERE form.id = $1),
  (SELECT card.recipient FROM report_links AS link
  JOIN cards AS card ON card.sort = 'resource' AND card.subject = link.resource_id
  WHERE link.report_id = $1 ORDER BY card.ordinal LIMIT 1))) AS office
"""


async def passed(raw: Any, texts: Texts, letter: Letter) -> Outgoing | None:
    """Render the call that leaves of one message no more than where the thing was passed to."""
    row = await raw.fetchrow(PASSED_TO, letter.lane)
    text = texts.render(letter.language, "desk.passed", number=row["number"], office=row["office"])
    return await render(raw, texts, letter, row["number"], text)


async def render(raw: Any, texts: Texts, letter: Letter, number: int, text: str = "") -> Outgoing | None:
    """Render the call that empties one message; None when it stands in a chat that is the desk no more."""
    chat_id, message_id = letter.params["chat_id"], letter.params.get("message_id")
    if chat_id != letter.chat_id:
        # No call reaches the messages of a group once it has become a supergroup.
        await raw.execute(FORGET, chat_id, message_id)
        return None
    if letter.template == GONE:
        return Outgoing("deleteMessages", {"message_ids": letter.params["message_ids"]})
    if letter.template in ("empty_place", "hide_place"):
        return Outgoing("deleteMessage", {"message_id": message_id})
    text = text or texts.render(letter.language, f"desk.{letter.template}", number=number)
    if letter.template == BY_HAND:
        return Outgoing("sendMessage", {"text": text, **reply_to(letter.params["message_id"])})
    if letter.template in ("empty_text", "hide_text"):
        return Outgoing("editMessageText", {"message_id": message_id, "text": text})
    media = {"type": "photo", "media": "attach://photo", "caption": text, "parse_mode": "HTML", "has_spoiler": True}
    return Outgoing("editMessageMedia", {"message_id": message_id, "media": media}, {"photo": NOTHING})
