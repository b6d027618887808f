"""Telegram's limits on how much a bot sends."""

from tests.sandbox.conftest import Stand, picture
from tests.sandbox.test_media import album, files


async def flood(stand: Stand, chat_id: int, count: int) -> None:
    for _ in range(count):
        await stand.call("sendMessage", chat_id=chat_id, text="x")
        stand.clock.forward(0.05)


async def test_a_group_takes_20_messages_a_minute(stand: Stand) -> None:
    await flood(stand, stand.desk.id, 20)
    body = await stand.ask("sendMessage", chat_id=stand.desk.id, text="x")
    assert body["error_code"] == 429
    assert body["description"] == "Too Many Requests: retry after 59"
    assert body["parameters"] == {"retry_after": 59}
    stand.clock.forward(59)
    await stand.call("sendMessage", chat_id=stand.desk.id, text="x")


async def test_edits_topics_and_parts_of_albums_count_for_a_group(stand: Stand) -> None:
    sent = await stand.call("sendMessage", chat_id=stand.desk.id, text="x")
    where = {"chat_id": stand.desk.id, "message_id": sent["message_id"]}
    for number in range(8):
        await stand.call("editMessageText", text=str(number), **where)
    await stand.call("createForumTopic", chat_id=stand.desk.id, name="t")
    body = await stand.upload("sendMediaGroup", files(10), chat_id=str(stand.desk.id), media=album(*["photo"] * 10))
    assert body["ok"]
    assert (await stand.refused("editMessageText", text="more", **where)).startswith("Too Many Requests")
    body = await stand.upload("sendPhoto", {"photo": ("a.jpg", picture())}, chat_id=str(stand.desk.id))
    assert body["error_code"] == 429


async def test_a_person_takes_bursts_but_not_more_than_one_a_second_for_long(stand: Stand) -> None:
    await flood(stand, stand.citizen.id, 20)
    body = await stand.ask("sendMessage", chat_id=stand.citizen.id, text="x")
    assert body["parameters"] == {"retry_after": 19}
    for _ in range(60):
        stand.clock.forward(1)
    for _ in range(60):
        stand.clock.forward(1)
        await stand.call("sendMessage", chat_id=stand.citizen.id, text="x")


async def test_30_a_second_are_taken_in_all(stand: Stand) -> None:
    people = [stand.sandbox.add_person(f"p{number}") for number in range(31)]
    for person in people:
        person.started = True
    for person in people[:30]:
        await stand.call("sendMessage", chat_id=person.id, text="x")
    body = await stand.ask("sendMessage", chat_id=people[30].id, text="x")
    assert body["parameters"] == {"retry_after": 1}
    stand.clock.forward(1)
    await stand.call("sendMessage", chat_id=people[30].id, text="x")


async def test_answers_to_presses_and_reading_do_not_count(stand: Stand) -> None:
    for _ in range(40):
        await stand.call("sendChatAction", chat_id=stand.citizen.id, action="typing")
        await stand.call("getMe")


async def test_the_limits_can_be_lifted(stand: Stand) -> None:
    stand.sandbox.limits.enabled = False
    for _ in range(40):
        await stand.call("sendMessage", chat_id=stand.desk.id, text="x")
