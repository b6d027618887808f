"""`shekteu check`."""

from __future__ import annotations

import argparse
from typing import Final

from bot.commands.command import Command, in_loop
from bot.settings import Settings


def _run(settings: Settings, chosen: argparse.Namespace) -> int:
    from bot.checking import whole

    if chosen.texts or chosen.preview is not None:
        return whole.check_texts(settings, chosen.preview)
    code: int = in_loop(lambda: whole.check(settings))
    return code


def _arguments(added: argparse.ArgumentParser) -> None:
    added.add_argument("--texts", action="store_true", help="only the texts, in every language")
    added.add_argument(
        "--preview",
        nargs="?",
        const="",
        metavar="NAME",
        help="show the texts whose name begins so, such as citizen.menu, or all, as they will read",
    )


COMMAND: Final = Command(
    "check", _run, "say line by line what is right or wrong, and how to mend it", "shekteu check --texts", _arguments
)
