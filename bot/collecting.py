"""How often this process looks for garbage that reference counts do not free."""

from __future__ import annotations

import gc
from typing import Final

YOUNG: Final = 10_000
"""So many more objects made than freed until the young ones are looked through, not 700: with sixteen updates at once
most of 700 are still in use, and to look through them again and again was a fourteenth of what an update costs."""


def collect_rarely() -> None:
    """Leave what the start has made alone for good, and look through what is made later more rarely.

    Nothing is kept longer but circles of objects, of which errors and HTTP make few: some MB at the most.
    """
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
