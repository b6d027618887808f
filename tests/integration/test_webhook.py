"""The webhook over real HTTP: 200 only after the commit, the reply in its body, 503 when it should be brought again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web

from bot.citizen.filling import Filling
from bot.database import Database
from bot.sandbox.server import Sandbox
from bot.telegram.api import Api
from bot.telegram.intake import Intake
from bot.telegram.reply import Reply, say, toast
from bot.telegram.turn import Turn, Turns
from bot.telegram.webhook import LARGEST, SECRET_HEADER, keep_webhook, webhook_server
from bot.wording import Wording
from tests.conftest import open_stage
from tests.stage import Stage
from tests.workbench import CHAT, SORRY, Clock, Script, count, look, open_ring, open_turns, private

SECRET = "a-secret"
DESK = -1_001_234_567_890


async def nobody(_: Mapping[str, Any]) -> bool:
    return True


class Hook:
    """A webhook that listens, and Telegram in front of it."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self.url, self.http = url, http

    async def post(self, body: Any) -> tuple[int, Any, Mapping[str, str]]:
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        async with self.http.post(self.url, data=data, headers={SECRET_HEADER: SECRET}) as answer:
            told = await answer.read()
            return answer.status, orjson.loads(told) if told else None, answer.headers


@asynccontextmanager
async def hook(turns: Turns) -> AsyncIterator[Hook]:
    intake = Intake(turns, lambda: frozenset({DESK}), nobody)
    runner = web.ServerRunner(webhook_server(intake, "/hook", SECRET))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with aiohttp.ClientSession() as http:
        yield Hook(f"http://127.0.0.1:{runner.addresses[0][1]}/hook", http)
    await runner.cleanup()


@asynccontextmanager
async def hook_of(database: Database, script: Script) -> AsyncIterator[Hook]:
    async with hook(await open_turns(database, script)) as opened:
        yield opened


async def answer(turn: Turn, update: Mapping[str, Any]) -> Reply | None:
    return say(f"update {update['update_id']}")


async def test_other_paths_and_methods_and_what_is_too_large_are_refused(database: Database) -> None:
    async with hook_of(database, answer) as telegram:
        headers = {SECRET_HEADER: SECRET}
        for method, path, data, status in (
            ("POST", "/hook/", b"{}", 404),
            ("POST", "/", b"{}", 404),
            ("GET", "/hook", None, 405),
            ("PUT", "/hook", b"{}", 405),
            ("POST", "/hook", b" " * (LARGEST + 1), 413),
        ):
            url = telegram.url.removesuffix("/hook") + path
            async with telegram.http.request(method, url, data=data, headers=headers) as refused:
                assert refused.status == status, (method, path)
        assert (await telegram.post(private(1)))[0] == 200


async def test_the_reply_rides_in_the_body_with_our_defaults(database: Database) -> None:
    async with hook_of(database, answer) as telegram:
        status, body, _ = await telegram.post(private(1))
    assert status == 200
    assert body == {
        "method": "sendMessage",
        "chat_id": CHAT,
        "text": "update 1",
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }


async def test_an_answer_on_the_desk_is_protected_and_a_toast_names_no_chat(database: Database) -> None:
    async def on_desk(turn: Turn, update: Mapping[str, Any]) -> Reply:
        return toast("77", "done") if "callback_query" in update else say("help")

    chat = {"id": DESK, "type": "supergroup", "title": "Desk"}
    sender = {"id": 5, "is_bot": False, "first_name": "A"}
    message = {"message_id": 1, "date": 1, "chat": chat, "from": sender, "text": "/help"}
    async with hook_of(database, on_desk) as telegram:
        _, said, _ = await telegram.post({"update_id": 1, "message": message})
        press = {"id": "77", "from": sender, "message": message, "chat_instance": "1", "data": "x"}
        _, told, _ = await telegram.post({"update_id": 2, "callback_query": press})
    assert said["protect_content"] is True
    assert told == {"method": "answerCallbackQuery", "callback_query_id": "77", "text": "done", "show_alert": False}


async def test_a_redelivered_update_gets_the_same_body_and_runs_no_handler(database: Database) -> None:
    runs = []

    async def note(turn: Turn, update: Mapping[str, Any]) -> Reply | None:
        runs.append(update["update_id"])
        return say(f"run {len(runs)}")

    async with hook_of(database, note) as telegram:
        bodies = [(await telegram.post(private(1)))[1] for _ in range(3)]
        at_once = await asyncio.gather(*(telegram.post(private(2)) for _ in range(5)))
    assert bodies == [bodies[0]] * 3
    assert [body["text"] for _, body, _ in at_once] == ["run 2"] * 5
    assert runs == [1, 2]


async def test_the_answer_comes_only_after_the_commit(database: Database, database_url: str) -> None:
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def hold(turn: Turn, update: Mapping[str, Any]) -> Reply | None:
        turn.state, turn.data = "Step:kind", {"a": 1}
        entered.set()
        await go_on.wait()
        return say("saved")

    async with hook_of(database, hold) as telegram:
        post = asyncio.create_task(telegram.post(private(1)))
        await entered.wait()
        assert await count(database_url, "dialogues") == 0
        go_on.set()
        assert (await post)[0] == 200
        assert await count(database_url, "dialogues") == 1


async def test_a_commit_that_fails_sends_no_reply(database: Database, database_url: str) -> None:
    await look(
        database_url,
        """DO $$ BEGIN
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
          'BEGIN IF NEW.handled THEN RAISE EXCEPTION ''no''; END IF; RETURN NULL; END';
        CREATE CONSTRAINT TRIGGER late AFTER INSERT ON handled_updates DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW EXECUTE FUNCTION refuse();
        END $$""",
    )
    async with hook_of(database, answer) as telegram:
        status, body, headers = await telegram.post(private(1))
    assert (status, body, headers["Retry-After"]) == (503, None, "1")


async def test_a_database_outage_answers_503_with_retry_after_and_counts_nothing(
    database: Database, database_url: str
) -> None:
    ring = await open_ring(database)
    await ring.ready(Clock()())
    away = Database("postgresql://nobody@/nothing?host=/nowhere")
    async with hook(Turns(away, ring, answer, lambda *_: SORRY, Clock())) as telegram:
        for _ in range(5):
            status, body, headers = await telegram.post(private(1))
            assert (status, body, headers["Retry-After"]) == (503, None, "1")
    assert await count(database_url, "handled_updates") == 0


async def test_a_handler_that_raises_answers_503_twice_and_then_apologises(database: Database) -> None:
    async def fail(turn: Turn, update: Mapping[str, Any]) -> None:
        raise RuntimeError

    async with hook_of(database, fail) as telegram:
        answers = [await telegram.post(private(1)) for _ in range(4)]
    assert [status for status, _, _ in answers] == [503, 503, 200, 200]
    assert answers[2][1]["text"] == answers[3][1]["text"] == SORRY.params["text"]


@pytest.mark.parametrize("secret", [b"", b"a-secre", b"another", b"\xff\xfe", "ключ".encode()])
async def test_a_wrong_secret_is_refused_and_runs_nothing(database: Database, database_url: str, secret: bytes) -> None:
    body = orjson.dumps(private(1))
    head = f"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{SECRET_HEADER}: ".encode()
    async with hook_of(database, answer) as telegram:
        # By hand: no client sends such bytes.
        reader, writer = await asyncio.open_connection("127.0.0.1", int(telegram.url.split(":")[2].split("/")[0]))
        writer.write(head + secret + b"\r\n\r\n" + body)
        assert (await reader.readline()).startswith(b"HTTP/1.1 403 ")
        writer.close()
    assert await count(database_url, "handled_updates") == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'"text"',
        b"12",
        b"{}",
        b'{"update_id": "7"}',
        b'{"update_id": null, "message": {}}',
        b'{"update_id": true, "message": {"chat": {"id": 5, "type": "private"}}}',
        b'{"update_id": 99999999999999999999, "message": {"chat": {"id": 5, "type": "private"}}}',
        b'{"update_id": 7}',
        b'{"update_id": 7, "message": 5}',
        b'{"update_id": 7, "message": {"chat": []}}',
        b'{"update_id": 7, "message": {"chat": {"id": "5", "type": "private"}}}',
        b'{"update_id": 7, "message": {"chat": {"id": 5, "type": ["private"]}}}',
        b'{"update_id": 7, "message": {"chat": {"id": 99999999999999999999, "type": "private"}}}',
        b'{"update_id": 7, "callback_query": []}',
        b'{"update_id": 7, "callback_query": {"message": null, "from": {"id": 5}}}',
        b'{"update_id": 7, "callback_query": {"message": "gone", "from": {"id": 5}}}',
        b'{"update_id": 7, "my_chat_member": 5}',
        b'{"update_id": 7, "a_kind_of_the_future": {"chat": {"id": 5, "type": "private"}}}',
    ],
)
async def test_what_is_no_update_of_ours_is_taken_and_runs_nothing(
    database: Database, database_url: str, body: bytes
) -> None:
    async with hook_of(database, answer) as telegram:
        assert (await telegram.post(body))[:2] == (200, None)
    assert await count(database_url, "handled_updates") == 0


async def test_a_sender_of_a_strange_shape_is_no_trouble(database: Database) -> None:
    chat = {"id": DESK, "type": "supergroup"}
    async with hook_of(database, answer) as telegram:
        senders: list[Any] = [{"id": "5"}, {"id": 5.5}, [], None, 5]
        for number, sender in enumerate(senders):
            status, _, _ = await telegram.post({"update_id": number, "message": {"chat": chat, "from": sender}})
            assert status == 200


async def test_a_webhook_that_is_refused_or_taken_away_is_set_again() -> None:
    sandbox, heard, pauses = Sandbox(), asyncio.Queue[None](), []
    await sandbox.start()
    api = Api(sandbox.url, sandbox.token)
    await api.open()

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0)

    sandbox.fail_next("setWebhook", 429, "Too Many Requests", {"retry_after": 5})
    sandbox.fail_next("setWebhook", 502, "Bad Gateway")
    sandbox.fail_next("setWebhook", 400, "Bad Request: bad webhook: failed to resolve host: Name or service not known")
    keep = asyncio.create_task(
        keep_webhook(api, "http://127.0.0.1:9/hook", SECRET, lambda: heard.put_nowait(None), sleep)
    )
    await heard.get()
    assert pauses[:2] == [5, 1.0]
    assert sandbox.postman.webhook is not None
    assert sandbox.postman.webhook.secret == SECRET
    await api.call("deleteWebhook")
    await sandbox.wait_for(lambda: sandbox.postman.webhook is not None)
    while not heard.empty():
        heard.get_nowait()
    await heard.get()
    keep.cancel()
    await asyncio.gather(keep, return_exceptions=True)
    await api.close()
    await sandbox.stop()


@pytest.mark.parametrize("webhook", [True, False])
async def test_two_presses_of_send_and_a_redelivered_one_make_one_report(
    database_url: str, wording: Wording, webhook: bool
) -> None:
    async with open_stage(database_url, wording, webhook=webhook) as stage:
        await send_thrice(stage)
        assert len(await stage.fetch("SELECT 1 FROM reports")) == 1
        assert stage.sandbox.errors == []


async def send_thrice(stage: Stage) -> None:
    citizen = stage.citizen()
    pasted = stage.sandbox.send_text(citizen, "t.me/some_shop")
    await stage.says(citizen, "t.me/some_shop", after=pasted)
    first = stage.sandbox.press_reply(citizen, "Отправить")
    newest = max(stage.sandbox.updates.known)
    second = stage.sandbox.send_text(citizen, first.text or "")
    thanks = await stage.says(citizen, "Код:", after=first)
    await stage.says(citizen, "", after=second)
    for number in (newest, newest + 1, newest):
        stage.sandbox.redeliver(number)
    last = stage.sandbox.send_text(citizen, "/help")
    await stage.says(citizen, "/status", after=last)
    codes = [one for one in stage.sandbox.messages(citizen.id) if one.from_bot and "Код:" in one.words]
    assert codes == [thanks]


@pytest.mark.parametrize("webhook", [True, False])
async def test_an_update_that_breaks_its_handler_is_answered_with_an_apology_in_the_citizens_language(
    database_url: str, wording: Wording, webhook: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_stage(database_url, wording, webhook=webhook) as stage:
        whole = Filling.take

        async def break_on_shop(self: Filling, talk: Any, incoming: Any) -> Any:
            if talk.turn.actor.chat_id == citizen.id:
                raise KeyError("t.me/a_bad_shop")
            return await whole(self, talk, incoming)

        monkeypatch.setattr(Filling, "take", break_on_shop)
        # The phone speaks English, and Kazakh was chosen in the dialogue.
        citizen, other = stage.citizen("en"), stage.citizen("ru")
        chosen = stage.sandbox.send_text(citizen, "Қазақша")
        await stage.says(citizen, "", after=chosen)
        broken = stage.sandbox.send_text(citizen, "t.me/a_bad_shop")
        pasted = stage.sandbox.send_text(other, "t.me/some_shop")
        await stage.says(other, "t.me/some_shop", after=pasted)
        apology = wording.texts.render("kk", "citizen.apology")
        said = await stage.says(citizen, "", after=broken)
        assert said.html == apology or said.text == apology
        rows = await stage.fetch("SELECT handled, failures FROM handled_updates WHERE failures > 0")
        assert [tuple(row) for row in rows] == [(True, 3)]
        # Once: a retry of one chat's update repeats nobody else's answer.
        asked = [one for one in stage.sandbox.messages(other.id) if one.from_bot]
        assert len(asked) == 1
        after = stage.sandbox.send_text(citizen, "/help")
        await stage.says(citizen, "/status", after=after)
