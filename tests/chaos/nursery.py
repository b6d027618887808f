"""Where bots are born: `python -m tests.chaos.nursery HURRY` reads orders, one JSON a line, and answers with a pid.

A bot is a process of its own that runs `shekteu run`; it is forked when all is imported, so that being killed two
hundred times costs seconds, not an hour of imports. With HURRY=0 it is not forked but executed: `python -m bot run`
itself, with nothing changed. Above 1 three waits of minutes pass so many times faster: the window of Telegram's limit
of a group (the sandbox hurries too), how long the job of a killed process waits for another one, and how long the card
of a list does until it counts its links anew.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import signal
import sys
from datetime import timedelta
from typing import Any, Final

PR_SET_PDEATHSIG: Final = 1
HEARTBEAT: Final = 30.0
"""Seconds after which PgQueuer gives the job of a silent process to another."""


def main() -> None:
    """Give birth until the orders end."""
    hurry = int(sys.argv[1])
    if hurry:
        _prepare(hurry)
    # The kernel buries the dead.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    _say("ready")
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _live(order, forked=bool(hurry))
        _say(str(pid))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _prepare(hurry: int) -> None:
    from bot.delivery import limits

    limits.__dict__["GROUP"] = (limits.GROUP[0], limits.GROUP[1] / hurry)
    from bot.reports import following

    following.__dict__["COUNTED"] = following.COUNTED / hurry
    from pgqueuer import PgQueuer

    import bot.bootstrap
    import bot.migrate
    import bot.process
    import bot.running  # noqa: F401 — all that `run` imports
    from bot import jobs

    class Hurried(PgQueuer):
        async def run(self, **options: Any) -> None:  # type: ignore[override]
            await super().run(heartbeat_timeout=timedelta(seconds=max(3.0, HEARTBEAT / hurry)), **options)

    jobs.__dict__["PgQueuer"] = Hurried
    gc.freeze()


def _live(order: dict[str, Any], *, forked: bool) -> None:
    """Become a bot with the environment and the log of an order."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    # Whatever becomes of those who ordered it, no bot is left behind.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for opened, number in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(opened, number)
    os.chdir(order["folder"])
    if not forked:
        os.execve(sys.executable, [sys.executable, "-m", "bot", "run"], order["environment"])
    os.environ.clear()
    os.environ.update(order["environment"])
    from bot.__main__ import main as shekteu

    try:
        shekteu(["run"])
    except SystemExit as end:
        os._exit(int(end.code or 0))
    finally:
        os._exit(70)


if __name__ == "__main__":
    main()
