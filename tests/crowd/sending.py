"""What one person sends at once: how it is written and how long it takes, and the report that comes of it."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tests.crowd.things import Thing

ANSWERED: Final = 3.0
"""Seconds after *Send* in which a late question is answered."""
MESSAGE_MOST: Final = 4096
"""Characters of one message."""


class Way(StrEnum):
    """How links are sent."""

    ONE = "one"
    WORDS = "words"
    """One, with words beside it."""
    DISGUISED = "disguised"
    PASTED = "pasted"
    """Several in one message."""
    MESSAGES = "messages"
    """Several messages, sent together."""
    FILE = "file"
    CODE = "code"
    """One typed, and one as a QR code on a photo, which is asked about."""
    LATE_CODE = "late code"
    """The same, but the question is answered when the report was sent."""


@dataclass(eq=False)
class Sending:
    """What one person sends at once."""

    person: int
    way: Way
    named: list[tuple[Thing, str]]
    """Each thing with how it is written; a thing may stand there twice."""
    began: float = 0.0
    sent: float = 0.0
    """Seconds from the beginning of the hour: when its first message, and when *Send* came."""

    @property
    def things(self) -> frozenset[Thing]:
        """What it names, each once."""
        return frozenset(thing for thing, _ in self.named)

    def named_at(self, thing: Thing) -> float:
        """When a thing of it becomes part of the report."""
        late = self.way is Way.LATE_CODE and thing is not self.named[0][0]
        return self.sent + (ANSWERED if late else 0)


@dataclass(eq=False)
class Report:
    """What becomes one report, with one code: a sending, or above the limit all those that are folded into one list."""

    person: int
    sendings: list[Sending]
    listed: bool

    @property
    def things(self) -> frozenset[Thing]:
        """What it names."""
        return frozenset[Thing]().union(*(sending.things for sending in self.sendings))


def seconds(sending: Sending) -> float:
    """How long a person is busy with a sending."""
    match sending.way:
        case Way.FILE | Way.CODE | Way.LATE_CODE:
            return 120.0
        case Way.MESSAGES:
            return 2.0 * len(sending.named) + 30
        case _:
            return 25.0


def messages(sending: Sending, chance: random.Random) -> list[str]:
    """What is typed for a sending, message by message, but for *Send*."""
    written = [spelling for _, spelling in sending.named]
    match sending.way:
        case Way.PASTED:
            return [chance.choice(("\n", " ", ",\n", "\n\n")).join(written)]
        case Way.WORDS:
            return [f"{written[0]} продают у школы, вечером"]
        case Way.CODE | Way.LATE_CODE:
            return written[:1]
        case _:
            return written


def list_file(sending: Sending, chance: random.Random) -> tuple[str, bytes]:
    """The file of a sending, as people export them: its name and what is in it."""
    written = [spelling for _, spelling in sending.named]
    encoding = chance.choice(("utf-8", "utf-8-sig", "utf-16", "cp1251"))
    if chance.random() < 0.5:
        return "ссылки.txt", "\r\n".join(["Список", *written]).encode(encoding)
    book = io.StringIO()
    book.write("№;ссылка;примечание\n")
    book.writelines(f'{number};"{link}";видели вчера\n' for number, link in enumerate(written, 1))
    return "links.csv", book.getvalue().encode(encoding)


def fitting(named: list[tuple[Thing, str]]) -> list[tuple[Thing, str]]:
    """Write the longest shorter until a message holds them all."""
    while sum(len(spelling) + 2 for _, spelling in named) > MESSAGE_MOST:
        longest = max(range(len(named)), key=lambda place: len(named[place][1]))
        thing, spelling = named[longest]
        shortest = min(thing.spellings, key=len)
        if shortest == spelling:
            return named[: len(named) // 2]
        named[longest] = thing, shortest
    return named
