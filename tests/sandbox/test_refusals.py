"""Calls that Telegram refuses, and some that only the sandbox does, so that slips are loud."""

from typing import Any

import pytest

from tests.sandbox.conftest import Stand, picture

INLINE = {"inline_keyboard": [[{"text": "a", "callback_data": "a"}]]}
REPLY = {"keyboard": [[{"text": "a"}]]}


async def test_a_wrong_token_is_unauthorized(stand: Stand) -> None:
    async with stand.http.get(f"{stand.sandbox.url}/bot1:wrong/getMe") as answer:
        assert answer.status == 401
        assert await answer.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}


async def test_an_unknown_method_is_not_found(stand: Stand) -> None:
    body = await stand.ask("sendTelepathy")
    assert (body["error_code"], body["description"]) == (404, "Not Found: method not found")


async def test_a_method_that_the_sandbox_lacks_says_so(stand: Stand) -> None:
    assert await stand.refused("sendDice", chat_id=stand.citizen.id) == "Bad Request: the sandbox does not do sendDice"


@pytest.mark.parametrize(
    "parameters,refusal",
    [
        ({"chat": 1, "text": "x"}, 'unknown parameter "chat"'),
        ({"text": "x"}, "chat_id is empty"),
        ({"chat_id": 1, "text": 5}, 'parameter "text" must be of type String'),
        (
            {"chat_id": 1, "text": "x", "disable_notification": "maybe"},
            'parameter "disable_notification" must be of type Boolean',
        ),
        (
            {"chat_id": 1, "text": "x", "message_thread_id": "first"},
            'parameter "message_thread_id" must be of type Number',
        ),
        (
            {"chat_id": 1, "text": "x", "message_thread_id": 1.5},
            'parameter "message_thread_id" must be of type Integer',
        ),
        ({"chat_id": 1, "text": "x", "reply_markup": "{"}, "can't parse reply_markup JSON object"),
        (
            {"chat_id": 1, "text": "x", "reply_markup": {"inline_keyboard": "bad"}},
            'field "inline_keyboard" must be of type Array',
        ),
        ({"chat_id": 1, "text": "x", "reply_markup": {"keyboard": "bad"}}, 'field "keyboard" must be of type Array'),
        (
            {"chat_id": 1, "text": "x", "reply_markup": {**REPLY, "selective": "yes"}},
            'field "selective" must be of type Boolean',
        ),
        (
            {"chat_id": 1, "text": "x", "reply_markup": {**REPLY, "resize": True}},
            'unknown parameter "reply_markup.resize"',
        ),
        (
            {"chat_id": 1, "text": "x", "link_preview_options": {"is_disabled": "yes"}},
            'field "is_disabled" must be of type Boolean',
        ),
    ],
)
async def test_parameters_are_checked_by_name_and_type(stand: Stand, parameters: dict[str, Any], refusal: str) -> None:
    assert await stand.refused("sendMessage", **parameters) == f"Bad Request: {refusal}"


@pytest.mark.parametrize("chat_id", [0, -1, 42, -1001, "@nobody", "words"])
async def test_an_unknown_chat_is_not_found(stand: Stand, chat_id: int | str) -> None:
    assert await stand.refused("sendMessage", chat_id=chat_id, text="x") == "Bad Request: chat not found"


async def test_who_never_wrote_to_the_bot_cannot_be_written_to(stand: Stand) -> None:
    stranger = stand.sandbox.add_person("Stranger")
    body = await stand.ask("sendMessage", chat_id=stranger.id, text="x")
    assert (body["error_code"], body["description"]) == (403, "Forbidden: bot can't initiate conversation with a user")
    stand.sandbox.open_bot(stranger)
    await stand.call("sendMessage", chat_id=stranger.id, text="x")


async def test_who_blocked_the_bot_cannot_be_written_to(stand: Stand) -> None:
    stand.sandbox.block(stand.citizen)
    body = await stand.ask("sendMessage", chat_id=stand.citizen.id, text="x")
    assert (body["error_code"], body["description"]) == (403, "Forbidden: bot was blocked by the user")
    stand.sandbox.unblock(stand.citizen)
    await stand.call("sendMessage", chat_id=stand.citizen.id, text="x")


async def test_a_deactivated_person_cannot_be_written_to(stand: Stand) -> None:
    stand.citizen.deactivated = True
    assert await stand.refused("sendMessage", chat_id=stand.citizen.id, text="x") == "Forbidden: user is deactivated"


async def test_a_group_that_put_the_bot_out_cannot_be_written_to(stand: Stand) -> None:
    stand.sandbox.set_bot_status(stand.desk, stand.citizen, "kicked")
    assert await stand.refused("sendMessage", chat_id=stand.desk.id, text="x") == (
        "Forbidden: bot was kicked from the supergroup chat"
    )
    stand.desk.bot_status = "administrator"
    await stand.call("leaveChat", chat_id=stand.desk.id)
    assert await stand.refused("sendMessage", chat_id=stand.desk.id, text="x") == (
        "Forbidden: bot is not a member of the supergroup chat"
    )


async def test_a_group_that_became_a_supergroup_tells_its_new_id(stand: Stand) -> None:
    old = stand.sandbox.add_group("Old", supergroup=False)
    stand.sandbox.join(stand.citizen, old)
    new = stand.sandbox.migrate(old)
    body = await stand.ask("sendMessage", chat_id=old.id, text="x")
    assert body["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert body["parameters"] == {"migrate_to_chat_id": new.id}
    await stand.call("sendMessage", chat_id=new.id, text="x")


@pytest.mark.parametrize(
    "button,refusal",
    [
        ({"text": "a", "callback_data": "x" * 65}, "BUTTON_DATA_INVALID"),
        ({"text": "a", "callback_data": "ә" * 33}, "BUTTON_DATA_INVALID"),
        (
            {"text": "a", "callback_data": ""},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ({"text": "a"}, "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        (
            {"text": "a", "callback_data": "a", "url": "https://a.kz"},
            "can't parse inline keyboard button: one action expected, found callback_data, url",
        ),
        ({"text": "a", "copy_text": {"text": "x" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "a", "copy_text": {"text": ""}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "", "callback_data": "a"}, "inline keyboard button text must be non-empty"),
        ({"callback_data": "a"}, "can't parse inline keyboard button: Can't find field \"text\""),
        ({"text": 5, "callback_data": "a"}, 'can\'t parse inline keyboard button: Field "text" must be of type String'),
        ({"text": "a", "url": "not-a-url"}, "inline keyboard button URL 'not-a-url' is invalid: Wrong HTTP URL"),
        (
            {"text": "a", "url": "ftp://example.com"},
            "inline keyboard button URL 'ftp://example.com' is invalid: Unsupported URL protocol",
        ),
        ({"text": "a", "pay": True}, "the sandbox does not do buttons with pay"),
    ],
)
async def test_inline_buttons_are_checked(stand: Stand, button: dict[str, Any], refusal: str) -> None:
    markup = {"inline_keyboard": [[button]]}
    told = await stand.refused("sendMessage", chat_id=stand.citizen.id, text="x", reply_markup=markup)
    assert told == f"Bad Request: {refusal}"


async def test_good_inline_buttons_are_taken(stand: Stand) -> None:
    rows = [
        [
            {"text": "a", "callback_data": "x" * 64},
            {"text": "b", "url": "https://a.kz"},
            {"text": "c", "url": "tg://resolve?domain=a"},
        ],
        [{"text": "d", "copy_text": {"text": "x" * 256}}],
    ]
    sent = await stand.call("sendMessage", chat_id=stand.citizen.id, text="x", reply_markup={"inline_keyboard": rows})
    assert sent["reply_markup"] == {"inline_keyboard": rows}


@pytest.mark.parametrize("rows", [[9], [8] * 13])
async def test_too_many_inline_buttons_are_refused(stand: Stand, rows: list[int]) -> None:
    markup = {"inline_keyboard": [[{"text": "a", "callback_data": "a"}] * width for width in rows]}
    told = await stand.refused("sendMessage", chat_id=stand.citizen.id, text="x", reply_markup=markup)
    assert told == "Bad Request: REPLY_MARKUP_TOO_LONG"


@pytest.mark.parametrize(
    "markup,refusal",
    [
        ({"keyboard": [[{"text": " "}]]}, "keyboard button text must be non-empty"),
        ({"keyboard": []}, "can't parse keyboard: it has no buttons"),
        ({"keyboard": [[{"text": "a"}] * 13]}, "REPLY_MARKUP_TOO_LONG"),
        ({"keyboard": [["a"]]}, 'field "keyboard[0][0]" must be of type Object'),
        ({"remove_keyboard": False}, 'unsupported value "False" of remove_keyboard, True expected'),
        (
            {**REPLY, "input_field_placeholder": "x" * 65},
            "can't parse keyboard: input_field_placeholder must have 1-64 characters",
        ),
    ],
)
async def test_reply_keyboards_are_checked(stand: Stand, markup: dict[str, Any], refusal: str) -> None:
    told = await stand.refused("sendMessage", chat_id=stand.citizen.id, text="x", reply_markup=markup)
    assert told == f"Bad Request: {refusal}"


async def test_a_group_cannot_be_asked_for_a_phone_number(stand: Stand) -> None:
    markup = {"keyboard": [[{"text": "a", "request_contact": True}]]}
    told = await stand.refused("sendMessage", chat_id=stand.desk.id, text="x", reply_markup=markup)
    assert told == "Bad Request: phone number can be requested in private chats only"


async def test_a_reply_to_a_gone_message_needs_leave(stand: Stand) -> None:
    gone: dict[str, int | bool] = {"message_id": 10**6}
    told = await stand.refused("sendMessage", chat_id=stand.citizen.id, text="x", reply_parameters=gone)
    assert told == "Bad Request: message to be replied not found"
    told = await stand.refused("sendMessage", chat_id=stand.citizen.id, text="x", reply_parameters={"quote": "q"})
    assert told == 'Bad Request: can\'t find field "message_id"'
    gone["allow_sending_without_reply"] = True
    sent = await stand.call("sendMessage", chat_id=stand.citizen.id, text="x", reply_parameters=gone)
    assert "reply_to_message" not in sent


@pytest.mark.parametrize("place", [{"latitude": 91, "longitude": 0}, {"latitude": 0, "longitude": 181}])
async def test_a_place_off_the_earth_is_refused(stand: Stand, place: dict[str, int]) -> None:
    assert await stand.refused("sendLocation", chat_id=stand.citizen.id, **place) == (
        "Bad Request: wrong location specified"
    )


async def test_protected_messages_are_neither_forwarded_nor_copied(stand: Stand) -> None:
    sent = await stand.call("sendMessage", chat_id=stand.desk.id, text="x", protect_content=True)
    assert sent["has_protected_content"] is True
    where = {"chat_id": stand.citizen.id, "from_chat_id": stand.desk.id, "message_id": sent["message_id"]}
    assert await stand.refused("forwardMessage", **where) == "Bad Request: message can't be forwarded"
    assert await stand.refused("copyMessage", **where) == "Bad Request: message can't be copied"
    plain = await stand.call("sendMessage", chat_id=stand.desk.id, text="open")
    where["message_id"] = plain["message_id"]
    forwarded = await stand.call("forwardMessage", **where)
    assert forwarded["forward_origin"]["type"] == "user"
    copied = await stand.call("copyMessage", **where)
    message = stand.sandbox.world.find(stand.citizen.id, copied["message_id"])
    assert message is not None
    assert (message.text, message.forward_origin) == ("open", None)


async def test_commands_and_descriptions_are_checked_and_kept_by_language_and_scope(stand: Stand) -> None:
    commands = [{"command": "start", "description": "бастау"}]
    scope = {"type": "chat", "chat_id": stand.desk.id}
    await stand.call("setMyCommands", commands=commands, language_code="kk", scope=scope)
    assert await stand.call("getMyCommands", language_code="kk", scope=scope) == commands
    assert await stand.call("getMyCommands", language_code="kk") == []
    assert await stand.refused("setMyCommands", commands=[{"command": "Start", "description": "x"}]) == (
        "Bad Request: BOT_COMMAND_INVALID"
    )
    assert await stand.refused("setMyCommands", commands=commands, language_code="kaz") == (
        "Bad Request: invalid language code specified"
    )
    await stand.call("setMyDescription", description="қазақша", language_code="kk")
    await stand.call("setMyDescription", description="default")
    assert await stand.call("getMyDescription", language_code="kk") == {"description": "қазақша"}
    assert await stand.call("getMyDescription", language_code="en") == {"description": "default"}
    too_long = await stand.refused("setMyShortDescription", short_description="x" * 121)
    assert too_long == "Bad Request: short_description must be at most 120 characters long"


async def test_topics_need_a_forum_and_the_right(stand: Stand) -> None:
    plain = stand.sandbox.add_group("Plain")
    assert await stand.refused("createForumTopic", chat_id=plain.id, name="x") == "Bad Request: the chat is not a forum"
    stand.desk.bot_rights.discard("can_manage_topics")
    assert await stand.refused("createForumTopic", chat_id=stand.desk.id, name="x") == (
        "Bad Request: not enough rights to create a topic"
    )
    assert await stand.refused("sendMessage", chat_id=stand.desk.id, text="x", message_thread_id=9999) == (
        "Bad Request: message thread not found"
    )


async def test_a_topic_lives_its_life(stand: Stand) -> None:
    topic = await stand.call("createForumTopic", chat_id=stand.desk.id, name="Links")
    thread = {"chat_id": stand.desk.id, "message_thread_id": topic["message_thread_id"]}
    sent = await stand.call("sendMessage", text="x", **thread)
    assert sent["is_topic_message"] is True
    assert sent["reply_to_message"]["forum_topic_created"]["name"] == "Links"
    await stand.call("editForumTopic", name="Sites", **thread)
    assert await stand.refused("editForumTopic", name="Sites", **thread) == "Bad Request: TOPIC_NOT_MODIFIED"
    await stand.call("closeForumTopic", **thread)
    stand.desk.bot_rights.discard("can_manage_topics")
    assert await stand.refused("sendMessage", text="x", **thread) == "Bad Request: TOPIC_CLOSED"
    answer = {"chat_id": stand.desk.id, "text": "x", "reply_parameters": {"message_id": sent["message_id"]}}
    assert await stand.refused("sendMessage", **answer) == "Bad Request: TOPIC_CLOSED"
    await stand.call("reopenForumTopic", **thread)
    assert (await stand.call("sendMessage", **answer))["message_thread_id"] == topic["message_thread_id"]


async def test_a_deleted_topic_and_those_of_a_former_forum_are_not_found(stand: Stand) -> None:
    topics = [await stand.call("createForumTopic", chat_id=stand.desk.id, name=name) for name in ("Links", "Dens")]
    links, dens = ({"chat_id": stand.desk.id, "message_thread_id": one["message_thread_id"]} for one in topics)
    card = await stand.call("sendMessage", text="x", **links)
    stand.sandbox.delete_topic(stand.desk, links["message_thread_id"])
    gone = {"chat_id": stand.desk.id, "message_id": card["message_id"]}
    assert await stand.refused("sendMessage", text="x", **links) == "Bad Request: message thread not found"
    assert await stand.refused("editMessageText", text="y", **gone) == "Bad Request: message to edit not found"
    stand.sandbox.set_forum(stand.desk, forum=False)
    assert await stand.refused("sendMessage", text="x", **dens) == "Bad Request: message thread not found"
    assert "is_forum" not in (await stand.call("sendMessage", chat_id=stand.desk.id, text="x"))["chat"]


async def test_members_are_told_apart(stand: Stand) -> None:
    stand.sandbox.join(stand.citizen, stand.desk, "administrator", anonymous=True)
    stranger = stand.sandbox.add_person("Stranger")
    for person_id, status in (
        (stand.citizen.id, "administrator"),
        (stranger.id, "left"),
        (stand.sandbox.bot_id, "administrator"),
    ):
        shown = await stand.call("getChatMember", chat_id=stand.desk.id, user_id=person_id)
        assert shown["status"] == status
    assert (
        await stand.refused("getChatMember", chat_id=stand.desk.id, user_id=5) == "Bad Request: PARTICIPANT_ID_INVALID"
    )
    assert await stand.call("getChatMemberCount", chat_id=stand.desk.id) == 2
    assert len(await stand.call("getChatAdministrators", chat_id=stand.desk.id)) == 2
    stand.sandbox.leave(stand.citizen, stand.desk)
    shown = await stand.call("getChatMember", chat_id=stand.desk.id, user_id=stand.citizen.id)
    assert shown["status"] == "left"


async def test_parameters_come_as_json_form_query_and_multipart(stand: Stand) -> None:
    chat, markup = str(stand.citizen.id), '{"inline_keyboard":[[{"text":"a","callback_data":"a"}]]}'
    async with stand.http.get(f"{stand.base}/SENDMESSAGE", params={"chat_id": chat, "text": "query"}) as answer:
        assert answer.status == 200
    data = {"chat_id": chat, "text": "form", "protect_content": "true", "reply_markup": markup}
    async with stand.http.post(f"{stand.base}/sendMessage", data=data) as answer:
        sent = (await answer.json())["result"]
    assert sent["reply_markup"] == INLINE
    body = await stand.upload("sendPhoto", {"photo": ("a.jpg", picture())}, chat_id=chat, caption="multipart")
    assert body["result"]["caption"] == "multipart"


async def test_every_call_is_kept_with_its_result_or_refusal(stand: Stand) -> None:
    await stand.call("getMe")
    await stand.refused("sendMessage", chat_id=1, text="x")
    assert [call.method for call in stand.sandbox.calls] == ["getMe", "sendMessage"]
    assert [str(call.error) for call in stand.sandbox.errors] == ["400 Bad Request: chat not found"]
