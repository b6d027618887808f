"""`shekteu migrate`."""

from __future__ import annotations

import argparse
from typing import Final

from bot.commands.command import Command, in_loop
from bot.settings import Settings


def _run(settings: Settings, _: argparse.Namespace) -> int:
    from bot.migrate import migrate
    from bot.running import open_database, tell

    async def work() -> None:
        async with open_database(settings) as (database, _url):
            await migrate(database)

    in_loop(work)
    tell("The database is at the newest revision.")
    return 0


COMMAND: Final = Command(
    "migrate", _run, "bring the database to the newest revision", "DATABASE_URL=postgresql://… shekteu migrate"
)
