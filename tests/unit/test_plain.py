"""Words alone are read without aiogram, and just as with it; whatever is more than words is not taken for them."""

from __future__ import annotations

from typing import Any

import pytest
from aiogram.types import Message

from bot.citizen.intake import read_message, read_words
from bot.telegram.plain import Words, words_of

SENDER = {"id": 7, "is_bot": False, "first_name": "A", "language_code": "ru"}
BODY = {"message_id": 1, "date": 1_790_000_000, "chat": {"id": 7, "type": "private"}, "from": SENDER}
URL = {"type": "url", "offset": 0, "length": 11}


def update(**message: Any) -> dict[str, Any]:
    return {"update_id": 1, "message": {**BODY, **message}}


@pytest.mark.parametrize("more", [{}, {"entities": [URL]}, {"link_preview_options": {"is_disabled": True}}])
def test_typed_words_are_read_with_the_language_of_the_client(more: dict[str, Any]) -> None:
    assert words_of(update(text="t.me/a_shop1", **more)) == Words("t.me/a_shop1", "ru")


@pytest.mark.parametrize(
    "more",
    [
        {"forward_origin": {"type": "hidden_user", "sender_user_name": "B", "date": 1}},
        {"entities": [{**URL, "type": "text_link", "url": "https://t.me/a_shop1"}]},
        {"entities": [{"type": "text_mention", "offset": 0, "length": 1, "user": SENDER}], "quote": {"text": "x"}},
        {"photo": [{"file_id": "a"}]},
        {"reply_markup": {"inline_keyboard": [[{"text": "x", "url": "https://t.me/a_shop1"}]]}},
        {"venue": {"title": "x"}},
        {"media_group_id": "1"},
        {"text": None},
        {"text": 5},
        {"text": ""},
        {"from": None},
        {"from": {**SENDER, "language_code": ["ru"]}},
        {"entities": {"type": "url"}},
        {"entities": ["url"]},
        {"entities": [{"type": "url"}]},
        {"entities": [{**URL, "length": "11"}]},
        {"something_that_telegram_brings_next_year": True},
    ],
)
def test_what_is_more_than_words_is_read_in_full(more: dict[str, Any]) -> None:
    assert words_of(update(**{"text": "t.me/a_shop1", **more})) is None


def test_other_updates_are_no_words() -> None:
    edited = {"update_id": 1, "edited_message": {**BODY, "text": "x"}}
    assert [words_of(each) for each in (edited, {"update_id": 1}, {"update_id": 1, "message": 5})] == [None] * 3
    assert words_of(update(text="x") | {"callback_query": {}}) is None


@pytest.mark.parametrize(
    "text",
    [
        "t.me/a_shop1",
        " @a_shop1, и ещё t.me/b_shop2/5 рядом со школой ",
        "42.9, 71.3667",
        "42.9, 71.3667 за гаражами",
        "https://2gis.kz/taraz/geo/71.3667,42.9",
        "https://maps.app.goo.gl/AbCdEf",
        "http://t.me/login/48213 вот код",
        "продают у подъезда",
        "instagram.com/a_shop1",
    ],
)
def test_words_are_read_as_a_message_that_holds_nothing_else(text: str) -> None:
    assert read_words(text) == read_message(Message.model_validate({**BODY, "text": text}))
