"""Whatever officers do, a dealer learns of an invite nothing of before he named it, nor of who else names it then."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from itertools import count

import pytest

from bot.delivery import limits
from bot.embedded import Embedded
from bot.reports.lifecycle import Act, Amendment, Decision
from bot.wording import Wording
from tests.conftest import migrated_database
from tests.crowd.hour import Hour, open_hour
from tests.crowd.phone import Updates
from tests.crowd.probing import AIGERIM, DANIYAR, DUE, UNDO, Never, World, later
from tests.examples import some

STEPS = 8
DAY = 86_400
ACTS = (Act.CLAIM, Act.RELEASE, Act.REOPEN, *(each for each in Decision if each is not Decision.ABUSE))
OFTEN = (Act.CLAIM, Act.RELEASE, Decision.SENT_TO_BLOCK, Decision.BLOCKED)
# What was done to the invite before the dealer named it, by whom.
BEFORE = {
    "unknown": (),
    "reported": (None,),
    "claimed": ((Act.CLAIM, AIGERIM),),
    "released": ((Act.CLAIM, AIGERIM), (Act.RELEASE, AIGERIM)),
    "sent": ((Decision.SENT_TO_BLOCK, AIGERIM), (Act.RELEASE, AIGERIM)),
    "sent and held": ((Decision.SENT_TO_BLOCK, AIGERIM),),
    "closed": ((Decision.BLOCKED, AIGERIM),),
    "rejected": ((Decision.REJECTED, AIGERIM),),
    "reopened": ((Decision.NOT_CONFIRMED, AIGERIM), (Act.REOPEN, AIGERIM)),
    "another's": ((Act.CLAIM, DANIYAR),),
}
UPDATES, WORLDS = count(1), count(1000)


@pytest.fixture(scope="module")
async def hour(cluster: Embedded, wording: Wording) -> AsyncIterator[Hour]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("PERSON", "ALL"):
            patch.setattr(limits, name, (100_000, 1.0))
        async with migrated_database(cluster) as url, open_hour(url, wording, undo_seconds=UNDO) as opened:
            opened.jobs = DUE
            # What the desk is shown is not asked here, and would wait for its minutes.
            opened.couriers = opened.couriers[1:]
            yield opened


def worlds(hour: Hour, names: tuple[str, ...], decoys: int) -> list[World]:
    return [World(hour, Updates(Never(), UPDATES), name, next(WORLDS), decoys) for name in names]


async def same(them: list[World], why: object, *asked: str) -> None:
    """See that the same came back in all these worlds."""
    first, *others = [await world.notes(*asked) for world in them]
    for world, noted in zip(them[1:], others, strict=True):
        assert noted == first, (world.name, why)


async def walk(hour: Hour, them: list[World], chance: random.Random, *, on_list: bool) -> None:
    """Have officers act on what the dealer gives up, time pass, and the dealer ask, in all worlds alike."""
    for act in (Amendment.UNDO, Act.CLAIM, Act.RELEASE, Decision.SENT_TO_BLOCK, Act.RELEASE):
        for world in them:
            for link in [None] if on_list else world.decoys:
                if isinstance(act, Amendment):
                    await world.acts(link, Decision.SENT_TO_BLOCK)
                    await world.undoes(link)
                else:
                    await world.acts(link, act)
        await later(hour, UNDO + 1)
        await same(them, f"all {act}", "/status {0.receipt}")
    done: list[str] = []
    for _ in range(STEPS):
        place = None if on_list and chance.random() < 0.4 else chance.randrange(len(them[0].decoys))
        way, act = chance.random(), chance.choice(OFTEN if chance.random() < 0.6 else ACTS)
        done.append(f"{place} {act} {way:.2f}")
        for world in them:
            link = None if place is None else world.decoys[place]
            if way < 0.7:
                await world.acts(link, act)
            elif way < 0.85:
                await world.undoes(link)
            else:
                await world.asks(link)
        await same(them, done)
        await later(hour, chance.choice((1, UNDO + 1, UNDO + 1, DAY + 60)))
        adds = ("/add {0.receipt}", "{0.invite}", "{0.decoys[0]}", them[0].label("send"))
        await same(them, done, "/status {0.receipt}", *(adds if chance.random() < 0.1 else ()))


@pytest.mark.parametrize("seed", range(some(3)))
async def test_whatever_is_done_to_what_he_gives_up_he_learns_nothing_of_before(hour: Hour, seed: int) -> None:
    chance = random.Random(seed)
    on_list = seed % 3 == 2
    decoys = 6 if on_list else seed % 3 + 1
    # Of a list that names what a colleague has in hand an officer closes the rest: what he sees of that is no secret.
    them = worlds(hour, tuple(BEFORE)[: -1 if on_list else None], decoys)
    for world in them:
        if BEFORE[world.name]:
            await world.told_by(world.somebody(), world.invite)
    for step in range(2):
        for world in them:
            for done in BEFORE[world.name][step : step + 1]:
                if done is not None:
                    await world.acts(world.invite, *done)
        await later(hour, UNDO + 1)
        await later(hour, 60)
    for world in them:
        await world.probe()
    await same(them, "sent", "/status {0.receipt}")
    await walk(hour, them, chance, on_list=on_list)


@pytest.mark.parametrize("seed", range(some(3)))
async def test_nor_of_who_reports_it_after_him_once_it_is_decided(hour: Hour, seed: int) -> None:
    chance = random.Random(seed)
    them = worlds(hour, ("his alone", "reported again", "claimed again", "decided again"), seed % 3)
    decision = chance.choice((Decision.BLOCKED, Decision.NOT_CONFIRMED, Decision.REJECTED, Decision.BLOCKED))
    again = chance.choice((Decision.BLOCKED, Decision.SENT_TO_BLOCK, Decision.REJECTED))
    for world in them:
        await world.probe()
        await world.acts(world.invite, decision)
    await later(hour, UNDO + 1)
    await later(hour, 60)
    await same(them, decision, "/status {0.receipt}")
    for world in them[1:]:
        await world.told_by(world.somebody(), world.invite)
    await same(them, "reported again", "/status {0.receipt}")
    for world in them[2:]:
        await world.acts(world.invite, Act.CLAIM)
    await same(them, "claimed again", "/status {0.receipt}")
    for world in them[3:]:
        await world.acts(world.invite, again)
    await same(them, "decided again", "/status {0.receipt}")
    await later(hour, UNDO + 1)
    await later(hour, DAY)
    await same(them, "told again", "/status {0.receipt}")
    if them[0].decoys:
        await walk(hour, them, chance, on_list=False)
