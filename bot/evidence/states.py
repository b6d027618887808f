"""How a link stands, from what a look at it brought; and when to look again."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from bot.evidence import errors
from bot.evidence.exchange import Fetched
from bot.evidence.reading import Read
from bot.evidence.target import read_target
from bot.links import canonical

UNLAWFUL: Final = 451
"""Unavailable For Legal Reasons (RFC 7725)."""
GONE: Final = frozenset({404, 410})
_WALLS: Final = ("/login", "/signin", "/sign-in", "/accounts/login", "/auth", "/checkpoint", "/i/flow/login")
_BLOCK_PAGES: Final = (
    "доступ к ресурсу ограничен",
    "доступ к данному ресурсу ограничен",
    "доступ ограничен на основании",
    "доступ к интернет-ресурсу ограничен",
    "ресурсқа қол жеткізу шектелген",
    "қолжетімділік шектелген",
    "access to this resource is restricted",
    "unavailable for legal reasons",
)
_SHORT: Final = 4000
"""Characters; a page that tells of an access closed tells of nothing else."""


class State(StrEnum):
    """How a link was seen to stand."""

    ALIVE = "alive"
    MOVED = "moved"
    """It is there, and leads elsewhere."""
    GONE = "gone"
    BLOCKED = "blocked"
    """Who answers says that access is closed."""
    SILENT = "silent"
    """Nobody answers."""
    UNCLEAR = "unclear"
    """Something answers, and does not let itself be read: a wall, a trouble of the server."""


AWAY: Final = frozenset({State.GONE, State.BLOCKED, State.SILENT})
THERE: Final = frozenset({State.ALIVE, State.MOVED})
DAILY: Final = timedelta(hours=24)
SOONEST: Final = timedelta(hours=1)
LATEST: Final = timedelta(hours=12)
"""Pauses between looks at what is away: they double from one to the other."""
LATER: Final = timedelta(hours=1)
"""Until a look that failed by ourselves is tried again."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a link stands, and where it leads when it has moved."""

    state: State
    moved_to: str = ""


def judge(url: str, fetched: Fetched, read: Read | None) -> Verdict:
    """Tell how a link stands by the page that came; `read` is None where the server says that nothing has changed."""
    last = fetched.last
    if last.status == UNLAWFUL:
        return Verdict(State.BLOCKED)
    if last.status in GONE:
        return Verdict(State.GONE)
    if read is None:
        return Verdict(State.ALIVE)
    if not 200 <= last.status < 300:
        return Verdict(State.UNCLEAR)
    if len(read.text) <= _SHORT and any(words in read.text.lower() for words in _BLOCK_PAGES):
        return Verdict(State.BLOCKED)
    if read.seen.there is False:
        return Verdict(State.GONE)
    return _landed(url, last.url)


def judge_failure(failure: errors.NotFetched, platform: str) -> State | None:
    """Tell how a link stands that could not be looked at; None: it was our own failure, and tells nothing."""
    if isinstance(failure, errors.ProxyFailed) or (isinstance(failure, errors.NeedsTor) and platform == "onion"):
        return None
    if isinstance(failure, errors.NoSuchHost):
        # That Telegram has no host any more, a resolver of ours says, or one before it.
        return State.GONE if platform == "site" else State.SILENT
    if isinstance(failure, errors.NotReached | errors.TooSlow | errors.AddressRefused):
        # A name that leads to a private address is how names are closed.
        return State.SILENT
    return State.UNCLEAR


def pause(state: State, failures: int) -> timedelta:
    """Give the time until the next look: about a day, sooner at first for what is away. Never to the minute."""
    wanted = min(SOONEST * 2 ** min(max(failures - 1, 0), 10), LATEST) if state in AWAY else DAILY
    return wanted * (0.8 + secrets.randbelow(401) / 1000)


def first_pause() -> timedelta:
    """Give the time until the first look, 1 to 12 hours: nobody is to learn by it when the link was reported."""
    return timedelta(hours=1, seconds=secrets.randbelow(11 * 3600))


def _landed(asked: str, came: str) -> Verdict:
    """Tell by where it came from whether a page is what was asked for."""
    target, landed = read_target(asked), read_target(came)
    wanted, found = canonical(asked), canonical(came)
    if found is not None and wanted is not None and found.url == wanted.url:
        return Verdict(State.ALIVE)
    same_host = target.host.removeprefix("www.") == landed.host.removeprefix("www.")
    if landed.path.lower().startswith(_WALLS):
        return Verdict(State.UNCLEAR)
    if same_host and (wanted is None or wanted.platform in ("site", "onion")):
        return Verdict(State.ALIVE)
    return Verdict(State.MOVED, came)
