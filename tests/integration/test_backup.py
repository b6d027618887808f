"""A backup made while the bot runs, and a bot that goes on from it: what is back, what is closed."""

from __future__ import annotations

import asyncio
import base64
import os
import stat
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from bot import restore
from bot.archive import Archive
from bot.backup_rules import LEFT_OUT, TABLES
from bot.embedded import Embedded
from bot.embedded_binaries import programs
from bot.restore import FREE_NUMBERS
from bot.sandbox.world import Message
from bot.tables import METADATA
from bot.wording import Wording
from tests.children import shekteu
from tests.identities import tables
from tests.integration.test_migrations import fresh, schema
from tests.integration.test_old_dumps import every_key, opened, tried
from tests.journeys.acting import Citizen, Desk, settled, unique
from tests.journeys.conftest import module_stage, no_waiting
from tests.journeys.test_conversation import ASKED, ask, inline
from tests.journeys.test_six_kinds import FILL
from tests.stage import Stage
from tests.workbench import count, look

__all__ = ["no_waiting"]

UNDO: Final = 600
"""Seconds until what an officer did reaches a citizen: long enough for a backup in between."""
LATER: Final = timedelta(seconds=UNDO + 60)


def b64(key: bytes) -> str:
    return base64.b64encode(key).decode()


async def plain(file: Path) -> bytes:
    """What pg_restore makes of a backup, as text."""
    process = await asyncio.create_subprocess_exec(
        str(programs() / "pg_restore"), "--file=-", str(file), stdout=subprocess.PIPE
    )
    written, _ = await process.communicate()
    assert process.returncode == 0
    return written


async def is_empty(url: str) -> bool:
    return not (await look(url, restore.ANY_TABLE))[0][0]


def said(stage: Stage) -> list[Message]:
    """Every message that the bot has posted anywhere."""
    chats = [stage.desk.id, *stage.sandbox.world.people]
    return [message for chat in chats for message in stage.sandbox.messages(chat) if message.from_bot]


@dataclass
class Filed:
    """One report: who sent it, its code, its card on the desk."""

    citizen: Citizen
    receipt: str
    card: Message


@dataclass
class Story:
    """What happened before the backup, after it, and what a thief of it finds."""

    stage: Stage
    desk: Desk
    file: Path
    told: str = ""
    filed: dict[str, Filed] = field(default_factory=dict)
    lost: Filed | None = None
    drafting: Citizen | None = None
    keys: list[Any] = field(default_factory=list)
    old_url: str = ""
    told_of_restore: str = ""
    new: list[Message] = field(default_factory=list)
    """What the bot has posted from its start on the restored database until it had nothing more to do."""

    async def file_report(self, kind: str) -> Filed:
        citizen, mark = Citizen(self.stage), unique()
        citizen.types("/start")
        await citizen.reads(citizen.text("menu"))
        citizen.presses(f"kind:{kind}")
        shown, _, _ = await FILL[kind](citizen, mark)
        receipt = await citizen.sends()
        card = await self.desk.sees(shown)
        await settled(self.stage)
        return Filed(citizen, receipt, card)

    async def told_by_code(self, name: str) -> str:
        """What somebody reads who types the code of a report."""
        reader = Citizen(self.stage)
        reader.types(f"/status {self.filed[name].receipt}")
        return (await reader.reads("")).words


async def before(story: Story) -> None:
    """Reports of several kinds, in every state that a backup may meet."""
    stage, desk, filed = story.stage, story.desk, story.filed
    filed["claimed"] = await story.file_report("link")
    await desk.press(filed["claimed"].card, "Взять")
    filed["decided"] = await story.file_report("graffiti")
    await desk.decide(filed["decided"].card, "Надпись закрашена")
    filed["asked"] = await story.file_report("den")
    await ask(desk, filed["asked"].card)
    stage.ahead += LATER
    await filed["decided"].citizen.reads("Есть ответ")
    await filed["asked"].citizen.reads(ASKED)
    filed["asking"] = await story.file_report("lab")
    await ask(desk, filed["asking"].card)
    filed["untold"] = await story.file_report("place")
    await desk.decide(filed["untold"].card, "Передано на проверку")
    stage.sandbox.fail_next("getFile", 500, "Internal Server Error", times=10_000)
    waits = Citizen(stage)
    waits.types("/start")
    await waits.reads(waits.text("menu"))
    waits.presses("kind:graffiti")
    await waits.reads("")
    waits.photos(2)
    await waits.reads(waits.text("photos_taken", count=1, most=10))
    while waits.label("send") not in waits.buttons:
        waits.presses("done" if waits.label("done") in waits.buttons else "skip")
        await waits.reads("")
    filed["unread"] = Filed(waits, await waits.sends(), await desk.sees("Граффити", "новое"))
    await stage.until("SELECT count(*) = 2 FROM jobs.pgqueuer WHERE status = 'queued' AND attempts > 0")
    story.drafting = Citizen(stage)
    story.drafting.types(f"t.me/{unique()}")
    await story.drafting.reads("t.me/")


async def after(story: Story) -> None:
    """What a restore will not know of."""
    stage, desk = story.stage, story.desk
    stage.sandbox.faults.clear()
    story.lost = await story.file_report("stash")
    await desk.press(story.filed["claimed"].card, "Вернуть")
    await desk.shows(story.filed["claimed"].card, "новое")


async def restored(story: Story, cluster: Embedded) -> None:
    """Restore into a new database, and let the bot go on with that."""
    stage = story.stage
    story.old_url, stage.url = stage.url, await fresh(cluster.url("postgres"), cluster.url)
    code, out, err = await shekteu(
        "restore", str(story.file), folder=story.file.parent, DATABASE_URL=stage.url, SECRET_KEY=b64(stage._key)
    )
    assert (code, err) == (0, "")
    story.told_of_restore, standing = out, said(stage)
    await stage.fetch("UPDATE jobs.pgqueuer SET execute_after = now()")
    await stage.start_bot()
    stage.ahead += LATER
    await settled(stage)
    story.new = [message for message in said(stage) if message not in standing]


@pytest.fixture(scope="module")
async def story(
    cluster: Embedded, wording: Wording, no_waiting: None, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Story]:
    async with module_stage(cluster, wording, undo_seconds=UNDO) as stage:
        story = Story(stage, Desk(stage), tmp_path_factory.mktemp("backups") / "today.dump")
        await before(story)
        code, story.told, err = await shekteu(
            "backup", str(story.file), folder=story.file.parent, DATABASE_URL=stage.url
        )
        assert (code, err) == (0, "")
        story.keys = await stage.fetch("SELECT id, wrapped FROM period_keys")
        await after(story)
        await stage.stop_bot()
        await restored(story, cluster)
        yield story


def test_each_table_has_its_place_in_the_rules() -> None:
    ours = {table.name for table in TABLES if "." not in table.name}
    assert ours == {*METADATA.tables, "alembic_version"}
    assert all(table.why for table in TABLES)


async def test_and_so_has_each_table_of_the_jobs(database_url: str) -> None:
    rows = await look(database_url, "SELECT schemaname, tablename FROM pg_tables WHERE schemaname !~ '^(pg_|info)'")
    there = {f"jobs.{row['tablename']}" if row["schemaname"] == "jobs" else row["tablename"] for row in rows}
    assert there == {table.name for table in TABLES}


async def test_the_file_is_its_owners_alone_and_says_what_it_holds(story: Story) -> None:
    assert stat.S_IMODE(story.file.stat().st_mode) == 0o600
    assert os.listdir(story.file.parent) == ["today.dump"]
    assert "reports: 6 (the newest is № 6), links: 1" in story.told
    assert "It holds no return address" in story.told
    assert "SECRET_KEY of today" in story.told


async def test_in_its_plain_text_is_no_row_of_what_is_left_out(story: Story) -> None:
    text = await plain(story.file)
    filled = {row.table.removeprefix("public.") for row in tables.read(text)}
    secret = {"period_keys", "return_addresses", "dialogues", "handled_updates", "blocks", "counters"}
    assert secret <= set(LEFT_OUT)
    assert filled & set(LEFT_OUT) == set()
    assert {"reports", "parts", "cards", "messages", "forms", "lasting_keys", "jobs.pgqueuer"} <= filled
    assert len(story.keys) >= 3, "of the day, the week and the month"
    for key in story.keys:
        for form in (str(key["id"]), key["id"].hex, bytes(key["wrapped"]).hex(), bytes(key["wrapped"])[-16:].hex()):
            assert form.encode() not in text
    # The same search finds what is kept.
    [kept] = await look(story.old_url, "SELECT id, wrapped FROM lasting_keys LIMIT 1")
    assert str(kept["id"]).encode() in text
    assert bytes(kept["wrapped"]).hex().encode() in text


async def test_no_return_address_and_no_draft_opens_with_the_secret_key_and_this_backup(
    story: Story, cluster: Embedded, tmp_path: Path
) -> None:
    assert len(await opened(story.old_url, story.stage._key)) >= 6, "where the keys of weeks are, they open"
    url = await fresh(cluster.url("postgres"), cluster.url)
    await restore.restore(url, Archive(story.file), datetime.now(UTC))
    assert await opened(url, story.stage._key) == []
    assert await tried(url, await every_key(url, story.stage._key)) == 0
    for table in LEFT_OUT:
        assert await count(url, table) == 0, table
    assert await count(url, "reports") == 6


async def test_every_code_finds_its_report_as_it_stood(story: Story) -> None:
    text = story.filed["claimed"].citizen.text
    assert text("status_in_progress") in await story.told_by_code("claimed")
    assert text("kinds.graffiti.feedback.removed") in await story.told_by_code("decided")
    assert text("kinds.place.feedback.passed_on") in await story.told_by_code("untold")
    assert text("status_new") in await story.told_by_code("unread")
    assert story.lost
    reader = Citizen(story.stage)
    reader.types(f"/status {story.lost.receipt}")
    await reader.reads(reader.text("status_unknown"))


async def test_nothing_is_posted_again_and_no_citizen_is_written_to(story: Story) -> None:
    desk = [message for message in story.new if message.chat_id == story.stage.desk.id]
    photos = [message for message in desk if message.photo]
    assert len(photos) == 2, "what waited for the desk goes on: photos that could not be read before"
    assert {message.reply_to for message in photos} == {story.filed["unread"].card.id}
    rest = [message.words for message in desk if not message.photo]
    assert len(rest) == 2, "of the answer that waited, and of the question"
    assert all("ответ не доставлен" in words for words in rest)
    assert [message for message in story.new if message.chat_id != story.stage.desk.id] == []
    rows = await story.stage.fetch("SELECT template, outcome FROM messages WHERE recipient = 'citizen'")
    outcomes = {tuple(row) for row in rows if row["outcome"] != "sent"}
    assert outcomes == {("feedback", "closed"), ("question", "closed")}


async def test_cards_are_edited_on_and_show_what_is_known(story: Story) -> None:
    claimed, desk = story.filed["claimed"].card, story.desk
    await desk.shows(claimed, "в работе · Айгерим")
    await desk.press(claimed, "Доступ закрыт")
    await desk.shows(claimed, "решено · Айгерим")
    assert [m for m in desk.posts if "t.me/" in m.words] == [claimed], "the message of before the backup, and no other"


async def test_neither_a_question_that_waited_nor_a_new_one_reaches_anybody(story: Story) -> None:
    stage = story.stage
    rows = await stage.fetch(
        "SELECT state FROM forms JOIN reports ON reports.id = forms.report_id WHERE reports.kind = 'lab'"
    )
    assert [row["state"] for row in rows] == ["unreachable"]
    form = await ask(Desk(stage), story.filed["unread"].card)
    stage.ahead += LATER
    await story.desk.shows(form, "связи с гражданином нет")


async def test_a_question_asked_before_still_takes_its_answer(story: Story) -> None:
    citizen, desk = story.filed["asked"].citizen, story.desk
    question = next(m for m in story.stage.sandbox.messages(citizen.id) if m.from_bot and ASKED in m.words)
    inline(citizen, question, "Ответить")
    await citizen.reads("Напишите ответ")
    citizen.types("вход со двора, третья дверь")
    await citizen.reads("третья дверь")
    citizen.presses("send")
    await citizen.reads("Передали прокурору")
    answer = await desk.sees("ответ гражданина", "третья дверь")
    assert answer.reply_to == story.filed["asked"].card.id


async def test_no_number_that_stands_on_the_desk_is_given_twice(story: Story) -> None:
    assert story.lost
    assert "№7" in story.lost.card.words.replace("№ ", "№")
    forms = await count(story.stage.url, "forms")
    story.stage.sandbox.send_text(
        story.stage.officer, "Какой этаж?", chat=story.stage.desk, reply_to=story.lost.card.id
    )
    filed = await story.file_report("den")
    assert await count(story.stage.url, "forms") == forms, "a reply to a lost card reaches nobody else's report"
    numbers = await story.stage.fetch("SELECT number FROM reports ORDER BY number DESC LIMIT 2")
    assert [row["number"] for row in numbers] == [6 + FREE_NUMBERS + 1, 6]
    assert f"№ {6 + FREE_NUMBERS + 1} or higher" in story.told_of_restore
    story.stage.ahead += timedelta(minutes=1)
    await story.desk.press(filed.card, "Взять")


async def test_who_was_writing_begins_anew(story: Story) -> None:
    citizen = story.drafting
    assert citizen
    reports = await count(story.stage.url, "reports")
    citizen.presses("send")
    await citizen.reads(citizen.text("menu"))
    assert await count(story.stage.url, "reports") == reports


async def test_the_schema_comes_back_as_it_was(story: Story, database_url: str) -> None:
    assert await schema(story.stage.url) == await schema(database_url)
