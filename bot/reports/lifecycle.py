"""The lifecycle of a report: which act is possible when, what status follows, whether the citizen is told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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


class IllegalMove(Exception):
    """This act is not possible in the report's present status."""


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the lifecycle."""

    before: frozenset[Status]
    after: Status
    feedback: bool


_OPEN = frozenset({Status.NEW, Status.IN_PROGRESS, Status.NEEDS_INFO})

TRANSITIONS: dict[Act | Decision, Move] = {
    Act.CLAIM: Move(frozenset({Status.NEW, Status.NEEDS_INFO}), Status.IN_PROGRESS, feedback=False),
    Act.RELEASE: Move(frozenset({Status.IN_PROGRESS}), Status.NEW, feedback=False),
    Act.ASK: Move(_OPEN, Status.NEEDS_INFO, feedback=False),
    Act.REOPEN: Move(frozenset({Status.DECIDED}), Status.IN_PROGRESS, feedback=False),
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
