"""Figures in chats: /stats on the desk, the digest on Mondays, what /about tells everybody."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from bot.embedded import Embedded
from bot.qr.registry import Registry
from bot.qr.wish import Wish
from bot.reports import chain
from bot.sandbox.world import Message
from bot.wording import Wording
from tests.journeys.acting import Citizen, Desk, plain, settled, unique
from tests.journeys.conftest import module_stage, nothing_refused
from tests.stage import Stage

ALMATY = ZoneInfo("Asia/Almaty")


@pytest.fixture
async def stage(cluster: Embedded, wording: Wording, no_waiting: None) -> AsyncIterator[Stage]:
    """A desk of each test's own, on Wednesday, 11 November 2026."""
    async with module_stage(cluster, wording, timezone="Asia/Almaty") as opened:
        set_clock(opened, 11, 12)
        yield opened
        nothing_refused(opened)


def set_clock(stage: Stage, day: int, hour: int, minute: int = 0) -> None:
    """Move the stage's clock to an hour of November 2026, whose 9th is a Monday."""
    stage.ahead = datetime(2026, 11, day, hour, minute, tzinfo=ALMATY) - datetime.now(UTC)


async def reports(stage: Stage, count: int) -> list[str]:
    """Have some people report a link each."""
    names = [unique() for _ in range(count)]
    for name in names:
        await Citizen(stage).files("link", f"t.me/{name}")
    await settled(stage)
    return names


async def asks(stage: Stage, command: str) -> str:
    """Send a command on the desk and give what is answered at once."""
    sent = stage.sandbox.send_text(stage.officer, command, chat=stage.desk)
    answer = await stage.sandbox.wait_for(
        lambda: next((m for m in stage.sandbox.messages(stage.desk.id) if m.reply_to == sent.id), None), 15.0
    )
    return answer.words


async def comes(stage: Stage, desk: Desk, content: str, timeout: float = 60.0) -> Message:
    """Wait for a picture or a file on the desk."""
    return await stage.sandbox.wait_for(lambda: next((m for m in desk.posts if content in m.content), None), timeout)


def said(stage: Stage, name: str) -> str:
    return plain(stage.wording.texts.render("ru", f"desk.{name}"))


async def test_an_officer_gets_a_picture_with_the_numbers_under_it_and_the_note(stage: Stage) -> None:
    desk = Desk(stage)
    blocked, _, _ = await reports(stage, 3)
    card = await desk.sees(blocked)
    stage.ahead += timedelta(minutes=65)
    await desk.press(card, "Доступ закрыт")
    await settled(stage)
    desk = Desk(stage)
    assert await asks(stage, "/stats 01.11.2026–30.11.2026") == said(stage, "stats_asked")
    shown = await comes(stage, desk, "photo")
    assert shown.protect
    lines = shown.words.splitlines()
    assert lines[0] == "Статистика за 01.11.2026 – 30.11.2026"
    assert "Сообщений: 3 (0, 0)" in lines
    assert "Приняты меры: 33 % (—, —)" in lines
    assert "Доступ закрыт: 1 (0, 0)" in lines
    assert "Решили: половину за 1 ч 5 мин, девять из десяти за 1 ч 5 мин" in lines
    assert "Виды: Ссылка 3" in lines
    assert "Состояние: новое 2, доступ закрыт 1" in lines
    # The largest of the sizes is what was drawn.
    data = stage.sandbox.files.get(shown.content["photo"][-1]["file_id"]).data
    assert Image.open(io.BytesIO(data)).format == "PNG"
    desk = Desk(stage)
    await asks(stage, "/stats неделя справка")
    note = await comes(stage, desk, "document")
    assert not note.protect
    assert note.content["document"]["file_name"] == "stats-2026-11-05-2026-11-11.pdf"
    assert stage.sandbox.files.get(note.content["document"]["file_id"]).data.startswith(b"%PDF")
    assert "Сообщений: 3 (0, 0)" in note.words.splitlines()
    for wrong in ("/stats вчера", "/stats 30.11.2026 01.11.2026", "/stats 01.01.2020 01.01.2026"):
        assert await asks(stage, wrong) == said(stage, "stats_usage")


async def digests(stage: Stage, desk: Desk) -> list[str]:
    await stage.app.monday.look()
    await settled(stage)
    return [m.words for m in desk.posts if m.words.startswith("Неделя")]


async def test_the_digest_comes_once_a_week_on_monday_morning_or_after_it(stage: Stage) -> None:
    desk = Desk(stage)
    # Before the first report there is nothing to tell.
    set_clock(stage, 9, 9)
    assert await digests(stage, desk) == []
    set_clock(stage, 11, 12)
    (blocked, _) = await reports(stage, 2)
    await desk.press(await desk.sees(blocked), "Доступ закрыт")
    await settled(stage)
    # Nor is there on the days of the same week.
    assert await digests(stage, desk) == []
    set_clock(stage, 16, 8, 59)
    assert await digests(stage, desk) == []
    set_clock(stage, 16, 9)
    (digest,) = await digests(stage, desk)
    assert digest.splitlines()[0] == "Неделя 09.11.2026 – 15.11.2026"
    assert "Сообщений: 2 (0)" in digest
    assert "Доступ закрыт: 1 (0)" in digest
    await stage.until("SELECT EXISTS (SELECT 1 FROM journal_chain)")
    head = await _head(stage)
    # Once, and whole, whoever looks and however often.
    for day, hour in ((16, 9), (18, 12), (22, 23)):
        set_clock(stage, day, hour)
        assert len(await digests(stage, desk)) == 1
    # Nobody was there on Monday: on Wednesday it still comes.
    set_clock(stage, 25, 15)
    _, second = await digests(stage, desk)
    assert second.splitlines()[0] == "Неделя 16.11.2026 – 22.11.2026"
    assert "Сообщений: 0 (2)" in second
    assert f"Журнал: {head}" in second


async def _head(stage: Stage) -> str:
    async with stage.database.lend() as raw:
        head = await chain.head(raw)
    assert head
    return head.short()


async def about(stage: Stage, language: str = "ru") -> list[str]:
    citizen = Citizen(stage, language)
    citizen.types("/about")
    return (
        await citizen.reads(
            citizen.text("about", reports=0, blocked=0, removed=0, month=1, year=1, bot=stage.sandbox.bot_username)
        )
    ).words.splitlines()


async def test_about_tells_rounded_numbers_of_yesterday_and_none_below_five(stage: Stage) -> None:
    assert len(await about(stage)) == 1
    await reports(stage, 4)
    set_clock(stage, 12, 12)
    await publish(stage)
    # Four are too few.
    assert len(await about(stage)) == 1
    await reports(stage, 4)
    set_clock(stage, 12, 23)
    await publish(stage)
    assert len(await about(stage)) == 1, "the numbers of a day stay as they are until the next"
    set_clock(stage, 13, 0, 5)
    await reports(stage, 2)
    await publish(stage)
    # Until the end of yesterday eight were reported.
    assert (await about(stage))[1:] == ["", "С ноября 2026 года, не меньше:", "сообщений: 5"]
    assert (await about(stage, "kk"))[1:] == ["", "2026 жылғы қарашадан бері, кемінде:", "5 хабарлама түсті"]
    # Who reports now and looks right after sees the same; nor does what officers find out show on the same day.
    await reports(stage, 3)
    await stage.fetch("UPDATE reports SET decision = 'abuse', status = 'decided' WHERE number <= 8")
    await publish(stage)
    assert "сообщений: 5" in await about(stage)
    # On the next it does: of thirteen five are real.
    set_clock(stage, 14, 0, 5)
    await publish(stage)
    assert "сообщений: 5" in await about(stage)
    await stage.fetch("UPDATE reports SET decision = 'abuse', status = 'decided' WHERE number <= 9")
    set_clock(stage, 15, 0, 5)
    await publish(stage)
    assert len(await about(stage)) == 1


async def publish(stage: Stage) -> None:
    """Count, and have this process hear of it, as it does every few seconds."""
    await stage.app.publishing.look()
    await stage.app.orders.load()


async def test_an_officer_learns_what_places_brought_in_whole_weeks(stage: Stage) -> None:
    places = Registry(stage.database, date(2026, 11, 9))
    await places.add(Wish("Абай 12", "Осень", "остановка", "kk,ru"))
    await places.add(Wish("Базар", "Осень", "листовка", "kk"))
    codes = {row["name"]: row["code"] for row in await stage.fetch("SELECT name, code FROM placements")}
    for name, scans, sends in (("Абай 12", 6, 5), ("Базар", 4, 1)):
        for number in range(scans):
            citizen = Citizen(stage)
            citizen.types(f"/start {codes[name]}")
            await citizen.reads(citizen.text("menu"))
            if number < sends:
                citizen.types(f"t.me/{unique()}")
                await citizen.reads("Отправить")
                await citizen.sends()
    # Until the week is over nothing of it is told: who looks before and after a report sees the same.
    desk = Desk(stage)
    await asks(stage, "/stats места 09.11.2026")
    assert (await desk.sees("ни одной целой недели")).words.splitlines()[0] == "Места с QR-кодами"
    set_clock(stage, 16, 1, 5)
    for words, lines in (
        ("места", ["Места с QR-кодами: 21.09.2026 – 15.11.2026", "Абай 12: 6, сообщений 5 (83 %)"]),
        ("кампании 09.11.2026", ["Кампании: 09.11.2026 – 15.11.2026", "Осень: ≥ 6, сообщений ≥ 5 (83 %)"]),
    ):
        desk = Desk(stage)
        assert await asks(stage, f"/stats {words}") == said(stage, "stats_asked")
        shown = await comes(stage, desk, "photo")
        assert shown.protect
        told = shown.words.splitlines()
        assert told[0] == lines[0]
        assert told[1:4] == ["Сканирований: ≥ 6", "Сообщений после них: ≥ 5", "Доля от сканирований: 83 %"]
        assert told[4] == lines[1]
        assert "Базар" not in shown.words
