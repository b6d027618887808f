"""`/sent` and `/blocked`: a register goes out, a list comes back, and everybody who told of its links hears of it."""

from __future__ import annotations

import asyncio
import io
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from xlsxwriter import Workbook  # type: ignore[import-untyped]

from bot.embedded import Embedded
from bot.reports import marking
from bot.sandbox import render
from bot.sandbox.world import Message, Person
from bot.wording import Wording
from tests.journeys.acting import Citizen, Desk, plain, settled, unique
from tests.journeys.conftest import module_stage, no_waiting, nothing_refused
from tests.stage import Stage

__all__ = ["no_waiting"]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
async def stage(cluster: Embedded, wording: Wording, no_waiting: None) -> AsyncIterator[Stage]:
    """A desk of each test's own: its register holds what the test has filed."""
    async with module_stage(cluster, wording) as opened:
        yield opened
        nothing_refused(opened)


class Office:
    """The desk of a stage, as officers who mark lists see it."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.sandbox, self.chat = stage, stage.sandbox, stage.desk
        self.second = stage.sandbox.add_person("Бекзат")
        stage.sandbox.join(self.second, stage.desk)

    def said(self, name: str, **variables: object) -> str:
        return plain(self.stage.wording.texts.render("ru", f"desk.{name}", **variables))

    def done(self, decision: str) -> str:
        return self.stage.wording.texts.plain("ru", f"desk.done.{decision}")

    def writes(self, text: str, reply_to: Message | None = None, by: Person | None = None) -> Message:
        answered = reply_to.id if reply_to else None
        return self.sandbox.send_text(by or self.stage.officer, text, chat=self.chat, reply_to=answered)

    def sends(
        self, data: bytes, name: str = "list.txt", *, caption: str | None = None, under: Message | None = None
    ) -> Message:
        mime = XLSX if name.endswith("xlsx") else "text/plain"
        answered = under.id if under else None
        return self.sandbox.send_document(self.second, name, data, mime, caption, chat=self.chat, reply_to=answered)

    async def register(self) -> Message:
        sent = self.writes("/register")

        def found() -> Message | None:
            files = (m for m in self.sandbox.messages(self.chat.id) if m.from_bot and "document" in m.content)
            return next((m for m in files if m.id > sent.id), None)

        shown = await self.sandbox.wait_for(found)
        await settled(self.stage)
        return shown

    async def answer(self, message: Message, *contains: str) -> Message:
        """The card that answers a message, once it has come to say all of this."""

        def found() -> Message | None:
            answers = (m for m in self.sandbox.messages(self.chat.id) if m.from_bot and m.reply_to == message.id)
            return next((m for m in answers if all(part in m.words for part in contains)), None)

        return await self.sandbox.wait_for(found)

    async def result(self, message: Message, **counts: object) -> None:
        """Wait until the answer says what came of a list."""
        nothing = {"decided": 0, "held": 0, "holders": [], "gone": 0, "unknown": 0, "unknown_links": []}
        nothing |= {"others": 0, "answers": [], "bad": 0, "bad_lines": [], "cut": False}
        await self.answer(message, self.said("batch_done", **{**nothing, **counts}))
        await settled(self.stage)

    async def acts(self, act: str) -> Counter[str]:
        """How often each link was decided so, by the journal."""
        rows = await self.stage.fetch(
            "SELECT url FROM journal JOIN resources ON resources.id = journal.subject WHERE act = $1", act
        )
        return Counter(row["url"].rpartition("/")[2] for row in rows)


async def reports(stage: Stage, *names: str) -> Citizen:
    citizen = Citizen(stage)
    citizen.types(" ".join(f"t.me/{name}" for name in names))
    await citizen.reads("")
    await citizen.sends()
    await settled(stage)
    return citizen


def returned(*rows: tuple[str, str]) -> bytes:
    """A workbook as it comes back from the system."""
    written = io.BytesIO()
    with Workbook(written, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate([("Ссылка", "Статус"), *rows]):
            sheet.write_row(place, 0, row)
    return written.getvalue()


def feedback(citizen: Citizen, decision: str) -> int:
    """How often a citizen was told of a decision."""
    told = citizen.text(f"kinds.link.feedback.{decision}")
    return sum(message.words == told for message in citizen.sandbox.messages(citizen.id))


def progress(citizen: Citizen, total: int = 9) -> list[str]:
    """What a citizen was told of a list of theirs."""
    told = {
        citizen.text("progress", closed=closed, sent=sent, total=total)
        for closed in range(total + 1)
        for sent in range(total + 1 - closed)
    }
    return [m.words for m in citizen.sandbox.messages(citizen.id) if m.words in told]


async def test_a_register_is_sent_a_list_comes_back_and_every_reporter_hears_of_it(stage: Stage) -> None:
    office, desk = Office(stage), Desk(stage)
    shared, held, decided, late = (unique() for _ in range(4))
    many = [unique() for _ in range(8)]
    first, second = await reports(stage, shared), await reports(stage, shared)
    volunteer = await reports(stage, shared, *many)
    await reports(stage, held)
    await reports(stage, decided)
    book = await office.register()
    await reports(stage, late)
    await stage.press(office.second, await desk.sees(held), stage.wording.texts.plain("ru", "desk.act.claim"))
    await desk.press(await desk.sees(decided), stage.wording.texts.plain("ru", "desk.act.not_confirmed"))
    await settled(stage)

    # What was in the workbook is marked: what was decided since, or is another's, is left and counted.
    sent = office.writes("/sent", book)
    marked = {"done": office.done("sent_to_block"), "marked": 9, "links": 11, "decided": 1, "held": 1}
    await office.result(sent, **marked, holders=["Бекзат"])
    assert await office.acts("sent_to_block") == Counter([shared, *many])
    assert [feedback(citizen, "sent_to_block") for citizen in (first, second)] == [1, 1]
    rows = await stage.fetch("SELECT claimed_by, status FROM resources WHERE decision = 'sent_to_block'")
    assert {(row["claimed_by"], row["status"]) for row in rows} == {(None, "in_progress")}
    [taken] = await stage.fetch("SELECT officer_name, subject FROM journal WHERE act = 'register'")
    assert taken["officer_name"] == "Айгерим"
    assert await stage.fetch("SELECT 1 FROM batches WHERE id = $1 AND state = 'taken_out'", taken["subject"])

    # The volunteer's one message of the day is kept for what is closed; by the code it is known at once.
    assert progress(volunteer) == []
    asking = Citizen(stage)
    asking.types(await volunteer.receipt())
    await asking.reads(volunteer.text("progress", closed=0, sent=9, total=9))

    # Sent once more, nothing is marked twice.
    again = office.writes("/sent", book)
    await office.result(again, **{**marked, "marked": 0, "decided": 10}, holders=["Бекзат"])
    assert await office.acts("sent_to_block") == Counter([shared, *many])

    # The list comes back by another officer's hand; what it says of a link decides.
    stranger = f"https://t.me/{unique('nobodys')}"
    refused, closed = many[:2], [shared, *many[2:]]
    answers = [(f"https://t.me/{name}", "Заблокирован") for name in closed]
    answers += [(f"t.me/{name}", "отказ") for name in refused] + [("—", "Заблокирован"), (stranger, "Заблокирован")]
    came = office.sends(returned(*answers), "answer.xlsx", under=book)
    told = {"unknown": 1, "unknown_links": [stranger.removeprefix("https://")], "others": 2, "answers": ["отказ"]}
    await office.result(
        came, done=office.done("blocked"), marked=7, links=10, bad=1, bad_lines=[len(closed) + 4], **told
    )
    assert await office.acts("blocked") == Counter(closed)
    assert [feedback(citizen, "blocked") for citizen in (first, second)] == [1, 1]
    # One message a day, however many links of a list were marked at once.
    await stage.sandbox.wait_for(lambda: progress(volunteer))
    stage.ahead += timedelta(days=1, minutes=1)
    await settled(stage)
    assert progress(volunteer) == [volunteer.text("progress", closed=7, sent=2, total=9)]
    # What was only sent is told when nothing is closed for a day.
    names = [unique() for _ in range(3)]
    other = await reports(stage, *names)
    sent = office.writes("/sent " + " ".join(f"t.me/{name}" for name in names[:2]))
    await office.result(sent, done=office.done("sent_to_block"), marked=2, links=2)
    stage.ahead += timedelta(hours=23)
    await settled(stage)
    assert progress(other, 3) == []
    stage.ahead += timedelta(hours=1, minutes=1)
    await stage.sandbox.wait_for(lambda: progress(other, 3))
    assert progress(other, 3) == [other.text("progress", closed=0, sent=2, total=3)]


async def test_the_newest_register_is_marked_when_an_officer_says_so(stage: Stage) -> None:
    office = Office(stage)
    mark, drop = (stage.wording.texts.plain("ru", f"desk.batch_button.{name}") for name in ("mark", "drop"))
    await office.answer(office.writes("/sent"), office.said("batch_none"))
    name, other = unique(), unique()
    await reports(stage, name)
    await office.register()
    await reports(stage, other)
    for button, answer in ((drop, office.said("batch_dropped")), (mark, "1 из 1")):
        asked = office.writes("/sent")
        card = await office.answer(asked, "Айгерим: 1 ссылка", office.done("sent_to_block"))
        assert not await office.acts("sent_to_block")
        assert await stage.press(office.second, card, button) == office.said("answer_done")
        await office.answer(asked, answer)
        assert card.buttons == []
    await settled(stage)
    assert await office.acts("sent_to_block") == Counter([name])
    [entry] = await stage.fetch("SELECT officer_name FROM journal WHERE act = 'sent_to_block'")
    assert entry["officer_name"] == "Бекзат"
    # Whatever is written in a topic comes as a reply to the message that opened it.
    written = render.message(stage.sandbox, office.writes("/sent"))
    opened = {**written, "message_id": 1, "forum_topic_created": {"name": "Ссылка", "icon_color": 7322096}}
    opened = {name: value for name, value in opened.items() if name not in ("text", "entities")}
    stage.sandbox.raw_update({"message": {**written, "reply_to_message": opened}})
    await settled(stage)
    assert len(await stage.fetch("SELECT 1 FROM batches WHERE state = 'asked'")) == 2


async def test_what_an_officer_sent_by_its_card_is_closed_by_whoever_brings_the_list(stage: Stage) -> None:
    office, desk, act = Office(stage), Desk(stage), stage.wording.texts.plain
    sent, taken = unique(), unique()
    reporter = await reports(stage, sent)
    await reports(stage, taken)
    await stage.press(office.second, await desk.sees(sent), act("ru", "desk.act.sent_to_block"))
    await stage.press(office.second, await desk.sees(taken), act("ru", "desk.act.claim"))
    await settled(stage)
    typed = office.writes(f"/blocked t.me/{sent} t.me/{taken}")
    await office.result(typed, done=office.done("blocked"), marked=1, links=2, held=1, holders=["Бекзат"])
    assert await office.acts("blocked") == Counter([sent])
    await stage.sandbox.wait_for(lambda: feedback(reporter, "blocked"))


async def test_links_can_be_typed_or_come_in_any_file_and_bad_files_are_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(stage)
    names = [unique() for _ in range(6)]
    volunteer = await reports(stage, *names)
    done = office.done("blocked")
    act = stage.app.decisions.act

    async def slowly(*given: Any) -> None:
        await act(*given)
        await asyncio.sleep(0.3)

    monkeypatch.setattr(marking, "AT_ONCE", 1)
    monkeypatch.setattr(stage.app.decisions, "act", slowly)
    typed = office.writes(f"/blocked t.me/{names[0]} @{names[1]}")
    await office.result(typed, done=done, marked=2, links=2)
    # The first link of a marking tells nobody how many are closed: the last one does.
    await stage.sandbox.wait_for(lambda: progress(volunteer, 6))
    assert progress(volunteer, 6) == [volunteer.text("progress", closed=2, sent=0, total=6)]
    monkeypatch.undo()
    listed = office.sends(f"t.me/{names[1]}\nhttps://t.me/{names[2]}".encode(), caption="/blocked")
    await office.result(listed, done=done, marked=1, links=2, decided=1)
    file = office.sends(f"t.me/{names[3]}\n".encode())
    await settled(stage)
    replied = office.writes("/blocked", file)
    await office.result(replied, done=done, marked=1, links=1)

    # A table that does not say what became of its links is asked about.
    table = office.sends(f"1;t.me/{names[4]};отказ\n2;t.me/{names[5]};отказ\n".encode(), caption="/blocked")
    card = await office.answer(table, office.said("batch_asked_list", done=done, count=2))
    assert names[4] not in await office.acts("blocked")
    await stage.press(stage.officer, card, stage.wording.texts.plain("ru", "desk.batch_button.mark"))
    await office.result(table, done=done, marked=2, links=2)

    for data, reason in ((b"PK\x03\x04 and no workbook", "unreadable"), (b" \n", "empty"), (b"no links", "no_links")):
        await office.answer(office.sends(data, caption="/blocked"), office.said(f"batch_failed_{reason}"))
    await office.answer(office.sends(bytes((8 << 20) + 1), caption="/sent"), office.said("batch_failed_too_big"))
    await office.answer(office.writes("/sent", card), office.said("batch_usage"))
    assert await office.acts("blocked") == Counter(names)


async def test_a_volunteer_is_told_how_many_are_closed_when_none_can_be_taken_back_any_more(
    cluster: Embedded, wording: Wording, no_waiting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with module_stage(cluster, wording, undo_seconds=1) as stage:
        office, names = Office(stage), [unique() for _ in range(7)]
        volunteer = await reports(stage, *names)
        act = stage.app.decisions.act

        async def slowly(*given: Any) -> None:
            await act(*given)
            await asyncio.sleep(0.4)

        monkeypatch.setattr(marking, "AT_ONCE", 1)
        monkeypatch.setattr(stage.app.decisions, "act", slowly)
        typed = office.writes("/blocked " + " ".join(f"t.me/{name}" for name in names[:5]))
        await office.result(typed, done=office.done("blocked"), marked=5, links=5)
        await stage.sandbox.wait_for(lambda: progress(volunteer, 7))
        assert progress(volunteer, 7) == [volunteer.text("progress", closed=5, sent=0, total=7)]


async def test_outsiders_and_what_is_only_forwarded_mark_nothing(stage: Stage) -> None:
    """Telegram brings nothing that an outsider writes into the group; were it so, nothing would come of it."""
    office, sandbox = Office(stage), stage.sandbox
    name = unique()
    await reports(stage, name)
    book = await office.register()
    card = await office.answer(office.writes("/blocked"), "1 ссылка")
    file = office.sends(f"t.me/{name}".encode())
    await settled(stage)
    before = await stage.fetch("SELECT id, state FROM batches ORDER BY id")

    def brings(by: Person, **more: object) -> None:
        shown = {**render.message(sandbox, file), "message_id": sandbox.world.next_message_id(stage.desk.id)}
        sandbox.raw_update({"message": {**shown, "from": render.user(by), **more}})

    outsider, under = sandbox.add_person("Outsider"), render.message(sandbox, book)
    for words in ("/sent", f"/blocked t.me/{name}"):
        for place in ({}, {"reply_to_message": under}):
            brings(outsider, caption=words, **place)
            brings(outsider, text=words, **place)
    brings(outsider, reply_to_message=under)
    mark = stage.wording.texts.plain("ru", "desk.batch_button.mark")
    sandbox.join(outsider, stage.desk)
    sandbox.leave(outsider, stage.desk)
    assert await stage.press(outsider, card, mark) == office.said("answer_not_member")
    # A member shows what somebody else has written.
    origin = {"type": "user", "date": sandbox.now(), "sender_user": render.user(outsider)}
    for more in ({"caption": "/blocked"}, {"reply_to_message": under}, {"text": f"/blocked t.me/{name}"}):
        brings(stage.officer, forward_origin=origin, **more)
    await settled(stage, 0.2)
    assert await stage.fetch("SELECT id, state FROM batches ORDER BY id") == before
    assert not await office.acts("blocked")
