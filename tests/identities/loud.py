"""`python -m bot run` as talkative as it can be made: every library's logger at DEBUG, the database's too.

Its own limits of sending are lifted, for the desk of a thousand reports would take an hour. SIGUSR1 makes it write down
what the file PLANTED holds, for the test of the search itself.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any

from bot import __main__, log
from bot.delivery import limits


def main() -> None:
    """Run the bot, loudly."""
    for name in ("GROUP", "PERSON", "ALL"):
        setattr(limits, name, (1_000_000, 1.0))
    quiet = log.configure
    command_line: Any = __main__

    def configure(level: str = "INFO") -> None:
        quiet(level)
        root = logging.getLogger()
        root.setLevel(logging.DEBUG)
        for name in ("asyncio", "sqlalchemy.engine", "sqlalchemy.pool", "aiogram", "aiohttp.client", "PIL", "pgqueuer"):
            logging.getLogger(name).setLevel(logging.DEBUG)

    command_line.configure = configure
    signal.signal(signal.SIGUSR1, _plant)
    __main__.main(["run"])


def _plant(*_: Any) -> None:
    sys.stderr.buffer.write(Path(os.environ["PLANTED"]).read_bytes())
    sys.stderr.flush()


if __name__ == "__main__":
    main()
