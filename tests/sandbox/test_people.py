"""What people do becomes updates that aiogram can read, shaped as Telegram shapes them."""

from collections.abc import Callable
from typing import Any

import pytest
from aiogram.types import Message as ApiMessage
from aiogram.types import Update

from bot.sandbox.world import Message
from tests.sandbox.conftest import Stand, picture

Act = Callable[[Stand], Message]

ACTS: dict[str, Act] = {
    "text": lambda s: s.sandbox.send_text(s.citizen, "смотрите t.me/x @name"),
    "start": lambda s: s.sandbox.open_bot(s.citizen, "k_1"),
    "photo": lambda s: s.sandbox.send_photos(s.citizen, [picture()], "вот", spoiler=True)[0],
    "damaged photo": lambda s: s.sandbox.send_photos(s.citizen, [b"broken"])[0],
    "document": lambda s: s.sandbox.send_document(s.citizen, "a.txt", b"x"),
    "location": lambda s: s.sandbox.send_location(s.citizen, 42.9, 71.37),
    "live location": lambda s: s.sandbox.send_location(s.citizen, 42.9, 71.37, live_period=900),
    "venue": lambda s: s.sandbox.send_venue(s.citizen, 42.9, 71.37, "Базар", "Тараз"),
    "voice": lambda s: s.sandbox.send_voice(s.citizen),
    "audio": lambda s: s.sandbox.send_audio(s.citizen),
    "video": lambda s: s.sandbox.send_video(s.citizen),
    "video_note": lambda s: s.sandbox.send_video_note(s.citizen),
    "animation": lambda s: s.sandbox.send_animation(s.citizen),
    "sticker": lambda s: s.sandbox.send_sticker(s.citizen),
    "contact": lambda s: s.sandbox.send_contact(s.citizen),
    "poll": lambda s: s.sandbox.send_poll(s.citizen),
    "dice": lambda s: s.sandbox.send_dice(s.citizen),
    "story": lambda s: s.sandbox.send_story(s.citizen),
    "channel post": lambda s: s.sandbox.forward_channel_post(
        s.citizen, "Shop", "shop_kz", 7, "купить", [[("сайт", "https://shop.kz")]], photo=picture()
    ),
    "private channel post": lambda s: s.sandbox.forward_channel_post(s.citizen, "Shop", None, 7, "купить"),
    "hidden person": lambda s: s.sandbox.forward_from_person(s.citizen, "Hidden", "t.me/x"),
    "person": lambda s: s.sandbox.forward_from_person(s.citizen, s.sandbox.add_person("Other"), "t.me/x"),
}


def parsed(update: dict[str, Any]) -> Update:
    read = Update.model_validate(update)
    for part in (read.message, read.edited_message):
        assert part is None or not part.model_extra, part.model_extra
    return read


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
async def test_every_sort_of_message_reaches_the_bot(stand: Stand, act: Act) -> None:
    message = act(stand)
    (update,) = await stand.call("getUpdates")
    read = parsed(update).message
    assert read is not None
    assert read.from_user is not None
    assert (read.message_id, read.chat.id, read.from_user.id) == (message.id, stand.citizen.id, stand.citizen.id)
    assert read.content_type != "unknown"


async def test_an_album_is_one_update_a_photo_with_the_caption_at_the_first(stand: Stand) -> None:
    stand.sandbox.send_photos(stand.citizen, [picture(), picture(), picture()], "подпись")
    messages = [parsed(update).message for update in await stand.call("getUpdates")]
    assert [message.caption for message in messages if message] == ["подпись", None, None]
    assert len({message.media_group_id for message in messages if message}) == 1
    assert len({message.photo[-1].file_unique_id for message in messages if message and message.photo}) == 3
    with pytest.raises(ValueError, match="at most 10"):
        stand.sandbox.send_photos(stand.citizen, [b"x"] * 11)


async def test_files_can_come_as_an_album(stand: Stand) -> None:
    stand.sandbox.send_documents(stand.citizen, [("a.jpg", picture(), "image/jpeg"), ("b.txt", b"x", None)])
    names = [update["message"]["document"]["file_name"] for update in await stand.call("getUpdates")]
    assert names == ["a.jpg", "b.txt"]


async def test_edits_and_moves_come_as_edited_messages(stand: Stand) -> None:
    text = stand.sandbox.send_text(stand.citizen, "old")
    live = stand.sandbox.send_location(stand.citizen, 42, 71, live_period=900)
    stand.sandbox.edit_text(stand.citizen, text, "new t.me/x")
    stand.sandbox.move_live_location(stand.citizen, live, 43, 72)
    *_, edited, moved = [parsed(update).edited_message for update in await stand.call("getUpdates")]
    assert edited is not None
    assert moved is not None
    assert moved.location is not None
    assert (edited.text, moved.location.latitude) == ("new t.me/x", 43)
    with pytest.raises(ValueError, match="own live location"):
        stand.sandbox.move_live_location(stand.citizen, text, 1, 1)


async def test_a_press_carries_the_person_and_the_message_as_it_stands(stand: Stand) -> None:
    markup = {"inline_keyboard": [[{"text": "Взять", "callback_data": "claim:1"}]]}
    stand.sandbox.join(stand.citizen, stand.desk, "administrator", anonymous=True)
    sent = await stand.call("sendMessage", chat_id=stand.desk.id, text="card", reply_markup=markup)
    query_id = stand.sandbox.press(stand.citizen, sent["message_id"], "Взять", stand.desk)
    query = parsed((await stand.call("getUpdates"))[-1]).callback_query
    assert query is not None
    assert isinstance(query.message, ApiMessage)
    assert (query.id, query.data, query.from_user.id) == (query_id, "claim:1", stand.citizen.id)
    assert (query.message.text, query.message.message_id) == ("card", sent["message_id"])


async def test_an_anonymous_administrator_writes_as_the_group(stand: Stand) -> None:
    stand.sandbox.join(stand.citizen, stand.desk, "administrator", anonymous=True)
    stand.sandbox.send_text(stand.citizen, "hi", stand.desk)
    read = parsed((await stand.call("getUpdates"))[-1]).message
    assert read is not None
    assert read.from_user is not None
    assert read.sender_chat is not None
    assert (read.from_user.id, read.sender_chat.id) == (1087968824, stand.desk.id)


async def test_a_reply_shows_the_replied_message_one_level_deep(stand: Stand) -> None:
    first = stand.sandbox.send_text(stand.citizen, "first")
    second = stand.sandbox.send_text(stand.citizen, "second", reply_to=first.id)
    stand.sandbox.send_text(stand.citizen, "third", reply_to=second.id)
    third = (await stand.call("getUpdates"))[-1]["message"]
    assert third["reply_to_message"]["text"] == "second"
    assert "reply_to_message" not in third["reply_to_message"]
    with pytest.raises(LookupError, match="no message"):
        stand.sandbox.send_text(stand.citizen, "x", reply_to=10**6)


async def test_a_reply_in_a_topic_stays_in_the_topic(stand: Stand) -> None:
    stand.sandbox.join(stand.citizen, stand.desk)
    topic = await stand.call("createForumTopic", chat_id=stand.desk.id, name="Links")
    thread = topic["message_thread_id"]
    card = await stand.call("sendMessage", chat_id=stand.desk.id, text="card", message_thread_id=thread)
    stand.sandbox.send_text(stand.citizen, "reply", stand.desk, reply_to=card["message_id"])
    stand.sandbox.send_text(stand.citizen, "plain", stand.desk, thread_id=thread)
    *_, reply, plain = [update["message"] for update in await stand.call("getUpdates")]
    assert (reply["message_thread_id"], reply["reply_to_message"]["text"]) == (thread, "card")
    assert plain["reply_to_message"]["forum_topic_created"]["name"] == "Links"


async def test_the_bot_is_told_of_service_messages_that_it_causes_but_not_of_what_it_sends(stand: Stand) -> None:
    sent = await stand.call("sendMessage", chat_id=stand.desk.id, text="help")
    await stand.call("pinChatMessage", chat_id=stand.desk.id, message_id=sent["message_id"])
    await stand.call("createForumTopic", chat_id=stand.desk.id, name="Links")
    reads = [parsed(update).message for update in await stand.call("getUpdates")]
    assert [read.content_type for read in reads if read] == ["pinned_message", "forum_topic_created"]
    chat = await stand.call("getChat", chat_id=stand.desk.id)
    assert chat["pinned_message"]["text"] == "help"
    await stand.call("unpinChatMessage", chat_id=stand.desk.id, message_id=sent["message_id"])
    assert "pinned_message" not in await stand.call("getChat", chat_id=stand.desk.id)


async def test_blocking_is_told_and_writing_unblocks(stand: Stand) -> None:
    stand.sandbox.block(stand.citizen)
    stand.sandbox.block(stand.citizen)
    stand.sandbox.open_bot(stand.citizen)
    updates = [parsed(update) for update in await stand.call("getUpdates")]
    statuses = [update.my_chat_member.new_chat_member.status for update in updates if update.my_chat_member]
    assert statuses == ["kicked", "member"]
    assert updates[-1].message is not None


async def test_who_is_not_in_a_group_cannot_write_there(stand: Stand) -> None:
    with pytest.raises(ValueError, match="is not in Desk"):
        stand.sandbox.send_text(stand.citizen, "x", stand.desk)
    stand.sandbox.join(stand.citizen, stand.desk)
    stand.sandbox.send_text(stand.citizen, "x", stand.desk)
    stand.sandbox.leave(stand.citizen, stand.desk)
    with pytest.raises(ValueError, match="is not in Desk"):
        stand.sandbox.send_text(stand.citizen, "x", stand.desk)


async def test_a_bot_that_is_no_administrator_hears_only_what_is_meant_for_it(stand: Stand) -> None:
    group = stand.sandbox.add_group("Talk", bot_status="member", added_by=stand.citizen)
    sent = await stand.call("sendMessage", chat_id=group.id, text="hello")
    stand.sandbox.send_text(stand.citizen, "among ourselves", group)
    stand.sandbox.send_text(stand.citizen, "/help", group)
    stand.sandbox.send_text(stand.citizen, "to you", group, reply_to=sent["message_id"])
    updates = [parsed(update) for update in await stand.call("getUpdates")]
    assert [update.event_type for update in updates] == ["my_chat_member", "message", "message", "message"]
    assert [update.message.text for update in updates if update.message] == [None, "/help", "to you"]


async def test_a_group_that_grows_into_a_supergroup_is_told_in_both(stand: Stand) -> None:
    old = stand.sandbox.add_group("Old", supergroup=False)
    stand.sandbox.join(stand.citizen, old)
    new = stand.sandbox.migrate(old)
    reads = [parsed(update).message for update in await stand.call("getUpdates")]
    assert [(read.migrate_to_chat_id, read.migrate_from_chat_id) for read in reads if read][-2:] == [
        (new.id, None),
        (None, old.id),
    ]


async def test_private_chats_share_one_row_of_message_ids_and_a_supergroup_has_its_own(stand: Stand) -> None:
    other = stand.sandbox.add_person("Other")
    stand.sandbox.join(other, stand.desk)
    one = stand.sandbox.send_text(stand.citizen, "1")
    two = stand.sandbox.send_text(other, "2")
    desk = stand.sandbox.send_text(other, "3", stand.desk)
    assert two.id == one.id + 1
    assert desk.id < one.id
