"""`shekteu backup` and `shekteu restore`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from bot.commands.command import Command, in_loop
from bot.settings import Settings


def _back_up(settings: Settings, chosen: argparse.Namespace) -> int:
    from bot.backup import back_up, require_database
    from bot.postgres_programs import tidily
    from bot.running import open_database, tell

    async def work() -> None:
        require_database(settings)
        async with open_database(settings) as (_database, url):
            written = await back_up(url, chosen.file)
        for line in written.lines():
            tell(line)

    in_loop(lambda: tidily(work()))
    return 0


def _restore(settings: Settings, chosen: argparse.Namespace) -> int:
    from bot.archive import Archive
    from bot.clock import utc_now
    from bot.migrate import migrate
    from bot.postgres_programs import tidily
    from bot.restore import require_fit, restore
    from bot.running import open_database, tell

    async def work() -> None:
        archive = Archive(chosen.file)
        await require_fit(archive, settings)
        async with open_database(settings, alone=True) as (database, url):
            restored = await restore(url, archive, utc_now())
            await migrate(database)
        for line in restored.lines(settings):
            tell(line)

    in_loop(lambda: tidily(work()))
    return 0


def _arguments(added: argparse.ArgumentParser) -> None:
    added.add_argument("file", type=Path, metavar="FILE", help="where it is, or will be")


BACKUP: Final = Command(
    "backup",
    _back_up,
    "write a backup into a new file, while the bot runs",
    "shekteu backup shekteu-2026-11-23.dump",
    _arguments,
)
RESTORE: Final = Command(
    "restore",
    _restore,
    "bring a backup into an empty database",
    "DATABASE_URL=postgresql://…/empty shekteu restore shekteu-2026-11-23.dump",
    _arguments,
)
