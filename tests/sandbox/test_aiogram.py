"""A real aiogram client speaks to the sandbox: each answer is read by aiogram's own types."""

from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BufferedInputFile,
    ChatMemberAdministrator,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    MediaUnion,
    ReplyParameters,
)

from tests.sandbox.conftest import Stand, picture


@pytest.fixture
async def bot(stand: Stand) -> AsyncIterator[Bot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(stand.sandbox.url))
    properties = DefaultBotProperties(parse_mode="HTML", protect_content=True, link_preview_is_disabled=True)
    async with Bot(stand.sandbox.token, session=session, default=properties) as bot:
        yield bot


def photo() -> BufferedInputFile:
    return BufferedInputFile(picture(), "a.jpg")


async def test_every_way_of_sending_answers_with_a_message(stand: Stand, bot: Bot) -> None:
    chat = stand.citizen.id
    buttons = InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text="копия", copy_text=CopyTextButton(text="t.me/x"))]]
    )
    text = await bot.send_message(chat, "<b>жирный</b> t.me/x", reply_markup=buttons)
    assert text.html_text == "<b>жирный</b> t.me/x"
    assert text.link_preview_options is not None
    assert text.link_preview_options.is_disabled is True
    assert text.has_protected_content is True
    assert text.reply_markup is not None
    assert text.reply_markup.model_dump() == buttons.model_dump()
    shown = await bot.send_photo(
        chat,
        photo(),
        caption="<i>c</i>",
        has_spoiler=True,
        reply_parameters=ReplyParameters(message_id=text.message_id),
    )
    assert shown.photo is not None
    assert shown.reply_to_message is not None
    assert shown.reply_to_message.message_id == text.message_id
    file = await bot.send_document(chat, BufferedInputFile(b"x", "a.txt"))
    assert file.document is not None
    photos: list[MediaUnion] = [
        InputMediaPhoto(media=photo(), caption="<u>1</u>"),
        InputMediaPhoto(media=shown.photo[0].file_id),
    ]
    album = await bot.send_media_group(chat, photos)
    assert [message.caption for message in album] == ["1", None]
    files: list[MediaUnion] = [InputMediaDocument(media=file.document.file_id), InputMediaDocument(media=photo())]
    assert len(await bot.send_media_group(chat, files)) == 2
    point = await bot.send_location(chat, 42.9, 71.37)
    place = await bot.send_venue(chat, 42.9, 71.37, "Базар", "Тараз")
    assert (point.location, place.venue) != (None, None)
    edited = await bot.edit_message_media(InputMediaPhoto(media=photo()), chat_id=chat, message_id=shown.message_id)
    assert not isinstance(edited, bool)
    assert await bot.send_chat_action(chat, "typing")
    for message in (text, shown, file, *album, point, place, edited):
        assert not message.model_extra


async def test_what_is_said_about_chats_is_read(stand: Stand, bot: Bot) -> None:
    stand.sandbox.join(stand.citizen, stand.desk, "creator")
    me = await bot.get_me()
    assert me.username == "shekteu_test_bot"
    assert (await bot.get_chat(stand.desk.id)).is_forum is True
    assert (await bot.get_chat(stand.citizen.id)).type == "private"
    rights = await bot.get_chat_member(stand.desk.id, me.id)
    assert isinstance(rights, ChatMemberAdministrator)
    assert (rights.can_delete_messages, rights.can_manage_topics, rights.can_change_info) == (True, True, False)
    statuses = [member.status for member in await bot.get_chat_administrators(stand.desk.id)]
    assert statuses == ["creator", "administrator"]
    topic = await bot.create_forum_topic(stand.desk.id, "Links")
    assert topic.name == "Links"
    assert await bot.set_my_commands([BotCommand(command="start", description="x")], BotCommandScopeAllPrivateChats())
    assert await bot.delete_my_commands(BotCommandScopeAllPrivateChats())
    assert (await bot.get_webhook_info()).url == ""
    assert (await bot.get_my_name()).name == "Shekteu (sandbox)"


async def test_files_are_downloaded(stand: Stand, bot: Bot) -> None:
    message = stand.sandbox.send_document(stand.citizen, "a.txt", b"abc")
    assert message.document is not None
    data = await bot.download(message.document["file_id"])
    assert data is not None
    assert data.read() == b"abc"


async def test_each_sort_of_refusal_is_told_apart(stand: Stand, bot: Bot) -> None:
    chat, sandbox = stand.citizen.id, stand.sandbox
    with pytest.raises(TelegramBadRequest):
        await bot.send_message(chat, "<b>")
    sandbox.fail_next("sendMessage", 429, "Too Many Requests: retry after 8", {"retry_after": 8})
    with pytest.raises(TelegramRetryAfter) as slow:
        await bot.send_message(chat, "x")
    assert slow.value.retry_after == 8
    sandbox.fail_next("*", 502, "Bad Gateway", times=2)
    for _ in range(2):
        with pytest.raises(TelegramServerError):
            await bot.get_me()
    sandbox.fail_next("sendMessage", 400, "Bad Request: group chat was upgraded", {"migrate_to_chat_id": -1001})
    with pytest.raises(TelegramMigrateToChat):
        await bot.send_message(chat, "x")
    sandbox.block(stand.citizen)
    with pytest.raises(TelegramForbiddenError):
        await bot.send_message(chat, "x")
    session = AiohttpSession(api=TelegramAPIServer.from_base(sandbox.url))
    async with Bot("1:wrong", session=session) as other:
        with pytest.raises(TelegramUnauthorizedError):
            await other.get_me()


async def test_a_connection_is_cut_before_or_after_the_deed(stand: Stand, bot: Bot) -> None:
    chat, sandbox = stand.citizen.id, stand.sandbox
    sandbox.hang_up("sendMessage")
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(chat, "never")
    assert sandbox.messages(chat) == []
    sandbox.hang_up("sendMessage", before=False)
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(chat, "sent all the same")
    assert [message.text for message in sandbox.messages(chat)] == ["sent all the same"]
    await bot.send_message(chat, "fine")


async def test_waiting_in_vain_tells_what_was_said(stand: Stand, bot: Bot) -> None:
    await bot.send_message(stand.citizen.id, "something else")
    with pytest.raises(AssertionError, match="something else"):
        await stand.sandbox.wait_text(stand.citizen.id, "never", timeout=0.01)
    first = await stand.sandbox.wait_text(stand.citizen.id, "something")
    await bot.send_message(stand.citizen.id, "something new")
    second = await stand.sandbox.wait_text(stand.citizen.id, "something", after=first.id)
    assert second.text == "something new"
