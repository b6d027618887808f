"""SIGTERM, and a database that is not there yet: real processes, stopped with something in hand."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bot import process, stopping
from bot.delivery import sender
from bot.embedded import Embedded
from bot.embedded_cluster import _inhabitants
from bot.sandbox import methods
from bot.sandbox.server import Sandbox
from bot.telegram import polling
from tests.integration.several import LONG, Member, Several, several
from tests.journeys.acting import picture
from tests.workbench import look, until

BOTH = pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
PROMISED = 10.0
"""Seconds in which a process that is told to stop has ended: a container is given no more."""


class Held:
    """Calls of the bot that the sandbox keeps waiting."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
        self.came, self.go_on = asyncio.Event(), asyncio.Event()
        whole: Callable[..., Awaitable[Any]] = methods.call

        async def hold(core: Any, method: str, parameters: Any, uploads: Any, **more: Any) -> Any:
            if method == "sendMessage" and words in str(parameters):
                self.came.set()
                await self.go_on.wait()
            return await whole(core, method, parameters, uploads, **more)

        monkeypatch.setattr(methods, "call", hold)


async def ended(member: Member, within: float) -> None:
    async with asyncio.timeout(within):
        await member.process.wait()
    assert member.process.returncode == 0, member.log.read_text()
    assert "Traceback" not in member.log.read_text()


async def begin_report(bots: Several) -> tuple[Any, Any]:
    citizen = bots.sandbox.add_person("Citizen", language_code="ru")
    pasted = bots.sandbox.send_text(citizen, "t.me/some_shop")
    await bots.sandbox.wait_text(citizen.id, "t.me/some_shop", after=pasted.id, timeout=LONG)
    return citizen, bots.sandbox.press_reply(citizen, "Отправить")


async def told(url: str, statement: str) -> bool:
    return bool((await look(url, statement))[0][0])


WAITS = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


async def waits(url: str) -> bool:
    return bool(await look(url, WAITS))


@BOTH
async def test_a_turn_in_hand_is_finished_and_answered_once(database_url: str, tmp_path: Path, webhook: bool) -> None:
    async with several(database_url, tmp_path, 1, webhook=webhook) as bots:
        [bot] = bots.members
        blocker = await asyncpg.connect(database_url)
        await blocker.execute("BEGIN; LOCK TABLE dialogues IN ACCESS EXCLUSIVE MODE")
        citizen = bots.sandbox.add_person("Citizen", language_code="ru")
        pasted = bots.sandbox.send_text(citizen, "t.me/some_shop")
        await until(lambda: waits(database_url), LONG)
        bot.process.send_signal(signal.SIGTERM)
        # What comes after the signal is left for the next start.
        later = bots.sandbox.add_person("Citizen", language_code="ru")
        bots.sandbox.send_text(later, "/help")
        await asyncio.sleep(0.5)
        await blocker.execute("ROLLBACK")
        await blocker.close()
        await bots.sandbox.wait_text(citizen.id, "t.me/some_shop", after=pasted.id, timeout=LONG)
        await ended(bot, LONG)
        await bots.works(await bots.start())
        await bots.sandbox.wait_text(later.id, "/status", timeout=LONG)
        answers = [one for one in bots.sandbox.messages(citizen.id) if one.from_bot]
        assert len(answers) == 1


async def test_a_delivery_on_its_way_is_marked_and_what_waits_is_left_for_the_next_start(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(monkeypatch, "Код:")
    async with several(database_url, tmp_path, 1) as bots:
        [bot] = bots.members
        citizen, _ = await begin_report(bots)
        await held.came.wait()
        bot.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.5)
        assert bot.process.returncode is None
        held.go_on.set()
        await ended(bot, LONG)
        rows = await look(database_url, "SELECT outcome FROM messages WHERE template = 'received'")
        assert [row["outcome"] for row in rows] == ["sent"]
        await bots.works(await bots.start())
        await bots.sandbox.wait_text(bots.desk.id, "some_shop", timeout=LONG)
        assert sum("Код:" in one.words for one in bots.sandbox.messages(citizen.id)) == 1


@BOTH
async def test_what_never_ends_is_waited_for_only_so_long(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, webhook: bool
) -> None:
    # Half a second instead of seven; that seven are few enough is said below.
    held = Held(monkeypatch, "Код:")
    async with several(database_url, tmp_path, 1, webhook=webhook, finish=0.5) as bots:
        [bot] = bots.members
        citizen, sent = await begin_report(bots)
        await held.came.wait()
        bot.process.send_signal(signal.SIGTERM)
        await ended(bot, LONG)
        held.go_on.set()
        await bots.works(await bots.start())
        await bots.sandbox.wait_text(citizen.id, "Код:", after=sent.id, timeout=LONG)


def hold_first_file(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Have the first file that is downloaded never come; gives what tells that it was asked for."""
    asked, whole = asyncio.Event(), Sandbox._file

    async def hold(sandbox: Sandbox, request: Any) -> Any:
        if not asked.is_set():
            asked.set()
            await asyncio.Event().wait()
        return await whole(sandbox, request)

    monkeypatch.setattr(Sandbox, "_file", hold)
    return asked


IN_HAND = "SELECT count(*) = 2 FROM jobs.pgqueuer WHERE status = 'picked'"


async def test_jobs_that_do_not_end_are_given_back_and_done_by_the_next_one(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = hold_first_file(monkeypatch)
    bots = Several(database_url, tmp_path, webhook=False)
    bots.finish, bots.program = ["0.5"], ["tests.integration.stubborn", "photo"]
    await bots.open()
    try:
        bot = await bots.start()
        await bots.works(bot)
        citizen = bots.sandbox.add_person("Citizen", language_code="ru")
        bots.sandbox.send_location(citizen, 42.9, 71.36)
        bots.sandbox.send_photos(citizen, [picture(90), picture(160)])
        # One is being downloaded for ever, the other one being cleaned.
        await asked.wait()
        await until(lambda: told(database_url, IN_HAND), LONG)
        bot.process.send_signal(signal.SIGTERM)
        await ended(bot, LONG)
        assert "stopped_in_hand" not in bot.log.read_text()
        bots.program = ["tests.integration.hurried"]
        await bots.works(await bots.start())
        await until(lambda: told(database_url, "SELECT count(*) = 2 FROM parts WHERE state = 'ready'"), LONG)
    finally:
        await bots.close()


async def test_what_cannot_be_given_up_does_not_keep_it(database_url: str, tmp_path: Path) -> None:
    bots = Several(database_url, tmp_path, webhook=False)
    bots.finish, bots.program = ["0.5"], ["tests.integration.stubborn", "deaf"]
    await bots.open()
    try:
        bot = await bots.start()
        await bots.leader()
        bot.process.send_signal(signal.SIGTERM)
        await ended(bot, LONG)
        assert "job='deaf'" in bot.log.read_text()
    finally:
        await bots.close()


def test_all_that_is_waited_for_at_the_end_ends_within_what_is_promised() -> None:
    """At the same time, not one after another; a batch in hand has another second to be confirmed."""
    one = max(process.FINISH + stopping.GIVEN_UP, sender.SETTLE, polling.FINISH + stopping.GIVEN_UP + 1.0)
    assert one <= stopping.LIMIT < stopping.LIMIT + stopping.SAID < PROMISED


def test_it_ends_though_nobody_takes_what_it_says() -> None:
    full = (
        "import asyncio, os, time\nfrom bot.stopping import end_within\n"
        "os.set_blocking(1, False)\n"
        "try:\n    while os.write(1, b'x'):\n        pass\nexcept BlockingIOError:\n    os.set_blocking(1, True)\n"
        "end_within(0.1, asyncio.new_event_loop())\ntime.sleep(3600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", full], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as told:
        try:
            assert told.wait(LONG) == 0
        finally:
            told.kill()


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="late-") as made:
        Path(made).chmod(0o711)
        yield Path(made)


async def test_a_bot_that_starts_before_its_database_says_so_and_waits(folder: Path, tmp_path: Path) -> None:
    embedded = Embedded(folder, durable=False)
    bots = Several(embedded.url("late"), tmp_path, webhook=False)
    bots.finish = ["0.5"]
    await bots.open()
    try:
        bot = await bots.start()

        async def says() -> bool:
            assert bot.process.returncode is None, bot.log.read_text()
            return "The database does not answer yet; waiting for it." in bot.log.read_text()

        await until(says, LONG)
        await embedded.start()
        await embedded.ensure_database("late")
        await bots.works(bot)
        citizen = bots.sandbox.add_person("Citizen", language_code="ru")
        asked = bots.sandbox.send_text(citizen, "/help")
        await bots.sandbox.wait_text(citizen.id, "/status", after=asked.id, timeout=LONG)
        # And one that answers nobody any more, though it stands.
        servers = _inhabitants(embedded.cluster.place.cluster)
        for each in servers:
            os.kill(each, signal.SIGSTOP)
        bot.process.send_signal(signal.SIGTERM)
        await ended(bot, LONG)
    finally:
        for each in _inhabitants(embedded.cluster.place.cluster):
            os.kill(each, signal.SIGCONT)
        await bots.close()
        await embedded.stop()
