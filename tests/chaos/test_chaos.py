"""A small chaos run; the big one is `make chaos`. The same seed: CHAOS_SEED=… pytest tests/chaos."""

from __future__ import annotations

import os

import pytest

from bot.wording import Wording
from tests.chaos.run import run
from tests.chaos.scale import Scale, chosen_seed

REPORTS = int(os.environ.get("CHAOS_REPORTS", "15"))
"""`make thorough` takes 60."""


@pytest.mark.xdist_group("chaos")
async def test_nothing_is_lost_or_doubled_whatever_falls(wording: Wording) -> None:
    scale = Scale(
        seed=chosen_seed(), reports=REPORTS, kills=REPORTS // 5, restarts=1, storms=1, processes=2, webhook=True
    )
    outcome = await run(scale, wording)
    told = f"CHAOS_SEED={scale.seed}: {dict(outcome.counts)} {outcome.seconds}"
    print(told)
    assert outcome.faults == [], f"{told}\n{dict(outcome.logged)}"
