"""What of a Telegram message is content, and what never comes into the house."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest
from aiogram.types import Message

from bot.citizen.intake import Incoming, read_message
from bot.reports.contents import Point

PHOTO = {"file_id": "small", "file_unique_id": "u", "width": 90, "height": 90}
LARGE = {"file_id": "large", "file_unique_id": "u", "width": 900, "height": 900}
USER = {
    "id": 5_555_555_555,
    "is_bot": False,
    "first_name": "Zelimkhan",
    "last_name": "Marked",
    "username": "the_sender",
}
CHANNEL = {"id": -1001, "type": "channel", "title": "Shop", "username": "chan_shop"}


def read(**content: Any) -> Incoming:
    chat = {"id": 1, "type": "private"}
    return read_message(Message.model_validate({"message_id": 1, "date": 1, "chat": chat, "from": USER, **content}))


def urls(incoming: Incoming) -> list[str]:
    return [link.url for link in incoming.links]


def document(name: str | None, mime: str | None = None, size: int | None = 100) -> Incoming:
    file = {"file_id": "f", "file_unique_id": "u", "file_name": name, "mime_type": mime, "file_size": size}
    return read(document={key: value for key, value in file.items() if value is not None})


def test_words_are_what_is_left_beside_links() -> None:
    found = read(text="вот их канал t.me/Some_Shop, пишут @some_bot")
    assert urls(found) == ["https://t.me/some_shop", "https://t.me/some_bot"]
    assert found.rest == "вот их канал, пишут"
    assert found.written == found.text


def test_addresses_hide_behind_words_and_buttons() -> None:
    markup = {"inline_keyboard": [[{"text": "Купить", "url": "https://t.me/button_shop"}]]}
    entities = [{"type": "text_link", "offset": 0, "length": 4, "url": "https://t.me/hidden_shop"}]
    found = read(text="жми сюда", entities=entities, reply_markup=markup)
    assert urls(found) == ["https://t.me/hidden_shop", "https://t.me/button_shop"]
    assert found.written == "жми сюда\nhttps://t.me/hidden_shop\nhttps://t.me/button_shop"


def test_a_caption_holds_links_as_a_text_does() -> None:
    found = read(photo=[PHOTO, LARGE], caption="t.me/name_x")
    assert urls(found) == ["https://t.me/name_x"]
    assert found.photo == "large"


def test_a_forward_names_its_channel_and_post() -> None:
    found = read(text="всё есть", forward_origin={"type": "channel", "date": 1, "chat": CHANNEL, "message_id": 17})
    assert urls(found) == ["https://t.me/chan_shop"]
    assert found.rest == "t.me/chan_shop/17\nвсё есть"
    assert "t.me/chan_shop/17" in found.written


def test_a_forward_from_a_group_names_the_group_where_it_is_public() -> None:
    group = {"id": -1002, "type": "supergroup", "title": "Shop", "username": "group_shop"}
    assert urls(read(text="x", forward_origin={"type": "chat", "date": 1, "sender_chat": group})) == [
        "https://t.me/group_shop"
    ]


PRIVATE: list[dict[str, Any]] = [
    {"forward_origin": {"type": "user", "date": 1, "sender_user": USER}},
    {"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Zelimkhan Marked"}},
    {"forward_origin": {"type": "channel", "date": 1, "chat": {**CHANNEL, "username": None}, "message_id": 1}},
    {"entities": [{"type": "text_mention", "offset": 0, "length": 5, "user": USER}]},
    {"quote": {"text": "Zelimkhan wrote", "position": 0}},
    {"external_reply": {"origin": {"type": "user", "date": 1, "sender_user": USER}}},
    {"reply_to_message": {"message_id": 2, "date": 1, "chat": {"id": 1, "type": "private"}, "from": USER, "text": "y"}},
    {"via_bot": USER},
    {"author_signature": "Zelimkhan"},
]


@pytest.mark.parametrize("private", PRIVATE)
def test_of_people_nothing_comes_in(private: dict[str, Any]) -> None:
    found = str(asdict(read(text="всем привет из магазина", **private)))
    assert not any(mark in found for mark in ("Zelimkhan", "Marked", "the_sender", "5555555555"))


@pytest.mark.parametrize(
    "name,mime",
    [("a.JPG", None), ("a", "image/png"), ("IMG.HEIC", "application/octet-stream"), ("b.webp", "image/webp")],
)
def test_photos_come_as_files_too(name: str, mime: str | None) -> None:
    assert document(name, mime).photo == "f"


@pytest.mark.parametrize("name,mime", [("a.txt", None), ("b.CSV", "text/comma-separated-values"), (None, "text/plain")])
def test_lists_are_text_files(name: str | None, mime: str | None) -> None:
    assert document(name, mime).list_file == "f"


@pytest.mark.parametrize(
    "name,mime,size,refused",
    [
        ("a.pdf", "application/pdf", 1, "refused_file"),
        ("a.jpg.exe", None, 1, "refused_file"),
        ("a.jpg", "video/mp4", 1, "refused_file"),
        (None, None, 1, "refused_file"),
        ("a.txt", None, 0, "list_failed_empty"),
        ("a.txt", None, (1 << 20) + 1, "refused_list_big"),
        ("a.heic", None, (20 << 20) + 1, "refused_photo_big"),
    ],
)
def test_other_files_are_refused_with_their_reason(name: str | None, mime: str | None, size: int, refused: str) -> None:
    found = document(name, mime, size)
    assert found.refused == refused
    assert not found.content


def test_a_venue_is_a_point_with_a_name() -> None:
    where = {"latitude": 42.9, "longitude": 71.4}
    found = read(venue={"location": where, "title": "Кафе", "address": "Абая 1"}, location=where)
    assert found.point == Point(latitude=42.9, longitude=71.4)
    assert found.rest == "Кафе, Абая 1"
    assert not found.point_typed


@pytest.mark.parametrize(
    "text,rest",
    [
        ("42.9, 71.3667", ""),
        ("42.9° с.ш., 71.3667° в.д.", ""),
        ("закладка тут 42.9012, 71.3667", "закладка тут 42.9012, 71.3667"),
        ("за школой https://2gis.kz/taraz/geo/71.3667,42.9", "за школой"),
        ("https://yandex.kz/maps/?pt=71.3667,42.9", ""),
    ],
)
def test_beside_a_typed_place_only_real_words_are_words(text: str, rest: str) -> None:
    found = read(text=text)
    assert found.point is not None
    assert found.point_typed
    assert found.rest == rest
    assert found.links == []


def test_coordinates_that_cannot_be_are_told_and_are_no_words() -> None:
    found = read(text="95.1234, 200.5678")
    assert (found.point, found.point_refused, found.rest) == (None, "out_of_range", "")


def test_a_short_map_link_is_no_resource() -> None:
    found = read(text="https://go.2gis.com/abcde")
    assert (found.point_refused, found.links) == ("short_map_link", [])


@pytest.mark.parametrize("code", ["https://t.me/login/48213", "tg://login?code=48213", "tg:login?code=48213"])
def test_a_login_code_is_taken_out_of_the_words(code: str) -> None:
    found = read(text=f"помогите {code} пришло")
    assert found.refused == "refused_login_link"
    assert "48213" not in str(asdict(found))
    assert "помогите" in found.text


def test_a_notice_of_telegram_is_met_with_silence_and_an_unknown_message_is_not() -> None:
    assert read(message_auto_delete_timer_changed={"message_auto_delete_time": 1}).empty
    assert read(users_shared={"request_id": 1, "users": []}).empty
    assert read().refused == "refused_other"
    assert read(dice={"emoji": "🎲", "value": 1}).refused == "refused_other"
