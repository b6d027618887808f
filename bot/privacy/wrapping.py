"""How keys lie in the database: each wrapped by SECRET_KEY, for its own row."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from bot.privacy.sealing import CannotOpen, derive, open_sealed, seal

FORM: Final = 1
"""The byte in front of a wrapped key."""


class KeyTrouble(Exception):
    """The key and the database do not belong together: no start mends that, a person must."""


class WrongKey(KeyTrouble):
    """SECRET_KEY does not open this database's keyring: bring back the key that it was made with."""


class KeyringLost(KeyTrouble):
    """The keyring is gone, but not what it sealed: bring back the table lasting_keys from a backup of this database."""


class Wrapping:
    """Wraps keys by the secret key, and opens what it or the previous one has wrapped."""

    def __init__(self, secret_key: bytes, previous: bytes | None = None) -> None:
        self._newest = derive(secret_key, "wrap")
        self._opening = [self._newest] + ([derive(previous, "wrap")] if previous else [])

    def wrap(self, key_id: UUID, key: bytes) -> bytes:
        """Wrap a key for the row of this id."""
        return seal(self._newest, FORM, key_id.bytes, key, padded=False)

    def unwrap(self, key_id: UUID, wrapped: bytes) -> bytes:
        """Open a wrapped key; raise WrongKey."""
        for key in self._opening:
            try:
                return open_sealed({FORM: key}, key_id.bytes, wrapped, padded=False)
            except CannotOpen:
                continue
        raise WrongKey

    def is_newest(self, key_id: UUID, wrapped: bytes) -> bool:
        """Tell whether the secret key itself wrapped this, not the previous one."""
        try:
            open_sealed({FORM: self._newest}, key_id.bytes, wrapped, padded=False)
        except CannotOpen:
            return False
        return True
