"""The command line: reads it, and carries out a command of `commands/`, which imports only what it needs."""

from __future__ import annotations

import argparse
import sys
from typing import Final

from bot.commands import (
    areas,
    backup,
    check,
    evidence,
    journal,
    keys,
    migrate,
    offices,
    purge,
    qr,
    register,
    run,
    stats,
)
from bot.core_dumps import forbid_core_dumps
from bot.log import configure
from bot.settings import Settings, load

STOPPED_BY_HAND: Final = 130
COMMANDS: Final = (
    run.COMMAND,
    migrate.COMMAND,
    check.COMMAND,
    purge.COMMAND,
    backup.BACKUP,
    backup.RESTORE,
    register.COMMAND,
    stats.COMMAND,
    areas.COMMAND,
    offices.COMMAND,
    qr.COMMAND,
    evidence.COMMAND,
    journal.COMMAND,
    keys.COMMAND,
)


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and carry the command out; a trouble is told on stderr, exit code 1, or 78 for the key."""
    chosen = parser().parse_args(evidence.spelt_out(sys.argv[1:] if arguments is None else arguments))
    settings: Settings | None = None
    forbid_core_dumps()
    try:
        settings = load()
        configure(settings.log_level)
        code: int = chosen.command(settings, chosen)
    except KeyboardInterrupt:
        code = STOPPED_BY_HAND
    except Exception as error:
        from bot.troubles import KEYS_DO_NOT_FIT, exit_code, explain

        sys.stderr.write(explain(error, settings) + "\n")
        code = exit_code(error)
        if code == KEYS_DO_NOT_FIT and getattr(chosen, "hold", False):
            run.hold()
    sys.exit(code)


def parser() -> argparse.ArgumentParser:
    """Make what reads the command line."""
    made = argparse.ArgumentParser(
        prog="shekteu", description="Anonymous reporting of the drug trade through Telegram, and the prosecutors' desk."
    )
    commands = made.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_to(commands)
    return made


if __name__ == "__main__":
    main()
