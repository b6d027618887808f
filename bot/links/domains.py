"""Is this word with a dot in it the name of a site? Asked of words without `https://` in running text."""

import re
from functools import cache
from typing import Any

# So common that the list of public suffixes (a third of a second to import) is not needed for them.
_COMMON = frozenset({"com", "ru", "kz", "org", "net", "me", "su", "kg", "uz", "by", "ua", "рф", "қаз"})
_SECOND_LEVEL = frozenset({"com", "org", "net", "edu", "gov", "mil", "co", "msk", "spb"})
# Ends of files' names, measures and words that are also suffixes: `main.py`, `2.kg`, `утром.дети`.
_FILE_ENDINGS = frozenset({"py", "sh", "zip", "mov", "md", "rs", "ps", "so", "pl", "cc", "java", "app"})
_MEASURES = frozenset({"kg", "am", "pm", "ml", "gr", "mm", "cm", "km", "mg", "gb", "mb", "st"})
_WORDS = frozenset({"дети", "онлайн"})
# Top-level names that live outside the public DNS, or are never a stranger's site.
_ELSEWHERE = frozenset({"ton", "onion"})
NEVER_PUBLIC = frozenset(
    {"local", "localhost", "internal", "test", "invalid", "example", "lan", "home", "corp", "arpa"}
)
_IPV4 = re.compile(r"(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}", re.ASCII)


def is_domain(host: str, *, alone: bool) -> bool:
    """Whether a host, as typed without a scheme is one on the public internet; `alone`: no path stands after it.

    The suffix must be a public one, and not look like a new sentence (`вечером.Потом`), a file or a measure.
    """
    labels = host.split(".")
    suffix = labels[-1]
    if len(labels) < 2 or not all(labels):
        return False
    if _IPV4.fullmatch(host):
        return True
    # «time.Thanks»: a capital only at the beginning is a new sentence; Telegram's clients think so too.
    if suffix[0] != suffix[0].lower() and suffix[1:] == suffix[1:].lower():
        return False
    suffix = suffix.lower()
    if alone and _is_something_else(labels[:-1], suffix):
        return False
    if suffix in _ELSEWHERE or (suffix in _COMMON and labels[-2].lower() not in _SECOND_LEVEL):
        return True
    found = _suffixes()(host.lower())
    return bool(found.domain and found.suffix)


def _is_something_else(before: list[str], suffix: str) -> bool:
    if len(before) == 1 and suffix in _FILE_ENDINGS:
        return True
    if suffix in _MEASURES and all(label.isdigit() for label in before):
        return True
    # «г.Москва», «ул.дети»: one letter, or a word that happens to be a suffix
    return not suffix.isascii() and (suffix in _WORDS or (len(before) == 1 and len(before[0]) == 1))


@cache
def _suffixes() -> Any:
    from tldextract import TLDExtract  # heavy: only for what is not common

    return TLDExtract(suffix_list_urls=(), cache_dir=None)
