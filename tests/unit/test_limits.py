"""Telegram's limits, on a clock of the test's own."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.limits import ALL, GROUP, PERSON, SEVERAL, Crowded, Limits, Window
from bot.delivery.precedence import Rank, Shares
from bot.delivery.turnstile import Turnstile

DESK, CITIZEN = -1_001_234_567_890, 5_012_345_678


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_twenty_messages_a_minute_go_into_a_group() -> None:
    clock = Clock()
    limits = Limits(clock)
    assert [limits.wait(DESK) for _ in range(20)] == [0.0] * 20
    assert limits.wait(DESK) == 61.0
    clock.now += 60.0
    assert limits.wait(DESK) == pytest.approx(1.0)
    clock.now += 1.0
    assert limits.wait(DESK) == 0.0


def test_the_window_slides() -> None:
    clock = Clock()
    limits = Limits(clock)
    for _ in range(20):
        assert limits.wait(DESK) == 0.0
        clock.now += 1.0
    assert limits.wait(DESK) == 41.0
    clock.now += 41.0
    assert limits.wait(DESK) == 0.0
    assert limits.wait(DESK) == 1.0


def test_every_part_of_an_album_counts() -> None:
    clock = Clock()
    limits = Limits(clock)
    assert limits.wait(DESK, 10) == 0.0
    assert limits.wait(DESK, 10) == 0.0
    assert limits.wait(DESK) == 61.0
    clock.now += 61.0
    for _ in range(11):
        assert limits.wait(DESK) == 0.0
    assert limits.wait(DESK, 10) == 61.0
    assert limits.wait(DESK, 9) == 0.0


def test_more_than_fits_at_all_waits_for_an_empty_window() -> None:
    clock = Clock()
    limits = Limits(clock)
    assert limits.wait(DESK) == 0.0
    assert limits.wait(DESK, 25) == 61.0
    clock.now += 61.0
    assert limits.wait(DESK, 25) == 0.0


def test_a_person_gets_one_a_second() -> None:
    clock = Clock()
    limits = Limits(clock)
    assert limits.wait(CITIZEN) == 0.0
    clock.now += 0.25
    assert limits.wait(CITIZEN) == 0.75
    assert limits.wait(CITIZEN + 1) == 0.0


def test_all_chats_together_leave_room_for_riding_replies() -> None:
    clock = Clock()
    limits = Limits(clock)
    sent = [limits.wait(CITIZEN + number) for number in range(40)]
    assert sent.count(0.0) == ALL[0] < 30
    assert set(sent[ALL[0] :]) == {1.0}


def test_what_waits_for_the_second_of_all_chats_leaves_together_and_no_later_on_the_whole() -> None:
    clock = Clock()
    limits = Limits(clock)
    left: list[float] = []
    chats = iter(range(CITIZEN, CITIZEN + 1000))
    for chat in chats:
        # At first one by one, spread over the second; then as many as may leave.
        while seconds := limits.wait(chat):
            clock.now += seconds
        left.append(clock.now)
        clock.now += 0.04 if len(left) < ALL[0] else 0.0
    together = Counter(left[ALL[0] :])
    assert len(together) <= 2 * 1000 / ALL[0]
    assert all(sum(1 for each in left if moment - ALL[1] < each <= moment) <= ALL[0] for moment in together)
    assert left[-1] - left[0] < 1000 / ALL[0] + 1


def test_looking_books_nothing() -> None:
    limits = Limits(Clock())
    for _ in range(50):
        assert limits.look(DESK) == limits.look_at_chat(DESK) == 0.0


def test_a_pause_holds_its_chat_alone() -> None:
    clock = Clock()
    limits = Limits(clock)
    limits.pause(CITIZEN, 30)
    assert limits.wait(CITIZEN) == 30.0
    assert limits.wait(CITIZEN + 1) == 0.0
    clock.now += 30.0
    assert limits.wait(CITIZEN) == 0.0


def test_several_pauses_at_once_hold_every_chat_until_they_are_over() -> None:
    clock = Clock()
    limits = Limits(clock)
    for number in range(SEVERAL):
        limits.pause(CITIZEN + number, 30)
    assert limits.wait(DESK) == 30.0
    clock.now += 30.0
    assert limits.wait(DESK) == 0.0


def test_pauses_one_after_another_hold_no_other_chat() -> None:
    clock = Clock()
    limits = Limits(clock)
    for number in range(SEVERAL * 3):
        limits.pause(CITIZEN + number, 5)
        clock.now += 5.0
    assert limits.wait(DESK) == 0.0
    assert len(limits._paused) == 1


def test_chats_that_were_sent_to_long_ago_are_forgotten() -> None:
    clock = Clock()
    limits = Limits(clock)
    for number in range(3000):
        assert limits.wait(CITIZEN + number) == 0.0
        clock.now += 0.1
    assert len(limits._chats) <= 1001


def test_what_was_posted_before_the_start_counts() -> None:
    clock = Clock()
    limits = Limits(clock)
    limits.refill(DESK, [50.0, 10.0, 59.0])
    assert limits.look(DESK, 17) == 0.0
    assert limits.look(DESK, 18) == pytest.approx(2.0)
    limits.refill(DESK, [5.0] * 20)
    assert limits.look(DESK, 17) == 0.0


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 10)), max_size=80))
def test_no_minute_ever_holds_more_than_twenty(sends: list[tuple[int, int]]) -> None:
    clock, sent = Clock(), []
    window = Window(*GROUP)
    for pause, cost in sends:
        clock.now += pause
        while (seconds := window.wait(clock.now, cost)) > 0:
            clock.now += seconds
        window.book(clock.now, cost)
        sent += [clock.now] * cost
    for moment in sent:
        assert sum(moment - GROUP[1] < other <= moment for other in sent) <= GROUP[0]


async def test_deliveries_to_many_citizens_pass_while_one_citizens_wait() -> None:
    clock = Clock()
    limits = Limits(clock)
    awake, asleep = asyncio.Event(), asyncio.Event()

    async def sleep(seconds: float) -> None:
        asleep.set()
        await awake.wait()
        clock.now += seconds

    turnstile = Turnstile(limits, sleep)
    assert await turnstile.room(CITIZEN, book=True) is False
    waiter = asyncio.create_task(turnstile.room(CITIZEN, book=True))
    await asleep.wait()
    for _ in range(5):
        with pytest.raises(Crowded) as crowded:
            await turnstile.room(CITIZEN, book=True)
        assert crowded.value.seconds == PERSON[1]
    assert await turnstile.room(CITIZEN + 1, book=True) is False
    awake.set()
    assert await waiter is True


async def test_nobody_waits_in_place_for_a_long_pause() -> None:
    limits = Limits(Clock())
    limits.pause(CITIZEN, 40)
    with pytest.raises(Crowded):
        await Turnstile(limits).room(CITIZEN)


async def test_on_the_desk_everything_waits_in_its_order() -> None:
    clock = Clock()
    limits, order = Limits(clock), Counter[str]()

    async def sleep(seconds: float) -> None:
        order["slept"] += 1
        clock.now += seconds

    turnstile = Turnstile(limits, sleep, Shares(clock))
    for _ in range(45):
        await turnstile.room(DESK, 1, Rank.ANSWER, book=True)
    assert clock.now == 1122.0
    assert order["slept"] == 2
