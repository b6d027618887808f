"""How many examples a property tries: as many as it names, or in proportion more where EXAMPLES asks for it."""

from __future__ import annotations

import os

USUAL = 500
"""What a property of plain text tries when nothing is asked for: EXAMPLES is told for such a one."""
ASKED = int(os.environ.get("EXAMPLES") or 0)


def some(usual: int) -> int:
    """Give the number of examples for a property that tries so many in `make test`."""
    return max(usual, ASKED * usual // USUAL)
