"""The offices as a process knows them: few, kept in memory, looked at again every few seconds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from bot.languages import Language
from bot.offices import queries
from bot.offices.office import Office, OfficeList
from bot.offices.wish import Known


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
        self.changed(replace(self.now.by_id[office_id], chat_id=chat_id))

    def changed(self, office: Office) -> None:
        """Note how an office is from now on."""
        self.now = OfficeList(tuple(office if each.id == office.id else each for each in self.now.offices))


async def known(driver: Any, kinds: Collection[str], main_chat: int | None) -> Known:
    """Give what an office is checked against. Until the commit nobody else changes any of them."""
    await driver.execute(queries.ALONE)
    offices = await read(driver)
    return Known(offices, [row["code"] for row in await driver.fetch(queries.DISTRICTS)], kinds, main_chat)


async def change(driver: Any, office: Office) -> None:
    """Write down how an office is from now on."""
    await driver.execute(queries.CHANGE, office.id, *columns(office))


def columns(office: Office) -> tuple[Any, ...]:
    """Give what an office's row holds of what may be changed, in the order of the statements."""
    return office.name, office.chat_id, office.language.value, sorted(office.districts), sorted(office.kinds)


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
