"""`shekteu purge`."""

from __future__ import annotations

import argparse
from typing import Final

from bot.commands.command import Command, in_loop
from bot.settings import Settings


def _run(settings: Settings, chosen: argparse.Namespace) -> int:
    from bot.running import purge_now

    in_loop(lambda: purge_now(settings, dry=chosen.dry_run))
    return 0


def _arguments(added: argparse.ArgumentParser) -> None:
    added.add_argument("--dry-run", action="store_true", help="say what is due, and delete nothing")


COMMAND: Final = Command(
    "purge", _run, "delete what is stored no longer than its term, now", "shekteu purge --dry-run", _arguments
)
