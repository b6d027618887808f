"""A sandbox with a folder goes on where it was stopped."""

from pathlib import Path

import aiohttp

from bot.sandbox.server import Sandbox
from tests.sandbox.conftest import Stand, picture


async def at_work(sandbox: Sandbox) -> Stand:
    await sandbox.start()
    stand = Stand.__new__(Stand)
    stand.sandbox, stand.http = sandbox, aiohttp.ClientSession()
    return stand


async def test_people_chats_files_and_waiting_updates_outlive_the_sandbox(tmp_path: Path) -> None:
    stand = await at_work(Sandbox(keep_in=tmp_path))
    sandbox = stand.sandbox
    citizen, desk = sandbox.add_person("Айгүл"), sandbox.add_group("Desk", forum=True, group_id=-1001234567890)
    sandbox.join(citizen, desk, "administrator", anonymous=True)
    sandbox.open_bot(citizen)
    (photo,) = sandbox.send_photos(citizen, [picture()], "вот")
    topic = await stand.call("createForumTopic", chat_id=desk.id, name="Links")
    rows = {"inline_keyboard": [[{"text": "a", "callback_data": "1"}]]}
    card = await stand.call("sendMessage", chat_id=desk.id, text="card", reply_markup=rows)
    await stand.call("sendMessage", chat_id=citizen.id, text="menu", reply_markup={"keyboard": [[{"text": "Ссылка"}]]})
    query = sandbox.press(citizen, card["message_id"], "a", desk)
    waiting = await stand.call("getUpdates")
    await stand.http.close()
    await sandbox.stop()

    again = await at_work(Sandbox(keep_in=tmp_path))
    assert again.sandbox.token == sandbox.token
    assert await again.call("getUpdates") == waiting
    assert again.sandbox.keyboard(citizen.id) == [["Ссылка"]]
    assert again.sandbox.world.groups[desk.id].topics[topic["message_thread_id"]].name == "Links"
    assert again.sandbox.world.groups[desk.id].members[citizen.id].anonymous
    await again.call("answerCallbackQuery", callback_query_id=query)
    await again.call("editMessageText", chat_id=desk.id, message_id=card["message_id"], text="edited")
    assert photo.photo is not None
    found = await again.call("getFile", file_id=photo.photo[-1]["file_id"])
    async with again.http.get(f"{again.sandbox.url}/file/bot{sandbox.token}/{found['file_path']}") as answer:
        assert await answer.read() == picture()
    person = again.sandbox.world.people[citizen.id]
    fresh = again.sandbox.send_text(person, "next")
    assert fresh.id > max(message.id for message in sandbox.messages(citizen.id))
    updates = await again.call("getUpdates", offset=waiting[-1]["update_id"] + 1)
    assert [update["update_id"] for update in updates] == [waiting[-1]["update_id"] + 1]
    await again.http.close()
    await again.sandbox.stop()
