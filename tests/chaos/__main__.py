"""`make chaos`: the big run, by webhook and by polling, and with three processes; prints what was done and found."""

from __future__ import annotations

import asyncio
import os
import sys

import uvloop

from bot.wording import load_wording
from tests.chaos.run import Outcome, run
from tests.chaos.scale import Scale, chosen_seed
from tests.stage import ROOT

WAYS = ((True, 1), (False, 1), (True, 3), (False, 3))


def main() -> None:
    """Run all ways, and end with 1 if anything was wrong."""
    seed, hurry = chosen_seed(), int(os.environ.get("HURRY", "60"))
    reports, kills = (int(os.environ.get(name, usual)) for name, usual in (("REPORTS", "1000"), ("KILLS", "200")))
    print(f"CHAOS_SEED={seed} REPORTS={reports} KILLS={kills} HURRY={hurry}")
    wording, wrong = load_wording(ROOT / "templates"), False
    ways = [WAYS[int(number)] for number in os.environ.get("WAYS", "0123")]
    for webhook, processes in ways:
        restarts = int(os.environ.get("RESTARTS") or max(1, kills // 40))
        scale = Scale(seed, reports, kills, restarts, max(2, kills // 10), processes, webhook, hurry)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            outcome = runner.run(run(scale, wording))
        table(outcome)
        wrong = wrong or bool(outcome.faults)
    sys.exit(1 if wrong else 0)


def table(outcome: Outcome) -> None:
    """Print one run."""
    passed = ", ".join(f"{what} {seconds:.0f} s" for what, seconds in outcome.seconds.items())
    print(f"\n{outcome.scale.way}: {passed}")
    for what, count in sorted(outcome.counts.items()):
        print(f"  {what:<44} {count:>8,}")
    print("  logged: " + ", ".join(f"{what} × {count}" for what, count in outcome.logged.most_common(12)))
    print(f"  faults: {len(outcome.faults)}")
    for fault in outcome.faults[:30]:
        print(f"    {fault}")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
