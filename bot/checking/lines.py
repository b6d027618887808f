"""The lines that `shekteu check` prints: ✓ right, ✗ wrong and how to mend it, – worth knowing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bot.log import error_fields


class Lines:
    """Prints what was found, line by line as it is found, and counts what is wrong."""

    def __init__(self) -> None:
        self.wrongs = 0

    def fine(self, what: str, found: str) -> None:
        """Something is as it should be."""
        self._print(f"✓ {what}: {found}")

    def note(self, what: str, found: str) -> None:
        """Something to know; it stops nothing."""
        self._print(f"– {what}: {found}")

    def wrong(self, what: str, found: str, mend: str) -> None:
        """Something must be mended, and how."""
        self.wrongs += 1
        self._print(f"✗ {what}: {found}\n    → {mend}")

    @contextmanager
    def guarded(self, what: str) -> Iterator[None]:
        """Turn what nobody foresaw into a line: a traceback helps no operator, and may tell a secret."""
        try:
            yield
        except Exception as error:
            place = " at ".join(filter(None, error_fields(error).values()))
            self.wrong(what, f"this check failed itself ({place})", "tell those who look after the program")

    @property
    def code(self) -> int:
        """The exit code."""
        return 1 if self.wrongs else 0

    def _print(self, line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
