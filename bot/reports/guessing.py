"""Looking a report up by its receipt, slowed for whoever types wrong ones."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from bot.privacy import counting
from bot.privacy.keyring import KeyRing
from bot.reports.found import Found, by_receipt

WRONG_RECEIPTS: Final = 10
"""Wrong receipts that a chat may type within an hour."""
_PURPOSE: Final = "wrong receipts"


class TooManyGuesses(Exception):
    """This chat has typed so many wrong receipts that none of its receipts is looked up for the rest of the hour."""


async def find(driver: Any, ring: KeyRing, receipt: str, chat_id: int, now: datetime) -> Found | None:
    """Find a report by its receipt; None when it is wrong, which is counted. Raise TooManyGuesses."""
    wrong = await counting.counted(driver, ring, _PURPOSE, chat_id, now)
    if wrong > WRONG_RECEIPTS:
        raise TooManyGuesses
    found = await by_receipt(driver, ring, receipt, now)
    if found is None:
        await counting.count(driver, ring, _PURPOSE, chat_id, now, wrong)
    return found
