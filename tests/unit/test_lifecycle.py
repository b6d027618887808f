"""The lifecycle is one table: every act in every status is possible or refused, and leads where it says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reports.lifecycle import TRANSITIONS, Act, Decision, IllegalMove, Status, move, parse_act, possible

ACTS: list[Act | Decision] = [*Act, *Decision]
OPEN = {Status.NEW, Status.IN_PROGRESS, Status.NEEDS_INFO}


def test_every_act_and_decision_has_its_row_and_no_two_share_a_name() -> None:
    assert set(TRANSITIONS) == set(ACTS)
    assert len({act.value for act in ACTS}) == len(ACTS)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("status", list(Status))
def test_an_act_is_possible_exactly_where_its_row_says(status: Status, act: Act | Decision) -> None:
    if status in TRANSITIONS[act].before:
        assert move(status, act) is TRANSITIONS[act]
    else:
        with pytest.raises(IllegalMove):
            move(status, act)


def test_only_what_is_open_is_decided_and_only_what_is_decided_reopened() -> None:
    for decision in Decision:
        assert TRANSITIONS[decision].before == OPEN
    assert TRANSITIONS[Act.REOPEN].before == {Status.DECIDED}
    assert TRANSITIONS[Act.REOPEN].after is Status.IN_PROGRESS


def test_asking_the_blocker_leaves_a_report_open_and_every_other_decision_ends_it() -> None:
    ended = {decision for decision in Decision if TRANSITIONS[decision].after is Status.DECIDED}
    assert set(Decision) - ended == {Decision.SENT_TO_BLOCK}
    assert TRANSITIONS[Decision.SENT_TO_BLOCK].after is Status.IN_PROGRESS


def test_the_citizen_is_told_of_decisions_and_not_of_who_has_it_in_hand() -> None:
    assert {act for act in ACTS if TRANSITIONS[act].feedback} == set(Decision) - {Decision.ABUSE}


@given(st.lists(st.sampled_from(ACTS), max_size=30))
def test_no_walk_of_officers_leaves_the_table(acts: list[Act | Decision]) -> None:
    status = Status.NEW
    for act in acts:
        offered = possible(status, tuple(Decision))
        try:
            status = move(status, act).after or status
        except IllegalMove:
            assert act not in offered
        else:
            assert act in offered
    assert possible(status, tuple(Decision)), "no status is a dead end"


@given(st.lists(st.sampled_from(list(Decision)), unique=True))
def test_a_card_offers_only_the_decisions_of_its_kind(decisions: list[Decision]) -> None:
    for status in Status:
        offered = possible(status, tuple(decisions))
        assert [act for act in offered if isinstance(act, Decision)] == (decisions if status in OPEN else [])


@given(st.text(max_size=20))
def test_a_button_names_an_act_or_nothing(word: str) -> None:
    act = parse_act(word)
    assert act is None or act.value == word
    assert all(parse_act(known.value) is known for known in ACTS)
