"""`shekteu run`."""

from __future__ import annotations

import argparse
import signal
import sys
from typing import Final

from bot.commands.command import Command, in_loop
from bot.settings import Settings


def hold() -> None:
    """Wait to be stopped: whoever starts us again and again would hide the one line that tells what is wrong."""
    sys.stderr.write("Starting again would not help, so this waits to be stopped.\n")
    stops = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)
    signal.sigwait(stops)


def _run(settings: Settings, _: argparse.Namespace) -> int:
    from bot.running import run

    in_loop(lambda: run(settings))
    return 0


def _arguments(added: argparse.ArgumentParser) -> None:
    added.add_argument(
        "--hold",
        action="store_true",
        help="for containers: with a key that does not fit, wait to be stopped instead of ending again and again",
    )


COMMAND: Final = Command(
    "run",
    _run,
    "run the bot, or without BOT_TOKEN the sandbox",
    "BOT_TOKEN=… STAFF_CHAT_ID=-100… shekteu run",
    _arguments,
)
