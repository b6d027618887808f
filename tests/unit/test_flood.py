"""The flood's window: what a volunteer sends passes, more from the same chat stops, and nothing is remembered long."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from itertools import count
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.flood import MESSAGES_PER_MINUTE, MINUTE, Flood
from bot.telegram.reply import Reply, say
from tests.workbench import until

CHAT = 5_012_345_678
NOON = 1_793_793_600
IDS = count(1)
TOLD = say("too much at once")


def message(sent: int = NOON, text: str = "t.me/shop", update_id: int | None = None, **more: Any) -> dict[str, Any]:
    return {"update_id": update_id or next(IDS), "message": {"date": sent, "text": text, **more}}


def make(most: int = MESSAGES_PER_MINUTE, forget_after: float = MINUTE) -> Flood:
    def answer(_: Mapping[str, Any]) -> Reply:
        return TOLD

    return Flood(lambda text: text == "help", answer, most, forget_after)


async def passes(flood: Flood, update: dict[str, Any], chat: int = CHAT) -> bool:
    return flood.look(chat, update)[0]


async def test_a_volunteers_burst_passes_and_what_is_above_it_is_told_once_a_minute() -> None:
    flood = make()
    assert all([await passes(flood, message()) for _ in range(MESSAGES_PER_MINUTE)])
    assert flood.look(CHAT, message(NOON + 1)) == (False, TOLD)
    assert [flood.look(CHAT, message(NOON + 30)) for _ in range(50)] == [(False, None)] * 50
    # The window has moved on.
    assert await passes(flood, message(NOON + MINUTE))


async def test_it_is_told_again_in_the_next_minute() -> None:
    flood = make(most=2)
    told = []
    for second in range(0, 181, 10):
        for _ in range(5):
            told += [second for reply in [flood.look(CHAT, message(NOON + second))[1]] if reply]
    assert told == [0, 60, 120, 180]


async def test_a_burst_of_many_people_is_no_flood() -> None:
    flood = make(most=5)
    for chat in range(500):
        for _ in range(5):
            assert await passes(flood, message(), chat=chat + 1)


async def test_what_waited_while_the_bot_was_down_is_no_flood() -> None:
    """Telegram keeps messages for a day: a volunteer's day comes at once, and none of it may be dropped."""
    flood = make()
    assert all([await passes(flood, message(NOON + second)) for second in range(0, 86_400, 10)])


async def test_what_is_brought_again_is_counted_once_and_passes_in_the_midst_of_a_flood() -> None:
    flood = make(most=10)
    first = message()
    assert all([await passes(flood, first) for _ in range(50)])
    for _ in range(20):
        await passes(flood, message())
    assert await passes(flood, first), "it was let in, but its turn failed: dropped, it would be lost"


async def test_presses_and_cries_for_help_always_pass() -> None:
    flood = make(most=1)
    await passes(flood, message())
    assert not await passes(flood, message())
    assert await passes(flood, {"update_id": next(IDS), "callback_query": {"data": "x"}})
    assert await passes(flood, message(text="help"))
    assert await passes(flood, {"update_id": next(IDS), "message": {"date": NOON, "caption": "help"}})


async def test_edits_count_by_when_they_were_made() -> None:
    flood = make(most=3)
    edits = [{"date": NOON, "edit_date": NOON + 20 * n, "text": "x"} for n in range(20)]
    assert all([await passes(flood, {"update_id": next(IDS), "edited_message": edit}) for edit in edits])
    assert not await passes(flood, {"update_id": next(IDS), "edited_message": edits[-1]})


async def test_chats_are_forgotten_though_nothing_more_comes() -> None:
    flood = make(forget_after=0.01)
    for chat in range(100):
        await passes(flood, message(), chat=chat + 1)
    assert flood.remembered == 100

    async def forgotten() -> bool:
        return flood.remembered == 0

    await until(forgotten)
    assert await passes(flood, message())
    assert flood.remembered == 1


@given(st.lists(st.one_of(st.integers(-(2**62), 2**62), st.just(NOON), st.none(), st.text(max_size=3)), max_size=300))
def test_whatever_dates_it_is_told_memory_stays_bounded(dates: list[Any]) -> None:
    async def feed() -> None:
        flood = make(most=20)
        for moment in dates:
            flood.look(CHAT, message(moment))
        assert len(flood._chats[CHAT].sent) <= 20 if dates else not flood._chats

    asyncio.run(feed())
