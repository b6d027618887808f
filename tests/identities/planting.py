"""Marks written in every encoding by the plainest means, apart from how needles are cut: what the search must find."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote
from uuid import UUID

from tests.identities.marks import ALBUMS, CYRILLIC, IDS, LATIN, OTHERS, PHONES, Marks
from tests.identities.search import Search


def plants(n: int) -> Iterator[tuple[str, bytes]]:
    """Give each encoding of the marks of one reporter: its name, and its bytes."""
    for text in texts(n):
        for name, cased in (("as it is", text), ("lower", text.lower()), ("upper", text.upper())):
            for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
                raw = cased.encode(encoding)
                yield f"{name}, {encoding}", raw
                yield from written(f"{name}, {encoding}", raw)
            yield f"{name}, in an address", quote(cased, safe="").encode()
            yield f"{name}, in JSON", json.dumps({"name": cased}).encode()
            yield f"{name}, in JSON twice", json.dumps(json.dumps({"name": cased})).encode()
            yield f"{name}, in HTML", "".join(c if c.isascii() else f"&#{ord(c)};" for c in cased).encode()
    for number in numbers(n):
        for digits in (str(number), f"{number:,}", f"{number:_}", f"{number:,}".replace(",", " ")):
            yield "digits", digits.encode()
        yield from written("digits", str(number).encode())
        for hexadecimal in (f"{number:x}", f"{number:#x}", f"{number:016X}"):
            yield "hexadecimal", hexadecimal.encode()
        yield "a UUID", str(UUID(int=number)).encode()
        for order in ("big", "little"):
            raw = number.to_bytes(8, order, signed=True)
            yield f"eight bytes, {order}", raw
            yield from written(f"eight bytes, {order}", raw)


def written(name: str, raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Bytes as hex and base64, wherever they begin in what is encoded."""
    yield f"{name}, in hex", raw.hex().encode()
    yield f"{name}, in hex upper", raw.hex().upper().encode()
    for shift in range(3):
        around = b"\xff\xfe\xfb"[:shift] + raw + b"\xfb\xef\xbe"
        yield f"{name}, base64 {shift}", base64.b64encode(around)
        yield f"{name}, base64 urlsafe {shift}", base64.urlsafe_b64encode(around).rstrip(b"=")


def texts(n: int) -> list[str]:
    """The names of a reporter and what else of theirs is a word."""
    marks = Marks(n)
    assert LATIN in marks.tag("x")
    assert CYRILLIC.casefold() in marks.names["first_name"].casefold()
    return [*marks.names.values(), marks.tag("Photo")]


def numbers(n: int) -> list[int]:
    """The numbers of a reporter."""
    return [row.nth(n) for row in (IDS, OTHERS, PHONES, ALBUMS)]


def four_bytes(people: int) -> Iterator[tuple[str, bytes]]:
    """The low halves of everybody's id, as a column of small integers or a short hash of nothing would hold them."""
    low = [IDS.nth(n) & 0xFFFFFFFF for n in range(people)]
    for order in ("big", "little"):
        yield f"four bytes, {order}", b"-".join(one.to_bytes(4, order) for one in low)
    yield "four bytes in hex", b"\n".join(f"{one:08x}".encode() for one in low)


def tagged(all_plants: list[bytes]) -> bytes:
    """Put plants into one text, each between tags that tell which it is."""
    return b"\n".join(tagged_as(number, plant) for number, plant in enumerate(all_plants)) + b"\n"


def tagged_as(number: int, plant: bytes) -> bytes:
    """Put one plant between its tags."""
    return b"<%d:" % number + plant + b":%d>" % number


def missed(search: Search, data: bytes, names: list[str]) -> list[str]:
    """Give the plants that a search of what was collected from a place does not find."""
    return [name for number, name in enumerate(names) if not search.look("here", _between(data, number))]


def _between(data: bytes, number: int) -> bytes:
    begin, end = b"<%d:" % number, b":%d>" % number
    return data.partition(begin)[2].partition(end)[0]
