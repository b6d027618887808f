"""What `shekteu offices` does: offices are added, changed, closed and listed; running processes take it up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.database import Database, driver
from bot.delivery.outbox import Outbox, line
from bot.languages import Language
from bot.leader import LOCK
from bot.offices import queries as office_queries
from bot.offices.office import Office
from bot.offices.store import change, columns, known, read
from bot.offices.wish import Known, OfficeRefused, Wish, named, wanted
from bot.privacy.keyring import KeyRing
from bot.reports import passing, queries

NONE: Final = (
    "There is the main desk alone: `shekteu offices add NAME --chat ID` adds an office with a desk of its own."
)
SOON: Final = "The running bot takes it up within seconds."
ALONE_WITH_IT: Final = "SELECT pg_try_advisory_xact_lock($1)"
"""No process leads on this database, nor will until the transaction ends."""


@dataclass(frozen=True, slots=True)
class Registry:
    """The offices on a database."""

    database: Database
    kinds: tuple[str, ...]
    main_chat: int | None
    default: Language

    async def add(self, wish: Wish, now: datetime) -> str:
        """Add an office; raise OfficeRefused."""
        async with self.database.transaction() as connection:
            raw = await driver(connection)
            office = wanted(wish, await self._known(raw), self.default)
            await raw.execute(office_queries.ADD, *columns(office), office.restricted, now)
        return f"“{office.name}” was added. {_gets(office)} {SOON}"

    async def change(self, name: str, wish: Wish) -> str:
        """Change an office; what is not asked for stays. Raises OfficeRefused."""
        async with self.database.transaction() as connection:
            raw = await driver(connection)
            there = await self._known(raw)
            before = named(there.offices, name)
            office = wanted(wish, there, self.default, before)
            if office.chat_id != before.chat_id:
                if not await raw.fetchval(ALONE_WITH_IT, LOCK):
                    # Its courier would go on posting into the old group until it looks again.
                    raise OfficeRefused("The bot runs: stop it, change the group of the office, and start it again.")
                await raw.execute(queries.DESK_MOVED, line(office.id))
            await change(raw, office)
        moved = " Its open cards are posted anew; what stands in the old group stays there: remove that group."
        return f"“{office.name}” was changed. {_gets(office)}{moved if office.chat_id != before.chat_id else ''} {SOON}"

    async def close(self, name: str, ring: KeyRing, now: datetime) -> str:
        """Close an office, and bring what it has to the main desk; raise OfficeRefused."""
        async with self.database.transaction() as connection:
            raw = await driver(connection)
            office = named((await self._known(raw)).offices, name)
            # Before it is looked: what is on its way there is waited for.
            await raw.execute(office_queries.CLOSE, office.id, now)
            if office.restricted and await raw.fetchval(office_queries.HAS_REPORTS, office.id):
                raise OfficeRefused(
                    f"“{office.name}” has reports, and no other desk may be shown them: it cannot be closed. To "
                    f"give it another group: shekteu offices change “{office.name}” --chat ID"
                )
            cards = await passing.all_to_main(raw, Outbox(ring), office.id, now)
        return f"“{office.name}” was closed. Its open cards, {cards} of them, go to the main desk."

    async def listed(self) -> list[str]:
        """List the offices, a line each."""
        async with self.database.transaction() as connection:
            offices = await read(await driver(connection))
        return [
            f"{office.name}  {office.chat_id}  {office.language.value}  {_gets(office)}" for office in offices.open
        ] or [NONE]

    async def _known(self, raw: Any) -> Known:
        return await known(raw, self.kinds, self.main_chat)


def _gets(office: Office) -> str:
    """Say in a sentence what goes to an office."""
    districts, kinds = ", ".join(sorted(office.districts)), ", ".join(sorted(office.kinds))
    if office.restricted:
        return "It gets what concerns officers, and no other desk is shown that."
    if not office.rank:
        return "It gets what is passed to it, and nothing by itself."
    what = f"reports of the kinds {kinds}" if kinds else "all reports"
    return f"It gets {what}{f' within {districts}' if districts else ' from everywhere'}."
