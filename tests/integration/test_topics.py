"""Topics of a forum: opened when first needed, opened anew when they are gone, and done without where they must be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from bot.database import Database
from bot.delivery.outbox import CardSort, Recipient
from bot.delivery.sender import Outgoing
from bot.delivery.topics import BARRED, NO_TOPICS
from bot.sandbox.world import Group, Message
from tests.integration.post import Post


class Forum(Post):
    """The courier of a desk that is a forum."""

    desk_chat: Group

    async def open(self) -> None:
        self.topic_name = self._named
        await super().open()
        self.desk_chat = self.sandbox.add_group("Desk", forum=True)

    async def _named(self, topic: str, language: str) -> str:
        return f"{topic} ({language})"

    async def _address(self, lane: UUID) -> tuple[int, str] | None:
        return self.desk_chat.id, "ru"

    async def post_card(self, text: str, topic: str) -> UUID:
        """Have a card posted, and all that it takes."""
        subject = uuid4()
        self.topics[subject] = topic
        await self.want(subject, text)
        await self.until_idle()
        return subject

    def card(self, text: str) -> Message:
        """The newest message of these words that stands."""
        found = [m for m in self.sandbox.messages(self.desk_chat.id) if m.words == text and not m.deleted]
        return found[-1]

    def topic_of(self, text: str) -> str | None:
        """What the topic is called that a message stands in; None: the general one."""
        thread = self.card(text).thread_id
        return self.desk_chat.topics[thread].name if thread else None

    def called(self, method: str) -> int:
        return sum(call.method == method and call.error is None for call in self.sandbox.calls)

    @property
    def names(self) -> list[str]:
        return [topic.name for topic in self.desk_chat.topics.values()]


@pytest.fixture
async def forum(database: Database) -> AsyncIterator[Forum]:
    post = Forum(database, Recipient.DESK, 1)
    await post.open()
    try:
        yield post
    finally:
        await post.close()


async def test_each_topic_is_opened_once_and_costs_a_message_of_the_minute(forum: Forum) -> None:
    for text, topic in (("first", "link"), ("second", "link"), ("third", "den"), ("general", "")):
        await forum.post_card(text, topic)
    assert [forum.topic_of(text) for text in ("first", "second", "third", "general")] == [
        *("link (ru)", "link (ru)", "den (ru)"),
        None,
    ]
    assert forum.names == ["link (ru)", "den (ru)"]
    costs = await forum.rows("SELECT cost FROM desk_sends ORDER BY id")
    assert [row["cost"] for row in costs] == [2, 1, 2, 1]
    # It is asked once whether the chat is a forum; after that each message says it.
    assert forum.called("getChat") == 1
    forum.lead()
    await forum.post_card("of another leader", "den")
    assert forum.topic_of("of another leader") == "den (ru)"
    assert forum.names == ["link (ru)", "den (ru)"]


async def test_what_answers_a_card_and_its_edits_stay_in_its_topic(forum: Forum) -> None:
    subject = await forum.post_card("card", "den")
    card = forum.card("card")

    async def under(_: UUID, template: str, __: dict[str, Any]) -> Outgoing:
        reply = {"message_id": card.id, "allow_sending_without_reply": True}
        return Outgoing("sendMessage", {"text": template, "reply_parameters": reply})

    forum.render = under
    await forum.queue(uuid4(), "words")
    await forum.refresh(subject, "card, changed")
    await forum.until_idle()
    assert (forum.topic_of("words"), forum.topic_of("card, changed")) == ("den (ru)", "den (ru)")
    assert forum.card("card, changed").id == card.id


async def test_a_deleted_topic_is_opened_anew_and_its_cards_follow_as_they_change(forum: Forum) -> None:
    subject = await forum.post_card("old", "den")
    forum.sandbox.delete_topic(forum.desk_chat, next(iter(forum.desk_chat.topics)))
    await forum.post_card("new", "den")
    assert forum.topic_of("new") == "den (ru)"
    assert forum.names == ["den (ru)"]
    await forum.refresh(subject, "old, changed")
    await forum.until_idle()
    assert forum.topic_of("old, changed") == "den (ru)"
    assert forum.names == ["den (ru)"]


async def test_a_closed_topic_is_opened_again_and_where_that_is_refused_the_general_one_serves(forum: Forum) -> None:
    await forum.post_card("first", "den")
    (topic,) = forum.desk_chat.topics.values()
    forum.desk_chat.bot_rights.discard("can_manage_topics")
    topic.closed = True
    before = forum.clock()
    await forum.post_card("second", "den")
    assert (forum.topic_of("second"), topic.closed) == ("den (ru)", False)
    assert forum.clock() - before < timedelta(minutes=1)
    topic.closed = True
    forum.sandbox.fail_next("reopenForumTopic", 400, "Bad Request: not enough rights to reopen the topic")
    for text in ("third", "fourth"):
        await forum.post_card(text, "den")
    assert (forum.topic_of("third"), forum.topic_of("fourth")) == (None, None)
    assert sum(call.method == "reopenForumTopic" for call in forum.sandbox.calls) == 2

    card = forum.card("second")

    async def under(_: UUID, template: str, __: dict[str, Any]) -> Outgoing:
        reply = {"message_id": card.id, "allow_sending_without_reply": True}
        return Outgoing("sendMessage", {"text": template, "reply_parameters": reply})

    forum.render = under
    await forum.queue(uuid4(), "words")
    await forum.until_idle()
    assert forum.topic_of("words") is None


async def test_without_the_right_all_goes_to_the_general_topic_and_the_desk_is_told_once(forum: Forum) -> None:
    forum.desk_chat.bot_rights.discard("can_manage_topics")
    for text in ("first", "second"):
        await forum.post_card(text, "den")
    forum.lead()
    await forum.post_card("third", "den")
    assert [forum.topic_of(text) for text in ("first", "second", "third")] == [None, None, None]
    texts = forum.texts(forum.desk_chat)
    assert texts.count(NO_TOPICS) == 1
    # Each leader asks once, and not with each card.
    assert sum(call.method == "createForumTopic" for call in forum.sandbox.calls) == 2

    forum.desk_chat.bot_rights.add("can_manage_topics")
    forum.clock.forward(seconds=BARRED + 1)
    await forum.post_card("fourth", "den")
    assert forum.topic_of("fourth") == "den (ru)"
    forum.desk_chat.bot_rights.discard("can_manage_topics")
    await forum.post_card("fifth", "link")
    assert forum.topic_of("fifth") is None
    assert forum.texts(forum.desk_chat).count(NO_TOPICS) == 2


async def test_topics_that_are_turned_off_and_on_are_followed(forum: Forum) -> None:
    await forum.post_card("first", "den")
    forum.sandbox.set_forum(forum.desk_chat, forum=False)
    await forum.post_card("second", "den")
    await forum.post_card("third", "link")
    assert (forum.topic_of("second"), forum.topic_of("third")) == (None, None)
    forum.sandbox.set_forum(forum.desk_chat, forum=True)
    # The next message's chat says it.
    await forum.post_card("fourth", "")
    await forum.post_card("fifth", "link")
    assert forum.topic_of("fifth") == "link (ru)"
    refused = [call.method for call in forum.sandbox.errors]
    assert refused == ["sendMessage"]


async def test_a_group_without_topics_is_asked_once(forum: Forum) -> None:
    forum.desk_chat.forum = False
    for text in ("first", "second"):
        await forum.post_card(text, "den")
    assert (forum.called("getChat"), forum.called("createForumTopic"), forum.sandbox.errors) == (1, 0, [])


async def test_a_topic_that_was_opened_and_not_remembered_is_opened_again_and_the_card_comes_once(forum: Forum) -> None:
    forum.sandbox.hang_up("createForumTopic", before=False)
    await forum.post_card("card", "den")
    assert forum.names == ["den (ru)", "den (ru)"]
    assert forum.texts(forum.desk_chat).count("card") == 1
    await forum.post_card("next", "den")
    assert forum.names == ["den (ru)", "den (ru)"]
    assert forum.card("next").thread_id == forum.card("card").thread_id


async def test_a_refusal_of_another_sort_does_not_open_topics_for_ever(forum: Forum) -> None:
    forum.sandbox.fail_next("sendMessage", 400, "Bad Request: message thread not found", times=5)
    await forum.post_card("card", "den")
    assert forum.texts(forum.desk_chat).count("card") == 1
    assert forum.names == ["den (ru)"]
    assert forum.topic_of("card") is None


@pytest.mark.parametrize("method", ["getChat", "createForumTopic"])
async def test_what_telegram_asks_to_wait_for_is_waited_for(forum: Forum, method: str) -> None:
    forum.sandbox.fail_next(method, 429, "Too Many Requests: retry after 7", {"retry_after": 7})
    before = forum.clock()
    await forum.post_card("card", "den")
    assert forum.topic_of("card") == "den (ru)"
    assert (forum.clock() - before).total_seconds() >= 7
    assert forum.names == ["den (ru)"]


async def test_a_pinned_card_is_pinned_once_and_a_right_that_is_missing_is_no_trouble(forum: Forum) -> None:
    async def pin(_: UUID, __: str, params: dict[str, Any]) -> Outgoing:
        return Outgoing("pinChatMessage", {"message_id": params["message_id"], "disable_notification": True})

    forum.render = pin
    subject = uuid4()
    await forum.want(subject, "help", CardSort.HELP)
    await forum.until_idle()
    await forum.refresh(subject, "help, newer", CardSort.HELP)
    await forum.until_idle()
    card = forum.card("help, newer")
    assert forum.desk_chat.pinned == [card.id]
    forum.desk_chat.bot_rights.discard("can_pin_messages")
    forum.sandbox.delete(card)
    await forum.refresh(subject, "help, newest", CardSort.HELP)
    await forum.until_idle()
    assert forum.texts(forum.desk_chat).count("help, newest") == 1
    assert [call.method for call in forum.sandbox.errors] == ["editMessageText", "pinChatMessage"]
