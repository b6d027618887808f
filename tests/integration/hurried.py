"""`shekteu run` that takes fewer seconds to notice and to give up: `python -m tests.integration.hurried [FINISH]`.

It is the program itself, but for how often it looks who leads and which job is due, for Telegram's minute of a group,
which is some seconds here, and, with FINISH, for how many seconds it waits for what is in hand when it is told to stop.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import Final

from bot import jobs, process
from bot.__main__ import main
from bot.delivery import limits, sender
from bot.leader import Leader
from bot.telegram import polling

LOOK_EVERY: Final = 0.3
MINUTE: Final = 3.0


def hurry(finish: float | None) -> None:
    """Shorten the waits."""
    process.__dict__["Leader"] = partial(Leader, look_every=LOOK_EVERY)
    jobs.__dict__["LOOK_EVERY"] = LOOK_EVERY
    limits.__dict__["GROUP"] = (limits.GROUP[0], MINUTE)
    if finish is not None:
        for module, name in ((process, "FINISH"), (polling, "FINISH"), (sender, "SETTLE")):
            assert name in module.__dict__
            module.__dict__[name] = finish


if __name__ == "__main__":
    hurry(float(sys.argv[1]) if sys.argv[1:] else None)
    main(["run"])
