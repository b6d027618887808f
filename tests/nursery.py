"""Where processes of the bot are born: forked where all is imported, for importing it takes seconds each time.

`python -m tests.nursery FD` reads orders from a socket, one JSON each, and answers each by a number: the process that
was born, or how one ended that is to be buried. What is born is `python -m MODULE …` in all but the imports.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from bot.texts import TextsBroken
from bot.wording import load_wording

PR_SET_PDEATHSIG: Final = 1
LONGEST: Final = 1 << 16
IMPORTED: Final = (
    *("alembic.command", "uvloop", "bot.tables", "bot.migrate", "bot.running", "bot.process", "bot.sandbox.town"),
    "bot.commands.command",
)


def main() -> None:
    """Give birth until nobody orders any more; who is born goes its own way."""
    line = socket.socket(fileno=int(sys.argv[1]))
    for name in IMPORTED:
        importlib.import_module(name)
    with suppress(TextsBroken):  # who is born tells of it
        # Compiles them, once for all who read the same ones.
        load_wording(Path("templates"))
    gc.freeze()
    line.send(b"0")
    while data := (received := socket.recv_fds(line, LONGEST, 2))[0]:
        order, streams = json.loads(data), received[1]
        if "bury" in order:
            number = os.waitstatus_to_exitcode(os.waitpid(order["bury"], 0)[1])
        elif (number := os.fork()) == 0:
            line.close()
            _live(order, *streams)
            return
        for stream in streams:
            os.close(stream)
        line.send(str(number).encode())


def _live(order: dict[str, Any], stdout: int, stderr: int) -> None:
    os.setsid()
    # Whatever becomes of those who ordered it, it is not left behind.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    for opened, number in ((os.open(os.devnull, os.O_RDONLY), 0), (stdout, 1), (stderr, 2)):
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    module, *sys.argv[1:] = order["words"]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
