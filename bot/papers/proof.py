"""What proves a case file's acts: the place of each in the journal's chain, its hash, and the hash before it.

The hashes are keyed, so it takes the office's database and key to check them: `shekteu evidence verify`. The act itself
stands there to the microsecond and with the officer's number in Telegram; the accused need neither.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from pydantic import BaseModel

from bot.papers.case import Case

JOURNAL: Final = "journal.json"


class ProvenHead(BaseModel):
    """The newest link of the chain when the file was made."""

    position: int
    hash: str
    short: str


class ProvenAct(BaseModel):
    """One act. Without a position it was not chained yet."""

    at: datetime
    """To the minute, in UTC."""
    by: str
    act: str
    sort: str
    about_link: int | None
    erdr: str | None = None
    article: str | None = None
    position: int | None
    before: str | None
    hash: str | None


class Proof(BaseModel):
    """What journal.json holds."""

    about: str
    head: ProvenHead | None
    acts: list[ProvenAct]


ABOUT: Final = (
    "Each act of the office has a position in a chain: its hash is a keyed BLAKE2b hash of the hash before it, its "
    "position and the act. `shekteu evidence verify` checks these against the office's database; "
    "`shekteu journal verify --head` proves that the chain up to the head was not changed since."
)


def proof(case: Case) -> dict[str, Any]:
    """Give a case's proof as JSON holds it."""
    head = case.head
    whole = Proof(
        about=ABOUT,
        head=ProvenHead(position=head.position, hash=head.hash.hex(), short=head.short()) if head else None,
        acts=[
            ProvenAct(
                at=act.at.astimezone(UTC),
                by=act.by,
                act=act.act,
                sort=act.sort,
                about_link=act.about,
                erdr=act.erdr,
                article=act.article,
                position=act.position,
                before=None if act.position is None else act.before.hex(),
                hash=None if act.position is None else act.hash.hex(),
            )
            for act in case.acts
        ],
    )
    return whole.model_dump(mode="json")
