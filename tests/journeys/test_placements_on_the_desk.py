"""Placements on the desk: members look and get codes and posters, administrators add, rename, move and close."""

from __future__ import annotations

import asyncio
import io
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import pytest
from PIL import Image

from bot.embedded import Embedded
from bot.papers import workshop
from bot.qr.desk_buttons import PREFIX
from bot.qr.reading import read, rendered
from bot.sandbox.world import Message, Person
from bot.wording import Wording
from tests.integration.test_areas import HERE, THERE, bring
from tests.journeys.acting import Citizen, Desk, plain, settled, unique
from tests.journeys.conftest import module_stage
from tests.stage import ROOT, Stage

ADD = "/placement добавить"


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(ROOT / "templates", tmp_path_factory.mktemp("placements") / "templates"))


@pytest.fixture(scope="module")
async def shared_stage(cluster: Embedded, wording: Wording, no_waiting: None, templates: Path) -> AsyncIterator[Stage]:
    async with module_stage(cluster, wording, templates_dir=templates, timezone="Asia/Almaty") as opened:
        await bring(opened.url, templates.parent / "areas.geojson", HERE, THERE)
        yield opened


@pytest.fixture
def boss(stage: Stage) -> Person:
    person = stage.sandbox.add_person("Марат")
    stage.sandbox.join(person, stage.desk, status="administrator")
    return person


async def asks(stage: Stage, person: Person, command: str) -> Message:
    """Send a command on the desk and give the bot's answer."""
    sent = stage.sandbox.send_text(person, command, chat=stage.desk)

    def answer() -> Message | None:
        posts = stage.sandbox.messages(stage.desk.id)
        return next((post for post in posts if post.from_bot and post.reply_to == sent.id), None)

    return await stage.sandbox.wait_for(answer)


def buttons(message: Message) -> list[str]:
    return [button["text"] for row in message.inline or [] for button in row]


async def becomes(stage: Stage, message: Message, words: str, *shown: str) -> None:
    """Wait until a message has been edited so."""
    await stage.sandbox.wait_for(lambda: words in message.words and buttons(message) == list(shown))


async def acts(stage: Stage) -> list[tuple[str, str]]:
    rows = await stage.fetch("SELECT act, officer_name FROM journal WHERE sort = 'placement' ORDER BY id")
    return [(row["act"], row["officer_name"]) for row in rows]


async def placements(stage: Stage, campaign: str) -> list[tuple[str, ...]]:
    rows = await stage.fetch(
        "SELECT name, surface, languages, district FROM placements WHERE campaign = $1 ORDER BY name", campaign
    )
    return [tuple(row.values()) for row in rows]


async def code_of(stage: Stage, name: str, campaign: str) -> str:
    [row] = await stage.fetch("SELECT code FROM placements WHERE name = $1 AND campaign = $2", name, campaign)
    return str(row["code"])


def said(stage: Stage, name: str, /, **variables: object) -> str:
    return plain(stage.wording.texts.render("ru", f"desk.{name}", **variables))


async def test_an_administrator_adds_renames_moves_and_closes_and_members_look(stage: Stage, boss: Person) -> None:
    assert (await asks(stage, stage.officer, "/placement")).words == said(stage, "placement_none")
    for command in (f"{ADD} Абай 12; Күз; остановка", "/placement закрыть Абай 12"):
        assert (await asks(stage, stage.officer, command)).words == said(stage, "manage_not_administrator")
    added = await asks(stage, boss, f"{ADD} Абай 12; Күз; Тараз; kk; остановка")
    code = await code_of(stage, "Абай 12", "Күз")
    link = f"t.me/{stage.sandbox.bot_username}?start={code}"
    for part in ("Кампания: Күз", "Где: остановка, Тараз", "Языки: kk", f"Код: {code}", f"Ссылка: {link}"):
        assert part in added.words
    # Several at once, all or none: the line that is not right is told.
    lines = "\nБазар; Күз; post; kk,ru\nМектеп; Күз; наклейка; -"
    assert (
        "Строка 2. Ничего не добавлено. В кампании «Күз» уже есть «АБАЙ 12»."
        in (await asks(stage, boss, f"{ADD}\nБазар; Күз; post\nАБАЙ 12; Күз; post")).words
    )
    assert (await asks(stage, boss, f"{ADD}{lines}")).words.startswith("Добавлено: 2")
    assert await placements(stage, "Күз") == [
        ("Абай 12", "stop", "kk", "311000000"),
        ("Базар", "post", "kk,ru", None),
        ("Мектеп", "sticker", "kk,ru", None),
    ]
    renamed = await asks(stage, boss, f"/placement переименовать {code}; Абай 14")
    assert renamed.words.startswith("Абай 14")
    moved = await asks(stage, boss, "/placement move АБАЙ 14; билборд; Байзакский")
    assert "Где: билборд, Байзакский" in moved.words
    assert (await asks(stage, boss, "/placement move Абай 14; -")).words.splitlines()[2] == "Где: билборд"
    # A member sees it, and may have its code drawn, but not close it.
    shown = await asks(stage, stage.officer, "/placement абай 14")
    assert buttons(shown) == ["QR и плакат A4"]
    assert "переименовать" not in shown.words
    asked = await asks(stage, boss, "/placement жабу Абай 14")
    assert asked.words == said(stage, "placement_close", name="Абай 14", campaign="Күз")
    assert await stage.press(stage.officer, asked, "Закрыть") == "Это может только администратор чата"
    await stage.press(boss, asked, "Оставить")
    await becomes(stage, asked, "Код: ", "QR и плакат A4", "Закрыть")
    await stage.press(boss, asked, "Закрыть")
    await becomes(stage, asked, "Открыть снова нельзя", "Закрыть", "Оставить")
    await stage.press(boss, asked, "Закрыть")
    await becomes(stage, asked, "Закрыто: ")
    # What was shown before is outdated; the name is free again, the code is nobody else's.
    assert "изменил" in await stage.press(boss, shown, "QR и плакат A4")
    assert "Открытого места «Абай 14» нет" in (await asks(stage, boss, "/placement close Абай 14")).words
    await asks(stage, boss, f"{ADD} Абай 14; Күз; остановка")
    assert await code_of(stage, "Базар", "Күз") != code
    done = ["add", "add", "add", "rename", "move", "move", "close", "add"]
    assert await acts(stage) == [(f"placement_{act}", "Марат") for act in done]


REFUSED = [
    (f"{ADD} Абай; Жаз", "Не написано, где висит код. Подойдут: билборд"),
    (f"{ADD} Абай; Жаз; стена", "Вида «стена» нет. Подойдут: билборд"),
    (f"{ADD} Абай; Жаз; остановка; Нигде", "Района «Нигде» нет."),
    (f"{ADD} Абай; Жаз; стена; Тараз", "По порядку: название, кампания"),
    (f"{ADD} {'А' * 101}; Жаз; stop", "В названии должно быть от 1 до 100 знаков."),
    (f"{ADD} А; {'Ж' * 101}; stop", "В названии кампании должно быть"),
    (f"{ADD} Абай да?ылы; Жаз; stop", "вместо букв стоят вопросительные знаки"),
    (f"{ADD} Абай; Жаз; stop; kk,ru,en", "Языка «kk,ru,en» нет."),
    (ADD, "По порядку: название, кампания"),
    (f"{ADD} Абай", "В названии кампании должно быть"),
    (f"{ADD} " + "\n".join(f"А{n}; Жаз; stop" for n in range(21)), "можно добавить до 20 мест"),
    ("/placement rename Абай", "По порядку: название, кампания"),
    ("/placement rename Никто; Кто", "Открытого места «Никто» нет."),
    ("/placement move Никто; Тараз; Байзак", "По порядку"),
    ("/placement такого нет", "Ничего не найдено."),
    ("/placement " + "я" * 300, "Ничего не найдено."),
    ("/qr", "Код и плакат приходят файлами"),
    ("/qr Никто a3", "Открытого места «Никто» нет."),
    ("/qr Базар kk ru en", "Языка «kk,ru,en» нет."),
]


async def test_what_is_not_right_is_told_and_nothing_is_done(stage: Stage, boss: Person) -> None:
    for command, told in REFUSED:
        assert told in (await asks(stage, boss, command)).words, command
    assert await placements(stage, "Жаз") == []


async def test_a_long_list_is_turned_over_and_searched(stage: Stage, boss: Person) -> None:
    for first in (1, 13):
        lines = "\n".join(f"Көше {number:02}; Көктем; аялдама" for number in range(first, first + 12))
        await asks(stage, boss, f"/placement қосу {lines}")
    page = await asks(stage, stage.officer, "/placement көктем")
    assert page.words.splitlines()[0] == "Места с QR-кодами: көктем · 24 · стр. 1 из 3"
    assert [line.split(" · ")[1] for line in page.words.splitlines()[2:12]] == [f"Көше {n:02}" for n in range(1, 11)]
    assert buttons(page) == ["›"]
    await stage.press(stage.officer, page, "›")
    await becomes(stage, page, "стр. 2 из 3", "‹", "›")
    await stage.press(stage.officer, page, "›")
    await becomes(stage, page, "Көше 24", "‹")
    found = await asks(stage, stage.officer, "/placement ше 0")
    assert found.words.splitlines()[0] == "Места с QR-кодами: ше 0 · 9"
    # A name that is also the beginning of another's is that one.
    await asks(stage, boss, f"{ADD}\nҚала; Көктем; stop\nҚала 2; Көктем; stop")
    assert (await asks(stage, stage.officer, "/placement қала")).words.startswith("Қала\nКампания: Көктем")
    # What a button would have no room for is not offered.
    await asks(stage, boss, f"{ADD}\n" + "\n".join(f"{'ұ' * 40}{n}; Көктем; stop" for n in range(11)))
    assert buttons(await asks(stage, stage.officer, f"/placement {'ұ' * 40}")) == []
    # A button from elsewhere is told apart.
    for data in ("p:-1:", "p:9:", "p:x:", "d:!!", "z:AAAA", "d:AAAAAAAAAAAAAAAAAAAAAA"):
        assert "изменил" in await stage.press(stage.officer, page, f"{PREFIX}{data}", outdated=True)


async def files(stage: Stage, desk: Desk, count: int) -> dict[str, tuple[bytes, Message]]:
    """Wait for files on the desk, by their names."""

    def come() -> list[Message] | None:
        found = [post for post in desk.posts if "document" in post.content]
        return found if len(found) >= count else None

    posts = await stage.sandbox.wait_for(come, 90.0)
    return {
        post.content["document"]["file_name"]: (
            stage.sandbox.files.get(post.content["document"]["file_id"]).data,
            post,
        )
        for post in posts
    }


async def test_a_code_and_a_poster_come_as_files_that_lead_to_the_placement(stage: Stage, boss: Person) -> None:
    await asks(stage, boss, f"{ADD}\nВокзал; Қыс; столб; kk,ru\nВокзал; Жол; столб; ru\nЗал A3; Қыс; stop; kk")
    winter, other = [await code_of(stage, "Вокзал", campaign) for campaign in ("Қыс", "Жол")]
    several = await asks(stage, stage.officer, "/qr вокзал")
    assert f"{winter} · Қыс" in several.words
    assert f"{other} · Жол" in several.words
    desk, link = Desk(stage), f"https://t.me/{stage.sandbox.bot_username}?start={{}}".format
    assert (await asks(stage, stage.officer, "/qr ВОКЗАЛ; қыс")).words == said(stage, "qr_asked")
    await asks(stage, stage.officer, f"/qr {other} а5 рус типография")
    made = await files(stage, desk, 4)
    assert list(made) == [f"{winter}.png", f"{winter}-a4-kk-ru.pdf", f"{other}.png", f"{other}-a5-ru.pdf"]
    for name, (data, post) in made.items():
        code = winter if winter in name else other
        # Who asked for it must be able to save and print it.
        assert not post.protect
        assert f"t.me/{stage.sandbox.bot_username}?start={code}" in post.words
        picture = Image.open(io.BytesIO(data)) if name.endswith("png") else rendered(data, 900)
        assert read(picture) == [link(code)]
    sizes = [pypdfium2.PdfDocument(data)[0].get_size() for name, (data, _) in made.items() if name.endswith("pdf")]
    assert [tuple(round(side / 72 * 25.4) for side in size) for size in sizes] == [(210, 297), (176, 238)]
    # The whole name is tried first: this one ends like a format.
    hall = await code_of(stage, "Зал A3", "Қыс")
    desk = Desk(stage)
    await asks(stage, stage.officer, "/qr зал a3")
    assert f"{hall}-a4-kk.pdf" in await files(stage, desk, 2)
    # By a button, as the card offers it.
    desk = Desk(stage)
    card = await asks(stage, stage.officer, f"/placement {hall}")
    assert await stage.press(stage.officer, card, "QR и плакат A4") == said(stage, "qr_asked")
    assert list(await files(stage, desk, 2)) == [f"{hall}.png", f"{hall}-a4-kk.pdf"]


async def test_a_design_that_cannot_be_drawn_is_told_on_the_desk_and_a_mended_one_is_taken_at_once(
    stage: Stage, boss: Person, templates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asks(stage, boss, f"{ADD} Саябақ; Қыс; stop; kk")
    design = templates / "posters" / "standard.toml"
    whole = await asyncio.to_thread(design.read_text, "utf-8")
    desk = Desk(stage)
    await asyncio.to_thread(design.write_text, whole.replace("#12355b", "blue"), "utf-8")
    await asks(stage, stage.officer, "/qr Саябақ")
    told = await desk.sees("файл не получился", "standard.toml: colours.ground", timeout=60.0)
    assert told.words.startswith("Саябақ · Қыс")
    await settled(stage)
    await asyncio.to_thread(design.write_text, whole, "utf-8")
    desk = Desk(stage)
    await asks(stage, stage.officer, "/qr Саябақ наклейки")
    assert len(await files(stage, desk, 2)) == 2
    # A process that draws nothing is told of as well, once for each file.
    desk = Desk(stage)
    monkeypatch.setattr(workshop, "PYTHON", (sys.executable, "-c", "raise SystemExit(1)"))
    await asks(stage, stage.officer, "/qr Саябақ")
    await settled(stage)
    assert len([post for post in desk.posts if "файл не получился" in post.words]) == 2


async def test_a_citizen_learns_the_genuine_name_and_reports_a_code_that_was_replaced(
    stage: Stage, citizen: Citizen
) -> None:
    name = f"@{stage.sandbox.bot_username}"
    citizen.types("/start")
    assert f"Это {name}: сверьте с именем под кодом" in (await citizen.reads(citizen.text("menu"))).words
    citizen.types("/about")
    assert f"его настоящее имя {name}" in (await citizen.reads("/privacy")).words
    citizen.types("/fake")
    told = await citizen.reads("Если код на плакате подменили")
    assert f"Настоящий бот один: {name}." in told.words
    # Where the code leads instead is a link like any other, with where the poster hangs.
    clone, desk = unique("clone_bot"), Desk(stage)
    citizen.types(f"Код ведёт на @{clone}, плакат висит на Абая 12 у аптеки")
    await citizen.reads("Отправить")
    await citizen.sends()
    card = await desk.sees(clone, "плакат висит на Абая 12 у аптеки")
    assert buttons(card)
    # A poster that was pasted over is a photo, with words.
    citizen.photos(caption="Код на Абая 14 заклеили другим")
    await citizen.reads(citizen.text("which_kind_photos"))
    citizen.presses("kind:graffiti")
    await citizen.reads("")
    while citizen.label("send") not in citizen.buttons:
        citizen.presses("done" if citizen.label("done") in citizen.buttons else "skip")
        await citizen.reads("")
    await citizen.sends()
    await desk.sees("Граффити", "Код на Абая 14 заклеили другим")


async def test_nobody_can_have_the_bot_itself_closed_by_reporting_it(stage: Stage, citizen: Citizen) -> None:
    own, shop = stage.sandbox.bot_username, unique()
    citizen.types(f"https://t.me/{own.upper()}?start=QbT7rWn3gh")
    await citizen.reads(citizen.text("own_link"), citizen.text("menu"))
    citizen.types(f"@{own} и t.me/{shop}")
    await citizen.reads(shop)
    citizen.document("list.txt", f"t.me/{own}\nt.me/{shop}_2\n@{own}\n".encode())
    await citizen.reads("1 ссылку")
    citizen.presses("send")
    await citizen.receipt()
    await settled(stage)
    urls = {row["url"] for row in await stage.fetch("SELECT url FROM resources")}
    assert {f"https://t.me/{shop}", f"https://t.me/{shop}_2"} <= urls
    assert not [url for url in urls if own.lower() in url]
