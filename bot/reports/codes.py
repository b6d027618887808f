"""Links on a report's photos, as QR codes or painted: guesses, until the citizen or an officer takes them up.

None is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from bot.delivery.outbox import CardSort
from bot.links import canonical, find
from bot.links.link import Link
from bot.links.own import leads_to
from bot.links.painted import painted_links
from bot.privacy.keyring import KeyRing
from bot.reports import queries
from bot.reports.contents import StoredLink
from bot.reports.deciding import Officer
from bot.reports.naming import without_doubles
from bot.reports.parts import LINKS, PartSort, PartState
from bot.reports.places import is_map_link

TEMPLATE: Final = "codes"
"""The message that tells the desk of codes."""
TAKE_UP: Final = "take_up"
"""The act of an officer who takes their links up."""
MOST: Final = 10
"""Codes of one report, or of one addition to it, that anybody is asked about."""

OF: Final = """
SELECT id, sort, sealed FROM parts WHERE report_id = $1 AND sort IN ('codes', 'painted')
ORDER BY position LIMIT $2 FOR UPDATE
"""
HELD: Final = "SELECT count(*) FROM parts WHERE report_id = $1 AND sort = $2"
ONE: Final = "SELECT report_id, sealed FROM parts WHERE id = $1 AND sort = 'codes'"
DROP: Final = "DELETE FROM parts WHERE id = ANY($1) AND sort IN ('codes', 'painted') RETURNING id"


class Codes:
    """Keeps the links of codes until somebody says what they are. On the driver's connection of an open transaction."""

    def __init__(self, ring: KeyRing, bot_name: Callable[[], str]) -> None:
        """`bot_name` gives the bot's own name, "" while it is not known: posters of ours are photographed too."""
        self._ring, self._bot_name = ring, bot_name

    def links(self, texts: Iterable[str]) -> list[StoredLink]:
        """Give the links that codes say, each once."""
        return self._others(link for text in texts for link in _read(text) if not link.guessed)

    def painted(self, lines: Iterable[str]) -> list[StoredLink]:
        """Give the links and handles that lines on a photo hint at, each once."""
        return self._others(painted_links(tuple(lines)))

    def _others(self, found: Iterable[Link]) -> list[StoredLink]:
        own = self._bot_name()
        links = [link for link in found if not (link.refused or is_map_link(link.url) or leads_to(own, link.url))]
        return without_doubles([StoredLink.of(link) for link in links])

    async def keep(
        self, driver: Any, report_id: UUID, links: list[StoredLink], now: datetime, sort: PartSort = PartSort.CODES
    ) -> UUID | None:
        """Keep the links of one photo with a report or an addition, whatever becomes of them; None: it has enough."""
        if await driver.fetchval(HELD, report_id, sort.value) >= MOST:
            return None
        part_id, state = uuid4(), PartState.READY.value
        sealed = self._ring.seal("parts", part_id.bytes, LINKS.dump_json(links))
        await driver.execute(queries.ADD_PART, part_id, report_id, sort.value, state, now.date(), None, sealed)
        return part_id

    async def waiting(self, driver: Any, report_id: UUID) -> tuple[list[UUID], list[StoredLink]]:
        """Give what nobody has answered for: the parts, and their links, each once."""
        rows = await driver.fetch(OF, report_id, 2 * MOST)
        return [row["id"] for row in rows], without_doubles(*(self._open(row["id"], row["sealed"]) for row in rows))

    async def one(self, driver: Any, part_id: UUID) -> tuple[UUID, list[StoredLink]] | None:
        """Give the report and the links of one photo's codes; None once that was answered."""
        row = await driver.fetchrow(ONE, part_id)
        return (row["report_id"], self._open(part_id, row["sealed"])) if row else None

    async def answered(self, driver: Any, part_ids: list[UUID]) -> bool:
        """Let go of what was answered; False when somebody else was sooner."""
        return len(await driver.fetch(DROP, part_ids)) == len(part_ids)

    async def note(self, driver: Any, report_id: UUID, officer: Officer, now: datetime) -> None:
        """Write into the journal that an officer took the links of a report's codes up."""
        entry = now, officer.id, officer.name, TAKE_UP, CardSort.REPORT.value, report_id
        await driver.execute(queries.JOURNAL, *entry)

    def _open(self, part_id: UUID, sealed: bytes) -> list[StoredLink]:
        return LINKS.validate_json(self._ring.open("parts", part_id.bytes, sealed))


def _read(text: str) -> list[Link]:
    """What a code says, as a whole or somewhere in it (a contact card, words beside a link)."""
    whole = canonical(text)
    return [whole] if whole else find(text)
