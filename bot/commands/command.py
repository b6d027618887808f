"""What a command is, and what they share. Imported at each start: what is heavy is imported where it is needed."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.settings import Settings


def nothing(_: argparse.ArgumentParser) -> None:
    """Take no arguments."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command, or an act of one: what it does, takes, and says for help."""

    name: str
    run: Callable[[Settings, argparse.Namespace], int] | None
    """Carries it out and gives the exit code. None: of an act, the command's does; of a command, an act is wanted."""
    about: str
    example: str
    add_arguments: Callable[[argparse.ArgumentParser], None] = nothing
    acts: tuple[Command, ...] = ()
    description: str = ""
    """What its own help says; else what it is about."""

    def add_to(self, commands: Any) -> None:
        """Add it to a parser's commands, or acts; the name of an act is then `chosen.act`."""
        about = self.about[0].upper() + self.about[1:]
        added = commands.add_parser(
            self.name, help=about, description=self.description or f"{about}.", epilog=f"Example: {self.example}"
        )
        if self.run is not None:
            added.set_defaults(command=self.run)
        if self.acts:
            acts = added.add_subparsers(required=self.run is None, metavar="ACT", dest="act")
            for act in self.acts:
                act.add_to(acts)
        self.add_arguments(added)


def add_days(added: argparse.ArgumentParser) -> None:
    """Take a first and a last day."""
    for option, which in (("--from", "first"), ("--to", "last")):
        added.add_argument(option, dest=which, type=_day, metavar="DAY", help=f"the {which} day, as 2026-11-30")


def _day(said: str) -> date:
    """Read a day as programs write it, or as people here do."""
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        with suppress(ValueError):
            return datetime.strptime(said, form).date()
    raise argparse.ArgumentTypeError(f"a day such as 2026-11-30 is wanted, not “{said}”")


def in_loop(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Do what waits, to its end."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work())


@contextmanager
def refusals(*sorts: type[Exception], then: str = "") -> Iterator[None]:
    """End the command with 1, and the sentence alone, when it refuses what it was given."""
    try:
        yield
    except sorts as refused:
        sys.stderr.write(f"{str(refused) or refused.__doc__}\n{then}")
        sys.exit(1)
