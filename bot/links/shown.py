"""Links for people's eyes. A name that only looks like another is shown with what it really is."""

import re
import unicodedata
from urllib.parse import unquote

import can_ada

_PARTS = re.compile(r"(?:(?:https?|ftp)://)([^/?#]*)(.*)", re.DOTALL)
_ENCODED_LETTERS = re.compile(r"(?:%[89A-F][0-9A-F])+")


def readable(url: str) -> str:
    """Without `https://`, national letters as letters; `аррӏе.com [xn--80ak6aa92e.com]` where letters could deceive."""
    parts = _PARTS.fullmatch(url)
    if parts is None:
        return url
    host, rest = parts[1], _ENCODED_LETTERS.sub(_decoded, parts[2])
    if "xn--" in host:
        national = can_ada.idna_decode(host)
        if _could_deceive(national):
            return f"{national} [{host}]{rest}" if national.isprintable() else f"{host}{rest}"
        host = national
    return f"{host}{rest}"


def _decoded(encoded: re.Match[str]) -> str:
    """Letters and digits only: spaces, marks and signs that turn the direction of writing stay encoded."""
    text = unquote(encoded[0], errors="surrogateescape")
    return text if text.isalnum() else encoded[0]


def _could_deceive(host: str) -> bool:
    """Anything but letters of one other alphabet, the suffix's included: `пример.рф` is what it looks like.

    Latin letters with something to them (`ınstagram.com`) are not.
    """
    scripts = {unicodedata.name(char, "?").partition(" ")[0] for char in host if not (char.isdigit() or char in ".-")}
    return len(scripts) > 1 or "LATIN" in scripts
