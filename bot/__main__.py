"""The commands, thin: each imports only what it needs."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any, Final

from bot.log import configure
from bot.settings import Settings, load

STOPPED_BY_HAND: Final = 130


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and carry the command out; a trouble is told on stderr, exit code 1."""
    chosen = _parser().parse_args(arguments)
    settings: Settings | None = None
    try:
        settings = load()
        configure(settings.log_level)
        code: int = chosen.command(settings, chosen)
    except KeyboardInterrupt:
        code = STOPPED_BY_HAND
    except Exception as error:
        from bot.troubles import explain

        sys.stderr.write(explain(error, settings) + "\n")
        code = 1
    sys.exit(code)


def _run(settings: Settings, _: argparse.Namespace) -> int:
    from bot.running import run

    _in_loop(lambda: run(settings))
    return 0


def _migrate(settings: Settings, _: argparse.Namespace) -> int:
    from bot.migrate import migrate
    from bot.running import open_database

    async def work() -> None:
        async with open_database(settings) as (database, _url):
            await migrate(database)

    _in_loop(work)
    print("The database is at the newest revision.")
    return 0


def _check(settings: Settings, chosen: argparse.Namespace) -> int:
    from bot.checking import whole

    return whole.check_texts(settings) if chosen.texts else _in_loop(lambda: whole.check(settings))


def _purge(settings: Settings, _: argparse.Namespace) -> int:
    from bot.running import purge_now

    _in_loop(lambda: purge_now(settings))
    return 0


COMMANDS: Final = (
    ("run", _run, "run the bot, or without BOT_TOKEN the sandbox", "BOT_TOKEN=… STAFF_CHAT_ID=-100… shekteu run"),
    ("migrate", _migrate, "bring the database to the newest revision", "DATABASE_URL=postgresql://… shekteu migrate"),
    ("check", _check, "say line by line what is right or wrong, and how to mend it", "shekteu check --texts"),
    ("purge", _purge, "delete what is stored no longer than its term, now", "shekteu purge"),
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="shekteu", description="Anonymous reporting of the drug trade through Telegram, and the prosecutors' desk."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command, about, example in COMMANDS:
        about = about[0].upper() + about[1:]
        added = commands.add_parser(name, help=about, description=f"{about}.", epilog=f"Example: {example}")
        added.set_defaults(command=command)
        if name == "check":
            added.add_argument("--texts", action="store_true", help="only the texts, in every language")
    return parser


def _in_loop(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work())


if __name__ == "__main__":
    main()
