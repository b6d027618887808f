"""Which topic a card belongs into, and which one an update was written in."""

from __future__ import annotations

from typing import Any

import pytest

from bot.areas.store import Areas
from bot.staff.topics import NOWHERE, CardTopics
from bot.telegram.intake import topic_of
from bot.wording import Wording

TARAZ = "311000000"


@pytest.mark.parametrize(
    ("by", "link", "den", "den_nowhere", "links"),
    [
        ("kind", "link", "den", "den", "link"),
        ("district", "link", TARAZ, NOWHERE, "link"),
        ("none", "", "", "", ""),
    ],
)
def test_cards_are_sorted_by_kind_or_by_district_or_not_at_all(
    wording: Wording, by: Any, link: str, den: str, den_nowhere: str, links: str
) -> None:
    topics = CardTopics(by, None, Areas(), wording.kinds, wording.texts)  # type: ignore[arg-type]
    assert topics.of_resource() == link
    assert topics.of_report("den", TARAZ) == den
    assert topics.of_report("den", None) == den_nowhere
    # A list of links stands where links do, whatever else it says.
    assert topics.of_report("link", TARAZ) == links


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_a_topic_bears_the_label_that_citizens_choose_the_kind_by(wording: Wording, language: str) -> None:
    topics = CardTopics("kind", None, Areas(), wording.kinds, wording.texts)  # type: ignore[arg-type]
    names = [await topics.name(kind, language) for kind in wording.kinds]
    assert names == [wording.texts.plain(language, f"kinds.{kind}.label") for kind in wording.kinds]
    assert all(0 < len(name) <= 128 for name in names)


@pytest.mark.parametrize(
    ("update", "topic"),
    [
        ({"message": {"is_topic_message": True, "message_thread_id": 7}}, 7),
        ({"callback_query": {"message": {"is_topic_message": True, "message_thread_id": 7}}}, 7),
        # A chain of replies has a number too, which no message can be sent into.
        ({"message": {"message_thread_id": 7}}, None),
        ({"message": {"is_topic_message": True, "message_thread_id": "7"}}, None),
        ({"callback_query": {"inline_message_id": "x"}}, None),
        ({"message": "x", "callback_query": [7]}, None),
        ({}, None),
    ],
)
def test_only_a_message_of_a_topic_names_one(update: dict[str, Any], topic: int | None) -> None:
    assert topic_of(update) == topic
