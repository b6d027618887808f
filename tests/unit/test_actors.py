"""Who an update comes from, read from raw JSON in which nothing is trusted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.actors import Actor, Side, actor_of, whole_number

DESK, DESKS = -1_001, frozenset({-1_001})
PERSON = {"id": 5, "is_bot": False, "first_name": "A"}
PRIVATE = {"id": 5, "type": "private"}
ON_DESK = {"id": DESK, "type": "supergroup"}
STRANGE = {"id": -7, "type": "group"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "chat", "from", "type"]), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("update", "actor"),
    [
        ({"message": {"chat": PRIVATE, "from": PERSON}}, Actor(Side.CITIZEN, 5, 5)),
        ({"edited_message": {"chat": PRIVATE, "from": PERSON}}, Actor(Side.CITIZEN, 5, 5)),
        ({"my_chat_member": {"chat": PRIVATE, "from": PERSON}}, Actor(Side.CITIZEN, 5, 5)),
        ({"callback_query": {"from": PERSON, "message": {"chat": PRIVATE}}}, Actor(Side.CITIZEN, 5, 5)),
        ({"message": {"chat": ON_DESK, "from": PERSON}}, Actor(Side.DESK, DESK, 5)),
        ({"callback_query": {"from": PERSON, "message": {"chat": ON_DESK}}}, Actor(Side.DESK, DESK, 5)),
        ({"chat_member": {"chat": ON_DESK, "from": PERSON}}, Actor(Side.DESK, DESK, 5)),
        ({"message": {"chat": STRANGE, "from": PERSON}}, Actor(Side.GROUP, -7, 5)),
        ({"my_chat_member": {"chat": {"id": -9, "type": "channel"}, "from": PERSON}}, Actor(Side.GROUP, -9, 5)),
        ({"channel_post": {"chat": {"id": -9, "type": "channel"}}}, None),
        ({"poll": {"id": "1"}}, None),
        ({"inline_query": {"id": "1", "from": PERSON}}, None),
        ({"callback_query": {"from": PERSON, "inline_message_id": "x"}}, None),
        ({"message": {"chat": {"id": 5, "type": "of the future"}}}, None),
        ({}, None),
    ],
)
def test_every_sort_of_update_has_its_side(update: dict[str, Any], actor: Actor | None) -> None:
    assert actor_of(update, DESKS) == actor


def test_an_anonymous_administrator_acts_as_the_desk_and_a_press_carries_the_person() -> None:
    bot = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    message = {"chat": ON_DESK, "from": bot, "sender_chat": ON_DESK}
    assert actor_of({"message": message}, DESKS) == Actor(Side.DESK, DESK, DESK)
    assert actor_of({"callback_query": {"from": PERSON, "message": message}}, DESKS) == Actor(Side.DESK, DESK, 5)


def test_a_press_on_a_message_that_is_gone_still_has_its_chat() -> None:
    gone = {"chat": ON_DESK, "message_id": 7, "date": 0}
    assert actor_of({"callback_query": {"from": PERSON, "message": gone}}, DESKS) == Actor(Side.DESK, DESK, 5)


def test_officers_of_a_desk_have_turns_of_their_own_and_a_chat_has_one() -> None:
    assert Actor(Side.DESK, DESK, 5).key != Actor(Side.DESK, DESK, 6).key
    assert Actor(Side.CITIZEN, 5, 5).key == Actor(Side.CITIZEN, 5, 0).key
    assert Actor(Side.GROUP, -7, 5).key == Actor(Side.GROUP, -7, 6).key


@given(
    st.dictionaries(
        st.sampled_from(["message", "edited_message", "callback_query", "my_chat_member", "chat_member", "x"]),
        JSON | st.fixed_dictionaries({"message": JSON, "chat": JSON, "from": JSON, "sender_chat": JSON}),
    )
)
def test_no_shape_of_an_update_breaks_it(update: dict[str, Any]) -> None:
    actor = actor_of(update, DESKS)
    assert actor is None or all(-(1 << 63) <= part < 1 << 63 for part in actor.key)


@pytest.mark.parametrize("value", [None, True, "5", 5.0, 1 << 63, -(1 << 63), [5]])
def test_only_numbers_that_a_column_holds_are_ids(value: Any) -> None:
    assert whole_number(value) is None
