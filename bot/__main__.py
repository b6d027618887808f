"""The commands, thin: each imports only what it needs."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from bot.log import configure
from bot.settings import BadSetting, Settings, load


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and carry the command out; a known trouble is one line on stderr, exit code 1."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    try:
        settings = load()
        configure(settings.log_level)
        code: int = chosen.command(settings, chosen)
    except Exception as error:
        told = _explain(error)
        if told is None:
            raise
        sys.stderr.write(told + "\n")
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
    from bot import checking

    if chosen.texts:
        return checking.check_texts(settings)
    failed: list[int] = []

    async def work() -> None:
        failed.append(await checking.check(settings))

    _in_loop(work)
    return failed[0]


def _purge(settings: Settings, _: argparse.Namespace) -> int:
    from bot.running import purge_now

    _in_loop(lambda: purge_now(settings))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="shekteu", description="Anonymous reporting of the drug trade through Telegram, and the prosecutors' desk."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command, about, example in (
        ("run", _run, "run the bot, or without BOT_TOKEN the sandbox", "BOT_TOKEN=… STAFF_CHAT_ID=-100… shekteu run"),
        (
            "migrate",
            _migrate,
            "bring the database to the newest revision",
            "DATABASE_URL=postgresql://… shekteu migrate",
        ),
        ("check", _check, "say line by line what is right or wrong, and how to mend it", "shekteu check"),
        ("purge", _purge, "delete what is stored no longer than its term, now", "shekteu purge"),
    ):
        added = commands.add_parser(
            name, help=about, description=f"{about[0].upper()}{about[1:]}.", epilog=f"Example: {example}"
        )
        added.set_defaults(command=command)
        if name == "check":
            added.add_argument("--texts", action="store_true", help="only the texts, in every language")
    return parser


def _in_loop(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work())


def _explain(error: Exception) -> str | None:
    from bot.embedded_cluster import ClusterBusy, ClusterVersion, EmbeddedFailed
    from bot.privacy.keyring import WrongKey
    from bot.running import RanWithToken
    from bot.texts import TextsBroken

    if isinstance(error, (BadSetting, TextsBroken, EmbeddedFailed)):
        return str(error)
    if isinstance(error, (ClusterBusy, ClusterVersion, WrongKey, RanWithToken)):
        return str(error) or (type(error).__doc__ or "")
    return None


if __name__ == "__main__":
    main()
