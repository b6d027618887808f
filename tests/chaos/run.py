"""One chaos run, from the first message to what was found."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from bot.wording import Wording
from tests.chaos.checks import faults, orphaned_workers
from tests.chaos.officer import Officer
from tests.chaos.scale import Scale
from tests.chaos.town import Town
from tests.chaos.troubles import Troubles


@dataclass(frozen=True)
class Outcome:
    """What was done and what was found."""

    scale: Scale
    counts: Counter[str]
    logged: Counter[str]
    faults: list[str]
    seconds: dict[str, float]


async def run(scale: Scale, wording: Wording) -> Outcome:
    """Do it. Whatever is wrong in the end is a fault; what never came to rest is one too."""
    begun, seconds = monotonic(), dict[str, float]()

    def passed(what: str) -> None:
        seconds[what] = monotonic() - begun

    with tempfile.TemporaryDirectory(prefix="chaos-") as name:
        town = Town(Path(name), wording, scale)
        found: list[str] = []
        try:
            await town.open()
            passed("start")
            troubles = Troubles(town)
            troubles.begin()
            officer = asyncio.create_task(Officer(town).works())
            await town.citizens_file()
            passed("filed")
            await troubles.end()
            officer.cancel()
            passed("troubles")
            await town.rests()
            passed("rest")
            found += await faults(town)
            passed("checked")
        except AssertionError as vain:
            found.append(str(vain))
        finally:
            _count(town)
            await town.close()
            passed("closed")
        found += town.late
        if workers := orphaned_workers(Path(name)):
            found.append(f"{workers} photo workers outlived their bots")
        return Outcome(scale, town.counts, town.log_events, found, seconds)


def _count(town: Town) -> None:
    sandbox, counts = town.sandbox, town.counts
    counts["reports begun"] = town.begun
    counts["citizens"] = len(town.witnesses)
    counts["updates"] = len(sandbox.updates.known)
    counts["calls of the bot"] = len(sandbox.calls)
    counts["answers of the webhook lost"] = town.door.lost
    counts["updates brought twice at the same moment"] = town.door.doubled
    for call in sandbox.errors:
        if call.error and call.error.code == 429 and "storm" not in str(call.error):
            counts[f"{'replies' if call.ride else 'calls'} refused by Telegram's own limits"] += 1
    counts["other refusals"] = sum(
        call.error is not None and call.error.code == 400 and "not modified" not in str(call.error)
        for call in sandbox.calls
    )
