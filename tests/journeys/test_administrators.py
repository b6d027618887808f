"""Administrators of the desk's chat: intake closed and opened, edited texts taken up by every process; nobody else."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.bootstrap import App, Telegram
from bot.database import Database, driver
from bot.delivery.outbox import Recipient
from bot.embedded import Embedded
from bot.journal import Verifying
from bot.languages import Language
from bot.privacy.keyring import KeyRing
from bot.process import Process
from bot.reports import orders
from bot.sandbox.world import Message, Person
from bot.wording import load_wording
from tests.journeys.acting import Citizen, Desk, chained, settled, unique
from tests.journeys.conftest import module_stage
from tests.journeys.test_a_seventh_kind import BOTTLE, NAMES, TEXTS
from tests.stage import ROOT, Stage, free_port
from tests.workbench import until

ALMATY = ZoneInfo("Asia/Almaty")
REFUSED = "Это могут только администраторы этого чата."


def copied(folder: Path) -> Path:
    shutil.copytree(ROOT / "templates", folder)
    return folder


@pytest.fixture(scope="module")
async def shared_stage(
    cluster: Embedded, tmp_path_factory: pytest.TempPathFactory, no_waiting: None
) -> AsyncIterator[Stage]:
    """A stage whose texts may be edited; what administrators order is seen soon."""
    templates = copied(Path(tmp_path_factory.mktemp("administrators")) / "templates")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(orders, "LOOK_EVERY", 0.1)
        async with module_stage(cluster, load_wording(templates), templates_dir=templates) as opened:
            yield opened


@pytest.fixture
def boss(stage: Stage) -> Person:
    person = stage.sandbox.add_person("Марат")
    stage.sandbox.join(person, stage.desk, status="administrator")
    return person


@pytest.fixture
def hidden(stage: Stage) -> Person:
    person = stage.sandbox.add_person("Гульнара")
    stage.sandbox.join(person, stage.desk, status="administrator", anonymous=True)
    return person


async def asks(stage: Stage, person: Person, command: str) -> str:
    """Send a command on the desk and give what the bot answers."""
    sent = stage.sandbox.send_text(person, command, chat=stage.desk)

    def answer() -> Message | None:
        posts = stage.sandbox.messages(stage.desk.id)
        return next((post for post in posts if post.from_bot and post.reply_to == sent.id), None)

    return (await stage.sandbox.wait_for(answer)).words


async def acts(stage: Stage) -> list[tuple[str, str]]:
    rows = await stage.fetch("SELECT act, officer_name FROM journal WHERE sort = 'desk' ORDER BY id")
    return [(row["act"], row["officer_name"]) for row in rows]


async def reports(stage: Stage) -> int:
    [row] = await stage.fetch("SELECT count(*) AS n FROM reports")
    return int(row["n"])


async def test_only_administrators_manage_and_only_until_they_are_none(stage: Stage, boss: Person) -> None:
    for command in ("/pause", "/resume", "/reload", "/pause@shekteu_bot слова"):
        assert await asks(stage, stage.officer, command) == REFUSED
    assert await asks(stage, boss, "/resume") == "Приём открыт."
    stage.sandbox.join(boss, stage.desk, status="member")
    await settled(stage)
    assert await asks(stage, boss, "/resume") == REFUSED
    assert await acts(stage) == []
    assert await stage.fetch("SELECT 1 FROM facts WHERE name IN ('paused', 'templates')") == []
    shown = stage.sandbox.profile.commands
    names = {scope: [one["command"] for one in shown[f"{scope}:{stage.desk.id}", ""]] for scope in SCOPES}
    assert names["chat_administrators"] == [*names["chat"], "pause", "resume", "reload", "offices", "blocks"]


SCOPES = ("chat", "chat_administrators")


async def test_intake_closed_by_the_desk_loses_nothing_and_helps_all_the_same(
    stage: Stage, boss: Person, hidden: Person
) -> None:
    before, begun, asked, desk = Citizen(stage), Citizen(stage), Citizen(stage), Desk(stage)
    receipt = await before.files("den", f"притон {unique()}")
    begun.types(f"t.me/{unique()}")
    await begun.reads("Отправить")
    word = unique()
    await asked.files("den", f"притон {word}")
    card = await desk.sees(word)
    await desk.press(card, "Спросить")
    await desk.press(await desk.sees("вопрос гражданину"), "Где именно")
    question = await asked.reads("Прокурор спрашивает")
    count = await reports(stage)

    told = await asks(stage, boss, "/pause Чиним <сервер>, до вечера")
    assert "Приём сообщений закрыт" in told
    assert "Чиним <сервер>, до вечера" in told
    # A draft that was begun before stays, and its Send is refused with the numbers to call.
    begun.presses("send")
    refused = await begun.reads("Пока не отправлено", "Чиним <сервер>", "Ничего не потеряно", "112", "102")
    assert begun.label("send") in begun.buttons
    # Whoever begins is told before they write much, and may go on.
    late, shop = Citizen(stage, "kk"), unique()
    late.types("/start")
    await late.reads("Қазір хабарлама қабылдамаймыз", "Чиним <сервер>")
    late.types(f"t.me/{shop}")
    await late.reads("Қазір хабарлама қабылдамаймыз", shop)
    late.presses("send")
    await late.reads("Әзірге жіберілмеді", "112")
    other = Citizen(stage, "en")
    other.types("/start")
    await other.reads("")
    other.presses("kind:den")
    await other.reads("We take no reports right now")
    other.types("a flat where they sell")
    await other.reads("")
    while other.label("send") not in other.buttons:
        other.presses("skip")
        await other.reads("")
    other.presses("send")
    await other.reads("Not sent yet")
    # Codes, additions, answers, help and forgetting go on.
    before.types(f"/status {receipt}")
    await before.reads("Сообщение получено")
    before.types(f"/add {receipt}")
    await before.reads("")
    before.types("ещё видел машину")
    await before.reads("")
    before.presses("send")
    await before.reads(before.text("added", refused=0)[:20])
    stage.sandbox.press(asked.person, question.id, "Ответить")
    await asked.reads("")
    asked.types("за гаражами")
    await asked.reads("за гаражами")
    asked.presses("send")
    await desk.sees("за гаражами", "ответ гражданина")
    other.types("/forget")
    await other.reads(other.text("forgotten")[:20])
    assert await reports(stage) == count

    # A bot that is started meanwhile knows it; the morning's reminder says it.
    await stage.stop_bot()
    await stage.start_bot()
    begun.presses("send")
    again = await begun.reads("Пока не отправлено")
    assert again.words == refused.words
    stage.ahead = datetime(2030, 1, 7, 10, tzinfo=ALMATY) - datetime.now(UTC)  # a Monday
    await stage.app.reminder.look()
    await desk.sees("Приём сообщений закрыт с ", "/resume")
    stage.ahead -= stage.ahead
    assert await asks(stage, boss, "/pause " + "ы" * 501) == "Слишком длинно. Напишите гражданам короче, до 500 знаков."
    assert "и ваши слова" not in await asks(stage, boss, "/pause")

    assert await asks(stage, hidden, "/resume") == "Приём сообщений открыт."
    begun.presses("send")
    assert await begun.receipt()
    late.presses("send")
    assert await late.receipt()
    assert await acts(stage) == [
        ("pause", "Марат"),
        ("pause", "Марат"),
        ("resume", "анонимный администратор"),
    ]
    await chained(stage)
    assert (await Verifying(stage.database, stage.app.ring, stage.now()).run()).whole


@asynccontextmanager
async def second_process(stage: Stage, templates: Path) -> AsyncIterator[App]:
    """Another process of the same bot, with a folder of its own."""
    ports = {"health_listen": f"127.0.0.1:{free_port()}"}
    settings = stage.app.settings.model_copy(update={"templates_dir": templates})
    settings = type(settings)(_env_file=None, **settings.model_dump() | ports)
    database = Database(stage.url, pool_size=4)
    telegram = Telegram(stage.sandbox.token, stage.sandbox.url, stage.desk.id)
    ring = KeyRing(database, stage._key)
    app = App(settings, telegram, database, stage.url, ring, load_wording(templates), stage.now)
    app.jobs._chores = {}
    task = asyncio.create_task(Process(app).run())
    try:
        yield app
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await database.close()


def edits(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")


async def test_edited_texts_are_taken_up_whole_by_every_process_or_not_at_all(
    stage: Stage, boss: Person, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here, there = stage.app.settings.templates_dir, copied(tmp_path / "there")
    old_menu, citizen, drafting = "О чём сообщаете?", Citizen(stage), Citizen(stage)
    assert old_menu in stage.wording.texts.render("ru", "citizen.menu")
    drafting.types(f"t.me/{unique()}")
    await drafting.reads("Отправить")
    old_keyboard = drafting.label("send")
    async with second_process(stage, there) as second:
        # A good edit and two bad ones: nothing is taken, and each fault is named by its file and text.
        edits(here, "common/ru.toml", old_menu, "Что вы видели?")
        edits(here, "common/kk.toml", "{{ receipt }}", "{{ reciept }}")
        edits(here, "kinds/den.toml", "order = 6", 'order = "six"')
        told = await asks(stage, boss, "/reload")
        assert "остались прежние" in told
        assert "kinds/den.toml order" in told
        edits(here, "kinds/den.toml", 'order = "six"', "order = 6")
        told = await asks(stage, boss, "/reload")
        assert "common/kk.toml citizen.received: вместо reciept боту нечего подставить" in told
        edits(here, "common/kk.toml", "{{ reciept }}", "{{ receipt }}")
        edits(here, "common/en.toml", 'send = "✅ Send"', 'send = "✅ <b>Send"')
        assert "common/en.toml labels.send: тег b нигде не закрыт" in await asks(stage, boss, "/reload")
        edits(here, "common/en.toml", 'send = "✅ <b>Send"', 'send = "✅ Send"')
        citizen.types("/start")
        await citizen.reads(old_menu)

        # All is well: a text, a label, a command, and a seventh kind, which lives in a file of its own.
        edits(here, "common/ru.toml", 'send = "✅ Отправить"', 'send = "📨 Послать"')
        edits(here, "common/ru.toml", 'queue = "Новые, сначала срочные"', 'queue = "Что пришло"')
        texts = "".join(TEXTS.format(language=language, label=label) for language, label in NAMES.items())
        (here / "kinds" / "bottle.toml").write_text(BOTTLE + texts, "utf-8")
        told = await asks(stage, boss, "/reload")
        assert "Новые тексты взяты" in told
        assert "видов сообщений 7" in told
        citizen.types("/start")
        await citizen.reads("Что вы видели?")
        assert citizen.buttons[6] == "🍾 Бутылка"
        # Keyboards that are out there bear the old label, and it is still one.
        stage.sandbox.press_reply(drafting.person, old_keyboard)
        assert await drafting.receipt()
        pasting = Citizen(stage)
        pasting.types(f"t.me/{unique()}")
        await pasting.reads("t.me/")
        assert pasting.label("send") == "📨 Послать"
        assert await pasting.sends()

        def queue() -> str:
            commands = stage.sandbox.profile.commands[f"chat:{stage.desk.id}", ""]
            return str(next(one["description"] for one in commands if one["command"] == "queue"))

        await stage.sandbox.wait_for(lambda: queue() == "Что пришло")

        # The other process's folder is still the old one: it keeps what it has, and says so.
        async def differs() -> bool:
            return "templates_not_followed" in "".join(capsys.readouterr())

        await until(differs)
        assert old_menu in second.wording.texts.render("ru", "citizen.menu")
        shutil.rmtree(there)
        shutil.copytree(here, there)

        async def taken() -> bool:
            return "Что вы видели?" in second.wording.texts.render("ru", "citizen.menu")

        await until(taken)
        assert list(second.wording.kinds)[6] == "bottle"
        for pressed in ("Отправить", "Послать"):
            label = second.labels.read(pressed)
            assert label
            assert label.name == "send"
        assert second.labels.menu(Language.RU)[3][0] == "🍾 Бутылка"
        assert (await asks(stage, boss, "/reload")).startswith("Тексты те же")
    assert [act for act in await acts(stage) if act[0] == "reload"] == [("reload", "Марат")] * 2


async def test_a_kind_whose_file_goes_breaks_neither_cards_nor_drafts(stage: Stage, boss: Person) -> None:
    here, desk, mark = stage.app.settings.templates_dir, Desk(stage), unique("street")
    reporter, drafting, idle = Citizen(stage), Citizen(stage), Citizen(stage)
    for citizen in (reporter, drafting):
        citizen.types("/start")
        await citizen.reads("")
        citizen.presses("kind:bottle")
        await citizen.reads("")
        citizen.photos(1)
        await citizen.reads("")
        citizen.presses("done")
        await citizen.reads("")
        citizen.types(f"Абая 15, {mark}")
        await citizen.reads(mark)
    receipt = await reporter.sends()
    card = await desk.sees("Бутылка", mark)
    idle.types("/start")
    await idle.reads("")
    old_keyboard = idle.label("kind:bottle")
    await settled(stage)

    (here / "kinds" / "bottle.toml").unlink()
    assert "видов сообщений 6" in await asks(stage, boss, "/reload")
    await desk.press(card, "Взять")
    await desk.shows(card, "bottle", "в работе · Айгерим")
    reporter.types(f"/status {receipt}")
    await reporter.reads("в работе")
    # A code that had not left yet arrives all the same.
    async with stage.database.transaction() as connection:
        raw = await driver(connection)
        report_id = await raw.fetchval("SELECT id FROM reports WHERE kind = 'bottle'")
        params = {"kind": "bottle", "receipt": receipt}
        await stage.app.outbox.message(raw, Recipient.CITIZEN, report_id, "received", params, stage.now())
    stage.app.wake()
    await reporter.reads("Спасибо, сообщение получено.", receipt)
    # The draft is asked for another kind, and nothing of it is lost.
    drafting.types("/report")
    await drafting.reads("Что на фото?")
    assert "🍾 Бутылка" not in drafting.buttons
    drafting.sent(stage.sandbox.press_reply(drafting.person, drafting.label("kind:graffiti")))
    await drafting.reads("")
    # A keyboard of before offers it yet: the press shows the menu, and is not taken for words.
    idle.sent(stage.sandbox.press_reply(idle.person, old_keyboard))
    await idle.reads("Что вы видели?")
    assert old_keyboard not in idle.buttons
