"""Which acts a card offers."""

from __future__ import annotations

from typing import Any, Final

from bot.reports.lifecycle import Act, Amendment, Decision, Status, possible
from bot.staff.decision_lines import DecisionShown

_OF_REPORTS: Final = frozenset({Act.ASK, Act.PASS, Decision.ABUSE})
"""What is done with a resource by way of its reports."""


def offered(
    row: Any,
    decisions: tuple[Decision, ...],
    hides: list[Act],
    decided: DecisionShown,
    *,
    passes: bool,
    reported: bool = True,
) -> list[Act | Decision | Amendment]:
    """List the acts of a card; a block and hiding are offered last, whatever the kind.

    As long as a decision can be taken back, that stands in the place of what comes after it. `passes`: there is an
    office to pass it to; not `reported`: it is a resource that nobody has reported.
    """
    if decided.open:
        return [*decided.amendments, *hides]
    acts = possible(Status(row["status"]), (*decisions, Decision.ABUSE))
    if decided.lacks in decisions:
        acts.insert(0, decided.lacks)
    never = {Act.HIDE, Act.UNHIDE, *(() if passes else (Act.PASS,)), *(() if reported else _OF_REPORTS)}
    return [*(act for act in acts if act not in never), *hides]
