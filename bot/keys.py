"""The keyring of an installation, opened with the key that its settings name."""

from __future__ import annotations

from typing import Final

from bot.database import Database, driver
from bot.privacy.keyring import KeyRing
from bot.privacy.wrapping import KeyTrouble
from bot.secret_key import given_key, secret_key
from bot.settings import Settings, decode_key

ANY_KEY: Final = "SELECT EXISTS (SELECT FROM lasting_keys) OR EXISTS (SELECT FROM period_keys)"


class KeyGone(KeyTrouble):
    """SECRET_KEY is gone, and this database is sealed with it: bring it back from where you keep its copy."""


async def key_ring(settings: Settings, database: Database, *, make: bool = False) -> KeyRing:
    """Give the keyring, not loaded yet; with `make` a key is made if neither it nor a keyring is there.

    Raise KeyGone, and BadSetting for a key that cannot be read.
    """
    if given_key(settings) is None:
        async with database.transaction() as connection:
            if await (await driver(connection)).fetchval(ANY_KEY):
                raise KeyGone
    previous = settings.secret_key_previous
    return KeyRing(
        database, secret_key(settings, make=make), decode_key(previous.get_secret_value()) if previous else None
    )
