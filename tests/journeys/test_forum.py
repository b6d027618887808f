"""A desk with topics: each kind of report in its own, or each district; the help is pinned, and all of it once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.areas.geojson import read_areas
from bot.areas.store import replace
from bot.database import driver
from bot.embedded import Embedded
from bot.sandbox.world import Message
from bot.wording import Wording
from tests.integration.test_areas import HERE, write
from tests.journeys.acting import TARAZ, Citizen, Desk, plain, settled, unique
from tests.journeys.conftest import module_stage, nothing_refused
from tests.stage import Stage


@pytest.fixture
async def forum(cluster: Embedded, wording: Wording, no_waiting: None) -> AsyncIterator[Stage]:
    """A desk with topics, one a kind."""
    async with module_stage(cluster, wording, forum=True, pinned_help=True) as opened:
        yield opened


def topic_of(stage: Stage, message: Message) -> str | None:
    return stage.desk.topics[message.thread_id].name if message.thread_id else None


def help_text(stage: Stage) -> str:
    return plain(stage.wording.texts.render("ru", "desk.help"))


def label(stage: Stage, kind: str) -> str:
    return stage.wording.texts.plain("ru", f"kinds.{kind}.label")


async def file_den(stage: Stage, photos: int = 0, point: tuple[float, float] | None = None) -> tuple[Citizen, str]:
    """Report a den and give the citizen and its mark."""
    citizen, mark = Citizen(stage), unique("den")
    citizen.types("/start")
    await citizen.reads(citizen.text("menu"))
    citizen.presses("kind:den")
    await citizen.reads(citizen.text("kinds.den.ask.words"))
    citizen.types(f"Третий этаж, {mark}")
    await citizen.reads(citizen.text("ask_location_or_address"))
    if point:
        citizen.location(point)
    else:
        citizen.presses("skip")
    await citizen.reads(citizen.text("kinds.den.ask.photos", most=10))
    if photos:
        citizen.photos(photos)
        await citizen.reads(citizen.text("photos_taken", count=1, most=10))
        citizen.presses("done")
    else:
        citizen.presses("skip")
    await citizen.reads("419", mark)
    await citizen.sends()
    return citizen, mark


async def file_link(stage: Stage) -> str:
    citizen, mark = Citizen(stage), unique()
    citizen.types(f"t.me/{mark}")
    await citizen.reads(mark)
    citizen.presses("send")
    await citizen.receipt()
    return mark


async def test_a_desk_with_topics_from_the_first_start_to_the_next(forum: Stage) -> None:
    desk = Desk(forum)
    text = help_text(forum)
    await forum.sandbox.wait_for(lambda: forum.desk.pinned)
    assert [m.words for m in forum.sandbox.messages(forum.desk.id) if m.id in forum.desk.pinned] == [text]

    link = await desk.sees(await file_link(forum))
    _, mark = await file_den(forum, photos=2, point=TARAZ)
    den = await desk.sees(mark)
    under = await desk.under(den, 3)
    assert topic_of(forum, link) == label(forum, "link")
    assert {topic_of(forum, message) for message in (den, *under)} == {label(forum, "den")}
    assert len({message.media_group_id for message in under if message.photo}) == 1

    # What officers do there is answered there.
    asked = forum.sandbox.send_text(forum.officer, "/help", chat=forum.desk, thread_id=den.thread_id)
    answer = await forum.sandbox.wait_text(forum.desk.id, text[:30], after=asked.id)
    assert topic_of(forum, answer) == label(forum, "den")
    asked = forum.sandbox.send_text(forum.officer, "/queue", chat=forum.desk, thread_id=link.thread_id)
    await forum.sandbox.wait_for(lambda: desk.replies(asked))
    assert topic_of(forum, desk.replies(asked)[0]) == label(forum, "link")
    asked = forum.sandbox.send_text(forum.officer, "/queue", chat=forum.desk)
    await forum.sandbox.wait_for(lambda: desk.replies(asked))
    assert topic_of(forum, desk.replies(asked)[0]) is None
    await desk.press(den, "Спросить")
    form = (await desk.under(den, 4))[-1]
    assert topic_of(forum, form) == label(forum, "den")

    # Another process goes on in the same topics, and posts no second help.
    await settled(forum)
    await forum.stop_bot()
    await forum.start_bot()
    _, mark = await file_den(forum)
    again = await desk.sees(mark)
    assert topic_of(forum, again) == label(forum, "den")
    await settled(forum)
    assert sorted(topic.name for topic in forum.desk.topics.values()) == sorted(
        (label(forum, "den"), label(forum, "link"))
    )
    assert [m.words for m in forum.sandbox.messages(forum.desk.id) if m.from_bot].count(text) == 2
    assert len(forum.desk.pinned) == 1
    nothing_refused(forum)

    # A topic that was deleted with all that stood in it comes back.
    assert again.thread_id
    forum.sandbox.delete_topic(forum.desk, again.thread_id)
    _, mark = await file_den(forum)
    anew = await desk.sees(mark)
    assert topic_of(forum, anew) == label(forum, "den")
    assert anew.thread_id != again.thread_id


async def test_topics_for_districts_links_and_what_has_none(
    cluster: Embedded, wording: Wording, no_waiting: None, tmp_path: Path
) -> None:
    async with module_stage(cluster, wording, forum=True, pinned_help=True, desk_topics="district") as stage:
        async with stage.database.transaction() as connection:
            await replace(await driver(connection), read_areas(write(tmp_path / "areas.geojson", HERE)))
        desk = Desk(stage)
        cards = [await desk.sees(await file_link(stage))]
        for point in (TARAZ, None):
            _, mark = await file_den(stage, point=point)
            cards.append(await desk.sees(mark))
        names = [label(stage, "link"), "Таразский", "Район не указан"]
        assert [topic_of(stage, card) for card in cards] == names
        nothing_refused(stage)

        # A group that moved has topics of its own, and a help.
        await settled(stage)
        stage.desk = stage.sandbox.migrate(stage.desk)
        anew = [await stage.sandbox.wait_text(stage.desk.id, card.words) for card in cards]
        assert [topic_of(stage, card) for card in anew] == names
        await stage.sandbox.wait_for(lambda: stage.desk.pinned)
        (pinned,) = stage.desk.pinned
        assert [m.words for m in stage.sandbox.messages(stage.desk.id) if m.id == pinned] == [help_text(stage)]


async def test_no_topics_where_none_are_wanted(cluster: Embedded, wording: Wording, no_waiting: None) -> None:
    async with module_stage(cluster, wording, forum=True, desk_topics="none") as stage:
        card = await Desk(stage).sees(await file_link(stage))
        assert (card.thread_id, stage.desk.topics) == (None, {})
        assert not [call for call in stage.sandbox.calls if call.method in ("getChat", "createForumTopic")]
        nothing_refused(stage)
