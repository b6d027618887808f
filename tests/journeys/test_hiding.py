"""Hiding: all that a report holds leaves the desk at once, whatever came of it there, and can be shown again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.embedded import Embedded
from bot.sandbox.world import Message
from bot.staff.emptying import NOTHING
from bot.wording import Wording
from tests.journeys.acting import TARAZ, Citizen, Desk, settled, unique
from tests.journeys.conftest import module_stage, nothing_refused
from tests.stage import Stage

LONG = "на третьем этаже налево " * 60


@pytest.fixture(scope="module")
async def own_stage(cluster: Embedded, wording: Wording, no_waiting: None) -> AsyncIterator[Stage]:
    """A stage whose bot is stopped and started."""
    async with module_stage(cluster, wording) as opened:
        yield opened


async def den(citizen: Citizen, words: str, photos: int = 2) -> str:
    """Report a den with words, a point and photos; give the receipt."""
    citizen.types("/start")
    await citizen.reads("")
    citizen.presses("kind:den")
    await citizen.reads("")
    citizen.types(words)
    await citizen.reads("")
    citizen.location(TARAZ)
    await citizen.reads("")
    citizen.photos(photos)
    await citizen.settled()
    citizen.presses("done")
    await citizen.reads("")
    return await citizen.sends()


async def hides(desk: Desk, card: Message, *numbers: str) -> Message:
    """Press Hide on a card, say which № where that is asked, and confirm it."""
    await desk.press(card, "Скрыть")
    if numbers:
        form = await desk.sees("Выберите номер")
        await desk.press(form, *numbers)
    form = await desk.sees("убрать из чата слова, фото и место")
    await desk.press(form, "Скрыть")
    await desk.shows(form, "· скрыто.")
    await settled(desk.stage)
    return form


async def adds(citizen: Citizen, receipt: str, words: str) -> None:
    citizen.types(f"/add {receipt}")
    await citizen.reads("Не пишите имя")
    citizen.types(words)
    await citizen.reads("")
    citizen.location(TARAZ)
    await citizen.reads("42.9")
    citizen.photos(1)
    await citizen.settled()
    citizen.presses("send")
    await citizen.settled()


def seen(desk: Desk, *needles: str) -> list[str]:
    """All that a reader of the desk finds of these words, photos and points, also in what was deleted."""
    found = [post.words for post in desk.posts for needle in needles if needle in post.words]
    found += [f"photo {post.id}" for post in desk.posts if post.photo and _data(desk, post) != NOTHING]
    return found + [f"point {post.id}" for post in desk.posts if post.location and not post.deleted]


def _data(desk: Desk, post: Message) -> bytes:
    assert post.photo
    data: bytes = desk.sandbox.files.by_id[post.photo[-1]["file_id"]].data
    return data


def number_of(card: Message) -> int:
    return int(card.words.split("№")[1].split()[0].rstrip(","))


async def asks_the_bot(stage: Stage, command: str) -> Message:
    """Write a command on the desk and give the answer."""
    sent = stage.sandbox.send_text(stage.officer, command, chat=stage.desk)

    def answer() -> Message | None:
        return next((m for m in stage.sandbox.messages(stage.desk.id) if m.from_bot and m.reply_to == sent.id), None)

    return await stage.sandbox.wait_for(answer)


async def test_all_that_a_report_holds_leaves_the_desk_and_an_administrator_shows_it_again(
    stage: Stage, citizen: Citizen
) -> None:
    desk, words, asked, answered, later = Desk(stage), *(unique(name) for name in ("den", "asked", "answer", "later"))
    receipt = await den(citizen, f"{words} {LONG}")
    card = await desk.sees(words, "…")
    await settled(stage)
    stage.sandbox.send_text(stage.officer, f"Какая дверь, {asked}?", chat=stage.desk, reply_to=card.id)
    form = await desk.sees(asked, "это ещё не отправлено")
    await desk.press(form, "Отправить гражданину")
    await citizen.reads(asked)
    await adds(citizen, receipt, f"{answered} {LONG * 2}")
    await settled(stage)
    assert len([post for post in desk.posts if post.photo]) == 3
    assert len(seen(desk, words, asked, answered)) >= 3 + 2 + 5
    before = card.words

    calls = len(stage.sandbox.calls)
    await hides(desk, card)
    assert seen(desk, words, asked, answered) == []
    for part in (f"№{number_of(card)}", "Притон", "Статус: в работе", "Скрыто: Айгерим"):
        assert part in card.words
    for part in ("42.9", "Фото:", "Слова гражданина"):
        assert part not in card.words
    assert [button for row in card.inline for button in row if button["text"] == "Скрыть"] == []
    deleted = [call for call in stage.sandbox.calls[calls:] if call.method == "deleteMessages"]
    assert len(deleted) == 1, "what was emptied is deleted as well, at the cost of one call"
    first = [call.method for call in stage.sandbox.calls[calls:] if call.method.startswith("edit")][:3]
    assert first == ["editMessageMedia"] * 3, "photos go before words"
    for command in (f"/report {number_of(card)}", f"/find {number_of(card)}", "/queue", "/mine"):
        assert words not in (await asks_the_bot(stage, command)).words

    # What comes later is told of, and not shown.
    await adds(citizen, receipt, f"{later} {LONG * 2}")
    await desk.sees("гражданин дополнил", "Сообщение скрыто")
    await settled(stage)
    assert seen(desk, words, asked, answered, later) == []

    await desk.press(card, "Показать снова", answer="Это может только администратор чата")
    stage.sandbox.join(stage.officer, stage.desk, status="administrator")
    try:
        await settled(stage)
        desk.last = max(post.id for post in desk.posts)
        await desk.press(card, "Показать снова")
        form = await desk.sees("показать в чате снова")
        await desk.press(form, "Показать снова")
        await desk.shows(form, "снова показано")
        await settled(stage)
    finally:
        stage.sandbox.join(stage.officer, stage.desk, status="member")
    assert words in card.words
    assert "Скрыто" not in card.words
    assert before.splitlines()[2:] == card.words.splitlines()[2:]
    under = await desk.under(card, 9)
    assert sum(bool(post.photo) and not post.deleted for post in under) == 4
    assert sum(bool(post.location) for post in under) == 3
    for needle in (words, answered, later):
        assert [post for post in under if needle in post.words]
    acts = [row["act"] for row in await stage.fetch("SELECT act FROM journal WHERE act LIKE '%hide' ORDER BY id")]
    assert acts[-2:] == ["hide", "unhide"]


async def test_of_a_link_one_report_is_hidden_and_the_link_and_what_others_wrote_stay(stage: Stage) -> None:
    desk, name, bad, good = Desk(stage), unique(), unique("bad"), unique("good")
    for photos, words in enumerate((good, bad), 1):
        citizen = Citizen(stage)
        citizen.types(f"t.me/{name}")
        await citizen.reads(name)
        citizen.photos(1)
        await citizen.settled()
        citizen.types(words)
        await citizen.reads(words)
        await citizen.sends()
        card = await desk.sees(name)
        await desk.shows(card, words)
        await desk.under(card, photos)
    [second, first] = [int(part.split(",")[0].split()[0]) for part in card.words.split("№")[1:3]]
    await hides(desk, card, f"№{second}")
    assert name in card.words
    assert good in card.words
    assert bad not in card.words
    assert f"№{second}: слова гражданина скрыты (Айгерим)" in card.words
    [left] = [post for post in desk.posts if post.photo and not post.deleted]
    assert f"№{first}" in left.words
    assert _data(desk, left) != NOTHING
    for asked in (f"/report {second}", f"/find {name}"):
        told = await asks_the_bot(stage, asked)
        assert bad not in told.words
        assert name in told.words
    # By a reply to what should go, and by its number.
    hidden = stage.sandbox.send_text(stage.officer, "/hide", chat=stage.desk, reply_to=left.id)
    form = await desk.sees(f"№{first}", "убрать из чата")
    await desk.press(form, "Скрыть")
    await settled(stage)
    assert seen(desk, good, bad) == []
    assert [post for post in desk.posts if post.reply_to == hidden.id] == []
    usage = await asks_the_bot(stage, "/hide")
    assert "/hide 17" in usage.words
    unknown = await asks_the_bot(stage, "/hide 999999999")
    assert unknown.words == "Сообщения №999999999 в этом чате нет."
    desk.last = max(post.id for post in desk.posts)
    stage.sandbox.send_text(stage.officer, f"/hide {first}", chat=stage.desk)
    form = await desk.sees("убрать из чата")
    await desk.press(form, "Скрыть", answer="Сейчас это сделать нельзя")


async def test_an_officer_hides_what_another_has_in_hand(stage: Stage, citizen: Citizen) -> None:
    desk, words = Desk(stage), unique("den")
    await citizen.files("den", words)
    card = await desk.sees(words)
    await settled(stage)
    await desk.press(card, "Взять")
    await settled(stage)
    other = stage.sandbox.add_person("Бауыржан")
    stage.sandbox.join(other, stage.desk)
    query = stage.sandbox.press(other, card.id, "Скрыть", chat=stage.desk)
    await stage.sandbox.wait_for(lambda: stage.sandbox.presses[query].answered)
    assert stage.sandbox.presses[query].text == "Готово"
    form = await desk.sees("убрать из чата")
    query = stage.sandbox.press(other, form.id, "Скрыть", chat=stage.desk)
    await desk.shows(card, "Скрыто: Бауыржан", "Статус: в работе · Айгерим")
    await settled(stage)
    assert seen(desk, words) == []


async def test_a_photo_that_is_being_cleaned_and_a_bot_that_dies_show_nothing_later(own_stage: Stage) -> None:
    stage = own_stage
    desk, citizen, words = Desk(stage), Citizen(stage), unique("den")
    # Telegram hands the photos out late.
    stage.sandbox.fail_next("getFile", 500, "Internal Server Error", times=10_000)
    citizen.types("/start")
    await citizen.reads("")
    citizen.presses("kind:den")
    await citizen.reads("")
    citizen.types(f"{words} {LONG}")
    await citizen.reads("")
    citizen.location(TARAZ)
    await citizen.reads("")
    citizen.photos(2)
    await citizen.reads("")
    citizen.presses("done")
    await citizen.reads("419")
    await citizen.sends()
    card = await desk.sees(words)
    await desk.under(card, 2)
    await desk.press(card, "Скрыть")
    form = await desk.sees("убрать из чата")
    # What it would take off the desk does not get through before the bot dies.
    for method in ("editMessageText", "deleteMessage"):
        stage.sandbox.fail_next(method, 429, "Too Many Requests: retry after 1", {"retry_after": 1}, times=10_000)
    await desk.press(form, "Скрыть")
    await asyncio.sleep(0.3)
    await stage.stop_bot()
    assert words in card.words, "so far nothing has changed"
    stage.sandbox.faults.clear()
    await stage.start_bot()
    await desk.shows(card, "Скрыто: Айгерим")
    await settled(stage)
    [photos] = await stage.fetch("SELECT count(*) AS n FROM parts WHERE sort = 'photo' AND state = 'ready'")
    assert photos["n"] == 2, "they were cleaned at last"
    await settled(stage)
    assert seen(desk, words) == []
    assert [post for post in desk.posts if post.photo] == []
    stage.sandbox.calls.clear()
    stage.sandbox.refused_rides.clear()


async def test_an_old_point_cannot_be_deleted_and_officers_are_asked_to(own_stage: Stage) -> None:
    stage = own_stage
    desk, citizen, words = Desk(stage), Citizen(stage), unique("den")
    await den(citizen, words, photos=1)
    card = await desk.sees(words)
    await settled(stage)
    [point] = [post for post in desk.posts if post.location]
    connection = stage.fetch
    await connection("UPDATE desk_posts SET posted_at = posted_at - interval '3 days'")
    for post in desk.posts:
        post.date -= 72 * 3600
    await hides(desk, card)
    asked = await desk.sees("вручную")
    assert asked.reply_to == point.id
    assert not point.deleted
    point.deleted = True
    assert seen(desk, words) == []
    assert [call for call in stage.sandbox.calls if call.method.startswith("delete")] == []
    nothing_refused(stage)
