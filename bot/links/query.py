"""Path and arguments of a link as Telegram reads them (tdlib, `HttpUrl.cpp`): not as browsers do."""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

_LEADING_NUMBER = re.compile(r"-?[0-9]+")
_INT64 = 2**63
_INT32 = 2**31


@dataclass(frozen=True, slots=True)
class Query:
    """`path`: decoded segments, no empty ones at the end; `args`: decoded pairs as they stand."""

    path: tuple[str, ...]
    args: tuple[tuple[str, str], ...]

    def get(self, key: str) -> str:
        """The first value of an argument, or an empty string."""
        return next((value for name, value in self.args if name == key), "")

    def has(self, key: str) -> bool:
        """Whether the argument stands there, with or without a value."""
        return any(name == key for name, _ in self.args)


def read_query(text: str) -> Query:
    """Read `/a/b?c=d`; the fragment, if any, must be gone already. Bytes that are not UTF-8 become lone surrogates."""
    path, _, rest = text.removeprefix("/").partition("?")
    segments = unquote(path, errors="surrogateescape").split("/")
    while segments and not segments[-1]:
        segments.pop()
    args = []
    for part in rest.split("&"):
        key, _, value = part.replace("+", " ").partition("=")
        key = unquote(key, errors="surrogateescape")
        if key:
            args.append((key, unquote(value, errors="surrogateescape")))
    return Query(tuple(segments), tuple(args))


def is_text(value: str) -> bool:
    """Whether it is a non-empty string of real characters (no broken bytes)."""
    return bool(value) and not any("\ud800" <= char <= "\udfff" for char in value)


def leading_number(text: str) -> int:
    """The whole number that the text begins with, or 0: `12ab` is 12 for Telegram's clients."""
    found = _LEADING_NUMBER.match(text)
    number = int(found[0]) if found and len(found[0]) < 21 else 0
    return number if number < _INT64 else 0


def is_small_id(text: str) -> bool:
    """Whether the whole text is a positive number of 32 bits (ids of stories, albums, collections)."""
    return bool(re.fullmatch(r"0*[0-9]{1,10}", text)) and 0 < int(text) < _INT32


def encoded(value: str) -> str:
    """Percent-encode all but unreserved characters."""
    return quote(value, safe="", errors="surrogateescape")
