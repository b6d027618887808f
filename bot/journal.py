"""`shekteu journal verify`: walks the journal's chain, and names the first link that does not hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from bot.database import Database
from bot.privacy.keyring import KeyRing
from bot.reports.chain import BEGIN, Head, PrintedHead, link

BATCH: Final = 1000
NAMED: Final = 10
"""So many acts are named one by one."""
SOON: Final = timedelta(minutes=1)
"""In which every act should have its position."""
OUT_OF_TIME: Final = timedelta(hours=1)
"""An act that is so much older than one chained before it was not written by the bot; clocks differ less."""
CHAINED: Final = ("chain_position", "chain_journal", "chain_hash")

LINKS: Final = """
SELECT link.position AS chain_position, link.journal AS chain_journal, link.hash AS chain_hash, journal.*
FROM journal_chain AS link LEFT JOIN journal ON journal.id = link.journal
WHERE link.position > $1 ORDER BY link.position LIMIT $2
"""
WITHOUT_POSITION: Final = """
SELECT id, at, count(*) OVER () AS together FROM journal
WHERE at < $1 AND NOT EXISTS (SELECT FROM journal_chain WHERE journal_chain.journal = journal.id)
ORDER BY id LIMIT $2
"""


@dataclass(slots=True)
class Findings:
    """What a walk along the chain has found."""

    head: Head | None = None
    """The last link that holds."""
    newest: datetime | None = None
    """When the newest act until there was done."""
    wrong: list[str] = field(default_factory=list)
    """What does not hold, the broken link first, each in a line."""

    @property
    def whole(self) -> bool:
        """Whether nothing was changed, as far as the chain can tell."""
        return not self.wrong

    def lines(self) -> list[str]:
        """Say it to an operator."""
        told = [f"✗ {line}" for line in self.wrong]
        if self.head is None:
            return [*told, "No act is chained." if told else "✓ The journal is empty: no act is chained yet."]
        until = f"{self.head.position} acts, the newest of {_moment(self.newest)}"
        return [
            *told,
            f"Whole until there: {until}." if told else f"✓ The journal is whole: {until}.",
            f"  Its head: {self.head.short()}",
        ]


class Verifying:
    """Walks along the chain, a batch at a time."""

    def __init__(self, database: Database, ring: KeyRing, now: datetime, printed: PrintedHead | None = None) -> None:
        """`printed`: a head from paper that the chain has to pass through."""
        self._database, self._ring, self._now, self._printed = database, ring, now, printed
        self._found = Findings()

    async def run(self) -> Findings:
        """Walk from the first act to the newest, and look for acts that have no position."""
        found, printed = self._found, self._printed
        async with self._database.lend() as driver:
            await self._walk(lambda after: driver.fetch(LINKS, after, BATCH))
            if printed and not found.wrong and (found.head is None or found.head.position < printed.position):
                found.wrong.append(f"The chain ends before position {printed.position}, whose head was printed.")
            left = await driver.fetch(WITHOUT_POSITION, self._now - SOON, NAMED)
        found.wrong += [f"Act {row['id']} of {_moment(row['at'])} has no position in the chain." for row in left]
        if left and left[0]["together"] > len(left):
            found.wrong.append(f"So have {left[0]['together'] - len(left)} more. Does a bot lead?")
        return found

    async def _walk(self, read: Callable[[int], Any]) -> None:
        """Follow the chain to its end, or to the first link that does not hold."""
        found, position, last = self._found, 0, BEGIN
        late: list[str] = []
        while rows := await read(position):
            for row in rows:
                broken = self._broken(row, position + 1, last)
                if broken:
                    found.wrong += [f"The chain is broken at position {position + 1}: {broken}", *late]
                    return
                position, last = position + 1, row["chain_hash"]
                found.head = Head(position, last)
                if found.newest and row["at"] < found.newest - OUT_OF_TIME and len(late) < NAMED:
                    late.append(
                        f"Act {row['id']} of {_moment(row['at'])}, position {position}, was chained after one of "
                        f"{_moment(found.newest)}: was it put in by hand?"
                    )
                found.newest = max(found.newest or row["at"], row["at"])
        found.wrong += late

    def _broken(self, row: Any, position: int, last: bytes) -> str | None:
        """Say what is wrong with the link that stands where `position` should, or None."""
        there, number = row["chain_position"], row["chain_journal"]
        if there != position:
            when = f" of {_moment(row['at'])}" if row["at"] else ""
            return f"nothing stands there; next, at {there}, is act {number}{when}."
        if row["id"] is None:
            after = f" The one before is of {_moment(self._found.newest)}." if self._found.newest else ""
            return f"act {number} is gone.{after}"
        act = {name: value for name, value in row.items() if name not in CHAINED}
        if link(self._ring, last, position, act) != row["chain_hash"]:
            return f"act {number} of {_moment(row['at'])}, or its link, is not what was chained."
        if self._printed and self._printed.position == position and not self._printed.fits(row["chain_hash"]):
            return f"act {number} of {_moment(row['at'])} leads to another head than the printed one."
        return None


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "no time"
