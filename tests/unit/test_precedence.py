"""Who goes next on a desk: precedence, and the share of each rank, on a clock of the test's own."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.limits import GROUP, Limits
from bot.delivery.precedence import Rank, Shares

DESK = -1_001_234_567_890
KEPT = LEAST = 5
"""What was promised, whatever the program thinks."""


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Desk:
    """A desk where so much waits in each rank, by the cost of each delivery, and is sent as soon as it may be."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.shares, self.limits = Shares(self.clock), Limits(self.clock)
        self.sent: list[tuple[float, Rank, int]] = []

    def send(self, waiting: dict[Rank, list[int]]) -> Rank:
        heads = {rank: costs[0] for rank, costs in waiting.items() if costs}
        rank = self.shares.first(heads)
        cost = waiting[rank].pop(0)
        while (seconds := max(self.shares.wait(rank, cost), self.limits.look(DESK, cost))) > 0:
            self.clock.now += seconds
        assert self.limits.wait(DESK, cost) == 0
        self.shares.book(rank, cost)
        self.sent.append((self.clock.now, rank, cost))
        return rank

    def rush(self, seconds: float, **costs: int) -> Counter[Rank]:
        """Have these ranks wait without end, each with deliveries of this cost; give what each has sent."""
        end, before = self.clock.now + seconds, len(self.sent)
        while self.clock.now < end:
            self.send({Rank[name]: [cost] for name, cost in costs.items()})
        sent = Counter[Rank]()
        for _, rank, cost in self.sent[before:]:
            sent[rank] += cost
        return sent


def test_what_hides_goes_before_answers_the_digest_edits_new_cards_and_those_before_what_is_settled() -> None:
    desk = Desk()
    waiting = {rank: [1] for rank in reversed(Rank)}
    order = [Rank.HIDE, Rank.ANSWER, Rank.DIGEST, Rank.FOLLOWING, Rank.NEW, Rank.SETTLED]
    assert [desk.send(waiting) for _ in Rank] == order


@pytest.mark.parametrize("used", ["ANSWER", "FOLLOWING", "NEW"])
def test_what_hides_may_use_a_whole_minute_whatever_waits(used: str) -> None:
    desk = Desk()
    desk.send({Rank[used]: [1]})
    began = desk.clock.now
    for _ in range(19):
        assert desk.send({Rank.HIDE: [1], Rank.ANSWER: [1], Rank.FOLLOWING: [1], Rank.NEW: [1]}) is Rank.HIDE
    assert desk.clock.now == began, "nothing is kept back from it"
    assert desk.send({Rank.HIDE: [10], Rank.NEW: [1]}) is Rank.HIDE, "however much it is"


def test_new_cards_and_edits_leave_five_of_each_minute_to_answers() -> None:
    desk = Desk()
    for _ in range(15):
        desk.send({Rank.NEW: [1], Rank.FOLLOWING: [1]})
    assert desk.shares.wait(Rank.NEW, 1) == desk.shares.wait(Rank.FOLLOWING, 1) == GROUP[1]
    began = desk.clock.now
    for _ in range(KEPT):
        desk.send({Rank.ANSWER: [1], Rank.NEW: [1], Rank.FOLLOWING: [1]})
    assert desk.clock.now == began
    assert Counter(rank for _, rank, _ in desk.sent)[Rank.ANSWER] == KEPT


def test_what_is_settled_waits_until_half_of_the_minute_is_free_and_stands_in_nobodys_way() -> None:
    desk = Desk()
    for _ in range(10):
        desk.send({Rank.ANSWER: [1], Rank.SETTLED: [1]})
    assert desk.shares.wait(Rank.SETTLED, 1) == GROUP[1]
    for rank in (Rank.NEW, Rank.FOLLOWING, Rank.ANSWER):
        assert desk.send({rank: [1], Rank.SETTLED: [1]}) is rank
    # With a whole minute used up whoever waits is next, not what is settled.
    for _ in range(7):
        desk.send({Rank.ANSWER: [1]})
    assert desk.shares.first({Rank.NEW: 1, Rank.SETTLED: 1}) is Rank.NEW
    began = desk.clock.now
    assert desk.send({Rank.SETTLED: [1]}) is Rank.SETTLED
    assert desk.clock.now == began + GROUP[1], "of twenty it waits for half to be over"


def test_a_desk_in_haste_makes_all_its_own_presses_and_what_is_settled_follows() -> None:
    desk = Desk()
    for number in range(60):
        waiting = {Rank.ANSWER: [1]} | ({Rank.SETTLED: [1]} if number >= 8 else {})
        assert desk.send(waiting) is Rank.ANSWER
        desk.clock.now += 4
    began = desk.clock.now
    for _ in range(52):
        desk.send({Rank.SETTLED: [1]})
    assert 4 * GROUP[1] <= desk.clock.now - began <= 6 * GROUP[1]


def test_answers_may_use_a_whole_minute_when_nothing_else_waits() -> None:
    desk = Desk()
    began = desk.clock.now
    for _ in range(20):
        desk.send({Rank.ANSWER: [1]})
    assert desk.clock.now == began


@pytest.mark.parametrize(
    ("above", "below"),
    [("ANSWER", "NEW"), ("ANSWER", "FOLLOWING"), ("FOLLOWING", "NEW")],
)
def test_what_goes_first_starves_nothing(above: str, below: str) -> None:
    sent = Desk().rush(61 * 20, **{above: 1, below: 1})
    assert sent[Rank[below]] >= LEAST * 19
    assert sent[Rank[above]] > sent[Rank[below]]


def test_when_all_wait_without_end_each_gets_its_share() -> None:
    sent = Desk().rush(61 * 20, ANSWER=1, FOLLOWING=1, NEW=1)
    assert min(sent[Rank.FOLLOWING], sent[Rank.NEW]) >= LEAST * 19
    assert sent[Rank.ANSWER] >= 9 * 20


def test_an_album_is_not_overtaken_for_ever() -> None:
    sent = Desk().rush(61 * 20, ANSWER=1, FOLLOWING=10, NEW=1)
    assert sent[Rank.FOLLOWING] >= 10 * 5
    assert min(sent[Rank.ANSWER], sent[Rank.NEW]) >= LEAST * 10


def test_a_rank_that_waits_alone_uses_all_that_is_not_kept() -> None:
    for name in ("FOLLOWING", "NEW"):
        assert Desk().rush(61 * 20, **{name: 1})[Rank[name]] >= 15 * 20


@given(st.lists(st.dictionaries(st.sampled_from(list(Rank)), st.integers(1, 10), min_size=1), max_size=150))
def test_no_minute_holds_more_than_twenty_nor_after_others_more_than_fifteen_that_are_no_answers(
    rounds: list[dict[Rank, int]],
) -> None:
    desk = Desk()
    for waiting in rounds:
        desk.send({rank: [cost] for rank, cost in waiting.items()})
    for moment, _, _ in desk.sent:
        within = [(rank, cost) for at, rank, cost in desk.sent if moment - GROUP[1] < at <= moment]
        assert sum(cost for _, cost in within) <= GROUP[0]
        if within[-1][0] not in (Rank.HIDE, Rank.ANSWER):
            assert sum(cost for rank, cost in within if rank is not Rank.ANSWER) <= GROUP[0] - KEPT


def test_what_another_process_sent_counts_into_the_shares() -> None:
    desk = Desk()
    desk.shares.refill([(10.0, Rank.NEW, 1)] * 15)
    assert desk.shares.wait(Rank.NEW, 1) == GROUP[1] - 10
    assert desk.shares.wait(Rank.ANSWER, 1) == 0
    desk.shares.refill([(0.0, Rank.NEW, 1)] * 15)
    assert desk.shares.wait(Rank.NEW, 1) == GROUP[1] - 10
