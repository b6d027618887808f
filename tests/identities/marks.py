"""The marks of people who do not exist: names and numbers that stand nowhere by chance, and are found however written.

All of one sort share a stem, so that a thousand people cost the search no more than one: whoever finds the stem has
found the mark, and every encoding of a mark holds the same encoding of its stem.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import Final

LATIN: Final = "Qvxzjwkq"
CYRILLIC: Final = "Щъцгжфющ"
"""Both stand in names, files, metadata: in whatever may never be found."""
CONTENT: Final = "Wqjzvkxg"
"""Stands in what people report: on the desk it belongs, in clear it may be nowhere else."""
POINT: Final = (43.21764, 71.99887)
"""Where a photo was taken, says its file; who sent it leaves the place out."""
MOST: Final = 65_536


@dataclass(frozen=True)
class Numbers:
    """A row of numbers that share their first digits and, as eight bytes, all but the last two."""

    name: str
    first: int

    def __post_init__(self) -> None:
        assert self.first % MOST == 0
        assert len(self.digits) >= 9

    def nth(self, n: int) -> int:
        """Give the nth, scattered: neighbours in time are none in number."""
        return self.first + n * 40_503 % MOST

    @property
    def digits(self) -> str:
        """The decimal digits that all share."""
        pairs = zip(str(self.first), str(self.first + MOST - 1), strict=True)
        return "".join(first for first, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))

    @property
    def high(self) -> bytes:
        """The bytes that all share when packed into eight, the highest first."""
        return self.first.to_bytes(8, "big")[:6]


def _numbers(name: str, digits: int) -> Numbers:
    """Make a row from its first digits: a multiple of 65536 with room up to where they would change."""
    return Numbers(name, digits * 10**6 // MOST * MOST + 2 * MOST)


IDS: Final = _numbers("id", 3_287_565_217)
"""Telegram promises at most 52 bits."""
OTHERS: Final = _numbers("another's id", 2_911_847_303)
"""People of whom a reporter forwards, or whom one mentions."""
PHONES: Final = _numbers("phone", 799_918_273)
"""E.164 knows up to 15 digits."""
ALBUMS: Final = _numbers("album", 13_911_724_653)
ROWS: Final = (IDS, OTHERS, PHONES, ALBUMS)


@dataclass(frozen=True)
class Marks:
    """All that is known of one reporter."""

    n: int

    @property
    def id(self) -> int:
        return IDS.nth(self.n)

    @property
    def names(self) -> dict[str, str]:
        """First and last name and username; some without a username, some all in capitals."""
        first, last = f"{CYRILLIC}ар-Θ{self.n}", f"{LATIN}Last{self.n}"
        names = {"first_name": first, "last_name": last, "username": f"{LATIN}_user_{self.n}"}
        if self.n % 3 == 1:
            names = {key: value.upper() for key, value in names.items()}
        if self.n % 5 == 4:
            del names["username"]
        return names

    @property
    def client(self) -> str | None:
        """The language that the client tells: odd ones too, and none."""
        odd = ["ru", f"kk-{LATIN.lower()}", f"en-x-{LATIN}{self.n}", f"{LATIN}", None, f"RU_{LATIN.upper()}", "kk"]
        return odd[self.n % len(odd)]

    @property
    def phone(self) -> str:
        return f"+{PHONES.nth(self.n)}"

    @property
    def other(self) -> dict[str, str | int | bool]:
        """Somebody whom they forward, quote or mention, as Telegram's User."""
        names = {"first_name": f"{CYRILLIC}{self.n}", "last_name": f"{LATIN}Other", "username": f"{LATIN}_o_{self.n}"}
        return {"id": OTHERS.nth(self.n), "is_bot": False, **names}

    def tag(self, what: str) -> str:
        """A mark for something of theirs: a file's name, a title, a comment in a photo."""
        return f"{LATIN}{what}{self.n}"

    @property
    def content(self) -> str:
        """What their reports say, and the desk may read."""
        return f"{CONTENT}{self.n}z"
