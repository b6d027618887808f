"""What a look brought, and what that means to the host that was asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.evidence.exchange import Fetched
from bot.evidence.hosts import TOO_MANY
from bot.evidence.reading import Read
from bot.evidence.states import Verdict
from bot.evidence.target import host_of


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look means to the host that was asked."""

    well: bool
    asked_to_wait: timedelta | None = None
    others: tuple[str, ...] = ()
    """Hosts that it led on to."""


@dataclass(frozen=True, slots=True)
class Came:
    """What a look brought."""

    verdict: Verdict
    fetched: Fetched | None = None
    read: Read | None = None
    failure: str = ""


def for_host(came: Came | None) -> Looked:
    """Tell what a look means to its host; None: it failed by ourselves."""
    if came is None:
        return Looked(well=True)
    if came.fetched is None:
        return Looked(well=False)
    last = came.fetched.last
    after = last.header("retry-after")
    wait = timedelta(seconds=int(after)) if after.isascii() and after.isdigit() and len(after) < 7 else None
    others = {host_of(each.url) for each in came.fetched.exchanges[1:]}
    return Looked(last.status not in TOO_MANY and last.status < 500, wait, tuple(others))
