"""Thousands of links within an hour from hundreds of people, seven of ten named before: each is one resource.

A sample in `make test`, the same each time; `make links` is the whole of it: COUNT links from PEOPLE people, planned
by a SEED that it prints.
"""

from __future__ import annotations

import os
import random
from collections import Counter

from bot.wording import Wording
from tests.crowd.answers import Answers
from tests.crowd.checks import Checks
from tests.crowd.crowd import Crowd
from tests.crowd.hour import Hour, open_hour
from tests.crowd.plan import Plan

COUNT = int(os.environ.get("COUNT", "400"))
PEOPLE = int(os.environ.get("PEOPLE", "20"))
SEED = int(os.environ.get("SEED") or (random.SystemRandom().randrange(10**6) if "COUNT" in os.environ else 7))


async def test_links_of_an_hour_come_to_the_planned_cards_counts_and_answers(
    database_url: str, wording: Wording
) -> None:
    async with open_hour(database_url, wording) as hour:
        plan = Plan(COUNT, PEOPLE, SEED, hour.app.settings.reports_per_hour)
        print(f"\nSEED={SEED}: {COUNT} links from {PEOPLE} people, {len(plan.things)} different ones")
        crowd = Crowd(hour, plan)
        await hour.run()
        say_what_happened(hour, crowd)
        checks = Checks(crowd)
        await checks.all()
        await Answers(crowd, checks).right()


def say_what_happened(hour: Hour, crowd: Crowd) -> None:
    """Print what was sent how, and how long the desk took."""
    ways = Counter(sending.way.value for sending in crowd.plan.sendings)
    print(", ".join(f"{way}: {many}" for way, many in ways.most_common()))
    print(
        f"{len(crowd.plan.reports())} reports; {crowd.updates.twice} updates brought twice, {hour.again} brought again;"
    )
    print(f"the desk had everything after {hour.seconds / 60:.0f} minutes")
