"""An officer's own words to a citizen: what they may hold. No link, @name or number that would lead somewhere else."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from bot.links import find

WORDS_MOST: Final = 1000
"""UTF-16 units of a question, as Telegram counts: it stands beside the answer in one message of the desk."""
_NAME: Final = re.compile(r"@\w{2,}")
_DOMAIN: Final = re.compile(r"[\w-]\.[a-z]{2,}", re.IGNORECASE | re.ASCII)
_DATE: Final = re.compile(r"(?<![\d.])\d{1,2}\.\d{1,2}\.\d{2,4}(?!\.?\d)")
_PHONE: Final = re.compile(r"(?:\+?\d[\s\-–().]*){7,}")


def refused(words: str) -> str | None:
    """Give the name of the text that says why these words cannot go to a citizen; None: they can."""
    if len(words.encode("utf-16-le")) > 2 * WORDS_MOST:
        return "words_long"
    # Full-width and other look-alikes of @, dots and digits are these.
    words = unicodedata.normalize("NFKC", words)
    if _NAME.search(words) or _DOMAIN.search(words) or _PHONE.search(_DATE.sub("|", words)) or find(words):
        return "words_lead_away"
    return None
