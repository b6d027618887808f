"""`shekteu stats`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from bot.commands.command import Command, add_days, in_loop, refusals
from bot.settings import Settings

BY_HELP: Final = (
    "one table alone: kind, decision, district, platform or day; or what QR codes brought in whole weeks, which needs "
    "the key: placement or campaign"
)


def _run(settings: Settings, chosen: argparse.Namespace) -> int:
    from bot.migrate import require_newest
    from bot.papers import placement_command
    from bot.papers.figure_command import Asked, NotCounted, stats
    from bot.reports.placement_counting import PlacementCounting
    from bot.reports.statistics import Counting
    from bot.reports.tallying import Tallying
    from bot.running import open_database, open_with_keys
    from bot.wording import load_wording

    async def work() -> str:
        given = (chosen.first, chosen.last, chosen.week, chosen.by, chosen.format, chosen.out, chosen.office)
        asked, texts = Asked(*given, chosen.month).checked(), load_wording(settings.templates_dir).texts
        if asked.placed:
            async with open_with_keys(settings) as (database, ring):
                placed = PlacementCounting(database, Tallying(database, ring), settings.timezone)
                return await placement_command.stats(placed, asked, texts, settings.desk_language)
        async with open_database(settings) as (database, _url):
            await require_newest(database)
            counting = Counting(database, settings.timezone)
            return await stats(database, asked, counting, texts, settings.desk_language)

    with refusals(NotCounted):
        sys.stdout.write(in_loop(work))
    return 0


def _arguments(added: argparse.ArgumentParser) -> None:
    lasting = added.add_mutually_exclusive_group()
    lasting.add_argument("--week", action="store_true", help="the last seven days")
    lasting.add_argument("--month", action="store_true", help="the last thirty days; so it is without any of these")
    add_days(added)
    added.add_argument("--by", metavar="WHAT", help=BY_HELP)
    added.add_argument(
        "--format", default="text", metavar="FORMAT", help="text, json, csv, xlsx, pdf (a note) or png (a picture)"
    )
    added.add_argument("--out", type=Path, metavar="FILE", help="a file that is not there yet")
    added.add_argument("--office", metavar="NAME", help="of one office alone, or of the `main` desk")


COMMAND: Final = Command(
    "stats",
    _run,
    "tell the figures of a period beside the one before and the one a year ago",
    "shekteu stats --from 2026-11-01 --to 2026-11-30 --format xlsx --out november.xlsx",
    _arguments,
)
