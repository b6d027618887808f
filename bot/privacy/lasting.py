"""The keys that live as long as the installation: which there are, and whether they may be made."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

from bot.privacy.generations import SEAL, read_purpose
from bot.privacy.wrapping import KeyringLost

LASTING: Final = ("receipt", "chat", "resource", "press", "journal", "cells", "seal1")
"""Made at the first start; `seal1` is the first sealing generation, whose place others take."""
LATER: Final = {
    "journal": "SELECT EXISTS (SELECT FROM journal_chain)",
    "cells": "SELECT EXISTS (SELECT FROM near_places)",
}
"""Those that older databases do not have yet, and whether anything is there that was made with each."""
IN_USE: Final = """
SELECT EXISTS (SELECT FROM reports) OR EXISTS (SELECT FROM resources) OR EXISTS (SELECT FROM parts)
  OR EXISTS (SELECT FROM originals) OR EXISTS (SELECT FROM additions) OR EXISTS (SELECT FROM forms)
  OR EXISTS (SELECT FROM decisions)
  OR EXISTS (SELECT FROM dialogues) OR EXISTS (SELECT FROM handled_updates) OR EXISTS (SELECT FROM messages)
  OR EXISTS (SELECT FROM watches) OR EXISTS (SELECT FROM captures)
  OR EXISTS (SELECT FROM batches) OR EXISTS (SELECT FROM cards) OR EXISTS (SELECT FROM return_addresses)
  OR EXISTS (SELECT FROM placement_days)
"""
"""Whether anything is there that was sealed or hashed with a keyring: a new one would only hide that it is lost."""


async def missing(driver: Any, there: Collection[str]) -> list[str]:
    """Name the lasting keys that have to be made; raise KeyringLost when some are gone that were in use."""
    seals = can_seal(there)
    wanted = [purpose for purpose in LASTING if purpose not in there and not (seals and read_purpose(purpose))]
    if any(purpose not in LATER for purpose in wanted) and await driver.fetchval(IN_USE):
        raise KeyringLost
    for purpose in wanted:
        if purpose in LATER and await driver.fetchval(LATER[purpose]):
            raise KeyringLost
    return wanted


def can_seal(purposes: Iterable[str]) -> bool:
    """Tell whether there is a generation to seal under."""
    return any((known := read_purpose(purpose)) and known[0] == SEAL for purpose in purposes)
