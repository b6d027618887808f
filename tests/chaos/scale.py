"""How much is done, and to whom."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """One chaos run. The same seed makes the same people, contents and troubles; the moments stay the machine's own."""

    seed: int
    reports: int
    kills: int
    restarts: int
    """Immediate restarts of PostgreSQL."""
    storms: int
    """Of 429 and 5xx, each of some calls one after another."""
    processes: int
    webhook: bool
    hurry: int = 60
    """How many times faster the limit of a group is there again; 0 is `python -m bot run` as it is."""

    @property
    def way(self) -> str:
        """Name the run."""
        return f"{'webhook' if self.webhook else 'polling'}, {self.processes} process{'es' * (self.processes > 1)}"

    def rng(self, *parts: object) -> random.Random:
        """Give the luck of somebody or something."""
        return random.Random(f"{self.seed} {parts}")


def chosen_seed() -> int:
    """Give CHAOS_SEED, or a new one."""
    return int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(10**6))
