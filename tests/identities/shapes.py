"""How a mark may be written: the needles that are searched for, cut from the stem alone."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote
from uuid import UUID

from tests.identities.marks import CYRILLIC, LATIN, POINT, ROWS, Numbers

SEPARATORS: Final = (",", ".", " ", "_", "'", "\u00a0", "\u202f")


HEXADECIMAL: Final = "as hexadecimal digits"
"""Found only where they begin a word: nine such digits do stand somewhere in much ciphertext written as hex."""

BARE: Final = "an escape without its backslashes"
"""JSON within JSON within a dump doubles them each time: they are taken out before this is searched for."""


def needles(*texts: str, rows: tuple[Numbers, ...] = ROWS) -> dict[bytes, str]:
    """Give every needle and what it is; one that holds another is left out, for the other finds it too."""
    found: dict[bytes, str] = {}
    for text in texts or (LATIN, CYRILLIC, *(f"{degrees:.4f}" for degrees in POINT)):
        for shape, needle in _of_text(text):
            found.setdefault(needle, f"{text} as {shape}")
    for row in rows:
        for shape, needle in _of_numbers(row):
            found.setdefault(needle, f"{row.name} as {shape}")
    assert min(map(len, found)) >= 6
    holding = [needle for needle, what in found.items() if not what.endswith(HEXADECIMAL)]
    return {needle: what for needle, what in found.items() if not any(o != needle and o in needle for o in holding)}


def _of_text(text: str) -> Iterator[tuple[str, bytes]]:
    for cased in dict.fromkeys([text, text.lower(), text.upper(), text.title(), text.swapcase()]):
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "cp1251"):
            try:
                raw = cased.encode(encoding)
            except UnicodeEncodeError:
                continue
            yield encoding, raw
            yield from _written(encoding, raw)
        if not cased.isascii():
            # What stands in an address, in JSON and in HTML.
            for escaped in (quote(cased), cased.encode("ascii", "backslashreplace").decode()):
                yield "an escape", escaped.encode()
                yield "an escape", _lower_hex(escaped).encode()
                yield "an escape, escaped again", quote(escaped, safe="").encode()
                yield BARE, escaped.replace("\\", "").encode()
                yield BARE, _lower_hex(escaped.replace("\\", "")).encode()
                yield from _written("an escape", escaped.encode())
            yield "entities", "".join(f"&#{ord(letter)};" for letter in cased).encode()
            yield "entities", "".join(f"&#x{ord(letter):x};" for letter in cased).encode()


def _of_numbers(row: Numbers) -> Iterator[tuple[str, bytes]]:
    yield "digits", row.digits.encode()
    yield from _written("digits", row.digits.encode())
    yield "UTF-16", row.digits.encode("utf-16-le")
    length = len(str(row.first))
    for separator in SEPARATORS:
        grouped = f"{row.first:,}".replace(",", separator)
        shared = len(row.digits) + (len(row.digits) - (length % 3 or 3)) // 3
        yield "grouped digits", grouped[:shared].encode()
    for order, raw in (("big", row.high), ("little", row.high[::-1])):
        # The two zeros at the end of a number packed the other way round are as good as none.
        yield f"{order}-endian bytes", raw
        yield from _written(f"{order}-endian bytes", raw)
    # The number as the low half of a UUID: a job carries no other id.
    yield "a UUID", str(UUID(int=row.first))[-17:-4].encode()
    digits = f"{row.first:x}"[:-4]
    for text in (digits, digits.upper()):
        yield "hexadecimal digits", text.encode()
        yield from _written("hexadecimal digits", text.encode())


def _written(what: str, raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Bytes as hex, and as they show in base64 at each of the three places where they may begin."""
    yield f"{what} in hex", raw.hex().encode()
    yield f"{what} in hex", raw.hex().upper().encode()
    for shift in range(3):
        # A letter of base64 is six bits: only those that are ours in full.
        begin, end = -(-8 * shift // 6), 8 * (shift + len(raw)) // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield f"{what} in base64", encode(bytes(shift) + raw)[begin:end]


def _lower_hex(escaped: str) -> str:
    return "".join(c.lower() if c in "ABCDEF" else c for c in escaped)
