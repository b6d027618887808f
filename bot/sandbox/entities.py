"""What clients and the server find in plain text: links, mentions, hashtags, commands."""

import re

from bot.sandbox.world import Json

_TLDS = (
    "com|net|org|info|biz|me|io|app|dev|ru|su|kz|kg|uz|by|ua|de|uk|us|eu|co|tv|cc|gg|ly|link|site|online|shop|store|"
    "xyz|top|club|pro|life|live|world|space|website|dog|ai|to|gl|onion|рф|қаз"
)
_END = r"(?:[/?#][^\s<>\"«»]*)?"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("url", re.compile(rf"(?:https?|ftp|tg|ton)://[^\s<>\"«»/?#]+{_END}", re.IGNORECASE)),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("url", re.compile(rf"(?<![\w@.\-/])(?:[\w-]+\.)+(?:{_TLDS})(?![\w-])(?::\d+)?{_END}", re.IGNORECASE)),
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")),
    ("mention", re.compile(r"(?<!\w)@[A-Za-z0-9_]{3,32}(?!\w)")),
    ("hashtag", re.compile(r"(?<!\w)#(?=\w*[^\W\d])\w{1,256}")),
    ("cashtag", re.compile(r"(?<!\w)\$[A-Z]{3,8}(?!\w)")),
    ("phone_number", re.compile(r"(?<!\w)\+\d[\d ()-]{8,17}\d(?!\w)")),
)
_TRAILING = ".,:;!?)]}'…"


def units(text: str) -> int:
    """The length in UTF-16 units, the measure of all of Telegram's limits and offsets."""
    return len(text) + sum(char > "\uffff" for char in text)


def find(text: str, given: list[Json] | None = None) -> list[Json]:
    """The entities of a text: those given, and those found outside of them, by offset."""
    taken = [_span(text, entity) for entity in given or [] if entity["type"] not in _AROUND]
    found = list(given or [])
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if kind == "url":
                end -= len(match.group()) - len(match.group().rstrip(_TRAILING))
            if any(start < other_end and other_start < end for other_start, other_end in taken):
                continue
            taken.append((start, end))
            found.append({"type": kind, "offset": units(text[:start]), "length": units(text[start:end])})
    return sorted(found, key=lambda entity: (entity["offset"], -entity["length"]))


# Inside of these, links and mentions are still found.
_AROUND = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote"})


def _span(text: str, entity: Json) -> tuple[int, int]:
    return index(text, entity["offset"]), index(text, entity["offset"] + entity["length"])


def index(text: str, offset: int) -> int:
    """The place in a Python string of an offset in UTF-16 units."""
    return len(text.encode("utf-16-le")[: offset * 2].decode("utf-16-le", "ignore"))
