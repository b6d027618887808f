"""An officer's own words to a citizen: what they may hold. No link, @name or number that would lead somewhere else."""

from __future__ import annotations

import re
from typing import Final

from bot.links import find

WORDS_MOST: Final = 1000
"""Characters of a question."""
_NAME: Final = re.compile(r"@\w{2,}")
_DOMAIN: Final = re.compile(r"[\w-]\.[a-z]{2,}", re.IGNORECASE | re.ASCII)
_DATE: Final = re.compile(r"\b\d{1,2}\.\d{1,2}\.\d{2,4}\b")
_PHONE: Final = re.compile(r"(?:\+?\d[\s\-–().]*){7,}")


def refused(words: str) -> str | None:
    """Give the name of the text that says why these words cannot go to a citizen; None: they can."""
    if len(words) > WORDS_MOST:
        return "words_long"
    if _NAME.search(words) or _DOMAIN.search(words) or _PHONE.search(_DATE.sub("|", words)) or find(words):
        return "words_lead_away"
    return None
