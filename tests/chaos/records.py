"""What the database holds when all is at rest, opened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID

from bot.bootstrap import App, Telegram
from bot.citizen.dialogue import Dialogue, read
from bot.database import Database, driver
from bot.delivery.outbox import CardSort
from bot.delivery.road import Outgoing, WantedCard
from bot.privacy.keyring import KeyRing
from bot.reports.contents import SealedContents
from bot.settings import Settings
from bot.telegram.records import Records as TurnRecords
from tests.chaos.town import Town
from tests.stage import ROOT

REPORTS: Final = "SELECT id, number, kind, receipt_hash, sealed, decision FROM reports ORDER BY number"
LINKS: Final = """
SELECT report_id, url, times_reported FROM report_links JOIN resources ON resources.id = report_links.resource_id
"""
PHOTOS: Final = "SELECT report_id, state, count(*) AS parts FROM parts WHERE sort = 'photo' GROUP BY 1, 2"


@dataclass(frozen=True)
class Filed:
    """A report as it lies in the database."""

    id: UUID
    number: int
    kind: str
    receipt_hash: bytes
    contents: SealedContents
    links: frozenset[str]
    photos: dict[str, int]
    """State → how many."""
    decision: str | None


class Records:
    """The database of a town, opened with its key."""

    def __init__(self, town: Town) -> None:
        self._town, self._database = town, Database(town.url, pool_size=4)
        self.ring = KeyRing(self._database, town._key)
        values: dict[str, Any] = {"bot_token": None, "templates_dir": ROOT / "templates"}
        telegram = Telegram(town.sandbox.token, town.sandbox.url, town.desk.id)
        settings = Settings(_env_file=None, **values)
        self._app = App(settings, telegram, self._database, town.url, self.ring, town.wording)

    async def __aenter__(self) -> Self:
        await self.ring.load()
        await self._app.desks.load()
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self._database.close()

    async def fetch(self, statement: str, *params: Any) -> list[Any]:
        """Read rows."""
        return await self._town.fetch(statement, *params)

    async def filed(self) -> list[Filed]:
        """Give all reports."""
        links: dict[UUID, set[str]] = {}
        for row in await self.fetch(LINKS):
            links.setdefault(row["report_id"], set()).add(row["url"])
        photos: dict[UUID, dict[str, int]] = {}
        for row in await self.fetch(PHOTOS):
            photos.setdefault(row["report_id"], {})[row["state"]] = row["parts"]
        return [
            Filed(
                row["id"],
                row["number"],
                row["kind"],
                row["receipt_hash"],
                self._app.reports.open_contents(row["id"], row["sealed"]),
                frozenset(links.get(row["id"], ())),
                photos.get(row["id"], {}),
                row["decision"],
            )
            for row in await self.fetch(REPORTS)
        ]

    def receipt_hash(self, receipt: str) -> bytes:
        """Give what is stored of a receipt."""
        return self._app.reports.receipt_hash(receipt)

    async def dialogues(self, chats: Iterable[int]) -> dict[int, Dialogue]:
        """Give the dialogues of these chats that have one."""
        sealed = {row["chat_hash"]: row["sealed"] for row in await self.fetch("SELECT * FROM dialogues")}
        opened, records = {}, TurnRecords(self.ring)
        for chat in chats:
            key = self.ring.hash("chat", chat.to_bytes(8, "big", signed=True), bytes(8))
            if key in sealed:
                opened[chat] = read(records.dialogue(key, sealed[key])[1])
        return opened

    async def newest(self, card: Any) -> Outgoing | None:
        """Render a desk's card as it should stand there now."""
        sort, version = CardSort(card["sort"]), card["wanted_version"]
        wanted = WantedCard(card["id"], sort, card["subject"], version, {}, "ru", card["recipient"])
        return await self._app.couriers.main._sender._road.card(wanted)

    async def look(self, statement: str) -> int:
        """Count something."""
        async with self._database.transaction() as connection:
            return int(await (await driver(connection)).fetchval(statement))
