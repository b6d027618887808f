"""Words that a card or an addition shows only the beginning of, whole, under the card."""

from __future__ import annotations

from bot.delivery.sender import Outgoing
from bot.reports.long_words import pieces
from bot.staff.album import reply_to
from bot.texts import Texts


def words_post(texts: Texts, language: str, number: int, words: str, part: int, under: int) -> Outgoing | None:
    """Render one piece of a citizen's words, counted from 0; None when they were erased."""
    parted = pieces(words)
    if not words or part >= len(parted):
        return None
    text = texts.render(language, "desk.words", number=number, words=parted[part], part=part + 1, parts=len(parted))
    return Outgoing("sendMessage", {"text": text, **reply_to(under)})
