"""Two offices' desks beside the main one, and a restricted one: who sees what, who may act, what passes from one on."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.areas.geojson import read_areas
from bot.areas.store import replace
from bot.database import driver
from bot.embedded import Embedded
from bot.languages import Language
from bot.offices.wish import Wish
from bot.offices_command import Registry
from bot.reports.lists import WorkLists
from bot.reports.register import Asked, Register
from bot.sandbox.world import Group, Message, Person
from bot.staff.overdue import Reminder
from bot.wording import Wording
from bot.working_time import WorkingTime
from tests.integration.test_areas import HERE, THERE, write
from tests.journeys.acting import Citizen, Desk, plain, settled, unique
from tests.journeys.conftest import module_stage, nothing_refused
from tests.stage import Stage

TARAZ, BAYZAK, MERKE = (42.9, 71.2), (42.9, 72.5), (42.9, 74.5)
NEAR = (42.9, 71.3667)
"""In Taraz, 245 m from the border."""


class Office(Desk):
    """A desk of the stage, its officer and its chat."""

    def __init__(self, stage: Stage, chat: Group, officer: Person) -> None:
        super().__init__(stage)
        self.chat, self.officer = chat, officer
        self.last = max((m.id for m in stage.sandbox.messages(chat.id)), default=0)

    async def _answer(self, card: Message, button: str) -> str | None:
        return await presses(self.stage, self.officer, self.chat, card, button)

    async def asks(self, command: str, *contains: str) -> Message:
        """Send a command here, and read the answer."""
        sent = self.sandbox.send_text(self.officer, command, chat=self.chat)
        return await self.sandbox.wait_for(lambda: next((m for m in self.replies(sent)), None))


class Town:
    """The main desk, a district's office, the police, and the restricted one."""

    def __init__(self, stage: Stage, registry: Registry) -> None:
        self.stage, self.registry = stage, registry
        self.main = Office(stage, stage.desk, stage.officer)
        self.bayzak, self.police, self.own = (self._group(name) for name in ("Bayzak", "Police", "Own"))

    def _group(self, name: str) -> Office:
        group = self.stage.sandbox.add_group(name)
        officer = self.stage.sandbox.add_person(f"Officer of {name}")
        self.stage.sandbox.join(officer, group, status="member")
        return Office(self.stage, group, officer)

    @property
    def others(self) -> list[Office]:
        return [self.main, self.bayzak, self.police]

    async def open(self) -> None:
        for wish in (
            Wish("Байзак", self.bayzak.chat.id, districts="313600000", language="kk"),
            Wish("Полиция", self.police.chat.id, kinds="lab"),
            Wish("Собственная", self.own.chat.id, restricted=True),
        ):
            await self.registry.add(wish, self.stage.now())
        await self.stage.app.desks.load()


async def presses(stage: Stage, officer: Person, chat: Group, card: Message, button: str) -> str | None:
    press = stage.sandbox.presses[stage.sandbox.press(officer, card.id, button, chat=chat)]
    await stage.sandbox.wait_for(lambda: press.answered)
    return press.text


@pytest.fixture(scope="module")
async def town(
    cluster: Embedded, wording: Wording, no_waiting: None, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    async with module_stage(cluster, wording) as stage:
        areas = read_areas(write(tmp_path_factory.mktemp("areas") / "areas.geojson", HERE, THERE))
        async with stage.database.transaction() as connection:
            await replace(await driver(connection), areas)
        opened = Town(stage, Registry(stage.database, tuple(wording.kinds), stage.desk.id, Language.RU))
        await opened.open()
        yield opened
        nothing_refused(stage)


async def place(town: Town, point: tuple[float, float], kind: str = "place", *, restricted: bool = False) -> str:
    """Report something at a point; give the words by which its card is known."""
    citizen, words = Citizen(town.stage), unique("seen")
    citizen.types("/start")
    await citizen.reads(citizen.text("menu"))
    citizen.presses(f"kind:{kind}")
    await citizen.reads("")
    citizen.location(point)
    await citizen.reads("")
    citizen.types(words)
    await citizen.reads("")
    while citizen.label("skip") in citizen.buttons:
        citizen.presses("skip")
        await citizen.reads("")
    if restricted:
        citizen.presses("restricted")
        await citizen.reads("")
    await citizen.sends()
    return words


def number(card: Message) -> str:
    found = re.search(r"№(\d+)", card.words)
    assert found
    return found[1]


async def registered(town: Town, desk: Office, report: str) -> bool:
    """Whether a report's link is in the register of a desk."""
    register = Register(town.stage.database, town.stage.app.ring, ZoneInfo("Asia/Almaty"))
    rows = register.rows(Asked(), town.stage.app.desks.scope(desk.chat.id))
    return int(report) in [number async for row in rows for number in row.numbers]


def say(desk: Office, words: str) -> list[Message]:
    return [post for post in desk.posts if words in post.words]


async def test_a_report_goes_to_its_districts_desk_a_kind_to_the_police_and_all_else_to_the_main_one(
    town: Town,
) -> None:
    bayzak, taraz, lab = await place(town, BAYZAK), await place(town, TARAZ), await place(town, BAYZAK, "lab")
    nowhere, near = await place(town, MERKE), await place(town, NEAR)
    await town.bayzak.sees(bayzak, "Байзақ")
    for words in (taraz, nowhere):
        await town.main.sees(words)
    assert "Байзакский" in (await town.main.sees(near)).words, "the other side of the border is named"
    card = await town.police.sees(lab)
    await settled(town.stage)
    assert [bool(post.location) for post in town.police.replies(card)] == [True], "its point stands under it"
    for words, desk in ((bayzak, town.bayzak), (taraz, town.main), (lab, town.police), (nowhere, town.main)):
        assert [len(say(each, words)) for each in (*town.others, town.own)] == [
            int(each is desk) for each in (*town.others, town.own)
        ]


async def test_a_desk_acts_on_its_own_cards_alone_and_the_main_one_sees_where_the_others_stand(town: Town) -> None:
    words = await place(town, BAYZAK)
    card = await town.bayzak.sees(words)
    # A button that was forged: the main desk's officer presses it, in the main desk's chat.
    stands, data = (await town.main.asks("/queue")).id, card.inline[0][0]["callback_data"]
    query = town.stage.sandbox.press(town.main.officer, stands, data, chat=town.main.chat, outdated=True)
    press = town.stage.sandbox.presses[query]
    await town.stage.sandbox.wait_for(lambda: press.answered)
    assert press.text == "Карточка изменилась, посмотрите ещё раз"
    assert await presses(town.stage, town.main.officer, town.bayzak.chat, card, "Қолға алу") != "Дайын", (
        "no member there"
    )
    queue = await town.main.asks("/queue")
    line = next(line for line in queue.words.splitlines() if f"№{number(card)} " in line)
    assert line.endswith("Байзак"), "with the name of the office that has it"
    assert f"№{number(card)}" in (await town.bayzak.asks("/queue")).words
    assert f"№{number(card)}" not in (await town.police.asks("/queue")).words
    for desk, seen in ((town.main, True), (town.bayzak, True), (town.police, False), (town.own, False)):
        assert (words in (await desk.asks(f"/report {number(card)}")).words) is seen
    await town.bayzak.press(card, "Қолға алу", "Дайын")
    await town.bayzak.shows(card, town.bayzak.officer.first_name)


async def test_a_card_is_passed_on_with_all_that_stands_under_it_and_leaves_a_line_behind(town: Town) -> None:
    words = await place(town, BAYZAK)
    card = await town.bayzak.sees(words)
    [point] = await town.bayzak.under(card, 1)
    await town.bayzak.press(card, "Қолға алу", "Дайын")
    await town.bayzak.shows(card, town.bayzak.officer.first_name)
    before = len(await town.stage.fetch("SELECT 1 FROM journal WHERE act = 'pass'"))
    await town.bayzak.press(card, "Басқа прокуратураға беру", "Дайын")
    form = await town.bayzak.sees(f"№{number(card)}: кімге береміз?")
    assert [row[0]["text"] for row in form.inline] == ["Басты жұмыс чаты", "Полиция", "Бас тарту"], (
        "not restricted ones"
    )
    await town.bayzak.press(form, "Полиция", "Дайын")
    there = await town.police.sees(words)
    assert [bool(post.location) for post in await town.police.under(there, 1)] == [True]
    await town.bayzak.shows(card, f"№{number(card)}: басқа прокуратураға берілді: Полиция")
    await town.bayzak.shows(form, "берілді: Полиция")
    await settled(town.stage)
    assert point.deleted
    assert words not in card.words
    assert not card.inline
    [row] = await town.stage.fetch(
        "SELECT status, claimed_by, office FROM reports WHERE number = $1", int(number(card))
    )
    assert (row["status"], row["claimed_by"]) == ("new", None), "it waits in the other desk's queue"
    assert f"№{number(card)}" in (await town.police.asks("/queue")).words
    assert f"№{number(card)}" not in (await town.bayzak.asks("/queue")).words
    assert len(await town.stage.fetch("SELECT 1 FROM journal WHERE act = 'pass'")) == before + 1
    await town.police.press(there, "Взять")
    await town.police.shows(there, town.police.officer.first_name)


async def test_what_concerns_an_officer_is_seen_on_the_restricted_desk_and_nowhere_else(town: Town) -> None:
    known, names = unique("shop"), [town.own, *town.others]
    await Citizen(town.stage).files("link", f"t.me/{known}")
    public = await town.main.sees(known)
    await settled(town.stage)
    shown = public.words, [*public.inline]
    words = await place(town, BAYZAK, restricted=True)
    citizen = Citizen(town.stage)
    citizen.types(f"t.me/{known} a policeman sells here")
    await citizen.reads(known)
    citizen.presses("restricted")
    await citizen.reads("только прокуроры по делам сотрудников органов")
    receipt = await citizen.sends()
    card, link = await town.own.sees(words), await town.own.sees(known)
    assert [bool(post.location) for post in await town.own.under(card, 1)] == [True]
    assert "a policeman sells here" in link.words
    await settled(town.stage)
    for desk in town.others:
        assert not say(desk, words)
        assert not say(desk, "policeman")
    assert (public.words, [*public.inline]) == shown, "nothing tells that it was reported once more"
    for at, (desk, seen) in enumerate(zip(names, (True, False, False, False), strict=True)):
        assert (f"№{number(card)}" in (await desk.asks("/queue")).words) is seen, at
        assert (words in (await desk.asks(f"/report {number(card)}")).words) is seen, at
        choice = await desk.asks(f"/evidence {number(card)}")
        assert bool(choice.inline) is seen, at
        assert ("policeman" in (await desk.asks(f"/find t.me/{known}")).words) is seen, at
    assert [await registered(town, desk, number(link)) for desk in names] == [True, False, False, False]
    assert "передать" not in str(card.buttons).lower(), "it cannot be passed on"
    choice = await town.own.asks(f"/evidence {number(card)}")
    town.stage.sandbox.press(town.own.officer, choice.id, choice.buttons[-1][0], chat=town.own.chat)
    await town.stage.sandbox.wait_for(lambda: any(post.document for post in town.own.replies(choice)))
    # What is added later, and what an officer asks, stays there too.
    citizen.types(f"/add {receipt}")
    await citizen.reads("")
    citizen.types("his name is known")
    await citizen.reads("")
    citizen.presses("send")
    await town.own.sees("his name is known")
    await settled(town.stage)
    for desk in town.others:
        assert not say(desk, "his name is known")


async def test_a_second_press_sends_it_as_usual(town: Town) -> None:
    citizen, name = Citizen(town.stage), unique("shop")
    citizen.types(f"t.me/{name}")
    await citizen.reads(name)
    for told in ("только прокуроры", "нажмите «Отправить»"):
        citizen.presses("restricted")
        await citizen.reads(told)
    await citizen.sends()
    await town.main.sees(name)


async def test_each_desk_is_reminded_of_its_own_and_the_main_one_of_all_that_it_may_see(town: Town) -> None:
    await place(town, BAYZAK)
    await place(town, TARAZ, restricted=True)
    await settled(town.stage)
    app, later = town.stage.app, town.stage.now() + timedelta(days=30)
    always = WorkingTime("Mon-Sun 00:00-24:00", "Asia/Almaty")
    lists = WorkLists(always, 8, 3)
    counts = {}
    async with town.stage.database.transaction() as connection:
        for desk in (town.main, town.bayzak, town.own):
            counts[desk] = (await lists.overdue(await driver(connection), later, app.desks.scope(desk.chat.id)))[0]
    assert counts[town.main] > counts[town.bayzak] >= 1
    await Reminder(town.stage.database, app.outbox, lists, always, app.desks, app.wake, lambda: later).look()
    town.stage.ahead = timedelta(days=30)
    for desk, told in ((town.main, "Никто не взял"), (town.bayzak, "Ешкім алмаған"), (town.own, "Никто не взял")):
        await desk.sees(f"{told}: {counts[desk]}")
    await settled(town.stage)
    town.stage.ahead = timedelta()


async def test_where_no_desk_is_restricted_it_is_said_before_anything_is_sent(town: Town) -> None:
    stage = town.stage
    await stage.fetch("UPDATE offices SET closed_at = now() WHERE restricted RETURNING 1")
    citizen, name = Citizen(stage), unique("shop")
    citizen.types(f"t.me/{name}")
    await citizen.reads(name)
    citizen.presses("restricted")
    await citizen.reads("только прокуроры")
    citizen.presses("send")
    await citizen.reads("Отдельных прокуроров для сообщений о сотрудниках органов здесь нет")
    await stage.app.desks.load()
    citizen.presses("restricted")
    await citizen.reads("Отдельных прокуроров для сообщений о сотрудниках органов здесь нет")
    assert await stage.fetch("SELECT 1 FROM resources WHERE url LIKE $1", f"%{name}") == []
    await citizen.sends()
    await town.main.sees(name)
    await stage.fetch("UPDATE offices SET closed_at = NULL WHERE restricted RETURNING 1")
    await stage.app.desks.load()


async def test_who_leaves_one_desk_keeps_what_they_hold_on_another_and_manages_nothing_from_there(town: Town) -> None:
    stage = town.stage
    both = stage.sandbox.add_person("Дана")
    for desk in (town.main, town.bayzak):
        stage.sandbox.join(both, desk.chat, status="administrator")
    word = unique("flat")
    await Citizen(stage).files("den", f"притон {word}")
    here, there = await town.main.sees(word), await town.bayzak.sees(await place(town, BAYZAK))
    assert await presses(stage, both, town.main.chat, here, "Взять") == "Готово"
    assert await presses(stage, both, town.bayzak.chat, there, "Қолға алу") == "Дайын"
    stage.sandbox.leave(both, town.main.chat)
    told = await town.main.sees("Дана больше не в этом чате")
    assert "1 карточка" in told.words
    await town.main.shows(here, "Статус: новое")
    await settled(stage)
    assert "Дана" in there.words
    assert say(town.bayzak, "Дана енді бұл чатта емес") == []
    # An office's administrator closes nothing for all the others.
    closes = Office(stage, town.bayzak.chat, both)
    assert "басты жұмыс чатының әкімшілері" in (await closes.asks("/pause")).words
    assert await stage.fetch("SELECT 1 FROM facts WHERE name = 'paused'") == []


async def picture(desk: Office, after: int) -> Message:
    """Wait for a picture on a desk."""
    return await desk.sandbox.wait_for(
        lambda: next((m for m in desk.posts if m.id > after and "photo" in m.content), None), 60.0
    )


async def test_each_desk_gets_its_own_figures_and_the_main_one_those_of_all_but_the_restricted(town: Town) -> None:
    for point, restricted in ((BAYZAK, False), (TARAZ, False), (TARAZ, True)):
        await place(town, point, restricted=restricted)
    await settled(town.stage)
    rows = await town.stage.fetch("SELECT coalesce(office, 0) AS office, count(*) AS many FROM reports GROUP BY 1")
    held = {row["office"]: row["many"] for row in rows}
    ids = {office.name: office.id for office in town.stage.app.offices.now.open}
    assert held[ids["Собственная"]] > 0
    others = sum(many for office, many in held.items() if office != ids["Собственная"])
    for desk, told in (
        (town.bayzak, f"Хабарлама: {held[ids['Байзак']]} ("),
        (town.own, f"Сообщений: {held[ids['Собственная']]} ("),
        (town.main, f"Сообщений: {others} ("),
    ):
        shown = await picture(desk, (await desk.asks("/stats")).id)
        assert told in shown.words
        name = next((each for each, office in ids.items() if office == town.stage.app.desks.office(desk.chat.id)), "")
        assert name in shown.words.splitlines()[0]


async def says(town: Town, chat: Group, person: Person, command: str) -> str:
    """Send a command on a desk and give the bot's answer under it."""
    sent = town.stage.sandbox.send_text(person, command, chat=chat)

    def answer() -> Message | None:
        posts = town.stage.sandbox.messages(chat.id)
        return next((post for post in posts if post.from_bot and post.reply_to == sent.id), None)

    return (await town.stage.sandbox.wait_for(answer)).words


@pytest.fixture(scope="module")
def boss(town: Town) -> Person:
    person = town.stage.sandbox.add_person("Марат")
    for office in (town.main, town.bayzak):
        town.stage.sandbox.join(person, office.chat, status="administrator")
    return person


async def test_administrators_of_the_main_desk_see_and_change_what_goes_where(town: Town, boss: Person) -> None:
    main, texts, known = town.stage.desk, town.stage.wording.texts, town.stage.app.offices

    def refused(fault: str, **told: object) -> str:
        return plain(texts.render("ru", f"desk.office_refused_{fault}", **told))

    assert await says(town, main, town.stage.officer, "/offices") == plain(
        texts.render("ru", "desk.manage_not_administrator")
    )
    assert await says(town, town.bayzak.chat, boss, "/offices") == plain(texts.render("kk", "desk.manage_elsewhere"))
    listed = await says(town, main, boss, "/offices")
    for line in (
        "Байзак · kk\nРайоны: Байзакский",
        "Полиция · ru\nВиды: Лаборатория",
        "Собственная · ru\nПолучает только то, что касается сотрудников органов.",
    ):
        assert line in listed
    changed = await says(town, main, boss, "/offices виды байзак; геомет, Притон")
    assert changed.endswith("Байзак · kk\nВиды: Притон, Геометка\nРайоны: Байзакский")
    bayzak = next(office.id for office in known.now.open if office.name == "Байзак")
    assert known.now.route("place", "313600000") == bayzak
    assert known.now.route("stash", "313600000") is None
    rows = await town.stage.fetch("SELECT kinds FROM offices WHERE id = $1", bayzak)
    assert rows[0]["kinds"] == ["den", "place"]
    assert "Районы: Таразский" in await says(town, main, boss, "/offices районы Байзак; тараз")
    # The checks of the command line, in words of the desk; and nothing is changed by what they refuse.
    before = await town.stage.fetch("SELECT * FROM offices ORDER BY id")
    for command, told in (
        ("районы Байзак; Мойынкум", refused("districts", given=["Мойынкум"])),
        ("виды Байзак; дом", refused("kinds", given=["дом"], known=kinds(town))),
        ("виды Собственная; притон", refused("restricted")),
        ("виды Нигде; притон", refused("unknown", offices=[office.name for office in known.now.open])),
        ("переименовать Байзак; полиция", refused("taken", name="Полиция")),
        (f"переименовать Байзак; {'о' * 61}", refused("name", most=60)),
        ("язык Байзак; de", refused("language")),
        ("виды Байзак", plain(texts.render("ru", "desk.offices_usage"))),
        ("Нигде", refused("unknown", offices=[office.name for office in known.now.open])),
    ):
        assert await says(town, main, boss, f"/offices {command}") == told
    assert "Виды: Лаборатория" in await says(town, main, boss, "/offices виды Байзак; лаборатория")
    shared = refused("shared", name="Полиция", districts=[], kinds=["Лаборатория"])
    assert await says(town, main, boss, "/offices районы Байзак; -") == shared
    await says(town, main, boss, "/offices районы Байзак; Байзакский")
    assert "Виды" not in await says(town, main, boss, "/offices виды Байзак; —")
    assert await town.stage.fetch("SELECT * FROM offices ORDER BY id") != before
    assert "Отдел Байзака · kk" in await says(town, main, boss, "/offices переименовать Байзак; Отдел Байзака")
    await says(town, main, boss, "/offices переименовать Отдел Байзака; Байзак")
    done = await town.stage.fetch("SELECT act, officer_name FROM journal WHERE sort = 'office' ORDER BY id")
    assert [row["act"] for row in done] == [
        *("office_kinds", "office_districts", "office_kinds", "office_districts", "office_kinds"),
        *("office_rename", "office_rename"),
    ]
    assert {row["officer_name"] for row in done} == {"Марат"}


def kinds(town: Town) -> list[str]:
    wording = town.stage.wording
    return [wording.texts.plain("ru", f"kinds.{kind}.name") for kind in sorted(wording.kinds)]


async def nonsense(town: Town, desk: Office, citizen: Citizen) -> Message:
    """Have somebody report nonsense, and give its card."""
    words = f"чушь {unique()}"
    await citizen.files("den", words)
    card = await desk.sees(words)
    await citizen.settled()
    return card


async def blocked(town: Town, desk: Office, card: Message | None = None) -> tuple[Citizen, str, Message]:
    """Have an officer block whoever sent what a card shows, or some nonsense; give its № and the form."""
    citizen = Citizen(town.stage)
    card = card or await nonsense(town, desk, citizen)
    await desk.press(card, "Злоупотребление")
    form = await desk.sees(f"№{number(card)} ", "не принимать новых")
    await desk.press(form, "Закрыть и не принимать")
    await desk.shows(form, "30 дней от отправителя ничего не принимаем")
    return citizen, number(card), form


async def test_administrators_see_for_which_reports_senders_are_blocked_and_lift_it(town: Town, boss: Person) -> None:
    main, desk = town.stage.desk, Office(town.stage, town.stage.desk, town.stage.officer)
    assert "Сейчас принимаем сообщения от всех." in await says(town, main, boss, "/blocks")
    (first, one, form), (_, two, _) = [await blocked(town, desk) for _ in range(2)]
    until = (town.stage.now() + timedelta(days=30)).strftime("%d.%m.%Y")
    listed = await says(town, main, boss, "/blocks")
    assert f"№{two} · до {until}\n№{one} · до {until}" in listed
    assert str(first.id) not in listed
    for person, chat, told in (
        (town.stage.officer, main, "Это могут только администраторы этого чата."),
        (boss, town.bayzak.chat, plain(town.stage.wording.texts.render("kk", "desk.manage_elsewhere"))),
    ):
        assert await says(town, chat, person, f"/blocks снять {one}") == told
    assert len(await town.stage.fetch("SELECT 1 FROM blocks")) == 2
    assert f"№ {one}" in await says(town, main, boss, f"/blocks снять {one}")
    await desk.shows(form, "от отправителя снова принимаем")
    assert not form.inline
    await first.files("den", f"снова {unique()}")
    assert f"№{one} " not in await says(town, main, boss, "/blocks")
    assert f"По № {one}" in await says(town, main, boss, f"/blocks снять {one}")
    # Without its return address nobody can tell which block it is: all of them can be lifted.
    await town.stage.fetch(
        "DELETE FROM return_addresses WHERE report_id = (SELECT id FROM reports WHERE number = $1)", int(two)
    )
    assert f"{until} снимется само" in await says(town, main, boss, f"/blocks снять {two}")
    assert len(await town.stage.fetch("SELECT 1 FROM blocks")) == 1
    assert await says(town, main, boss, "/blocks снять все") == "Снова принимаем сообщения от всех."
    assert await town.stage.fetch("SELECT 1 FROM blocks") == []
    assert "Сейчас принимаем" in await says(town, main, boss, "/blocks")
    done = await town.stage.fetch("SELECT act FROM journal WHERE act LIKE 'unblock%' ORDER BY id")
    assert [row["act"] for row in done] == ["unblock", "unblock_all"]
    # Of two reports nobody learns by this that one person sent both.
    other = Citizen(town.stage)
    cards = [await nonsense(town, desk, other) for _ in range(2)]
    (_, one, _), (_, two, _) = [await blocked(town, desk, card) for card in cards]
    assert len(await town.stage.fetch("SELECT 1 FROM blocks")) == 1
    assert f"№{two} · до {until}\n№{one} · до {until}" in await says(town, main, boss, "/blocks")
    await says(town, main, boss, f"/blocks снять {one}")
    assert f"№{two} · до {until}" in await says(town, main, boss, "/blocks")
    assert f"№ {two}" in await says(town, main, boss, f"/blocks снять {two}")


async def adds(town: Town, point: tuple[float, float], *, restricted: bool = False) -> tuple[str, Citizen]:
    """Report a den in words alone, and add its place by the code; give the words."""
    citizen, words = Citizen(town.stage), unique("den")
    citizen.types("/start")
    await citizen.reads(citizen.text("menu"))
    citizen.presses("kind:den")
    await citizen.reads("")
    citizen.types(words)
    await citizen.reads("")
    while citizen.label("skip") in citizen.buttons:
        citizen.presses("skip")
        await citizen.reads("")
    if restricted:
        citizen.presses("restricted")
        await citizen.reads("")
    receipt = await citizen.sends()
    await settled(town.stage)
    citizen.types(f"/add {receipt}")
    await citizen.reads("")
    citizen.location(point)
    await citizen.reads("")
    citizen.presses("send")
    await citizen.reads("")
    await settled(town.stage)
    return words, citizen


async def test_a_place_that_is_added_later_asks_the_desk_whether_to_pass_the_card(town: Town) -> None:
    main, bayzak = Office(town.stage, town.main.chat, town.main.officer), town.bayzak
    words, _ = await adds(town, BAYZAK)
    card = await main.sees(words)
    await main.shows(card, "Район: Байзакский")
    proposal = next(post for post in main.replies(card) if "работает другая прокуратура: Байзак" in post.words)
    await main.press(proposal, "Оставить здесь")
    await main.shows(proposal, "Всё осталось как было")
    assert not say(bayzak, words), "nothing moves by itself"
    words, _ = await adds(town, BAYZAK)
    card = await main.sees(words)
    (proposal,) = [post for post in main.replies(card) if "работает другая прокуратура" in post.words]
    await main.press(proposal, "Передать: Байзак")
    await bayzak.sees(words, "Байзақ")
    await main.shows(card, "передано другой прокуратуре: Байзак")
    # Where the place is the desk's own, or the desk is the restricted one, there is nothing to ask.
    for point, restricted, desk in ((TARAZ, False, main), (BAYZAK, True, town.own)):
        words, _ = await adds(town, point, restricted=restricted)
        card = await desk.sees(words)
        assert not [post for post in desk.replies(card) if post.inline]
