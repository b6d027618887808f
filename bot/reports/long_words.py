"""Words that a message of the desk has no room for: under it they follow whole, in messages of their own.

Lengths are UTF-16 units, as Telegram counts a message's 4,096.
"""

from __future__ import annotations

from typing import Final

CARD: Final = 1200
"""Of one report's words on a card of its own."""
RESOURCE: Final = 240
"""Of each of the newest reports on a resource's card."""
ADDITION: Final = 2000
"""Of what was added; an officer's question and links stand beside it."""
PIECE: Final = 3500


def following(words: str, shown: int) -> int:
    """Count the messages that hold these words whole; none where what is shown is all of them."""
    return len(pieces(words)) if _units(words) > shown else 0


def pieces(words: str) -> list[str]:
    """Part words so that each piece fits into a message, between two words where that is possible."""
    found = []
    while _units(words) > PIECE:
        head = words.encode("utf-16-le")[: 2 * PIECE].decode("utf-16-le", "ignore")
        gap = max(head.rfind(" "), head.rfind("\n"))
        end = gap if gap > len(head) // 2 else len(head)
        found.append(words[:end])
        words = words[end:]
    return [*found, words]


def _units(words: str) -> int:
    return len(words.encode("utf-16-le")) // 2
