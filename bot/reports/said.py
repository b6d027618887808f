"""What an officer says with a decision: a case's number, an article, a body, a reason, another №, a line."""

from __future__ import annotations

import re
from typing import Final

from pydantic import BaseModel, ConfigDict

from bot.reports.lifecycle import Decision

ERDR_DIGITS: Final = 15
"""The Unified Register of Pre-trial Investigations (ЕРДР) numbers a case in so many digits.

How a number is composed is not published, so a check of more than that could refuse a good one.
"""
OTHER: Final = "other"
"""The article of a case that is in no list: its words are sealed."""
WORDS_MOST: Final = 120
"""Characters of a body, a reason or an article in words: they stand on the card."""
LINE_MOST: Final = 300
"""UTF-16 units of a line that goes with the feedback."""
LIST_OF: Final = {
    Decision.REGISTERED: "articles",
    Decision.PASSED_ON: "bodies",
    Decision.REJECTED: "reasons",
}
"""From which list something is chosen for a decision."""
_BETWEEN: Final = re.compile(r"[\s\-\u2010-\u2015.]+")
_CALLED: Final = re.compile(r"(?:ЕРДР|СДТБТ|ERDR|№|N|:)+", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[№#]?\s?([0-9]{1,12})")


class Said(BaseModel):
    """What was said with a decision, so far."""

    model_config = ConfigDict(frozen=True)

    erdr: str = ""
    ready: str = ""
    """The name of an article, a body or a reason in its list."""
    words: str = ""
    """Or it in words."""
    number: int = 0
    """The № that a report doubles."""
    photo: bool = False
    """There is an "after" photo: the part that bears the decision's id."""
    line: str = ""
    """What goes with the feedback."""

    def complete(self, decision: Decision) -> bool:
        """Tell whether all is said that a decision needs."""
        match decision:
            case Decision.REGISTERED:
                return bool(self.erdr and (self.ready or self.words))
            case Decision.PASSED_ON | Decision.REJECTED:
                return bool(self.ready or self.words)
            case Decision.DUPLICATE:
                return bool(self.number)
            case _:
                return True


NOTHING: Final = Said()


def erdr_of(typed: str) -> str | None:
    """Read a case's number: spaces, hyphens, dots and its name before it are forgiven. None: it is none."""
    digits = _BETWEEN.sub("", _CALLED.sub("", typed))
    return digits if len(digits) == ERDR_DIGITS and digits.isascii() and digits.isdigit() else None


def like_erdr(typed: str) -> bool:
    """Tell whether somebody meant to type a case's number, be it wrong."""
    digits = _BETWEEN.sub("", _CALLED.sub("", typed))
    return len(digits) > 5 and digits.isdigit()


def number_of(typed: str) -> int | None:
    """Read a report's №; None: it is none."""
    found = _NUMBER.fullmatch(typed.strip())
    return int(found[1]) if found else None
