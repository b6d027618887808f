"""Receipts: the citizen's only key to a report, 80 random bits as XXXX-XXXX-XXXX-XXXX in Crockford's base32."""

from __future__ import annotations

import base64
import re
import secrets
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LETTERS: Final = frozenset(ALPHABET)
_BYTES: Final = 10
_LONG: Final = 16
_ANY: Final = ALPHABET.encode() * 8
"""What each byte stands for, when letters are drawn: each letter for eight of them."""
_CROCKFORD: Final = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET.encode())
_BASE_32: Final = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstuv")
_FORGIVEN: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "О": "0", "І": "1"})
# Letters of the Cyrillic keyboard that look like ours.
_LOOKALIKES: Final = str.maketrans("АВЕКМНРСТУҮХҺ", "ABEKMHPCTYYXH")
_DIGITS: Final = frozenset("23456789")
"""Digits that nobody takes for a letter."""
_SEPARATORS: Final = re.compile(r"[\s\-‐‑‒–—_.·]+")


def new_receipt() -> str:
    """Make a receipt, as it is shown: one that holds a digit and a letter, so that it is told from words and cards."""
    while True:
        receipt = _grouped(secrets.token_bytes(_LONG).translate(_ANY).decode())
        if _mixed(receipt):
            return receipt


def show(code: bytes) -> str:
    """Write 10 bytes as a receipt."""
    return _grouped(base64.b32encode(code).translate(_CROCKFORD).decode())


def read(text: str) -> bytes | None:
    """Read a receipt as people type it (case, O/0, I/L/1, any separator); None when it cannot be one."""
    letters = text.replace("-", "")
    if not _LETTERS.issuperset(letters):
        letters = _plain(text)
    if len(letters) != _LONG or not _LETTERS.issuperset(letters):
        return None
    return int(letters.translate(_BASE_32), 32).to_bytes(_BYTES, "big")


def looks_like(text: str) -> bool:
    """Tell whether a text typed alone is meant as a receipt: four groups of four or one word, of digits and letters.

    Four words of four letters are words ("here they sell meth"), and sixteen digits the number of a bank card.
    """
    typed = text.strip()
    # Nearly all texts end at this, and need not be gone over as a whole.
    if [len(group) for group in _SEPARATORS.split(typed, 4)] not in ([4, 4, 4, 4], [16]):
        return False
    return read(typed) is not None and _mixed(_plain(typed))


def _grouped(letters: str) -> str:
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:12]}-{letters[12:]}"


def _plain(text: str) -> str:
    return _SEPARATORS.sub("", text).upper().translate(_LOOKALIKES).translate(_FORGIVEN)


def _mixed(letters: str) -> bool:
    return not _DIGITS.isdisjoint(letters) and not letters.replace("-", "").isdigit()
