"""`shekteu run` with something in hand that does not end by itself: `python -m tests.integration.stubborn FINISH WHAT`.

WHAT is `photo`: what cleans photos never answers; or `deaf`: a thread never ends, and a task hears no cancellation. Of
the seconds after which the process ends in any case there are fewer.
"""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import suppress
from typing import Any, Final

from bot import running
from bot.__main__ import main
from bot.privacy import photo_wire, photos
from bot.telegram.own_name import OwnName
from tests.integration.hurried import hurry

SILENT: Final = f"import sys, time; sys.stdout.buffer.write({photo_wire.HELLO!r}); sys.stdout.flush(); time.sleep(600)"
LIMIT: Final = 3.0


async def deaf(_: OwnName, __: Any) -> None:
    """Hear nothing, and leave a thread behind that does not either."""
    asyncio.get_running_loop().run_in_executor(None, time.sleep, 600)
    while True:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(600)


if __name__ == "__main__":
    hurry(float(sys.argv[1]))
    if sys.argv[2] == "photo":
        photos.__dict__["WORKER"] = (sys.executable, "-c", SILENT)
    else:
        assert "LIMIT" in running.__dict__
        running.__dict__["LIMIT"] = LIMIT
        OwnName.learn = deaf  # type: ignore[method-assign,assignment]
    main(["run"])
