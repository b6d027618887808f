"""Outages on the way of a report: PostgreSQL falls, Telegram falls, the bot is stopped; nothing is lost."""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import aiohttp
import pytest

from bot import process
from bot.database import Database
from bot.embedded import Embedded
from bot.key_watch import KeyWatch
from bot.leader import Leader
from bot.migrate import migrate
from bot.privacy.keyring import KeyRing
from bot.sandbox.world import Message, Person
from bot.staff.desks import Desks
from bot.telegram.contact import Contact
from bot.telegram.polling import Polling
from bot.wording import Wording
from tests.conftest import open_stage
from tests.journeys.conftest import shorten_waits
from tests.stage import Stage
from tests.workbench import look, until

BOTH = pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
CODE = re.compile(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}")
LONG = 60.0
"""Seconds after which a test that waits in vain ends; nothing is claimed about the time."""


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for a lost lock and a lost connection more often than in earnest: the tests need not wait for it.

    What failed is tried again sooner, too.
    """
    shorten_waits(monkeypatch)
    monkeypatch.setattr(process, "Polling", partial(Polling, sleep=lambda seconds: asyncio.sleep(min(seconds, 0.2))))
    monkeypatch.setattr(process, "Leader", partial(Leader, look_every=0.2, again=0.2))
    monkeypatch.setattr(process, "JOBS_WAIT", 0.2)


@pytest.fixture(scope="module")
async def falling() -> AsyncIterator[Embedded]:
    """A PostgreSQL of this module's own, which its tests let fall. Durable, as in earnest."""
    folder = Path(tempfile.mkdtemp(prefix="shekteu-outage-"))
    embedded = Embedded(folder)
    await embedded.start()
    await embedded.ensure_database("migrated")
    database = Database(embedded.url("migrated"), pool_size=2)
    await migrate(database)
    await database.close()
    yield embedded
    await embedded.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def falling_url(falling: Embedded, request: pytest.FixtureRequest) -> str:
    name = f"outage_{abs(hash(request.node.name))}"
    # As files: copied through the log, indexes of unlogged tables do not outlive a crash before the next checkpoint.
    await look(falling.url("postgres"), f'CREATE DATABASE "{name}" TEMPLATE migrated STRATEGY FILE_COPY')
    return falling.url(name)


async def fall(embedded: Embedded) -> None:
    """Stop PostgreSQL at once, as a crash does; it comes back by itself."""
    process = embedded._process
    assert process is not None
    process.send_signal(signal.SIGQUIT)

    async def gone() -> bool:
        return process.poll() is not None

    await until(gone)


async def says(stage: Stage, person: Person, text: str, after: Message) -> Message:
    return await stage.sandbox.wait_text(person.id, text, after=after.id, timeout=LONG)


async def counts(stage: Stage, person: Person, text: str) -> int:
    return sum(text in one.words for one in stage.sandbox.messages(person.id) if one.from_bot)


@BOTH
async def test_a_report_goes_on_when_postgresql_falls_in_the_middle_of_it(
    falling: Embedded, falling_url: str, wording: Wording, webhook: bool
) -> None:
    async with open_stage(falling_url, wording, webhook=webhook) as stage:
        citizen = stage.citizen()
        pasted = stage.sandbox.send_text(citizen, "t.me/some_shop")
        await says(stage, citizen, "t.me/some_shop", pasted)
        await fall(falling)
        sent = stage.sandbox.press_reply(citizen, "Отправить")
        thanks = await says(stage, citizen, "Код:", sent)
        card = await stage.sandbox.wait_text(stage.desk.id, "some_shop", timeout=LONG)
        await fall(falling)
        # The desk, the jobs that carry the decision, and the citizen's answer: all begin again by themselves.
        stage.sandbox.press(stage.officer, card.id, "Доступ закрыт", chat=stage.desk)
        await says(stage, citizen, "Есть ответ", thanks)
        assert await stage.fetch("SELECT failures FROM handled_updates WHERE failures > 0") == []
        assert [row["n"] for row in await stage.fetch("SELECT count(*) AS n FROM reports")] == [1]
        assert await counts(stage, citizen, "Код:") == 1


@BOTH
async def test_what_is_written_while_postgresql_is_away_is_taken_in_order_when_it_is_back(
    falling: Embedded, falling_url: str, wording: Wording, webhook: bool
) -> None:
    async with open_stage(falling_url, wording, webhook=webhook) as stage:
        people = [stage.citizen() for _ in range(3)]
        first = [stage.sandbox.send_text(person, "/help") for person in people]
        for person, message in zip(people, first, strict=True):
            await says(stage, person, "/status", message)
        await fall(falling)
        last = []
        for number, person in enumerate(people):
            stage.sandbox.send_text(person, f"t.me/first_{number}_shop")
            last.append(stage.sandbox.send_text(person, f"t.me/second_{number}_shop"))
        for number, (person, message) in enumerate(zip(people, last, strict=True)):
            summary = await says(stage, person, f"first_{number}_shop", first[number])
            counter = await says(stage, person, "Ссылок в сообщении: 2", message)
            assert summary.id < counter.id
            stage.sandbox.press_reply(person, "Отправить")
        await until(lambda: filed(stage, 3))
        links = await stage.fetch("SELECT count(*) AS n FROM report_links GROUP BY report_id")
        assert [row["n"] for row in links] == [2, 2, 2]
        assert await stage.fetch("SELECT failures FROM handled_updates WHERE failures > 0") == []


async def filed(stage: Stage, reports: int) -> bool:
    return len(await stage.fetch("SELECT 1 FROM reports")) == reports


@BOTH
async def test_card_and_code_arrive_after_telegram_was_down(database_url: str, wording: Wording, webhook: bool) -> None:
    async with open_stage(database_url, wording, webhook=webhook) as stage:
        citizen = stage.citizen()
        pasted = stage.sandbox.send_text(citizen, "t.me/some_shop")
        await says(stage, citizen, "t.me/some_shop", pasted)
        # The bot's calls fail, as many as two deliveries make in their first tries, and a question for updates.
        stage.sandbox.fail_next("sendMessage", 502, "Bad Gateway", times=4)
        stage.sandbox.hang_up("sendMessage", times=2)
        if not webhook:
            stage.sandbox.fail_next("getUpdates", 502, "Bad Gateway")
            stage.sandbox.hang_up("getUpdates")
        sent = stage.sandbox.press_reply(citizen, "Отправить")
        thanks = await says(stage, citizen, "Код:", sent)
        await stage.sandbox.wait_text(stage.desk.id, "some_shop", timeout=LONG)
        assert CODE.search(thanks.words)
        assert await counts(stage, citizen, "Код:") == 1
        # A message is marked after it is sent: the mark follows what the citizen sees.
        await stage.until("SELECT bool_and(outcome IS NOT NULL) FROM messages")
        outcomes = await stage.fetch("SELECT DISTINCT outcome FROM messages")
        assert [row["outcome"] for row in outcomes] == ["sent"]
        assert not stage.sandbox.faults


async def test_a_bot_that_starts_while_telegram_is_down_goes_to_work_when_it_is_back(
    database_url: str, wording: Wording
) -> None:
    stage = Stage(database_url, wording)
    for method in ("setMyCommands", "deleteWebhook", "getUpdates"):
        stage.sandbox.fail_next(method, 502, "Bad Gateway", times=2)
    await stage.open()
    try:
        citizen = stage.citizen()
        asked = stage.sandbox.send_text(citizen, "/help")
        await says(stage, citizen, "/status", asked)
    finally:
        await stage.close()


@BOTH
async def test_a_bot_that_was_stopped_before_the_code_left_sends_it_once_when_it_starts_again(
    database_url: str, wording: Wording, webhook: bool
) -> None:
    async with open_stage(database_url, wording, webhook=webhook) as stage:
        citizen = stage.citizen()
        pasted = stage.sandbox.send_text(citizen, "t.me/some_shop")
        await says(stage, citizen, "t.me/some_shop", pasted)
        # Telegram takes nothing more from the bot: card and code wait in the outbox when it is stopped.
        stage.sandbox.fail_next("sendMessage", 502, "Bad Gateway", times=10_000)
        sent = stage.sandbox.press_reply(citizen, "Отправить")
        await until(lambda: waiting(stage))
        await stage.stop_bot()
        stage.sandbox.faults.clear()
        assert await counts(stage, citizen, "Код:") == 0
        await stage.start_bot()
        await says(stage, citizen, "Код:", sent)
        await stage.sandbox.wait_text(stage.desk.id, "some_shop", timeout=LONG)
        await until(lambda: delivered(stage))
        await stage.stop_bot()
        await stage.start_bot()
        asked = stage.sandbox.send_text(citizen, "/help")
        await says(stage, citizen, "/status", asked)
        assert await counts(stage, citizen, "Код:") == 1
        assert sum("some_shop" in one.words for one in stage.sandbox.messages(stage.desk.id) if one.from_bot) == 1


async def waiting(stage: Stage) -> bool:
    return bool(await stage.fetch("SELECT 1 FROM messages WHERE template = 'received' AND outcome IS NULL"))


async def delivered(stage: Stage) -> bool:
    return not await stage.fetch("SELECT 1 FROM messages WHERE outcome IS NULL")


async def test_a_bot_that_is_stopped_while_the_code_is_on_its_way_sends_it_once(
    database_url: str, wording: Wording, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_stage(database_url, wording) as stage:
        citizen = stage.citizen()
        pasted = stage.sandbox.send_text(citizen, "t.me/some_shop")
        await says(stage, citizen, "t.me/some_shop", pasted)
        entered, go_on, whole = asyncio.Event(), asyncio.Event(), stage.app.api.call

        async def hold(method: str, params: object = None, **more: object) -> object:
            if method == "sendMessage" and "Код:" in str(params):
                entered.set()
                await go_on.wait()
            return await whole(method, params, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(stage.app.api, "call", hold)
        sent = stage.sandbox.press_reply(citizen, "Отправить")
        await entered.wait()
        stop = asyncio.create_task(stage.stop_bot())
        await asyncio.sleep(0)
        go_on.set()
        await stop
        await stage.start_bot()
        asked = stage.sandbox.send_text(citizen, "/help")
        await says(stage, citizen, "/status", asked)
        await says(stage, citizen, "Код:", sent)
        await until(lambda: delivered(stage))
        assert await counts(stage, citizen, "Код:") == 1


async def test_a_citizen_who_blocked_the_bot_is_told_of_on_the_desk_without_a_trace_of_who(
    database_url: str, wording: Wording
) -> None:
    async with open_stage(database_url, wording) as stage:
        citizen = stage.sandbox.add_person("Зульфия", "Ахметова", username="zulfiya_a")
        pasted = stage.sandbox.send_text(citizen, "t.me/some_shop")
        await says(stage, citizen, "t.me/some_shop", pasted)
        sent = stage.sandbox.press_reply(citizen, "Отправить")
        await says(stage, citizen, "Код:", sent)
        card = await stage.sandbox.wait_text(stage.desk.id, "some_shop", timeout=LONG)
        citizen.blocked = True
        await stage.press(stage.officer, card, "Доступ закрыт")
        (number,) = [row["number"] for row in await stage.fetch("SELECT number FROM reports")]
        told = wording.texts.plain("ru", "desk.unreachable", numbers=[number], more=0)
        note = await stage.sandbox.wait_text(stage.desk.id, told.split("\n")[0][:20], timeout=LONG)
        shown = " ".join(one.words for one in stage.sandbox.messages(stage.desk.id))
        for trace in ("Зульфия", "Ахметова", "zulfiya", str(citizen.id)):
            assert trace not in shown
        assert str(number) in note.words
        await until(lambda: delivered(stage))
        rows = await stage.fetch("SELECT template, outcome, sealed FROM messages ORDER BY id")
        assert [tuple(row) for row in rows] == [
            ("received", "sent", None),
            ("feedback", "unreachable", None),
            ("unreachable", "sent", None),
        ]


async def test_a_desk_that_became_a_supergroup_keeps_its_open_cards_and_works_on(
    database_url: str, wording: Wording
) -> None:
    async with open_stage(database_url, wording) as stage:
        citizen = stage.citizen()
        for name in ("first_shop", "second_shop"):
            pasted = stage.sandbox.send_text(citizen, f"t.me/{name}")
            await says(stage, citizen, name, pasted)
            sent = stage.sandbox.press_reply(citizen, "Отправить")
            await says(stage, citizen, "Код:", sent)
            card = await stage.sandbox.wait_text(stage.desk.id, name, timeout=LONG)
        await stage.press(stage.officer, card, "Доступ закрыт")
        await says(stage, citizen, "Есть ответ", sent)
        await until(lambda: shown(stage))
        old, stage.desk = stage.desk, stage.sandbox.migrate(stage.desk)
        again = await stage.sandbox.wait_text(stage.desk.id, "first_shop", timeout=LONG)
        await stage.press(stage.officer, again, "Взять")
        await stage.sandbox.wait_for(lambda: "Айгерим" in (again.text or ""), timeout=LONG)
        # What was decided is not posted again: the old chat's history shows it.
        assert not any("second_shop" in one.words for one in stage.sandbox.messages(stage.desk.id))
        await stage.stop_bot()
        await stage.start_bot()
        pasted = stage.sandbox.send_text(citizen, "t.me/third_shop")
        await says(stage, citizen, "third_shop", pasted)
        stage.sandbox.press_reply(citizen, "Отправить")
        await stage.sandbox.wait_text(stage.desk.id, "third_shop", timeout=LONG)
        assert old.migrated_to == stage.desk.id


async def shown(stage: Stage) -> bool:
    return not await stage.fetch("SELECT 1 FROM cards WHERE wanted_version > shown_version")


async def test_the_pool_does_not_hand_out_connections_that_died_with_the_server(
    falling: Embedded, falling_url: str
) -> None:
    database = Database(falling_url, pool_size=5)
    async with AsyncExitStack() as opened:
        for _ in range(5):
            await opened.enter_async_context(database.lend())
    await fall(falling)

    async def back() -> bool:
        try:
            return bool(await look(falling_url, "SELECT 1"))
        except Exception:
            return False

    await until(back)
    for _ in range(10):
        async with database.lend() as driver:
            assert await driver.fetchval("SELECT 1") == 1
    await database.close()


async def health(stage: Stage) -> tuple[int, dict[str, object]]:
    host, port = stage.app.settings.health_listen
    async with aiohttp.ClientSession() as http, http.get(f"http://{host}:{port}/healthz") as answer:
        return answer.status, await answer.json()


@pytest.mark.parametrize(
    "step", [(KeyRing, "load"), (KeyWatch, "start"), (Desks, "load")], ids=lambda step: step[0].__name__
)
async def test_a_bot_whose_database_falls_while_it_starts_waits_for_it(
    falling: Embedded, falling_url: str, wording: Wording, monkeypatch: pytest.MonkeyPatch, step: tuple[type, str]
) -> None:
    whole: Callable[[object], Awaitable[None]] = getattr(*step)
    fallen = asyncio.Event()

    async def falls(part: object) -> None:
        if not fallen.is_set():
            await falling.stop()
            fallen.set()
        await whole(part)

    monkeypatch.setattr(*step, falls)
    async with open_stage(falling_url, wording) as stage:
        await fallen.wait()
        assert stage._task is not None
        await asyncio.wait([stage._task], timeout=0.3)
        assert not stage._task.done()
        await falling.start()
        citizen = stage.citizen()
        await says(stage, citizen, "/status", stage.sandbox.send_text(citizen, "/help"))


@BOTH
async def test_health_is_red_while_postgresql_is_away_and_work_goes_on_when_it_is_back(
    falling: Embedded, falling_url: str, wording: Wording, webhook: bool
) -> None:
    async with open_stage(falling_url, wording, webhook=webhook) as stage:
        await until(lambda: green(stage))
        await falling.stop()
        status, seen = await health(stage)
        assert (status, seen["database"], seen["telegram"]) == (503, False, True)
        citizen = stage.citizen()
        asked = stage.sandbox.send_text(citizen, "/help")
        await until(lambda: lost(stage))
        await falling.start()
        await says(stage, citizen, "/status", asked)
        await until(lambda: green(stage))


async def lost(stage: Stage) -> bool:
    return not (await health(stage))[1]["leads"]


async def green(stage: Stage) -> bool:
    try:
        return (await health(stage))[0] == 200
    except aiohttp.ClientConnectionError:
        return False


@pytest.fixture
def led(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each leadership that begins."""
    begun: list[int] = []
    whole = Contact.leads

    def note(contact: Contact) -> None:
        begun.append(1)
        whole(contact)

    monkeypatch.setattr(Contact, "leads", note)
    return begun


@BOTH
async def test_deliveries_leave_while_telegram_refuses_all_that_is_announced(
    database_url: str, wording: Wording, webhook: bool, led: list[int]
) -> None:
    async with open_stage(database_url, wording, webhook=webhook) as stage:
        citizen = stage.citizen()
        pasted = stage.sandbox.send_text(citizen, "t.me/some_shop")
        await says(stage, citizen, "t.me/some_shop", pasted)
        stage.sandbox.fail_next("sendMessage", 502, "Bad Gateway", times=10_000)
        sent = stage.sandbox.press_reply(citizen, "Отправить")
        await until(lambda: waiting(stage))
        await stage.stop_bot()
        led.clear()
        stage.sandbox.faults.clear()
        for method in ("setMyCommands", "setMyDescription", "setMyShortDescription"):
            stage.sandbox.fail_next(method, 429, "Too Many Requests", {"retry_after": 1}, times=10_000)
        stage.sandbox.fail_next("setWebhook", 400, "Bad Request: bad webhook: failed to resolve host", times=10_000)
        stage.sandbox.fail_next("deleteWebhook", 500, "Internal Server Error", times=10_000)
        stage.sandbox.fail_next("getUpdates", 500, "Internal Server Error", times=10_000)
        await stage.start_bot()
        await says(stage, citizen, "Код:", sent)
        await stage.sandbox.wait_text(stage.desk.id, "some_shop", timeout=LONG)
        await stage.sandbox.wait_for(lambda: refused(stage, "setMyCommands") >= 2, LONG)
        # One and the same leadership all the time: the couriers were never stopped for it.
        assert len(led) == 1
        assert refused(stage, "setWebhook" if webhook else "deleteWebhook") >= 1


async def test_a_desk_that_became_a_supergroup_while_the_bot_was_away_costs_no_leadership(
    database_url: str, wording: Wording, led: list[int]
) -> None:
    async with open_stage(database_url, wording) as stage:
        await stage.sandbox.wait_for(lambda: announced(stage, stage.desk.id), LONG)
        await stage.stop_bot()
        led.clear()
        moved = stage.sandbox.migrate(stage.desk)
        # Nothing tells the bot of it before it has announced itself to the old group.
        stage.sandbox.fail_next("getUpdates", 500, "Internal Server Error", times=2)
        await stage.start_bot()
        await stage.sandbox.wait_for(lambda: announced(stage, moved.id), LONG)
        assert refused(stage, "setMyCommands") >= 1
        assert len(led) == 1


def announced(stage: Stage, chat_id: int) -> bool:
    told = [call for call in stage.sandbox.calls if call.method == "setMyCommands" and not call.error]
    return any(str(chat_id) in str(call.parameters.get("scope")) for call in told)


def refused(stage: Stage, method: str) -> int:
    return sum(call.method == method for call in stage.sandbox.errors)
