"""What Telegram was told to send and did, each thing known by its content: so that copies are seen and counted."""

from __future__ import annotations

import base64
import re
from collections import defaultdict
from collections.abc import Hashable
from itertools import pairwise
from typing import Any, Final

from bot.sandbox.core import Call
from tests.chaos.town import Town
from tests.journeys.acting import RECEIPT

SENDS: Final = frozenset({"sendMessage", "sendPhoto", "sendMediaGroup", "sendLocation"})
SLACK: Final = 3.0
"""Seconds that a mark may still wait when a trouble has come between: of the database, which it waits for."""


def deliveries(town: Town) -> dict[Hashable, list[Call]]:
    """Give the calls that were done, by what they delivered; replies are left out, which may be repeated."""
    found: dict[Hashable, list[Call]] = defaultdict(list)
    for call in town.sandbox.calls:
        done = call.error is None and call.result is not None and not call.ride
        if done and call.method in SENDS and (key := _known_by(town, call.parameters)):
            found[key].append(call)
    return found


def card_id(markup: Any) -> str | None:
    """Give the id of the card that inline buttons belong to."""
    rows = (markup or {}).get("inline_keyboard", ())
    data = next((button["callback_data"] for row in rows for button in row if "callback_data" in button), "")
    packed = data.split(":")[0]
    return base64.urlsafe_b64decode(packed + "==").hex() if len(packed) == 22 else None


def unexcused(town: Town, calls: list[Call]) -> int:
    """Count copies between which nothing happened that could have kept a sending from being marked."""
    count = 0
    for first, second in pairwise(calls):
        count += not any(first.time - SLACK <= when <= second.time for when, _ in town.troubles)
    return count


def _known_by(town: Town, sent: dict[str, Any]) -> Hashable:
    chat, text = sent["chat_id"], sent.get("text") or sent.get("caption") or ""
    if chat not in {desk.id for desk in town.desks.values()}:
        receipt = RECEIPT.search(text)
        return ("receipt", chat, receipt[0]) if receipt else None
    if card := card_id(sent.get("reply_markup")):
        return ("card", chat, card)
    if "latitude" in sent:
        return ("point", chat, round(sent["latitude"], 6), round(sent["longitude"], 6))
    captions = [text, *(one.get("caption", "") for one in sent.get("media") or ())]
    number = next((found[1] for one in captions if (found := re.search(r"№(\d+)", one))), None)
    return ("photos", chat, int(number)) if number and ("photo" in sent or "media" in sent) else None
