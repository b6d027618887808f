"""`shekteu register`, and `register mark`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from bot.commands.command import Command, add_days, in_loop, refusals
from bot.settings import Settings

PRINTED: Final = ("csv", "json")
"""What is printed where no file is named."""


def _register(settings: Settings, chosen: argparse.Namespace) -> int:
    from tempfile import TemporaryDirectory
    from zoneinfo import ZoneInfo

    from bot.database import driver
    from bot.offices.store import read
    from bot.reports.register import Asked, NotRegistered, Register, statuses
    from bot.reports.register_files import FORMATS, write
    from bot.reports.register_template import load_columns
    from bot.running import open_with_keys, tell
    from bot.wording import load_wording

    async def work() -> int:
        wording, columns = load_wording(settings.templates_dir), load_columns(settings.templates_dir)
        if chosen.out is None and chosen.format not in PRINTED:
            raise NotRegistered("--out FILE is wanted: where is the register to be written?")
        form = chosen.format or chosen.out.suffix.removeprefix(".").lower()
        for name, given, known in (
            ("--format", form, FORMATS),
            ("--kind", chosen.kind, wording.kinds),
            ("--status", chosen.status, statuses()),
        ):
            if given is not None and given not in known:
                raise NotRegistered(f"{name} {given}: one of {', '.join(known)} is wanted.")
        asked = Asked(chosen.first, chosen.last, chosen.kind, chosen.status, chosen.with_private)
        async with open_with_keys(settings) as (database, ring):
            async with database.transaction() as connection:
                # What the restricted desk has is shown on that desk alone.
                seen = (await read(await driver(connection))).scope(None)
            rows = Register(database, ring, ZoneInfo(settings.timezone)).rows(asked, seen)
            with TemporaryDirectory() as folder:
                path = chosen.out or Path(folder) / "register"
                count = await write(path, form, columns, settings.desk_language, wording.texts, rows)
                if chosen.out is None:
                    sys.stdout.write(path.read_text("utf-8-sig"))
            return count

    with refusals(NotRegistered):
        count = in_loop(work)
    if chosen.out is not None:
        tell(f"{count} {'link' if count == 1 else 'links'} in {chosen.out}.")
    return 0


def _mark(settings: Settings, chosen: argparse.Namespace) -> int:
    from bot.clock import utc_now
    from bot.marking_command import Marked, NotMarked, mark
    from bot.reports.returned_template import load_returned_words
    from bot.running import open_with_keys, tell

    asked = Marked(chosen.file, chosen.decision, chosen.officer)

    async def work() -> list[str]:
        async with open_with_keys(settings) as (database, ring):
            return await mark(database, ring, asked, load_returned_words(settings.templates_dir), utc_now())

    with refusals(NotMarked):
        for line in in_loop(work):
            tell(line)
    return 0


def _arguments(added: argparse.ArgumentParser) -> None:
    added.add_argument(
        "--out", type=Path, metavar="FILE", help="a file that is not there yet; csv and json are printed without"
    )
    added.add_argument("--format", metavar="FORMAT", help="xlsx, csv or json; else the ending of FILE says it")
    add_days(added)
    added.add_argument("--kind", metavar="KIND", help="only links of reports of this kind, such as `link`")
    added.add_argument("--status", metavar="STATUS", help="only links that stand so: new, sent_to_block, blocked, …")
    added.add_argument(
        "--with-private",
        action="store_true",
        help="invites and personal addresses too: a dealer may have made them for the one who reported them",
    )


def _mark_arguments(added: argparse.ArgumentParser) -> None:
    added.add_argument("file", type=Path, metavar="FILE", help="a .txt, .csv or .xlsx")
    added.add_argument("--as", dest="decision", required=True, metavar="WHAT", help="sent_to_block or blocked")
    added.add_argument("--officer", required=True, metavar="NAME", help="who of the office says so")


MARK: Final = Command(
    "mark",
    _mark,
    "mark the links of a list as sent to be blocked, or as blocked",
    "shekteu register mark closed.xlsx --as blocked --officer Aigerim",
    _mark_arguments,
    description="Mark the links of a list, such as the one that comes back from the system in which they are "
    "blocked. The running bot does it, tells the desk what came of it, and everybody who reported a link.",
)
COMMAND: Final = Command(
    "register",
    _register,
    "write the reported links into a file, one row a resource, for the system in which they are blocked",
    "shekteu register --from 2026-11-01 --to 2026-11-30 --status new --out november.xlsx",
    _arguments,
    (MARK,),
)
