"""Our one encoder sends what aiogram's own session would send with our defaults, field by field."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import aiogram.methods
import orjson
import pytest
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.methods.base import TelegramMethod
from aiogram.types import BufferedInputFile

from bot.delivery.sender import Outgoing
from bot.sandbox.server import Sandbox
from bot.telegram.api import Api, _form
from bot.telegram.encoder import CAPTION_METHODS, PROTECTED_METHODS, TEXT_METHODS, encode
from bot.telegram.reply import keyboard, say, toast

ROOT = Path(__file__).resolve().parent.parent.parent
METHODS: dict[str, type[TelegramMethod[Any]]] = {
    method.__api_method__: method
    for method in vars(aiogram.methods).values()
    if isinstance(method, type) and issubclass(method, TelegramMethod) and method is not TelegramMethod
}
INLINE = {
    "inline_keyboard": [
        [{"text": "📋 t.me/shop", "copy_text": {"text": "https://t.me/shop"}}],
        [{"text": "Взять", "callback_data": "AAAA:1:claim"}],
    ]
}
UNDER = {"message_id": 4, "allow_sending_without_reply": True}
COMMANDS = [{"command": "start", "description": "Начать"}]
EXAMPLES: dict[str, list[dict[str, Any]]] = {
    "answerCallbackQuery": [toast("77").params, toast("77", "ответ", alert=True).params],
    "createForumTopic": [{"chat_id": -100, "name": "Граффити"}],
    "deleteMessage": [{"chat_id": -100, "message_id": 4}],
    "deleteMessages": [{"chat_id": -100, "message_ids": [4, 5]}],
    "deleteWebhook": [{"drop_pending_updates": False}],
    "editMessageMedia": [
        {
            "chat_id": -100,
            "message_id": 4,
            "media": {
                "type": "photo",
                "media": "attach://photo",
                "caption": "№",
                "parse_mode": "HTML",
                "has_spoiler": True,
            },
        }
    ],
    "editMessageText": [{"chat_id": -100, "message_id": 4, "text": "<b>x</b>", "reply_markup": INLINE}],
    "getChat": [{"chat_id": -100}],
    "getChatMember": [{"chat_id": -100, "user_id": 5}],
    "getFile": [{"file_id": "AgAD"}],
    "getMe": [{}],
    "getUpdates": [{"offset": 7, "timeout": 25, "allowed_updates": ["message", "callback_query"]}],
    "getWebhookInfo": [{}],
    "leaveChat": [{"chat_id": -100}],
    "pinChatMessage": [{"chat_id": -100, "message_id": 4, "disable_notification": True}],
    "reopenForumTopic": [{"chat_id": -100, "message_thread_id": 7}],
    "sendLocation": [{"chat_id": -100, "latitude": 42.9, "longitude": 71.366667, "reply_parameters": UNDER}],
    "sendMediaGroup": [
        {
            "chat_id": -100,
            "media": [
                {"type": "photo", "media": "attach://photo0", "has_spoiler": True, "caption": "№ 5 <i>ә</i>"},
                {"type": "photo", "media": "attach://photo1", "has_spoiler": True},
            ],
            "reply_parameters": UNDER,
        }
    ],
    "sendMessage": [
        {"chat_id": 5, **say("plain").params},
        {"chat_id": 5, **say("<b>x</b>", [["Отправить"], ["Назад", "Отмена"]]).params},
        {"chat_id": 5, "text": "x", "reply_markup": keyboard([["Меню"]]), "disable_notification": True},
        {"chat_id": -100, "text": "card", "reply_markup": INLINE},
    ],
    "sendPhoto": [
        {"chat_id": -100, "photo": "attach://photo0", "caption": "№", "has_spoiler": True, "reply_parameters": UNDER},
        {"chat_id": -100, "photo": "AgADphoto"},
    ],
    "setMyCommands": [{"commands": COMMANDS, "scope": {"type": "all_private_chats"}, "language_code": "kk"}],
    "setMyDescription": [{"description": "Бот", "language_code": "ru"}],
    "setMyShortDescription": [{"short_description": "Бот"}],
    "setWebhook": [{"url": "https://x.kz/hook", "secret_token": "s", "allowed_updates": ["message"]}],
}
CASES = [(method, number) for method, examples in EXAMPLES.items() for number in range(len(examples))]


def methods_in(folder: Path) -> set[str]:
    """Find the Bot API's methods that the program's text names."""
    named: set[str] = set()
    for path in folder.rglob("*.py"):
        if "sandbox" not in path.parts:
            # `close` alone is also a word of the command line.
            found = re.finditer(r'"([a-z]+[A-Z]\w+)"|call\("(close)"', path.read_text())
            named |= {match[1] or match[2] for match in found}
    return named & METHODS.keys()


def plain(value: Any) -> Any:
    """Give a field's value as JSON data, however it travels."""
    if isinstance(value, str):
        try:
            return plain(orjson.loads(value)) if value[:1] in "[{tf-0123456789" else value
        except orjson.JSONDecodeError:
            return value
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items() if item is not None}
    return [plain(item) for item in value] if isinstance(value, list) else value


def without_idle_modes(body: Any) -> Any:
    """Leave out how texts are to be read that are not there: aiogram says it all the same, and it means nothing."""
    if isinstance(body, list):
        return [without_idle_modes(item) for item in body]
    if not isinstance(body, dict):
        return body
    # Beside link_preview_options aiogram says it under its old name, too.
    body = {name: item for name, item in body.items() if name != "disable_web_page_preview"}
    idle = {"parse_mode"} if not body.keys() & {"text", "caption"} else set()
    idle |= {"quote_parse_mode"} if "quote" not in body else set()
    return {name: without_idle_modes(item) for name, item in body.items() if name not in idle}


def by_aiogram(method: str, params: dict[str, Any], *, protect: bool) -> dict[str, Any]:
    """Give what aiogram's session would send, its uploads named as ours are."""
    defaults = DefaultBotProperties(
        parse_mode="HTML", link_preview_is_disabled=True, protect_content=True if protect else None
    )
    bot = Bot("1:" + "A" * 35, default=defaults)
    names: list[str] = []

    def upload(value: Any) -> Any:
        if isinstance(value, str) and value.startswith("attach://"):
            names.append(value)
            return BufferedInputFile(b"jpeg", "x.jpg")
        if isinstance(value, dict):
            return {name: upload(item) for name, item in value.items()}
        return [upload(item) for item in value] if isinstance(value, list) else value

    known = {name: upload(value) for name, value in params.items() if name in METHODS[method].model_fields}
    form = AiohttpSession().build_form_data(bot, METHODS[method](**known))
    fields = {options["name"]: value for options, _, value in form._fields}
    body: dict[str, Any] = {name: plain(fields[name]) for name in fields if name in METHODS[method].model_fields}
    named: dict[str, Any] = _named(body, names)
    return named


def _named(body: Any, names: list[str]) -> Any:
    if isinstance(body, str) and body.startswith("attach://"):
        return names.pop(0)
    if isinstance(body, dict):
        return {name: _named(item, names) for name, item in body.items()}
    return [_named(item, names) for item in body] if isinstance(body, list) else body


def test_there_is_an_example_of_every_method_that_the_bot_uses() -> None:
    assert methods_in(ROOT / "bot") - {"editMessageCaption", "sendDocument", "sendVenue"} == EXAMPLES.keys()


@pytest.mark.parametrize("protect", [False, True])
@pytest.mark.parametrize(("method", "number"), CASES)
def test_we_send_what_aiogram_would_send(method: str, number: int, protect: bool) -> None:
    params = EXAMPLES[method][number]
    ours = plain(encode(method, dict(params), protect=protect))
    assert without_idle_modes(ours) == without_idle_modes(by_aiogram(method, params, protect=protect))


@pytest.mark.parametrize(("method", "number"), CASES)
def test_every_field_is_one_of_the_method(method: str, number: int) -> None:
    body = encode(method, dict(EXAMPLES[method][number]), protect=True)
    assert body.keys() <= METHODS[method].model_fields.keys()


def test_the_defaults_reach_every_method_that_knows_them_and_no_other() -> None:
    for method in EXAMPLES.keys() | TEXT_METHODS | CAPTION_METHODS | PROTECTED_METHODS:
        fields = METHODS[method].model_fields
        assert ("protect_content" in fields) == (method in PROTECTED_METHODS), method
        assert ("link_preview_options" in fields) == (method in TEXT_METHODS), method
        assert ("caption" in fields) == (method in CAPTION_METHODS), method


def test_what_a_caller_says_itself_is_left_as_it_is() -> None:
    said = {"text": "x", "parse_mode": "MarkdownV2", "link_preview_options": {"is_disabled": False}}
    assert encode("sendMessage", said) == said


def test_a_delivery_that_is_sent_again_was_not_changed_by_the_first_time() -> None:
    outgoing = Outgoing("sendMediaGroup", {"media": [{"type": "photo", "media": "attach://a", "caption": "x"}]})
    encode(outgoing.method, dict(outgoing.params), protect=True)
    assert outgoing.params == {"media": [{"type": "photo", "media": "attach://a", "caption": "x"}]}


async def test_an_upload_bears_the_same_fields_as_a_body_of_json() -> None:
    body = encode("sendMediaGroup", dict(EXAMPLES["sendMediaGroup"][0]), protect=True)
    form = _form(body, {"photo0": b"one", "photo1": b"two"})
    fields = {options["name"]: value for options, _, value in form._fields}
    assert {name: plain(fields[name]) for name in body} == plain(body)
    assert (fields["photo0"], fields["photo1"]) == (b"one", b"two")


async def test_a_strict_bot_api_takes_what_we_encode() -> None:
    sandbox = Sandbox()
    await sandbox.start()
    person, desk = sandbox.add_person("C"), sandbox.add_group("Desk")
    person.started = True
    api = Api(sandbox.url, sandbox.token)
    await api.open()
    try:
        for method in ("sendMessage", "sendLocation", "setMyCommands", "setMyDescription", "getMe"):
            for params in EXAMPLES[method]:
                there = desk.id if params.get("chat_id") == -100 else person.id
                given = {name: value for name, value in params.items() if name != "reply_parameters"}
                given |= {"chat_id": there} if "chat_id" in params else {}
                assert await api.call(method, given, protect="chat_id" in params)
        assert sandbox.errors == []
    finally:
        await api.close()
        await sandbox.stop()
