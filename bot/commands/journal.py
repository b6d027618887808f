"""`shekteu journal verify`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from bot.commands.command import Command, in_loop
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.reports.chain import PrintedHead

HEAD: Final = "1204-9f3a5b1c22d0e7aa"


def _verify(settings: Settings, chosen: argparse.Namespace) -> int:
    from bot.clock import utc_now
    from bot.journal import Verifying
    from bot.running import open_with_keys, tell

    async def work() -> bool:
        async with open_with_keys(settings) as (database, ring):
            found = await Verifying(database, ring, utc_now(), chosen.head).run()
        for line in found.lines():
            tell(line)
        return found.whole

    return 0 if in_loop(work) else 1


def _arguments(added: argparse.ArgumentParser) -> None:
    added.add_argument(
        "--head", type=_head, metavar="HEAD", help="a head that was printed before: the chain must pass it"
    )


def _head(short: str) -> PrintedHead:
    from bot.reports.chain import PrintedHead

    try:
        return PrintedHead.read(short)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{short!r} is not as a head is printed, such as {HEAD}") from None


VERIFY: Final = Command(
    "verify",
    _verify,
    "name the first act that was changed, taken out or put in",
    f"shekteu journal verify --head {HEAD}",
    _arguments,
    description="Walk along the journal's chain, name the first act that was changed, taken out or put in, and print "
    "the chain's head. The exit code is 1 when something does not hold. Whoever has the server and the key can write "
    "a new chain: a head on paper finds that too.",
)
COMMAND: Final = Command(
    "journal", None, "prove that no act of the desk was changed", "shekteu journal verify", acts=(VERIFY,)
)
