"""`shekteu keys rotate`."""

from __future__ import annotations

import argparse
from typing import Final

from bot.commands.command import Command, in_loop
from bot.settings import Settings


def _rotate(settings: Settings, _: argparse.Namespace) -> int:
    from bot.keys import key_ring
    from bot.migrate import require_newest
    from bot.rotation import Rotation
    from bot.running import open_database, tell

    async def work() -> bool:
        async with open_database(settings) as (database, url):
            await require_newest(database)
            rotated = await Rotation(database, url, await key_ring(settings, database), tell).run()
        if rotated and settings.secret_key_previous:
            tell("SECRET_KEY_PREVIOUS is needed no longer: take it out of the settings, and start the bot again.")
        return rotated

    return 0 if in_loop(work) else 1


ROTATE: Final = Command(
    "rotate",
    _rotate,
    "change the keys",
    "shekteu keys rotate",
    description="Seal everything under a new key while the bot runs, and wrap the keyring by a new SECRET_KEY. For "
    "that, set SECRET_KEY to the new key and SECRET_KEY_PREVIOUS to the old one, and start the bot again first. "
    "Without SECRET_KEY_PREVIOUS the wrapping stays. It can be stopped and run again at any moment.",
)
COMMAND: Final = Command(
    "keys",
    None,
    "look after the keys: `keys rotate` changes them while the bot runs",
    "shekteu keys rotate",
    acts=(ROTATE,),
)
