"""Photos, files, albums, and fetching them."""

import json
from typing import Any

import pytest

from tests.sandbox.conftest import Stand, picture


def album(*kinds: str, **first: Any) -> str:
    items = [{"type": kind, "media": f"attach://f{number}"} for number, kind in enumerate(kinds)]
    items[0].update(first)
    return json.dumps(items)


def files(count: int) -> dict[str, tuple[str, bytes]]:
    return {f"f{number}": (f"{number}.jpg", picture()) for number in range(count)}


async def test_a_photo_has_sizes_and_can_be_sent_again_by_its_id(stand: Stand) -> None:
    body = await stand.upload(
        "sendPhoto", {"photo": ("a.jpg", picture())}, chat_id=str(stand.citizen.id), has_spoiler="true"
    )
    sizes = body["result"]["photo"]
    assert [size["width"] for size in sizes] == [90, 320, 400]
    again = await stand.call("sendPhoto", chat_id=stand.desk.id, photo=sizes[0]["file_id"])
    assert again["photo"] == sizes
    assert body["result"]["has_media_spoiler"] is True


@pytest.mark.parametrize(
    "data,refusal",
    [
        (b"not a picture", "IMAGE_PROCESS_FAILED"),
        (picture()[:200], "IMAGE_PROCESS_FAILED"),
        (b"", "file must be non-empty"),
        (picture(3000, 10, "PNG"), "PHOTO_INVALID_DIMENSIONS"),
        (picture() + b"\0" * 10 * 1024 * 1024, "file is too big"),
    ],
    ids=["words", "cut", "empty", "thin", "heavy"],
)
async def test_what_is_no_photo_is_refused(stand: Stand, data: bytes, refusal: str) -> None:
    body = await stand.upload("sendPhoto", {"photo": ("a.jpg", data)}, chat_id=str(stand.citizen.id))
    assert body["description"] == f"Bad Request: {refusal}"


async def test_captions_have_at_most_1024_units(stand: Stand) -> None:
    chat = str(stand.citizen.id)
    body = await stand.upload("sendPhoto", {"photo": ("a.jpg", picture())}, chat_id=chat, caption="😀" * 513)
    assert body["description"] == "Bad Request: message caption is too long"
    body = await stand.upload(
        "sendMediaGroup", files(2), chat_id=chat, media=album("photo", "photo", caption="x" * 1025)
    )
    assert body["description"] == "Bad Request: message caption is too long"


async def test_a_photo_must_come_along(stand: Stand) -> None:
    chat = stand.citizen.id
    assert await stand.refused("sendPhoto", chat_id=chat) == "Bad Request: there is no photo in the request"
    assert await stand.refused("sendPhoto", chat_id=chat, photo="attach://x") == (
        "Bad Request: there is no photo in the request"
    )
    assert (await stand.refused("sendPhoto", chat_id=chat, photo="BAD")).startswith("Bad Request: wrong remote file")
    assert "does not fetch" in await stand.refused("sendPhoto", chat_id=chat, photo="https://a.kz/a.jpg")


async def test_a_document_is_no_photo(stand: Stand) -> None:
    body = await stand.upload("sendDocument", {"document": ("a.pdf", b"%PDF")}, chat_id=str(stand.citizen.id))
    document = body["result"]["document"]
    assert (document["file_name"], document["file_size"]) == ("a.pdf", 4)
    told = await stand.refused("sendPhoto", chat_id=stand.citizen.id, photo=document["file_id"])
    assert told == "Bad Request: can't use file of type Document as Photo"


async def test_an_album_is_sent_under_one_id(stand: Stand) -> None:
    body = await stand.upload(
        "sendMediaGroup",
        files(3),
        chat_id=str(stand.citizen.id),
        media=album("photo", "photo", "photo", caption="<i>c</i>", parse_mode="HTML"),
        protect_content="true",
    )
    assert len({message["media_group_id"] for message in body["result"]}) == 1
    assert [message.get("caption") for message in body["result"]] == ["c", None, None]
    assert all(message["has_protected_content"] for message in body["result"])


@pytest.mark.parametrize(
    "kinds,refusal",
    [
        (["photo"], "group of messages must include 2-10 items"),
        (["photo"] * 11, "group of messages must include 2-10 items"),
        (["photo", "document"], "documents can't be mixed with other media types"),
        (["photo", "video"], "the sandbox does not send media of type video"),
        (["photo", "gif"], 'unsupported value "gif" of type, photo expected'),
    ],
)
async def test_wrong_albums_are_refused(stand: Stand, kinds: list[str], refusal: str) -> None:
    body = await stand.upload("sendMediaGroup", files(len(kinds)), chat_id=str(stand.citizen.id), media=album(*kinds))
    assert refusal.split(",")[0] in body["description"]


async def test_files_are_fetched_for_an_hour(stand: Stand) -> None:
    message = stand.sandbox.send_document(stand.citizen, "list.txt", b"t.me/x", caption="вот")
    assert message.document is not None
    found = await stand.call("getFile", file_id=message.document["file_id"])
    url = f"{stand.sandbox.url}/file/bot{stand.sandbox.token}/{found['file_path']}"
    async with stand.http.get(url) as answer:
        assert await answer.read() == b"t.me/x"
    async with stand.http.get(url.replace(stand.sandbox.token, "1:x")) as answer:
        assert answer.status == 401
    stand.clock.forward(3601)
    async with stand.http.get(url) as answer:
        assert answer.status == 404


async def test_files_over_20_mb_cannot_be_fetched(stand: Stand) -> None:
    message = stand.sandbox.send_document(stand.citizen, "big.zip", b"x", size=20 * 1024 * 1024 + 1)
    assert message.document is not None
    assert await stand.refused("getFile", file_id=message.document["file_id"]) == "Bad Request: file is too big"


async def test_an_unknown_file_is_refused(stand: Stand) -> None:
    told = await stand.refused("getFile", file_id="nonsense")
    assert told == "Bad Request: wrong file_id or the file is temporarily unavailable"
