"""The story: reporters play their scenes, a few at a time, and an officer acts on every card."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import Final

from bot.sandbox.world import Message
from tests.identities.case_files import case_files
from tests.identities.house import House
from tests.identities.reporter import Reporter
from tests.identities.scenes import LAST, SCENES, Scene
from tests.journeys.acting import settled

AT_ONCE: Final = 8
COMMANDS: Final = (("purge",), ("purge", "--dry-run"), ("check",), ("keys", "rotate"))
"""What an operator types meanwhile; with few reporters only the first, for a rotation takes over a minute."""
FEW: Final = 20
PATIENCE: Final = 20
CODES: Final = tuple(f"Wjtqz{number}Placement" for number in range(3))
"""Of placements, by one of which each reporter comes."""
PLACEMENT: Final = """
INSERT INTO placements (id, code, name, folded, campaign, surface, languages, made_on)
VALUES (gen_random_uuid(), $1, $1, lower($1), 'Wjtqz campaign', 'stop', 'kk', '2026-01-01')
"""
EACH: Final = 3
"""Scenes that one reporter plays, beside a last one; six reporters play all."""


def story(n: int) -> list[Scene]:
    """Give the scenes of the nth reporter, evenly apart in SCENES."""
    chosen = [SCENES[(n + place * len(SCENES) // EACH) % len(SCENES)] for place in range(EACH)]
    return chosen + ([LAST[n % 5]] if n % 5 < len(LAST) else [])


async def play(house: House, count: int) -> list[Reporter]:
    """Have so many reporters play, and the desk act; give them when all has come to rest."""
    room = asyncio.Semaphore(AT_ONCE)
    reporters = [Reporter(house, n) for n in range(count)]
    for code in CODES:
        await house.fetch(PLACEMENT, code)

    async def one(reporter: Reporter) -> None:
        async with room:
            await reporter.begins_at_all(CODES[reporter.marks.n % len(CODES)])
            for scene in story(reporter.marks.n):
                await reporter.drops_what_is_open()
                await scene(reporter)

    async with asyncio.TaskGroup() as tasks:
        for reporter in reporters:
            tasks.create_task(one(reporter))
    await rests(house)
    for reporter in reporters:
        if reporter.refused_later:
            house.sandbox.fail_next("sendMessage", 400, reporter.refused_later, chat_id=reporter.id)
    await officer_acts(house)
    await rests(house)
    await case_files(house)
    for command in COMMANDS if count > FEW else COMMANDS[:1]:
        await house.command(*command)
    await rests(house)
    return reporters


async def rests(house: House) -> None:
    """Wait until all has come to rest; what a thousand people left to do takes its time."""
    for _ in range(PATIENCE):
        with suppress(AssertionError):
            return await settled(house)
    raise AssertionError("the bot did not come to rest")


async def officer_acts(house: House) -> None:
    """Claim, release, decide and open again: each card one act more than the one before."""
    cards = [post for post in house.sandbox.messages(house.desk.id) if post.from_bot and post.inline]
    room = asyncio.Semaphore(AT_ONCE)
    async with asyncio.TaskGroup() as tasks:
        for number, card in enumerate(cards):
            tasks.create_task(_acts(house, room, number, card))
    house.sandbox.send_text(house.officer, "/help", house.desk)


async def _acts(house: House, room: asyncio.Semaphore, number: int, card: Message) -> None:
    async with room:
        for step in range(number % 4 + 1):
            data = [button["callback_data"] for row in card.inline for button in row if "callback_data" in button]
            if not data:
                break
            query = house.sandbox.press(house.officer, card.id, data[(number + step) % len(data)], chat=house.desk)
            press = house.sandbox.presses[query]
            await house.sandbox.wait_for(partial(getattr, press, "answered"))
