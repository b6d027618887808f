"""The search: every shape of every mark, in bytes from anywhere."""

from __future__ import annotations

import math
import re
from binascii import unhexlify
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from tests.identities.marks import IDS, MOST
from tests.identities.shapes import BARE, HEXADECIMAL, needles

MOST_HITS: Final = 50
"""Of one needle in one place; nobody reads more."""
CHANCE: Final = 1e-9
"""Four bytes stand somewhere in enough ciphertext. More of them than this likely are no chance."""
_HEX_DIGITS: Final = tuple(bytes([digit]) for digit in b"0123456789abcdefABCDEF")
_CODES: Final = re.compile(rb"(?<![0-9A-Za-z])[0-9A-Za-z]{4}(?:-?[0-9A-Za-z]{4}){3}(?![0-9A-Za-z])")


@dataclass(frozen=True)
class Found:
    """A mark that was found."""

    place: str
    what: str
    at: int
    around: bytes


@dataclass
class Search:
    """Looks for marks; `people` are the numbers of the reporters, `codes` the receipts that were given."""

    people: Collection[int] = ()
    codes: Collection[str] = ()
    needles: dict[bytes, str] = field(default_factory=needles)

    def look(self, place: str, data: bytes) -> list[Found]:
        """Give what is found in a place."""
        found = [
            Found(place, what, at, data[max(at - 24, 0) : at + 40])
            for needle, what in self.needles.items()
            for at in islice(positions(data, needle), MOST_HITS)
            if not (what.endswith(HEXADECIMAL) and data[max(at - 1, 0) : at] in _HEX_DIGITS)
        ]
        if b"\\u" in data:
            bare = data.replace(b"\\", b"")
            found += [
                Found(place, what, at, bare[max(at - 24, 0) : at + 40])
                for needle, what in self.needles.items()
                if what.endswith(BARE)
                for at in islice(positions(bare, needle), MOST_HITS)
            ]
        return found + list(self._receipts(place, data)) + list(self._four_bytes(place, data))

    def _receipts(self, place: str, data: bytes) -> Iterator[Found]:
        codes = {code.replace("-", "").encode() for code in self.codes}
        if codes:
            for match in _CODES.finditer(data):
                if match[0].replace(b"-", b"").upper() in codes:
                    yield Found(place, "a receipt", match.start(), match[0])

    def _four_bytes(self, place: str, data: bytes) -> Iterator[Found]:
        """The low half of an id, as four bytes or eight hexadecimal digits: of more people than chance can explain."""
        low = {(IDS.nth(n) % MOST).to_bytes(2, "big") for n in self.people}
        high = (IDS.first >> 16 & 0xFFFF).to_bytes(2, "big")
        in_hex, little = high.hex().encode(), re.escape(high[::-1])
        shapes: dict[str, tuple[bytes, Callable[[bytes], bytes]]] = {
            "four big-endian bytes": (re.escape(high) + rb"([\s\S]{2})", bytes),
            "four little-endian bytes": (rb"([\s\S]{2})" + little, lambda raw: raw[::-1]),
            "eight hexadecimal digits": (in_hex + b"([0-9a-f]{4})", unhexlify),
        }
        for what, (pattern, read) in shapes.items():
            hits = [m.start() for m in re.finditer(b"(?=" + pattern + b")", data) if read(m[1]) in low]
            if too_many(len(hits), len(data) * len(low) / 2.0**32):
                yield Found(place, f"id as {what}, {len(hits)} times", hits[0], data[hits[0] : hits[0] + 16])


def positions(data: bytes, needle: bytes) -> Iterator[int]:
    """Where a needle stands."""
    at = data.find(needle)
    while at >= 0:
        yield at
        at = data.find(needle, at + 1)


def too_many(hits: int, expected: float) -> bool:
    """Tell whether so many hits are less likely than CHANCE where `expected` are: Chernoff's bound for Poisson."""
    return 0 < expected < hits and hits - expected + hits * math.log(expected / hits) < math.log(CHANCE)


def told(found: Iterable[Found]) -> str:
    """What was found, to be read when a test fails: of each place and shape the first. The marks are nobody's."""
    firsts: dict[tuple[str, str], Found] = {}
    for one in found:
        firsts.setdefault((one.place, one.what), one)
    return "\n".join(f"{one.place} at {one.at}: {one.what}: {one.around!r}" for one in firsts.values())
