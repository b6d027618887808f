"""When a report's term is over, what stands on the desk about it is emptied: card, photos, words and points."""

from __future__ import annotations

import asyncio
import io
import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from PIL import Image

from bot.database import driver
from bot.delivery import limits
from bot.delivery.errors import MessageGone, NotModified, TelegramRefused, Unreachable
from bot.delivery.outbox import Recipient
from bot.delivery.setbacks import as_it_should_be
from bot.purge import Purge
from bot.sandbox.world import Message
from bot.staff.emptying import NOTHING
from bot.wording import Wording
from tests.conftest import open_stage
from tests.journeys.acting import TARAZ, Citizen, Desk, settled, unique
from tests.journeys.test_six_kinds import fill_stash
from tests.stage import Stage

YEAR = timedelta(days=366)


@pytest.fixture
async def stage(database_url: str, wording: Wording, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    for name in ("GROUP", "PERSON", "ALL"):
        monkeypatch.setattr(limits, name, (100_000, 1.0))
    async with open_stage(database_url, wording) as opened:
        yield opened


async def stash(stage: Stage, *, decided: str = "Не подтвердилось") -> tuple[Citizen, Message, str, str]:
    """Report a stash with words, two photos and a point, and decide it; give citizen, card, a mark and the receipt."""
    citizen, desk, mark = Citizen(stage), Desk(stage), unique("stash")
    citizen.types("/start")
    await citizen.reads(citizen.text("menu"))
    citizen.presses("kind:stash")
    await fill_stash(citizen, mark)
    receipt = await citizen.sends()
    card = await desk.sees(mark)
    await desk.under(card, 3)
    await settled(stage)
    await desk.press(card, decided)
    await settled(stage)
    return citizen, card, mark, receipt


async def purge(stage: Stage, *, ahead: timedelta = YEAR) -> dict[str, int]:
    stage.ahead = ahead
    return await Purge(stage.database, stage.app.ring, stage.now, stage.app.settings).run()


async def emptied(stage: Stage, *, ahead: timedelta = YEAR) -> dict[str, int]:
    """Purge, and let the courier come to its rest."""
    gone = await purge(stage, ahead=ahead)
    stage.ahead += timedelta(hours=1)
    stage.app.wake()
    await settled(stage)
    return gone


def posts(stage: Stage) -> list[Message]:
    return [message for message in stage.sandbox.messages(stage.desk.id) if message.from_bot]


async def standing(stage: Stage) -> list[str]:
    rows = await stage.fetch("SELECT what FROM desk_posts ORDER BY what")
    return [row["what"] for row in rows]


async def undelivered(stage: Stage) -> None:
    """Have the desk told that an answer reached nobody."""
    async with stage.database.transaction() as connection:
        raw = await driver(connection)
        await stage.app.forms.asked.undelivered(raw, await report_id(stage), "feedback", stage.now())
    stage.app.wake()


async def report_id(stage: Stage) -> UUID:
    found: UUID = (await stage.fetch("SELECT id FROM reports"))[0]["id"]
    return found


async def test_a_card_becomes_a_stub_its_photos_grey_its_texts_a_line_and_its_point_goes(stage: Stage) -> None:
    _, card, mark, _ = await stash(stage)
    await undelivered(stage)
    await settled(stage)
    before = posts(stage)
    photos = [message for message in before if message.photo]
    [point] = [message for message in before if message.location]
    [notice] = [message for message in before if "не доставлен" in message.words]
    assert await standing(stage) == ["card", "photo", "photo", "place", "text"]

    await emptied(stage)

    assert mark not in card.words
    for part in ("№1", "Тайник", "решено", "не подтвердилось", "Решено: ", "Срок хранения истёк", "стёрты"):
        assert part in card.words
    assert "Фото" not in card.words
    assert "Точка" not in card.words
    assert [message.caption for message in photos] == ["№1 · срок хранения истёк, фото стёрто"] * 2
    for message in photos:
        assert message.photo
        assert message.spoiler
        assert message.protect
        assert stage.sandbox.files.by_id[message.photo[-1]["file_id"]].data == NOTHING
    assert notice.text == "№1 · срок хранения истёк, текст стёрт"
    assert point.deleted
    assert posts(stage) == before, "nothing is posted for it"
    assert await standing(stage) == ["card"]
    assert stage.sandbox.errors == []


async def test_what_was_emptied_is_not_emptied_again(stage: Stage) -> None:
    await stash(stage)
    await emptied(stage)
    calls = len(stage.sandbox.calls)
    gone = await emptied(stage, ahead=YEAR + timedelta(days=3))
    assert gone["messages on the desk to be emptied"] == 0
    edits = [call.method for call in stage.sandbox.calls[calls:] if call.method.startswith(("edit", "delete", "send"))]
    assert edits == []


async def test_a_report_that_is_still_open_keeps_its_messages_however_old(stage: Stage) -> None:
    _, card, mark, _ = await stash(stage, decided="Взять")
    await emptied(stage, ahead=YEAR * 3)
    assert mark in card.words
    assert await standing(stage) == ["card", "photo", "photo", "place"]


async def test_an_answer_under_the_card_stays_as_long_as_it_is_kept_itself(stage: Stage) -> None:
    citizen, card, _, receipt = await stash(stage)
    stage.ahead = timedelta(days=100)
    added = unique("added")
    citizen.types(f"/add {receipt}")
    await citizen.reads("Не пишите имя")
    citizen.types(f"Ещё было: {added}")
    await citizen.reads(added)
    citizen.location(TARAZ)
    await citizen.reads("42.9")
    citizen.presses("send")
    await settled(stage)
    [answer] = [message for message in posts(stage) if added in message.words and message.reply_to == card.id]
    assert await standing(stage) == ["card", "photo", "photo", "place", "place", "text"]

    await emptied(stage)
    assert added in answer.words
    assert await standing(stage) == ["card", "place", "text"]
    assert (await stage.fetch("SELECT sealed FROM additions"))[0]["sealed"] is not None

    gone = await emptied(stage, ahead=YEAR + timedelta(days=101))
    assert gone["additions to closed reports"] == 1
    # What was told of an erased addition is found by what is left of it: nothing.
    assert await standing(stage) == ["card"]
    assert answer.text == "№1 · срок хранения истёк, текст стёрт"


async def test_a_message_that_somebody_deleted_or_that_is_grey_already_counts_as_emptied(stage: Stage) -> None:
    await stash(stage)
    first, second = [message for message in posts(stage) if message.photo]
    first.deleted = True
    stage.sandbox.fail_next("editMessageMedia", 400, "Bad Request: message to edit not found")
    stage.sandbox.fail_next("editMessageMedia", 400, "Bad Request: message is not modified: specified new message …")
    await emptied(stage)
    assert await standing(stage) == ["card"]
    edits = [call for call in stage.sandbox.calls if call.method == "editMessageMedia"]
    assert [int(call.parameters["message_id"]) for call in edits] == [first.id, second.id]


async def test_a_point_that_telegram_does_not_let_go_is_left_and_holds_nothing_up(stage: Stage) -> None:
    await stash(stage)
    [point] = [message for message in posts(stage) if message.location]
    point.date -= 49 * 3600
    await emptied(stage)
    assert not point.deleted
    assert await standing(stage) == ["card"]
    assert sum(call.method == "deleteMessage" for call in stage.sandbox.calls) == 1


async def test_what_cannot_be_emptied_today_is_tried_again_another_day(stage: Stage) -> None:
    await stash(stage)
    stage.sandbox.fail_next("editMessageMedia", 400, "Bad Request: MEDIA_EMPTY", times=18)
    await purge(stage)
    async with asyncio.timeout(60):
        # Of the point, which comes last, nothing waits then.
        while len(await stage.fetch("SELECT 1 FROM messages WHERE outcome = 'failed'")) < 2 or await stage.fetch(
            "SELECT 1 FROM messages WHERE recipient = 'desk' AND outcome IS NULL"
        ):
            # Each refusal puts it off for longer, five minutes at most.
            stage.ahead += timedelta(minutes=10)
            stage.app.wake()
            await asyncio.sleep(0.05)
    assert await standing(stage) == ["card", "photo", "photo"]
    gone = await purge(stage, ahead=stage.ahead + timedelta(hours=1))
    assert gone["messages on the desk to be emptied"] == 0, "not each hour"
    gone = await emptied(stage, ahead=stage.ahead + timedelta(hours=25))
    assert gone["messages on the desk to be emptied"] == 2
    assert await standing(stage) == ["card"]


async def test_what_still_waits_to_be_sent_to_the_desk_is_dropped(stage: Stage) -> None:
    await stash(stage)
    report, later = await report_id(stage), stage.now() + YEAR * 2
    async with stage.database.transaction() as connection:
        raw = await driver(connection)
        for template in ("photos", "point", "unreachable"):
            await stage.app.outbox.message(raw, Recipient.DESK, report, template, {}, later)
    before = len(posts(stage))
    gone = await emptied(stage, ahead=YEAR)
    assert gone["messages about closed reports that were never sent"] == 3
    rows = await stage.fetch("SELECT sealed FROM messages WHERE outcome = 'withdrawn'")
    assert [row["sealed"] for row in rows] == [None] * 3
    stage.ahead = YEAR * 3
    stage.app.wake()
    await settled(stage)
    assert len(posts(stage)) == before


async def test_the_messages_of_a_group_that_is_the_desk_no_more_are_forgotten(stage: Stage) -> None:
    await stash(stage)
    new = stage.sandbox.migrate(stage.desk)
    await stage.app.desks.migrated(new.id)
    calls = len(stage.sandbox.calls)
    await emptied(stage)
    assert await standing(stage) == ["card"]
    told = [call.method for call in stage.sandbox.calls[calls:]]
    assert not {"editMessageMedia", "deleteMessage", "sendMessage"} & set(told), "nor is a stub posted in the new one"


async def test_emptying_leaves_half_of_the_desks_minute_to_what_is_new(stage: Stage) -> None:
    await stash(stage)
    await stash(stage)
    # The courier does not look at them before the hour is over.
    await stage.stop_bot()
    await purge(stage)
    connection = await asyncpg.connect(stage.url)
    rows = await connection.fetch(
        "SELECT due_at FROM messages WHERE recipient = 'desk' AND outcome IS NULL"
        " UNION ALL SELECT due_at FROM cards WHERE wanted_version > shown_version"
    )
    await connection.close()
    due = sorted(row["due_at"] for row in rows)
    assert len(due) == 8
    assert {after - before for before, after in itertools.pairwise(due)} == {timedelta(seconds=6)}
    await stage.start_bot()


async def test_words_that_a_card_had_no_room_for_are_emptied_with_it(stage: Stage) -> None:
    citizen, desk, words = Citizen(stage), Desk(stage), "третья дверь направо " * 80
    await citizen.files("den", words)
    card = await desk.sees("третья дверь", "…")
    [whole] = await desk.under(card, 1)
    assert len(whole.words) > len(words) - 2
    await desk.press(card, "Не подтвердилось")
    await settled(stage)
    await emptied(stage)
    assert "третья дверь" not in card.words + whole.words
    assert "срок хранения истёк, текст стёрт" in whole.words
    assert await standing(stage) == ["card"]


async def test_all_that_the_desk_gets_is_protected_and_its_photos_are_covered(stage: Stage) -> None:
    citizen, card, _, receipt = await stash(stage)
    await undelivered(stage)
    citizen.types(f"/add {receipt}")
    await citizen.reads("Не пишите имя")
    citizen.photos(1)
    await citizen.settled()
    citizen.presses("send")
    await settled(stage)
    for kind, content in (("link", "t.me/some_shop"), ("den", "Третий этаж " * 200)):
        await Citizen(stage).files(kind, content)
    single = Citizen(stage)
    single.photos(1)
    await settled(stage)
    await Desk(stage).press(card, "Открыть снова")
    await settled(stage)
    stage.sandbox.send_text(stage.officer, "/help", chat=stage.desk)
    await settled(stage)
    await emptied(stage)
    seen = posts(stage)
    assert len(seen) >= 8
    assert [message.words for message in seen if not message.protect] == []
    assert [message.id for message in seen if message.photo and not message.spoiler] == []
    for call in stage.sandbox.calls:
        if call.method in ("sendPhoto", "sendMediaGroup", "editMessageMedia") and call.parameters["chat_id"] < 0:
            media = call.parameters.get("media", call.parameters)
            assert all(one.get("has_spoiler") for one in (media if isinstance(media, list) else [media]))


def test_the_grey_picture_is_a_picture_of_one_grey() -> None:
    with Image.open(io.BytesIO(NOTHING)) as image:
        assert image.format == "JPEG"
        assert image.size == (256, 192)
        assert len(set(image.convert("L").tobytes())) == 1


@pytest.mark.parametrize(
    ("method", "error", "done"),
    [
        ("deleteMessage", TelegramRefused("deleteMessage", 400, "message can't be deleted"), True),
        ("deleteMessage", Unreachable("deleteMessage", 403, "kicked"), False),
        ("deleteMessage", TelegramRefused("deleteMessage", 401, "Unauthorized"), False),
        ("editMessageText", NotModified("editMessageText", 400, ""), True),
        ("editMessageMedia", MessageGone("editMessageMedia", 400, ""), True),
        ("editMessageMedia", TelegramRefused("editMessageMedia", 400, "MEDIA_EMPTY"), False),
        ("sendMessage", MessageGone("sendMessage", 400, ""), False),
    ],
)
def test_a_refusal_of_a_change_that_leaves_nothing_to_do_is_done(method: str, error: Exception, done: bool) -> None:
    assert as_it_should_be(method, error) is done
