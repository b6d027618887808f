"""Delivery by webhook: until it is taken, in order, in parallel, and what rides in the answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from tests.sandbox.conftest import Stand

Answer = Callable[[dict[str, Any]], Awaitable[web.Response]]


class Hook:
    """The bot's side: keeps what came, and answers as the test says."""

    def __init__(self) -> None:
        self.came: list[dict[str, Any]] = []
        self.secrets: list[str | None] = []
        self.answers: list[web.Response] = []
        self.answer: Answer | None = None
        self.url = ""
        self.arrived = asyncio.Event()

    async def handle(self, request: web.Request) -> web.Response:
        update = await request.json()
        self.came.append(update)
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.arrived.set()
        if self.answer is not None:
            return await self.answer(update)
        return self.answers.pop(0) if self.answers else web.Response()

    async def count(self, wanted: int) -> list[dict[str, Any]]:
        while len(self.came) < wanted:
            self.arrived.clear()
            await asyncio.wait_for(self.arrived.wait(), 30)
        return self.came

    def texts(self) -> list[str]:
        return [update["message"]["text"] for update in self.came if "message" in update]


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    hook = Hook()
    app = web.Application()
    app.router.add_post("/hook", hook.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield hook
    await runner.cleanup()


def emptied(stand: Stand) -> Callable[[], bool]:
    return lambda: not stand.sandbox.updates.pending()


async def test_an_update_is_posted_with_the_secret_and_done_with_a_200(stand: Stand, hook: Hook) -> None:
    stand.sandbox.send_text(stand.citizen, "waited")
    await stand.call("setWebhook", url=hook.url, secret_token="s3cret_-")
    await hook.count(1)
    await stand.sandbox.wait_for(emptied(stand))
    assert (hook.texts(), hook.secrets) == (["waited"], ["s3cret_-"])
    stand.sandbox.send_text(stand.citizen, "new")
    await hook.count(2)
    await stand.sandbox.wait_for(emptied(stand))
    info = await stand.call("getWebhookInfo")
    assert (info["url"], info["pending_update_count"]) == (hook.url, 0)


async def test_an_update_comes_again_until_it_gets_a_200(stand: Stand, hook: Hook) -> None:
    hook.answers = [
        web.Response(status=500),
        web.Response(status=503),
        web.Response(status=404),
        web.Response(status=204),
    ]
    await stand.call("setWebhook", url=hook.url)
    stand.sandbox.send_text(stand.citizen, "one")
    stand.sandbox.send_text(stand.citizen, "two")
    await hook.count(5)
    await stand.sandbox.wait_for(emptied(stand))
    assert hook.texts() == ["one"] * 4 + ["two"]
    info = await stand.call("getWebhookInfo")
    assert info["last_error_message"] == "Wrong response from the webhook: 404 Not Found"


async def test_an_update_waits_for_a_bot_that_is_down(stand: Stand, hook: Hook) -> None:
    await stand.call("setWebhook", url="http://127.0.0.1:9/hook")
    stand.sandbox.send_text(stand.citizen, "patient")
    webhook = stand.sandbox.postman.webhook
    assert webhook is not None
    await stand.sandbox.wait_for(lambda: webhook.last_error)
    await stand.call("setWebhook", url=hook.url)
    assert (await hook.count(1))[0]["message"]["text"] == "patient"


async def test_repetitions_come_at_once_and_then_ever_later_or_when_the_bot_asks(stand: Stand, hook: Hook) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    stand.sandbox.postman.retry_base = 1.0
    stand.sandbox.postman.sleep = sleep
    hook.answers = [web.Response(status=500) for _ in range(9)]
    hook.answers.append(web.Response(status=503, headers={"Retry-After": "300"}))
    await stand.call("setWebhook", url=hook.url)
    stand.sandbox.send_text(stand.citizen, "later")
    await hook.count(11)
    assert waits == [0, 2, 4, 8, 16, 32, 64, 120, 120, 300]


async def test_messages_of_a_chat_keep_their_order_and_chats_do_not_wait_for_each_other(
    stand: Stand, hook: Hook
) -> None:
    other = stand.sandbox.add_person("Other")
    gate = asyncio.Event()

    async def answer(update: dict[str, Any]) -> web.Response:
        if update["message"]["text"] == "slow":
            await gate.wait()
        return web.Response()

    hook.answer = answer
    await stand.call("setWebhook", url=hook.url)
    stand.sandbox.send_text(stand.citizen, "slow")
    stand.sandbox.send_text(stand.citizen, "after")
    stand.sandbox.send_text(other, "quick")
    await hook.count(2)
    assert sorted(hook.texts()) == ["quick", "slow"]
    gate.set()
    await hook.count(3)
    assert hook.texts()[-1] == "after"


async def test_presses_come_on_their_own_beside_the_messages(stand: Stand, hook: Hook) -> None:
    markup = {"inline_keyboard": [[{"text": "a", "callback_data": "a"}]]}
    sent = await stand.call("sendMessage", chat_id=stand.citizen.id, text="x", reply_markup=markup)
    gate = asyncio.Event()

    async def answer(update: dict[str, Any]) -> web.Response:
        if "message" in update:
            await gate.wait()
        return web.Response()

    hook.answer = answer
    await stand.call("setWebhook", url=hook.url)
    stand.sandbox.send_text(stand.citizen, "slow")
    stand.sandbox.press(stand.citizen, sent["message_id"], "a")
    await hook.count(2)
    assert any("callback_query" in update for update in hook.came)
    gate.set()


async def test_no_more_deliveries_at_once_than_max_connections(stand: Stand, hook: Hook) -> None:
    most, now, gate = 0, 0, asyncio.Event()

    async def answer(update: dict[str, Any]) -> web.Response:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await gate.wait()
        now -= 1
        return web.Response()

    hook.answer = answer
    await stand.call("setWebhook", url=hook.url, max_connections=2)
    for number in range(6):
        stand.sandbox.send_text(stand.sandbox.add_person(f"p{number}"), "x")
    await hook.count(2)
    gate.set()
    await hook.count(6)
    assert most == 2


async def test_a_method_in_the_answer_is_done(stand: Stand, hook: Hook) -> None:
    hook.answers = [web.json_response({"method": "sendMessage", "chat_id": stand.citizen.id, "text": "ride"})]
    await stand.call("setWebhook", url=hook.url)
    stand.sandbox.send_text(stand.citizen, "hi")
    await stand.sandbox.wait_text(stand.citizen.id, "ride")
    assert stand.sandbox.calls[-1].ride


async def test_a_refused_ride_is_told_to_nobody_but_kept(stand: Stand, hook: Hook) -> None:
    hook.answers = [
        web.json_response({"method": "sendMessage", "chat_id": stand.citizen.id, "text": "<b>"}),
        web.json_response({"method": "sendMessage", "chat_id": stand.citizen.id, "text": "<b>", "parse_mode": "HTML"}),
        web.json_response({"method": "getMe"}),
        web.json_response({"method": "setWebhook", "url": ""}),
        web.Response(text="ok"),
    ]
    await stand.call("setWebhook", url=hook.url)
    for word in "abcde":
        stand.sandbox.send_text(stand.citizen, word)
    await hook.count(5)
    await stand.sandbox.wait_for(emptied(stand))
    assert [call.method for call in stand.sandbox.refused_rides] == ["sendMessage", "getMe", "setWebhook"]
    last = stand.sandbox.last(stand.citizen.id)
    assert last is not None
    assert last.text == "<b>"


async def test_an_answer_that_is_a_form_is_kept_as_refused(stand: Stand, hook: Hook) -> None:
    hook.answers = [web.Response(body=b"--x--", headers={"Content-Type": "multipart/form-data; boundary=x"})]
    await stand.call("setWebhook", url=hook.url)
    stand.sandbox.send_text(stand.citizen, "x")
    await stand.sandbox.wait_for(lambda: stand.sandbox.refused_rides)
    assert stand.sandbox.refused_rides[0].parameters == {"content_type": "multipart/form-data"}


async def test_a_paused_webhook_gets_nothing_until_it_is_resumed(stand: Stand, hook: Hook) -> None:
    await stand.call("setWebhook", url=hook.url)
    stand.sandbox.pause_webhook()
    stand.sandbox.send_text(stand.citizen, "one")
    await stand.call("getMe")
    assert hook.came == []
    stand.sandbox.resume_webhook()
    await hook.count(1)


async def test_a_known_update_can_be_delivered_again_by_webhook(stand: Stand, hook: Hook) -> None:
    await stand.call("setWebhook", url=hook.url)
    stand.sandbox.send_text(stand.citizen, "twice")
    await hook.count(1)
    stand.sandbox.redeliver(hook.came[0]["update_id"])
    await hook.count(2)
    assert hook.came[0] == hook.came[1]


async def test_ending_the_webhook_keeps_what_was_not_taken(stand: Stand, hook: Hook) -> None:
    hook.answers = [web.Response(status=500)] * 99
    await stand.call("setWebhook", url=hook.url)
    stand.sandbox.send_text(stand.citizen, "kept")
    await hook.count(1)
    await stand.call("deleteWebhook")
    assert (await stand.call("getUpdates"))[0]["message"]["text"] == "kept"
    await stand.call("setWebhook", url=hook.url, drop_pending_updates=True)
    await stand.call("deleteWebhook")
    assert await stand.call("getUpdates") == []


async def test_a_press_that_could_not_be_delivered_expires(stand: Stand, hook: Hook) -> None:
    markup = {"inline_keyboard": [[{"text": "a", "callback_data": "a"}]]}
    sent = await stand.call("sendMessage", chat_id=stand.citizen.id, text="x", reply_markup=markup)
    await stand.call("setWebhook", url=hook.url)
    stand.sandbox.pause_webhook()
    stand.sandbox.press(stand.citizen, sent["message_id"], "a")
    stand.clock.forward(151)
    stand.sandbox.resume_webhook()
    stand.sandbox.send_text(stand.citizen, "x")
    await hook.count(1)
    await stand.sandbox.wait_for(emptied(stand))
    assert ["callback_query" in update for update in hook.came] == [False]


async def test_wrong_webhooks_are_refused(stand: Stand) -> None:
    assert await stand.refused("setWebhook", url="nowhere") == (
        "Bad Request: bad webhook: invalid webhook URL specified"
    )
    url = "http://127.0.0.1/x"
    assert await stand.refused("setWebhook", url=url, secret_token="сөз") == (
        "Bad Request: secret token contains unallowed characters"
    )
    assert await stand.refused("setWebhook", url=url, max_connections=101) == (
        "Bad Request: max_connections must be between 1 and 100"
    )
