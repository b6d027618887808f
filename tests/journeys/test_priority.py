"""Priority on the desk: what is urgent stands first in `/queue`, marked by a word, and its card says why."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.embedded import Embedded
from bot.purge import Purge
from bot.reports.priority import Level
from bot.reports.trade import Trade
from bot.sandbox.world import Message, Person
from bot.tables import METADATA
from bot.wording import load_wording
from tests.journeys.acting import Citizen, Desk, settled, unique
from tests.journeys.conftest import module_stage
from tests.journeys.test_administrators import copied, edits
from tests.journeys.test_near_places import north, place
from tests.stage import Stage


@pytest.fixture(scope="module")
async def shared_stage(
    cluster: Embedded, tmp_path_factory: pytest.TempPathFactory, no_waiting: None
) -> AsyncIterator[Stage]:
    """A stage whose words may be edited."""
    templates = copied(Path(tmp_path_factory.mktemp("priority")) / "templates")
    async with module_stage(cluster, load_wording(templates), templates_dir=templates) as opened:
        yield opened


async def asks(stage: Stage, command: str, officer: Person | None = None) -> str:
    sent = stage.sandbox.send_text(officer or stage.officer, command, chat=stage.desk)
    posts = stage.sandbox.messages
    answer = await stage.sandbox.wait_for(
        lambda: next((m for m in posts(stage.desk.id) if m.from_bot and m.reply_to == sent.id), None), 15.0
    )
    return answer.words


async def queue(stage: Stage, *cards: Message) -> list[str]:
    """What the queue's lines say of these cards, in its order; in the place of № stands the card's name here."""
    await settled(stage)
    names = {numbers(card)[0]: "abcdefgh"[place] for place, card in enumerate(cards)}
    lines = [line.split(" · ") for line in (await asks(stage, "/queue")).splitlines()[2:]]
    return [f"{names[number]} {mark}" for at, mark, *_ in lines if (number := int(at.removeprefix("№"))) in names]


def numbers(card: Message) -> list[int]:
    return [int(number) for number in re.findall(r"№(\d+)", card.words.split("\n\n")[0])]


def why(card: Message) -> str:
    """The line of a card that says why it is urgent."""
    return next((line for line in card.words.splitlines() if line.startswith(("Срочно", "Важно"))), "")


async def tells(stage: Stage, name: str, words: str = "", citizen: Citizen | None = None) -> Citizen:
    """Report a link, with words beside it."""
    citizen = citizen or Citizen(stage)
    citizen.types(f"t.me/{name} {words}")
    await citizen.reads(name)
    await citizen.sends()
    stage.ahead += timedelta(minutes=1)
    return citizen


async def test_what_more_people_report_with_words_of_the_trade_rises_and_its_card_says_why(stage: Stage) -> None:
    desk, names = Desk(stage), [unique() for _ in range(4)]
    for name, words in zip(names, ("", "закладки", "набирают курьерoв", "стоит у шкoлы"), strict=True):
        await tells(stage, name, words)
    usual, selling, hiring, minors = [await desk.sees(f"t.me/{name}\n") for name in names]
    assert [why(card) for card in (usual, selling, hiring, minors)] == [
        "",
        "",
        "Важно: слова о наборе курьеров",
        "Важно: слова о школе или несовершеннолетних",
    ]
    assert await queue(stage, usual, selling, hiring, minors) == ["c важно", "d важно", "a Ссылка", "b Ссылка"]
    # Of the same person nothing rises, however often; of two more it does, and a card's line counts them.
    again = await tells(stage, names[1])
    await tells(stage, names[1], citizen=again)
    await desk.shows(selling, "Важно: 2 независимых сообщения · слова о продаже")
    await tells(stage, names[1])
    await tells(stage, names[1], "работа курьером")
    await desk.shows(selling, "Срочно: 4 независимых сообщения · слова о наборе курьеров · слова о продаже")
    await settled(stage)
    # The newest № of a link is that of its last report.
    assert await queue(stage, usual, selling, hiring, minors) == ["b срочно", "c важно", "d важно", "a Ссылка"]
    # Taken and released, it stands where it stood; decided, there is nothing to hurry for.
    await desk.press(selling, "Взять")
    assert (await queue(stage, usual, selling, hiring))[0] == "c важно"
    assert why(selling).startswith("Срочно")
    await desk.press(selling, "Вернуть")
    assert (await queue(stage, usual, selling, hiring))[0] == "b срочно"
    await desk.press(selling, "Не подтвердилось")
    await desk.shows(selling, "решено")
    await settled(stage)
    assert why(selling) == ""


async def test_what_was_closed_and_is_reported_again_rises_and_what_was_decided_otherwise_does_not(
    stage: Stage,
) -> None:
    desk, names = Desk(stage), [unique() for _ in range(3)]
    for name in names:
        await tells(stage, name)
    usual, refused, closed = [await desk.sees(f"t.me/{name}\n") for name in names]
    await desk.press(refused, "Не подтвердилось")
    await desk.press(closed, "Доступ закрыт")
    await settled(stage)
    stage.ahead += timedelta(days=1)
    for name in (names[1], *names[1:]):
        await tells(stage, name)
    await desk.shows(closed, "Сообщили снова", "Важно: 2 независимых сообщения · доступ уже закрывали")
    assert await queue(stage, usual, refused, closed) == ["c важно", "a Ссылка", "b Ссылка"]
    # Three have told of it by now: one before officers found nothing in it.
    await desk.shows(refused, "Сообщили: 3 человека")
    assert why(refused) == ""
    await tells(stage, names[1])
    await desk.shows(refused, "Важно: 3 независимых сообщения")


async def test_words_that_are_added_later_and_reports_of_one_place_make_more_urgent(stage: Stage) -> None:
    desk, name = Desk(stage), unique()
    citizen = Citizen(stage)
    receipt = await citizen.files("link", f"t.me/{name}")
    card = await desk.sees(f"t.me/{name}\n")
    assert why(card) == ""
    citizen.types(f"/add {receipt}")
    await citizen.reads("Не пишите имя")
    citizen.types("они предлагают детям у детсада, и подработку")
    await citizen.reads("детсада")
    citizen.presses("send")
    await desk.shows(card, "Важно: слова о школе или несовершеннолетних · слова о наборе курьеров")
    places = [(await place(stage, north(metres), "den"))[0] for metres in (0, 60, 100)]
    await settled(stage)
    # The first and the third are too far from each other to be named; around the second there are both.
    await desk.shows(places[1], "Важно: поблизости уже сообщали")
    assert (await queue(stage, *places))[0] == "b важно"


async def test_words_that_are_taken_up_while_the_bot_runs_count_from_the_next_report_on(stage: Stage) -> None:
    boss = stage.sandbox.add_person("Марат")
    stage.sandbox.join(boss, stage.desk, status="administrator")
    desk, before, after = Desk(stage), unique(), unique()
    await tells(stage, before, "ищут шляпника")
    file = stage.app.settings.templates_dir
    edits(file, "trade.toml", '"закладчик", "закладчиц"', '"", "закладчиц"')
    assert "trade.toml hiring ru" in await asks(stage, "/reload", boss)
    edits(file, "trade.toml", '"", "закладчиц"', '"шляпник", "закладчиц"')
    assert "Новые тексты взяты" in await asks(stage, "/reload", boss)
    await tells(stage, after, "ищут Шляпникoв")
    old, new = await desk.sees(f"t.me/{before}\n"), await desk.sees(f"t.me/{after}\n")
    assert (why(old), why(new)) == ("", "Важно: слова о наборе курьеров")
    assert "b важно" in await queue(stage, old, new)
    await tells(stage, before, "здесь и сейчас шляпник")
    await desk.shows(old, "Важно: 2 независимых сообщения · слова о наборе курьеров")


async def test_of_words_only_their_groups_stand_in_clear_and_not_beyond_their_term(stage: Stage) -> None:
    desk, name, words = Desk(stage), unique(), "закладки у школы"
    await tells(stage, name, words)
    card = await desk.sees(f"t.me/{name}\n")
    await settled(stage)
    report = "SELECT id, trade, near, priority FROM reports ORDER BY number DESC LIMIT 1"
    [before] = await stage.fetch(report)
    assert tuple(before)[1:] == (Trade.SELLING | Trade.MINORS, 0, Level.HIGH)
    for table in METADATA.tables:
        for row in await stage.fetch(f"SELECT t::text AS row FROM {table} AS t"):
            assert "заклад" not in row["row"]
            assert "заклад".encode().hex() not in row["row"]
    await desk.press(card, "Не подтвердилось")
    await settled(stage)
    ahead, stage.ahead = stage.ahead, stage.ahead + timedelta(days=400)
    await Purge(stage.database, stage.app.ring, stage.now, stage.app.settings).run()
    stage.ahead = ahead
    [after] = await stage.fetch(report)
    assert tuple(after) == (before["id"], 0, 0, Level.USUAL)
