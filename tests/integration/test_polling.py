"""Polling against the sandbox: the offset moves only past what is committed, each chat in its order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from aiogram import Router
from aiogram.types import Update as AiogramUpdate

from bot.database import Database
from bot.delivery.errors import AnotherPoller
from bot.sandbox.server import Sandbox
from bot.sandbox.world import Message, Person
from bot.telegram import polling as polling_module
from bot.telegram.api import Api
from bot.telegram.dispatch import CallsNobody, make_handle
from bot.telegram.intake import Intake
from bot.telegram.plain import Words
from bot.telegram.polling import Polling
from bot.telegram.reply import Reply, say
from bot.telegram.turn import TIME_LIMIT, Turn, Turns
from tests.workbench import CITIZEN, SORRY, Clock, Script, count, open_ring, open_turns, private

Update = Mapping[str, Any]


class Line:
    """A sandbox, and a poller on it that a test drives batch by batch or lets run."""

    def __init__(self, sandbox: Sandbox, api: Api, turns: Turns) -> None:
        self.sandbox, self.api = sandbox, api
        self.pauses: list[float] = []
        self.paused = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.polling = Polling(api, Intake(turns, frozenset, nobody), long_poll=0, sleep=self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.paused.set()
        await self.go_on.wait()

    async def batch(self) -> bool:
        """Ask once, as the loop does."""
        return await self.polling.take(await self.api.call("getUpdates", {"offset": self.polling._offset}))

    def person(self) -> Person:
        return self.sandbox.add_person("Citizen", language_code="ru")

    def waiting(self) -> int:
        return len(self.sandbox.updates.pending())

    def answers(self, person: Person) -> list[str]:
        return [one.words for one in self.sandbox.messages(person.id) if one.from_bot]


async def nobody(_: Update) -> bool:
    return False


@asynccontextmanager
async def line_of(turns: Turns) -> AsyncIterator[Line]:
    sandbox = Sandbox(retry_base=0.01)
    sandbox.limits.enabled = False
    await sandbox.start()
    api = Api(sandbox.url, sandbox.token)
    await api.open()
    yield Line(sandbox, api, turns)
    await api.close()
    await sandbox.stop()


@asynccontextmanager
async def line(database: Database, script: Script, time_limit: float = TIME_LIMIT) -> AsyncIterator[Line]:
    async with line_of(await open_turns(database, script, time_limit=time_limit)) as opened:
        yield opened


async def echo(turn: Turn, update: Update) -> Reply | None:
    return say(update["message"]["text"])


async def test_a_batch_is_answered_and_confirmed_with_the_next_question(database: Database) -> None:
    async with line(database, echo) as telegram:
        one, two = telegram.person(), telegram.person()
        for person, words in ((one, "a"), (two, "b"), (one, "c")):
            telegram.sandbox.send_text(person, words)
        assert await telegram.batch()
        assert (telegram.answers(one), telegram.answers(two)) == (["a", "c"], ["b"])
        assert telegram.waiting() == 3
        assert await telegram.batch()
        assert telegram.waiting() == 0


async def test_a_redelivered_update_repeats_its_reply_and_runs_no_handler(database: Database) -> None:
    runs = []

    async def note(turn: Turn, update: Update) -> Reply | None:
        runs.append(1)
        return say(f"run {len(runs)}")

    async with line(database, note) as telegram:
        person = telegram.person()
        telegram.sandbox.send_text(person, "x")
        await telegram.batch()
        await telegram.batch()
        telegram.sandbox.redeliver(next(iter(telegram.sandbox.updates.known)))
        await telegram.batch()
        assert telegram.answers(person) == ["run 1", "run 1"]


async def test_an_outage_of_the_database_keeps_the_offset_and_counts_nothing(
    database: Database, database_url: str
) -> None:
    ring = await open_ring(database)
    await ring.ready(Clock()())
    away = Turns(Database("postgresql://nobody@/nothing?host=/nowhere"), ring, echo, lambda *_: SORRY, Clock())
    async with line_of(away) as telegram:
        person = telegram.person()
        telegram.sandbox.send_text(person, "x")
        telegram.go_on.clear()
        run = asyncio.create_task(telegram.polling.run())
        await telegram.paused.wait()
        assert telegram.waiting() == 1
        assert telegram.answers(person) == []
        telegram.polling._intake = Intake(await open_turns(database, echo), frozenset, nobody)
        telegram.go_on.set()
        await telegram.sandbox.wait_text(person.id, "x")
        run.cancel()
    assert await count(database_url, "handled_updates") == 1
    assert await count(database_url, "handled_updates WHERE failures > 0") == 0


async def test_a_database_that_is_away_is_asked_again_each_second_however_long_it_is(database: Database) -> None:
    ring = await open_ring(database)
    await ring.ready(Clock()())
    away = Turns(Database("postgresql://nobody@/nothing?host=/nowhere"), ring, echo, lambda *_: SORRY, Clock())
    async with line_of(away) as telegram:
        telegram.sandbox.send_text(telegram.person(), "x")
        run = asyncio.create_task(telegram.polling.run())
        await telegram.sandbox.wait_for(lambda: len(telegram.pauses) >= 10)
        run.cancel()
        assert set(telegram.pauses) == {1.0}


async def test_pauses_grow_while_nothing_can_be_done_and_start_anew_after_it(database: Database) -> None:
    async with line(database, echo) as telegram:
        for _ in range(3):
            telegram.sandbox.fail_next("getUpdates", 502, "Bad Gateway")
        run = asyncio.create_task(telegram.polling.run())
        await telegram.sandbox.wait_for(lambda: len(telegram.pauses) >= 3)
        telegram.sandbox.fail_next("getUpdates", 500, "Internal")
        await telegram.sandbox.wait_for(lambda: len(telegram.pauses) >= 4)
        run.cancel()
        assert telegram.pauses[:4] == [1.0, 2.0, 4.0, 1.0]


async def test_polling_waits_as_long_as_telegram_asks(database: Database) -> None:
    async with line(database, echo) as telegram:
        telegram.sandbox.fail_next("getUpdates", 429, "Too Many Requests", {"retry_after": 17})
        run = asyncio.create_task(telegram.polling.run())
        await telegram.sandbox.wait_for(lambda: telegram.pauses)
        run.cancel()
        assert telegram.pauses[0] == 17


async def test_another_poller_ends_the_loop(database: Database) -> None:
    async with line(database, echo) as telegram:
        telegram.sandbox.fail_next("getUpdates", 409, "Conflict: terminated by other getUpdates request")
        with pytest.raises(AnotherPoller):
            await telegram.polling.run()


async def test_a_webhook_that_is_set_ends_the_loop(database: Database) -> None:
    async with line(database, echo) as telegram:
        await telegram.api.call("setWebhook", {"url": "http://127.0.0.1:9/"})
        with pytest.raises(AnotherPoller):
            await telegram.polling.run()


async def test_later_updates_of_a_chat_wait_for_one_that_failed_and_others_are_answered_once(
    database: Database,
) -> None:
    taken: list[str] = []

    async def fail_once(turn: Turn, update: Update) -> Reply | None:
        words = update["message"]["text"]
        taken.append(words)
        if words == "first" and taken.count("first") == 1:
            raise RuntimeError
        return say(words)

    async with line(database, fail_once) as telegram:
        one, two = telegram.person(), telegram.person()
        for person, words in ((two, "before"), (one, "first"), (one, "second"), (two, "after"), (two, "later")):
            telegram.sandbox.send_text(person, words)
        assert not await telegram.batch()
        assert telegram.answers(one) == []
        assert telegram.answers(two) == ["before", "after", "later"]
        assert await telegram.batch()
        await telegram.batch()
        assert telegram.answers(one) == ["first", "second"]
        assert telegram.answers(two) == ["before", "after", "later"]
        assert [words for words in taken if words in ("first", "second")] == ["first", "first", "second"]
        assert telegram.waiting() == 0
        assert telegram.polling._taken == set()


async def test_the_third_failure_lets_the_batch_go_with_an_apology(database: Database) -> None:
    async def fail(turn: Turn, update: Update) -> Reply | None:
        if update["message"]["text"] == "bad":
            raise RuntimeError
        return say("fine")

    async with line(database, fail) as telegram:
        one, two = telegram.person(), telegram.person()
        telegram.sandbox.send_text(one, "bad")
        telegram.sandbox.send_text(two, "good")
        assert [await telegram.batch() for _ in range(4)] == [False, False, True, True]
        assert telegram.answers(one) == [SORRY.params["text"]]
        assert telegram.answers(two) == ["fine"]
        assert telegram.waiting() == 0


async def test_updates_that_cannot_be_parsed_are_marked_and_the_rest_of_the_batch_goes_on(
    database: Database, database_url: str
) -> None:

    async def nothing(_: Turn, __: AiogramUpdate | Words) -> None:
        return None

    handle = make_handle("1:" + "A" * 35, nothing, Router())
    turns = Turns(database, await open_ring(database), handle, lambda *_: SORRY, Clock())
    async with line_of(turns) as telegram:
        person = telegram.person()
        telegram.sandbox.send_text(person, "before")
        chat = {"id": person.id, "type": "private", "first_name": "C"}
        unknown_field = {"message_id": "seven", "date": [], "chat": chat, "text": {"new": "shape"}}
        telegram.sandbox.raw_update({"message": unknown_field})
        telegram.sandbox.raw_update({"a_kind_of_the_future": {"chat": chat}})
        telegram.sandbox.raw_update({"message": 5})
        telegram.sandbox.raw_update({"poll": {"id": "1"}})
        telegram.sandbox.send_text(person, "after")
        assert await telegram.batch()
        await telegram.batch()
        assert telegram.waiting() == 0
    assert await count(database_url, "handled_updates WHERE handled AND failures = 0") == 3


async def test_a_handler_that_calls_telegram_by_itself_is_stopped() -> None:
    async def answers(_: Turn, update: AiogramUpdate | Words) -> None:
        assert isinstance(update, AiogramUpdate)
        assert update.message
        await update.message.answer("before the commit")

    raw = private(1)
    raw["message"] = {**raw["message"], "location": {"latitude": 42.9, "longitude": 71.4}}
    handle = make_handle("1:" + "A" * 35, answers, Router())
    with pytest.raises(CallsNobody):
        await handle(SimpleNamespace(actor=CITIZEN), raw)  # type: ignore[arg-type]


async def test_a_reply_that_telegram_refuses_does_not_hold_up_the_next(database: Database) -> None:
    async with line(database, echo) as telegram:
        person = telegram.person()
        telegram.sandbox.fail_next("sendMessage", 403, "Forbidden: bot was blocked by the user")
        telegram.sandbox.fail_next("sendMessage", 429, "Too Many Requests", {"retry_after": 3})
        telegram.sandbox.hang_up("sendMessage")
        for words in "abcd":
            telegram.sandbox.send_text(person, words)
        assert await telegram.batch()
        assert len(telegram.answers(person)) == 1
        await telegram.batch()
        assert telegram.waiting() == 0


async def test_a_reply_that_hangs_is_waited_for_only_so_long_and_still_arrives(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling_module, "REPLY_LIMIT", 0.01)
    go_on = asyncio.Event()
    async with line(database, echo) as telegram:
        person, whole = telegram.person(), telegram.api.call

        async def hang(method: str, *args: Any, **more: Any) -> Any:
            if method == "sendMessage":
                await go_on.wait()
            return await whole(method, *args, **more)

        monkeypatch.setattr(telegram.api, "call", hang)
        sent = telegram.sandbox.send_text(person, "x")
        assert await telegram.batch()
        assert telegram.answers(person) == []
        go_on.set()
        said: Message = await telegram.sandbox.wait_text(person.id, "x", after=sent.id)
        assert said.text == "x"


async def test_a_flood_of_one_chat_in_a_batch_takes_one_connection(database_url: str) -> None:
    database = Database(database_url, pool_size=2)
    entered, go_on, taken = asyncio.Event(), asyncio.Event(), []

    async def hold(turn: Turn, update: Update) -> Reply | None:
        words = update["message"]["text"]
        taken.append(words)
        if words != "other":
            entered.set()
            await go_on.wait()
        return say(words)

    async with line(database, hold) as telegram:
        flooder, other = telegram.person(), telegram.person()
        for n in range(60):
            telegram.sandbox.send_text(flooder, str(n))
        telegram.sandbox.send_text(other, "other")
        batch = asyncio.create_task(telegram.batch())
        await entered.wait()
        await telegram.sandbox.wait_text(other.id, "other")
        assert database.in_use == 1
        go_on.set()
        await batch
    assert [words for words in taken if words != "other"] == [str(n) for n in range(60)]
    await database.close()


async def test_a_batch_in_hand_is_finished_answered_and_confirmed_when_polling_ends(database: Database) -> None:
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def hold(turn: Turn, update: Update) -> Reply | None:
        entered.set()
        await go_on.wait()
        return say("finished")

    async with line(database, hold) as telegram:
        person = telegram.person()
        sent = telegram.sandbox.send_text(person, "x")
        run = asyncio.create_task(telegram.polling.run())
        await entered.wait()
        run.cancel()
        later = telegram.sandbox.send_text(person, "y")
        go_on.set()
        await asyncio.gather(run, return_exceptions=True)
        assert run.cancelled()
        await telegram.sandbox.wait_text(person.id, "finished", after=sent.id)
        assert telegram.answers(person) == ["finished"]
        # The first is confirmed, or its reply would be repeated; what came later is left for the next start.
        assert telegram.waiting() == 1
        assert later.id > sent.id


async def test_after_an_outage_however_long_telegram_is_asked_again_within_seconds(database: Database) -> None:
    async with line(database, echo) as telegram:
        telegram.sandbox.fail_next("getUpdates", 502, "Bad Gateway", times=30)
        run = asyncio.create_task(telegram.polling.run())
        await telegram.sandbox.wait_for(lambda: len(telegram.pauses) >= 30)
        run.cancel()
        assert max(telegram.pauses) <= 4.0


async def test_a_webhook_of_before_is_ended_however_often_telegram_has_to_be_asked(database: Database) -> None:
    async with line(database, echo) as telegram:
        await telegram.api.call("setWebhook", {"url": "http://127.0.0.1:9/"})
        telegram.sandbox.fail_next("deleteWebhook", 429, "Too Many Requests", {"retry_after": 7})
        telegram.sandbox.fail_next("deleteWebhook", 500, "Internal")
        telegram.sandbox.fail_next("deleteWebhook", 401, "Unauthorized")
        telegram.sandbox.hang_up("deleteWebhook")
        await telegram.polling.end_webhook()
        assert telegram.sandbox.postman.webhook is None
        assert 7 in telegram.pauses


async def test_silence_and_refusals_of_telegram_are_not_heard(database: Database) -> None:
    heard = []
    async with line(database, echo) as telegram:
        telegram.polling._heard = lambda: heard.append(len(telegram.pauses))
        telegram.sandbox.fail_next("getUpdates", 502, "Bad Gateway", times=3)
        run = asyncio.create_task(telegram.polling.run())
        await telegram.sandbox.wait_for(lambda: heard)
        run.cancel()
        assert heard[0] == 3
