"""getUpdates: what is kept, confirmed, filtered, expired, and who is ended by whom."""

import asyncio

from tests.sandbox.conftest import Stand


async def test_updates_are_kept_until_the_offset_passes_them(stand: Stand) -> None:
    for word in ("one", "two", "three"):
        stand.sandbox.send_text(stand.citizen, word)
    first = await stand.call("getUpdates", limit=2)
    assert [update["message"]["text"] for update in first] == ["one", "two"]
    assert await stand.call("getUpdates", limit=2) == first
    rest = await stand.call("getUpdates", offset=first[-1]["update_id"] + 1)
    assert [update["message"]["text"] for update in rest] == ["three"]
    assert rest[0]["update_id"] == first[0]["update_id"] + 2
    assert await stand.call("getUpdates", offset=rest[-1]["update_id"] + 1) == []
    assert await stand.call("getUpdates") == []


async def test_a_negative_offset_forgets_all_but_the_last(stand: Stand) -> None:
    for word in ("one", "two", "three"):
        stand.sandbox.send_text(stand.citizen, word)
    last = await stand.call("getUpdates", offset=-1)
    assert [update["message"]["text"] for update in last] == ["three"]
    assert len(await stand.call("getUpdates")) == 1


async def test_a_long_poll_ends_as_soon_as_something_comes(stand: Stand) -> None:
    poll = asyncio.create_task(stand.call("getUpdates", timeout=50))
    await stand.sandbox.wait_for(lambda: stand.sandbox.updates.polling)
    stand.sandbox.send_text(stand.citizen, "hi")
    assert (await poll)[0]["message"]["text"] == "hi"


async def test_a_newer_poll_ends_the_older_with_409(stand: Stand) -> None:
    older = asyncio.create_task(stand.ask("getUpdates", timeout=50))
    await stand.sandbox.wait_for(lambda: stand.sandbox.updates.polling)
    newer = asyncio.create_task(stand.ask("getUpdates", timeout=50))
    body = await older
    assert body["error_code"] == 409
    assert body["description"] == (
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )
    stand.sandbox.send_text(stand.citizen, "hi")
    assert (await newer)["result"][0]["message"]["text"] == "hi"


async def test_a_poller_that_hung_up_loses_nothing(stand: Stand) -> None:
    poll = asyncio.create_task(stand.call("getUpdates", timeout=50))
    await stand.sandbox.wait_for(lambda: stand.sandbox.updates.polling)
    poll.cancel()
    await asyncio.wait([poll])
    stand.sandbox.send_text(stand.citizen, "hi")
    assert len(await stand.call("getUpdates")) == 1


async def test_setting_a_webhook_ends_the_poll_that_waits(stand: Stand) -> None:
    poll = asyncio.create_task(stand.ask("getUpdates", timeout=50))
    await stand.sandbox.wait_for(lambda: stand.sandbox.updates.polling)
    await stand.call("setWebhook", url="http://127.0.0.1:9/hook")
    assert (await poll)["description"] == "Conflict: terminated by setWebhook request"


async def test_polling_beside_a_webhook_is_a_conflict(stand: Stand) -> None:
    await stand.call("setWebhook", url="http://127.0.0.1:9/hook")
    body = await stand.ask("getUpdates")
    assert body["error_code"] == 409
    assert body["description"] == (
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    )
    await stand.call("deleteWebhook")
    assert await stand.call("getUpdates") == []


async def test_membership_is_told_only_to_those_who_name_it(stand: Stand) -> None:
    stand.sandbox.join(stand.citizen, stand.desk)
    updates = await stand.call("getUpdates")
    assert ["chat_member" in update for update in updates] == [False]
    await stand.call("getUpdates", offset=-1, allowed_updates=["chat_member", "message"])
    stand.sandbox.join(stand.citizen, stand.desk, "administrator")
    change = (await stand.call("getUpdates"))[-1]["chat_member"]
    assert (change["old_chat_member"]["status"], change["new_chat_member"]["status"]) == ("member", "administrator")


async def test_kinds_that_are_not_allowed_are_never_queued(stand: Stand) -> None:
    await stand.call("getUpdates", allowed_updates=["callback_query"])
    stand.sandbox.send_text(stand.citizen, "lost")
    assert await stand.call("getUpdates", allowed_updates=[]) == []
    stand.sandbox.send_text(stand.citizen, "kept")
    assert len(await stand.call("getUpdates")) == 1


async def test_presses_expire_after_150_seconds_and_messages_after_a_day(stand: Stand) -> None:
    markup = {"inline_keyboard": [[{"text": "a", "callback_data": "a"}]]}
    sent = await stand.call("sendMessage", chat_id=stand.citizen.id, text="x", reply_markup=markup)
    stand.sandbox.send_text(stand.citizen, "patient")
    stand.sandbox.press(stand.citizen, sent["message_id"], "a")
    assert len(await stand.call("getUpdates")) == 2
    stand.clock.forward(150)
    assert [list(update)[1] for update in await stand.call("getUpdates")] == ["message"]
    stand.clock.forward(24 * 3600)
    assert await stand.call("getUpdates") == []


async def test_a_known_update_can_be_delivered_again(stand: Stand) -> None:
    stand.sandbox.send_text(stand.citizen, "once")
    (update,) = await stand.call("getUpdates")
    assert await stand.call("getUpdates", offset=update["update_id"] + 1) == []
    stand.sandbox.redeliver(update["update_id"])
    assert await stand.call("getUpdates", offset=update["update_id"] + 1) == [update]
    assert await stand.call("getUpdates", offset=update["update_id"] + 1) == []


async def test_any_update_can_be_made_by_hand(stand: Stand) -> None:
    stand.sandbox.raw_update({"a_kind_of_tomorrow": {"x": 1}})
    stand.sandbox.raw_update({"update_id": 999_999_999, "message": {"broken": True}})
    first, second = await stand.call("getUpdates")
    assert first["a_kind_of_tomorrow"] == {"x": 1}
    assert second == {"update_id": 999_999_999, "message": {"broken": True}}


async def test_limits_of_a_poll_are_checked(stand: Stand) -> None:
    assert await stand.refused("getUpdates", limit=101) == "Bad Request: limit must be between 1 and 100"
    assert await stand.refused("getUpdates", timeout=-1) == "Bad Request: timeout must be non-negative"
