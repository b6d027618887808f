"""/register on the desk: an officer asks, and the file of links comes into the chat."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator

import pytest

from bot.embedded import Embedded
from bot.sandbox.world import Message
from bot.staff import register_posts
from bot.wording import Wording
from tests.journeys.acting import Citizen, Desk, plain, unique
from tests.journeys.conftest import module_stage, no_waiting, nothing_refused
from tests.stage import Stage

__all__ = ["no_waiting"]


@pytest.fixture
async def stage(cluster: Embedded, wording: Wording, no_waiting: None) -> AsyncIterator[Stage]:
    """A desk of each test's own: its register holds what the test has filed."""
    async with module_stage(cluster, wording) as opened:
        yield opened
        nothing_refused(opened)


async def reports(stage: Stage, *names: str) -> None:
    for name in names:
        # From before it is sent: the card may be there before the code has been read.
        citizen, desk = Citizen(stage), Desk(stage)
        citizen.types(f"t.me/{name}")
        await citizen.reads(name)
        await citizen.sends()
        await desk.sees(name)


def file_after(stage: Stage, sent: Message) -> Message | None:
    messages = stage.sandbox.messages(stage.desk.id)
    return next((m for m in messages if m.from_bot and m.id > sent.id and "document" in m.content), None)


async def asks(stage: Stage, words: str) -> tuple[Message, str]:
    """Send the command; give it, and what is answered at once."""
    sent = stage.sandbox.send_text(stage.officer, words, chat=stage.desk)
    answer = await stage.sandbox.wait_for(
        lambda: next((m for m in stage.sandbox.messages(stage.desk.id) if m.reply_to == sent.id), None), 15.0
    )
    return sent, answer.words


def said(stage: Stage, name: str, **variables: object) -> str:
    return plain(stage.wording.texts.render("ru", f"desk.{name}", **variables))


async def sheet(stage: Stage, shown: Message) -> str:
    """The cells of the workbook that stands in a message."""
    data = stage.sandbox.files.get(shown.content["document"]["file_id"]).data
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()


async def test_an_officer_gets_the_open_links_as_a_workbook_that_can_be_saved(stage: Stage) -> None:
    desk, open_one, closed = Desk(stage), unique(), unique()
    await reports(stage, open_one, closed)
    await desk.press(await desk.sees(closed), stage.wording.texts.plain("ru", "desk.act.blocked"))
    sent, answer = await asks(stage, "/register")
    assert answer == said(stage, "register_asked")
    shown = await stage.sandbox.wait_for(lambda: file_after(stage, sent))
    assert not shown.protect
    assert shown.content["document"]["file_name"].endswith(".xlsx")
    assert shown.words == said(stage, "register", count=1, private=0, found=0)
    cells = await sheet(stage, shown)
    assert f"https://t.me/{open_one}" in cells
    assert closed not in cells
    sent, _ = await asks(stage, "/register week all")
    cells = await sheet(stage, await stage.sandbox.wait_for(lambda: file_after(stage, sent)))
    assert open_one in cells
    assert closed in cells


async def test_how_many_links_are_private_and_left_out_is_told_with_the_file(stage: Stage) -> None:
    public, invites = unique(), [f"+{unique('OneBuyersInvite')}" for _ in range(2)]
    await reports(stage, *invites)
    await asks(stage, "/register")
    nothing = await stage.sandbox.wait_text(stage.desk.id, said(stage, "register_empty", private=2))
    await reports(stage, public)
    sent, _ = await asks(stage, "/register")
    shown = await stage.sandbox.wait_for(lambda: file_after(stage, sent))
    assert shown.words == said(stage, "register", count=1, private=2, found=0)
    cells = await sheet(stage, shown)
    assert public in cells
    for words in (cells, shown.words, nothing.words):
        assert not [invite for invite in invites if invite in words]
    # Of those of other days, or of another standing, nothing is said.
    sent, _ = await asks(stage, "/register sent")
    await stage.sandbox.wait_text(stage.desk.id, said(stage, "register_empty", private=0), after=sent.id)


async def test_nothing_too_much_and_what_cannot_be_read_are_a_sentence(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, answer = await asks(stage, "/register yesterday")
    assert answer == said(stage, "register_usage")
    await asks(stage, "/register 01.01.2020")
    await stage.sandbox.wait_text(stage.desk.id, said(stage, "register_empty", private=0))
    monkeypatch.setattr(register_posts, "MOST", 0)
    await reports(stage, unique())
    await asks(stage, "/register")
    await stage.sandbox.wait_text(stage.desk.id, said(stage, "register_too_many", most=0))
