"""What a look brought, and what that means to the host that was asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime

from bot.evidence.exchange import Exchange, Fetched
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
    others = {host_of(each.url) for each in came.fetched.exchanges[1:]}
    return Looked(not is_in_trouble(came.fetched), _pause(last), tuple(others))


def is_in_trouble(fetched: Fetched) -> bool:
    """Tell whether a server answered that it cannot answer now."""
    status = fetched.last.status
    return status in TOO_MANY or status >= 500


def _pause(last: Exchange) -> timedelta | None:
    """Give the pause that a host asks for, in seconds or until a moment (RFC 9110, section 10.2.3)."""
    after = last.header("retry-after")
    if after.isascii() and after.isdigit() and len(after) < 7:
        return timedelta(seconds=int(after))
    try:
        return parsedate_to_datetime(after).replace(tzinfo=UTC) - last.asked_at
    except (TypeError, ValueError, OverflowError):
        return None
