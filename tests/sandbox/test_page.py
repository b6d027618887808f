"""The page's side of the server: who may drive it, and what it tells."""

from typing import Any

import aiohttp
import pytest

from bot.sandbox.server import Sandbox
from tests.sandbox.conftest import Stand, picture

DRIVE = {"X-Sandbox": "1"}


async def act(stand: Stand, what: str, **fields: Any) -> dict[str, Any]:
    async with stand.http.post(
        f"{stand.sandbox.url}/sandbox/act", json={"what": what, **fields}, headers=DRIVE
    ) as answer:
        assert answer.status == 200, await answer.text()
        body: dict[str, Any] = await answer.json()
        return body


async def state(stand: Stand) -> dict[str, Any]:
    async with stand.http.get(f"{stand.sandbox.url}/sandbox/state") as answer:
        body: dict[str, Any] = await answer.json()
        return body


async def test_the_page_and_all_that_it_loads_come_from_here_under_a_strict_policy(stand: Stand) -> None:
    async with stand.http.get(stand.sandbox.url) as answer:
        page = await answer.text()
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert "//" not in page.replace("<!doctype", "")
    for name in ("app.js", "style.css", "chat.css", "icon.svg", "words.js"):
        async with stand.http.get(f"{stand.sandbox.url}/page/{name}") as answer:
            assert answer.status == 200
            text = await answer.text()
        assert "https://" not in text.replace("http://www.w3.org", "")
    for name in ("..%2Fserver.py", "server.py", "nothing.js"):
        async with stand.http.get(f"{stand.sandbox.url}/page/{name}") as answer:
            assert answer.status == 404


@pytest.mark.parametrize("host", ["example.com", "example.com:{port}", "127.0.0.1:1", "127.0.0.1.example.com:{port}"])
async def test_a_foreign_name_is_refused(stand: Stand, host: str) -> None:
    port = stand.sandbox.url.rsplit(":", 1)[-1]
    for path in ("/", "/sandbox/state", "/page/app.js", f"/bot{stand.sandbox.token}/getMe"):
        async with stand.http.get(stand.sandbox.url + path, headers={"Host": host.format(port=port)}) as answer:
            assert answer.status == 403


async def test_localhost_is_as_good_as_127_0_0_1(stand: Stand) -> None:
    port = stand.sandbox.url.rsplit(":", 1)[-1]
    async with stand.http.get(stand.sandbox.url, headers={"Host": f"localhost:{port}"}) as answer:
        assert answer.status == 200


async def test_a_foreign_page_cannot_drive_the_sandbox(stand: Stand) -> None:
    url = f"{stand.sandbox.url}/sandbox/act"
    order = {"what": "add_citizen", "language": "kk"}
    async with stand.http.post(url, json=order) as answer:
        assert answer.status == 403
    async with stand.http.post(url, json=order, headers={**DRIVE, "Origin": "http://evil.example"}) as answer:
        assert answer.status == 403
    async with stand.http.post(
        url, data=b'{"what":"add_citizen"}', headers={**DRIVE, "Content-Type": "text/plain"}
    ) as answer:
        assert answer.status == 415
    async with stand.http.post(f"{stand.sandbox.url}/sandbox/upload", json={}, headers=DRIVE) as answer:
        assert answer.status == 415
    async with stand.http.get(f"{stand.sandbox.url}/sandbox/state", headers={"Origin": "null"}) as answer:
        assert answer.status == 403
    async with stand.http.post(url, json=order, headers={**DRIVE, "Origin": stand.sandbox.url}) as answer:
        assert answer.status == 200


async def test_it_listens_on_this_computer_only() -> None:
    with pytest.raises(ValueError, match="this computer only"):
        await Sandbox().start(host="0.0.0.0")


async def test_a_citizen_is_added_and_does_all_that_a_phone_can(stand: Stand) -> None:
    person = (await act(stand, "add_citizen", language="kk"))["person"]
    assert stand.sandbox.world.people[person].language_code == "kk"
    await act(stand, "open", who=person, payload="k_1")
    sent = await act(stand, "text", who=person, chat=person, text=" <b>hi</b> ")
    await act(stand, "edit", who=person, chat=person, message=sent["message"], text="changed")
    await act(stand, "location", who=person, lat="42.9", lon="71.3")
    await act(stand, "forward", who=person, title="Shop", username="@shop", text="купить")
    markup = {"keyboard": [[{"text": "Ссылка"}]]}
    await stand.call("sendMessage", chat_id=person, text="menu", reply_markup=markup)
    await act(stand, "key", who=person, chat=person, label="Ссылка")
    buttons = {"inline_keyboard": [[{"text": "a", "callback_data": "1"}, {"text": "b", "callback_data": "2"}]]}
    card = await stand.call("sendMessage", chat_id=person, text="card", reply_markup=buttons)
    await act(stand, "press", who=person, chat=person, message=card["message_id"], row=0, column=1)
    await act(stand, "block", who=person)
    await act(stand, "unblock", who=person)
    kinds = []
    for update in await stand.call("getUpdates"):
        kind = next(key for key in update if key != "update_id")
        kinds.append(update[kind].get("text") or update[kind].get("data") or kind)
    assert kinds == [
        "/start k_1", "<b>hi</b>", "changed", "message", "купить", "Ссылка", "2", "my_chat_member", "my_chat_member",
    ]  # fmt: skip
    messages = (await state(stand))["chats"][str(person)]["messages"]
    assert messages[1]["text"] == "changed"
    assert messages[1]["edited"] is True
    await act(stand, "delete", who=person, chat=person, message=messages[1]["id"])
    assert len((await state(stand))["chats"][str(person)]["messages"]) == len(messages) - 1


async def test_officers_come_act_and_leave(stand: Stand) -> None:
    desk = stand.desk.id
    card = await stand.call("sendMessage", chat_id=desk, text="card", protect_content=True)
    officer = (await act(stand, "add_officer", chat=desk, name="Асқар", anonymous="on"))["person"]
    await act(stand, "text", who=officer, chat=desk, text="беру", reply_to=card["message_id"])
    shown = await state(stand)
    assert shown["chats"][str(desk)]["messages"][-1]["reply"]["text"] == "card"
    assert [member["name"] for member in shown["groups"][0]["members"]] == ["Асқар"]
    await act(stand, "leave", who=officer, chat=desk)
    shown = await state(stand)
    assert shown["groups"][0]["members"] == []
    assert not next(person for person in shown["people"] if person["id"] == officer)["citizen"]


async def test_a_chat_is_added_with_an_officer_of_its_own_and_the_bot_is_told(stand: Stand) -> None:
    added = (await act(stand, "add_group", name="Байзак"))["group"]
    update = (await stand.call("getUpdates"))[0]
    assert update["my_chat_member"]["chat"]["id"] == added
    assert update["my_chat_member"]["new_chat_member"]["status"] == "administrator"
    shown = next(group for group in (await state(stand))["groups"] if group["id"] == added)
    assert shown["title"] == "Байзак"
    assert len(shown["members"]) == 1


async def test_photos_and_files_are_uploaded(stand: Stand) -> None:
    async def send(kind: str, *files: bytes) -> int:
        form = aiohttp.FormData({"who": str(stand.citizen.id), "as": kind, "caption": "вот"})
        for number, data in enumerate(files):
            form.add_field("file", data, filename=f"{number}.jpg", content_type="image/jpeg")
        async with stand.http.post(f"{stand.sandbox.url}/sandbox/upload", data=form, headers=DRIVE) as answer:
            return answer.status

    assert await send("photo", picture(), picture()) == 200
    assert await send("document", b"<script>") == 200
    assert await send("photo", b"no picture") == 400
    assert await send("document", *[b"x"] * 11) == 400
    messages = (await state(stand))["chats"][str(stand.citizen.id)]["messages"]
    assert [message["text"] for message in messages] == ["вот", "", "вот"]
    assert messages[0]["album"] == messages[1]["album"]
    async with stand.http.get(f"{stand.sandbox.url}/sandbox/file/{messages[0]['photo']['file']}") as answer:
        assert (answer.content_type, await answer.read()) == ("image/jpeg", picture())
    async with stand.http.get(f"{stand.sandbox.url}/sandbox/file/{messages[2]['document']['file']}") as answer:
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Content-Disposition"] == "attachment"
    async with stand.http.get(f"{stand.sandbox.url}/sandbox/file/none") as answer:
        assert answer.status == 404


async def test_a_photo_answers_a_message_as_words_do(stand: Stand) -> None:
    form = await stand.call("sendMessage", chat_id=stand.desk.id, text="form")
    officer = (await act(stand, "add_officer", chat=stand.desk.id, name="Асқар"))["person"]
    for kind in ("photo", "document"):
        sent = aiohttp.FormData({"who": str(officer), "chat": str(stand.desk.id), "as": kind})
        sent.add_field("reply_to", str(form["message_id"]))
        sent.add_field("file", picture(), filename="after.jpg", content_type="image/jpeg")
        async with stand.http.post(f"{stand.sandbox.url}/sandbox/upload", data=sent, headers=DRIVE) as answer:
            assert answer.status == 200
        shown = (await state(stand))["chats"][str(stand.desk.id)]["messages"][-1]
        assert shown["reply"]["text"] == "form"


@pytest.mark.parametrize(
    "order",
    [
        {"what": "dance"},
        {"what": "text", "who": 5, "text": "x"},
        {"what": "text", "who": None, "text": "x"},
        {"what": "press", "who": "{who}", "chat": "{who}", "message": 1, "row": 0, "column": 0},
        {"what": "location", "who": "{who}", "lat": 100, "lon": 0},
        {"what": "location", "who": "{who}", "lat": "x", "lon": 0},
        [],
    ],
)
async def test_a_wrong_order_is_refused_not_a_crash(stand: Stand, order: Any) -> None:
    if isinstance(order, dict):
        order = {key: stand.citizen.id if value == "{who}" else value for key, value in order.items()}
    async with stand.http.post(f"{stand.sandbox.url}/sandbox/act", json=order, headers=DRIVE) as answer:
        assert answer.status == 400


async def test_changes_are_told_as_they_come(stand: Stand) -> None:
    async with stand.http.get(f"{stand.sandbox.url}/sandbox/events") as stream:
        assert stream.content_type == "text/event-stream"
        first = await stream.content.readuntil(b"\n\n")
        stand.sandbox.send_text(stand.citizen, "hi")
        second = await stream.content.readuntil(b"\n\n")
    assert int(second[6:]) > int(first[6:])


async def test_the_answer_to_a_press_is_shown_to_the_page(stand: Stand) -> None:
    buttons = {"inline_keyboard": [[{"text": "a", "callback_data": "1"}]]}
    card = await stand.call("sendMessage", chat_id=stand.citizen.id, text="card", reply_markup=buttons)
    query = stand.sandbox.press(stand.citizen, card["message_id"], "a")
    await stand.call("answerCallbackQuery", callback_query_id=query, text="Жарайды", show_alert=True)
    assert (await state(stand))["answers"] == [
        {"id": query, "person": stand.citizen.id, "text": "Жарайды", "alert": True}
    ]


async def test_commands_are_shown_in_the_language_of_the_phone(stand: Stand) -> None:
    scope = {"type": "all_private_chats"}
    await stand.call("setMyCommands", commands=[{"command": "start", "description": "start"}], scope=scope)
    kazakh = [{"command": "start", "description": "бастау"}]
    await stand.call("setMyCommands", commands=kazakh, scope=scope, language_code="kk")
    (person,) = (await state(stand))["people"]
    assert person["commands"] == kazakh
