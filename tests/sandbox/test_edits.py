"""Edits, deletions, presses and their answers."""

from typing import Any

import pytest

from tests.sandbox.conftest import Stand, picture

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
BUTTONS = {"inline_keyboard": [[{"text": "Да ✅", "callback_data": "yes"}, {"text": "Сайт", "url": "https://a.kz"}]]}


async def send(stand: Stand, **parameters: Any) -> dict[str, int]:
    sent = await stand.call("sendMessage", **{"chat_id": stand.citizen.id, "text": "old", **parameters})
    return {"chat_id": sent["chat"]["id"], "message_id": sent["message_id"]}


async def test_an_edit_changes_text_and_takes_away_buttons_that_it_does_not_name(stand: Stand) -> None:
    where = await send(stand, reply_markup=BUTTONS)
    edited = await stand.call("editMessageText", text="<b>new</b>", parse_mode="HTML", **where)
    assert edited["text"] == "new"
    assert edited["edit_date"] == int(stand.clock())
    assert "reply_markup" not in edited


async def test_an_edit_that_changes_nothing_is_refused(stand: Stand) -> None:
    where = await send(stand, text="<b>old</b>", parse_mode="HTML", reply_markup=BUTTONS)
    same = {"text": "<strong>old</strong>", "parse_mode": "HTML", "reply_markup": BUTTONS}
    assert await stand.refused("editMessageText", **where, **same) == NOT_MODIFIED
    assert await stand.refused("editMessageReplyMarkup", **where, reply_markup=BUTTONS) == NOT_MODIFIED
    await stand.call("editMessageReplyMarkup", **where)
    assert await stand.refused("editMessageReplyMarkup", **where) == NOT_MODIFIED


async def test_what_is_gone_cannot_be_edited_or_deleted(stand: Stand) -> None:
    where = await send(stand)
    await stand.call("deleteMessage", **where)
    assert await stand.refused("editMessageText", text="new", **where) == "Bad Request: message to edit not found"
    assert await stand.refused("deleteMessage", **where) == "Bad Request: message to delete not found"


@pytest.mark.parametrize("markup", [{"keyboard": [[{"text": "a"}]]}, {"remove_keyboard": True}, {"force_reply": True}])
async def test_a_message_with_a_reply_keyboard_cannot_be_edited(stand: Stand, markup: dict[str, Any]) -> None:
    where = await send(stand, reply_markup=markup)
    assert await stand.refused("editMessageText", text="new", **where) == "Bad Request: message can't be edited"


async def test_messages_of_people_cannot_be_edited(stand: Stand) -> None:
    message = stand.sandbox.send_text(stand.citizen, "mine")
    told = await stand.refused("editMessageText", text="new", chat_id=stand.citizen.id, message_id=message.id)
    assert told == "Bad Request: message can't be edited"


async def test_an_edit_to_a_text_that_is_too_long_is_refused(stand: Stand) -> None:
    where = await send(stand)
    assert await stand.refused("editMessageText", text="x" * 4097, **where) == "Bad Request: MESSAGE_TOO_LONG"


async def test_text_and_caption_are_edited_each_by_its_own_method(stand: Stand) -> None:
    where = await send(stand)
    told = await stand.refused("editMessageCaption", caption="x", **where)
    assert told == "Bad Request: there is no caption in the message to edit"
    photo = (await stand.upload("sendPhoto", {"photo": ("a.jpg", picture())}, chat_id=str(stand.citizen.id)))["result"]
    where = {"chat_id": stand.citizen.id, "message_id": photo["message_id"]}
    told = await stand.refused("editMessageText", text="x", **where)
    assert told == "Bad Request: there is no text in the message to edit"
    assert (await stand.call("editMessageCaption", caption="x", **where))["caption"] == "x"
    assert await stand.refused("editMessageCaption", caption="x" * 1025, **where) == (
        "Bad Request: message caption is too long"
    )


async def test_a_photo_is_replaced_by_another(stand: Stand) -> None:
    sent = (await stand.upload("sendPhoto", {"photo": ("a.jpg", picture())}, chat_id=str(stand.citizen.id)))["result"]
    media = (
        '{"type": "photo", "media": "attach://new", "caption": "<b>c</b>", "parse_mode": "HTML", "has_spoiler": true}'
    )
    where = {"chat_id": str(stand.citizen.id), "message_id": str(sent["message_id"])}
    body = await stand.upload("editMessageMedia", {"new": ("b.jpg", picture(50, 50))}, media=media, **where)
    assert body["result"]["photo"][-1]["width"] == 50
    assert body["result"]["has_media_spoiler"] is True
    assert body["result"]["caption_entities"] == [{"type": "bold", "offset": 0, "length": 1}]


async def test_messages_older_than_48_hours_cannot_be_deleted(stand: Stand) -> None:
    where = await send(stand)
    stand.clock.forward(48 * 3600 + 1)
    assert await stand.refused("deleteMessage", **where) == "Bad Request: message can't be deleted for everyone"
    # An edit knows no age.
    await stand.call("editMessageText", text="stub", **where)


async def test_messages_of_others_are_deleted_only_by_an_administrator_with_the_right(stand: Stand) -> None:
    stand.sandbox.join(stand.citizen, stand.desk)
    message = stand.sandbox.send_text(stand.citizen, "secret", stand.desk)
    stand.desk.bot_rights.discard("can_delete_messages")
    where = {"chat_id": stand.desk.id, "message_id": message.id}
    assert await stand.refused("deleteMessage", **where) == "Bad Request: message can't be deleted for everyone"
    stand.desk.bot_rights.add("can_delete_messages")
    await stand.call("deleteMessage", **where)
    assert message.deleted


async def test_several_messages_are_deleted_and_those_gone_are_skipped(stand: Stand) -> None:
    ids = [(await send(stand))["message_id"] for _ in range(3)]
    await stand.call("deleteMessages", chat_id=stand.citizen.id, message_ids=[*ids, 10**6])
    assert stand.sandbox.last(stand.citizen.id) is None
    told = await stand.refused("deleteMessages", chat_id=stand.citizen.id, message_ids=[])
    assert told == "Bad Request: there must be 1-100 message identifiers"


async def test_a_press_is_answered_once_and_in_time(stand: Stand) -> None:
    where = await send(stand, reply_markup=BUTTONS)
    query_id = stand.sandbox.press(stand.citizen, where["message_id"], "Да")
    await stand.call("answerCallbackQuery", callback_query_id=query_id, text="Жақсы", show_alert=True)
    press = stand.sandbox.presses[query_id]
    assert (press.answered, press.text, press.alert) == (True, "Жақсы", True)
    too_late = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert await stand.refused("answerCallbackQuery", callback_query_id=query_id) == too_late
    assert await stand.refused("answerCallbackQuery", callback_query_id="5") == too_late
    query_id = stand.sandbox.press(stand.citizen, where["message_id"], "yes")
    stand.clock.forward(901)
    assert await stand.refused("answerCallbackQuery", callback_query_id=query_id) == too_late


async def test_an_answer_to_a_press_has_at_most_200_characters(stand: Stand) -> None:
    where = await send(stand, reply_markup=BUTTONS)
    query_id = stand.sandbox.press(stand.citizen, where["message_id"], "yes")
    told = await stand.refused("answerCallbackQuery", callback_query_id=query_id, text="x" * 201)
    assert told == "Bad Request: MESSAGE_TOO_LONG"


async def test_only_buttons_that_stand_there_can_be_pressed(stand: Stand) -> None:
    where = await send(stand, reply_markup=BUTTONS)
    with pytest.raises(LookupError, match="no button 'Нет'"):
        stand.sandbox.press(stand.citizen, where["message_id"], "Нет")
    with pytest.raises(LookupError, match="not one that the bot hears of"):
        stand.sandbox.press(stand.citizen, where["message_id"], "Сайт")
    await stand.call("deleteMessage", **where)
    with pytest.raises(LookupError, match="there is no message"):
        stand.sandbox.press(stand.citizen, where["message_id"], "yes")
    stand.sandbox.press(stand.citizen, where["message_id"], "old:data", outdated=True)
    query = (await stand.call("getUpdates"))[-1]["callback_query"]
    assert (query["data"], query["message"]["date"]) == ("old:data", 0)


async def test_a_reply_keyboard_stays_until_it_is_replaced_removed_or_its_message_goes(stand: Stand) -> None:
    chat = stand.citizen.id
    first = await send(stand, reply_markup={"keyboard": [[{"text": "Ссылка 🔗"}], [{"text": "Готово"}]]})
    await send(stand)
    assert stand.sandbox.keyboard(chat) == [["Ссылка 🔗"], ["Готово"]]
    assert stand.sandbox.press_reply(stand.citizen, "Ссылка").text == "Ссылка 🔗"
    with pytest.raises(LookupError, match="Готово"):
        stand.sandbox.press_reply(stand.citizen, "Отмена")
    await stand.call("deleteMessage", **first)
    assert stand.sandbox.keyboard(chat) == []
    await send(stand, reply_markup={"keyboard": [[{"text": "a"}]], "one_time_keyboard": True})
    stand.sandbox.press_reply(stand.citizen, "a")
    assert stand.sandbox.keyboard(chat) == []
    await send(stand, reply_markup={"keyboard": [[{"text": "b"}]]})
    await send(stand, reply_markup={"remove_keyboard": True})
    assert stand.sandbox.keyboard(chat) == []
