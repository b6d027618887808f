"""The offices as a process knows them: few, kept in memory, looked at again every few seconds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.languages import Language
from bot.offices import queries
from bot.offices.office import Office, OfficeList


class Offices:
    """The offices, and where reports go."""

    def __init__(self) -> None:
        self.now = OfficeList()
        """As of the last look. A report is never lost by it: the statements look whether an office is still open."""

    async def load(self, driver: Any) -> None:
        """Look at them again, on the driver's connection."""
        self.now = await read(driver)

    def moved(self, office_id: int, chat_id: int) -> None:
        """Note an office's new chat, which was written down: the next look is some seconds away."""
        offices = self.now.offices
        self.now = OfficeList(
            tuple(replace(each, chat_id=chat_id) if each.id == office_id else each for each in offices)
        )


async def read(driver: Any) -> OfficeList:
    """Read the offices as they are."""
    return OfficeList(tuple(_office(row) for row in await driver.fetch(queries.ALL)))


def _office(row: Any) -> Office:
    return Office(
        row["id"],
        row["name"],
        row["chat_id"],
        Language(row["language"]),
        frozenset(row["districts"]),
        frozenset(row["kinds"]),
        row["restricted"],
        row["closed"],
    )
