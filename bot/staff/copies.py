"""A press tells where a card stands: of one whose sending was never marked, nothing else does.

A bot that falls between a sending and its mark leaves a message that nobody knows. It says the same as the card and
its buttons work, so an officer may press it. From then on it is known, and goes with the rest that stands about its
subject: when that is passed on, is hidden, or its term is over.
"""

from __future__ import annotations

from bot.delivery.outbox import Outbox
from bot.delivery.statements import POSTED
from bot.reports import queries
from bot.reports.passing import empty
from bot.staff import buttons
from bot.telegram.turn import Turn


async def note(turn: Turn, outbox: Outbox, data: str, message_id: int, line: str) -> None:
    """Note a pressed message that is not known as its card; empty it at once where the card has another desk.

    `data` is the callback data of its button, `line` that of the desk where it was pressed. To be called when the press
    is carried out: rows of cards come before those of posts, as where a sending is marked.
    """
    pressed = buttons.read(data)
    card = await turn.driver.fetchrow(queries.CARD_OF, pressed.card) if pressed else None
    if card is None:
        return
    chat_id, sort, subject = turn.actor.chat_id, card["sort"], card["subject"]
    if card["recipient"] != line:
        post = {"chat_id": chat_id, "message_id": message_id, "subject": subject, "what": "text", "desk": line}
        await empty(turn.driver, outbox, [post], turn.now)
    elif card["message_id"] != message_id:
        # A text about its subject: a card is made anew from its row, and this one never is.
        await turn.driver.execute(POSTED, chat_id, message_id, sort, subject, turn.now, "text")
