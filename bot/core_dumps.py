"""No core dump of a process that holds opened keys and what people write."""

from __future__ import annotations

import contextlib
import ctypes
import resource
from typing import Final

PR_SET_DUMPABLE: Final = 4


def forbid_core_dumps() -> None:
    """Forbid them for this process; a child starts with the limit, and sets up the rest itself.

    The limit alone does not do: the kernel leaves it out where dumps are piped to a program, as systemd has it. Not
    being dumpable also keeps other programs of the same user from reading this one's memory and environment.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(AttributeError, OSError):  # only Linux has it
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
