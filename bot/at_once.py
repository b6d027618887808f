"""What a turn that needs no transaction has in the place of the driver: all that it writes is one statement.

Most turns read one row and write a few, and most of their round trips would only open, lock and commit. One statement
is atomic by itself. It begins with a look at whether all is still as the turn has seen it, and is refused if it is not:
then the turn is taken anew in a transaction, as one is that needs more of the database.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeVar

T = TypeVar("T")
_PARAMETER: Final = re.compile(r"\$(\d+)")


class NeedsTransaction(Exception):
    """A turn that was to be one statement needs more of the database."""


@dataclass(frozen=True, slots=True)
class Rider:
    """A piece of SQL that rides in a turn's statement."""

    ctes: str
    """Parts of a `WITH`, their parameters counted from $1."""
    refused: str
    """When the whole statement is refused, as a condition on these parts."""


class AtOnce:
    """Takes the riders of one turn. Whatever else is asked of it, as of a driver, raises NeedsTransaction."""

    __slots__ = ("_lend", "_params", "_riders")

    def __init__(self, lend: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
        """`lend` gives the driver's connection, once all is known that is to be written."""
        self._lend = lend
        self._riders: tuple[Rider, ...] = ()
        self._params: tuple[Any, ...] = ()

    def also(self, rider: Rider, *params: Any) -> None:
        """Write this too, with the rest of the turn or not at all."""
        self._riders += (rider,)
        self._params += params

    async def write(self, first: str, *params: Any) -> None:
        """Run `first`, a SELECT, and all riders as one statement."""
        statement = joined(first, len(params), self._riders) if self._riders else first
        async with self._lend() as driver:
            await driver.execute(statement, *params, *self._params)

    def __getattr__(self, name: str) -> Any:
        raise NeedsTransaction


def in_one_go(work: Coroutine[Any, Any, T]) -> T:
    """Run what waits for nothing, and give its result; where it would wait it is ended, and NeedsTransaction raised.

    What cannot wait needs no time limit, which would cost it a timer.
    """
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    work.close()
    raise NeedsTransaction


@cache
def joined(first: str, parameters: int, riders: tuple[Rider, ...]) -> str:
    """Make one statement of `first`, which takes so many parameters, and its riders; `again()` raises."""
    ctes = [f"first AS MATERIALIZED ({first})"]
    for rider in riders:
        ctes.append(shifted(rider.ctes, parameters))
        parameters += parameters_of(rider.ctes)
    refused = " OR ".join(f"({rider.refused})" for rider in riders)
    # Not `WHERE`: a condition that asks nothing of `first` is looked at before it, and spares it.
    return f"WITH {', '.join(ctes)} SELECT *, CASE WHEN {refused} THEN again() END FROM first"  # noqa: S608 — constants


def parameters_of(sql: str) -> int:
    """Give how many parameters a piece of SQL takes."""
    return max(map(int, _PARAMETER.findall(sql)), default=0)


def shifted(sql: str, by: int) -> str:
    """Count the parameters of a piece of SQL from further on."""
    return _PARAMETER.sub(lambda found: f"${int(found[1]) + by}", sql)
