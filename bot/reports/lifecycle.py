"""The lifecycle of a report: which act is possible when, what status follows, whether the citizen is told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """Where a report, or a resource, stands."""

    NEW = "new"
    IN_PROGRESS = "in_progress"
    NEEDS_INFO = "needs_info"
    DECIDED = "decided"


class Act(StrEnum):
    """What an officer does with a report without deciding it."""

    CLAIM = "claim"
    RELEASE = "release"
    REOPEN = "reopen"
    ASK = "ask"
    HIDE = "hide"
    """What a report holds leaves the desk at once: images that are unlawful, or that nobody should see."""
    UNHIDE = "unhide"
    """An administrator shows it again."""
    PASS = "pass"  # noqa: S105 — no password
    """It goes to another office's desk; of what comes with it, see passing.py."""


class Decision(StrEnum):
    """What an officer decided. A new decision is one row of TRANSITIONS and its text in the kind files."""

    SENT_TO_BLOCK = "sent_to_block"
    BLOCKED = "blocked"
    REGISTERED = "registered"
    REMOVED = "removed"
    PASSED_ON = "passed_on"
    NOT_CONFIRMED = "not_confirmed"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    ABUSE = "abuse"
    """Of one report, never of a resource: its sender is blocked for a term, unseen, and told nothing."""


class Amendment(StrEnum):
    """What an officer can do with a decision for some seconds after it was made."""

    UNDO = "undo"
    SILENCE = "silence"
    """Its feedback is not sent."""
    LINE = "line"
    """A line of the office's own goes with its feedback."""


SAYS = frozenset({Decision.REGISTERED, Decision.REMOVED, Decision.PASSED_ON, Decision.DUPLICATE, Decision.REJECTED})
"""Decisions with which something is said, by a form. All others take one press."""


BESIDE: Final = {Decision.REGISTERED: Decision.REMOVED, Decision.REMOVED: Decision.REGISTERED}
"""What can be decided beside a decision that stands: a case is registered, and what it is about is removed.

The second changes no status. See made.lacks.
"""


class IllegalMove(Exception):
    """This act is not possible in the report's present status."""


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the lifecycle."""

    before: frozenset[Status]
    after: Status | None
    """None: the status stays what it was."""
    feedback: bool
    anybodys: bool = False
    """Whoever has the report in hand, any officer may do this."""


_OPEN = frozenset({Status.NEW, Status.IN_PROGRESS, Status.NEEDS_INFO})

TRANSITIONS: dict[Act | Decision, Move] = {
    Act.CLAIM: Move(frozenset({Status.NEW, Status.NEEDS_INFO}), Status.IN_PROGRESS, feedback=False),
    Act.RELEASE: Move(frozenset({Status.IN_PROGRESS}), Status.NEW, feedback=False),
    Act.ASK: Move(_OPEN, Status.NEEDS_INFO, feedback=False),
    Act.REOPEN: Move(frozenset({Status.DECIDED}), Status.IN_PROGRESS, feedback=False),
    Act.HIDE: Move(frozenset(Status), None, feedback=False, anybodys=True),
    Act.UNHIDE: Move(frozenset(Status), None, feedback=False, anybodys=True),
    Act.PASS: Move(_OPEN, None, feedback=False),
    Decision.SENT_TO_BLOCK: Move(_OPEN, Status.IN_PROGRESS, feedback=True),
    Decision.BLOCKED: Move(_OPEN, Status.DECIDED, feedback=True),
    Decision.REGISTERED: Move(_OPEN, Status.DECIDED, feedback=True),
    Decision.REMOVED: Move(_OPEN, Status.DECIDED, feedback=True),
    Decision.PASSED_ON: Move(_OPEN, Status.DECIDED, feedback=True),
    Decision.NOT_CONFIRMED: Move(_OPEN, Status.DECIDED, feedback=True),
    Decision.DUPLICATE: Move(_OPEN, Status.DECIDED, feedback=True),
    Decision.REJECTED: Move(_OPEN, Status.DECIDED, feedback=True),
    Decision.ABUSE: Move(_OPEN, Status.DECIDED, feedback=False),
}


def parse_act(word: str) -> Act | Decision | None:
    """Read an act from a button, or None when there is no such act."""
    for acts in (Act, Decision):
        if word in acts._value2member_map_:
            return acts(word)
    return None


def parse_amendment(word: str) -> Amendment | None:
    """Read an amendment from a button, or None when it is none."""
    return Amendment(word) if word in Amendment._value2member_map_ else None


def move(status: Status, act: Act | Decision) -> Move:
    """Give the row for an act in a status; raise IllegalMove when it is not possible."""
    row = TRANSITIONS[act]
    if status not in row.before:
        raise IllegalMove
    return row


def possible(status: Status, decisions: tuple[Decision, ...]) -> list[Act | Decision]:
    """List the acts that a card of this status offers, in the order of the table and the kind file."""
    acts: list[Act | Decision] = [*Act, *decisions]
    return [act for act in acts if status in TRANSITIONS[act].before]
