"""Passing between desks whatever happens meanwhile: what is on its way, a bot that ends, an office that closes."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from bot.database import Database, driver
from bot.delivery import couriers
from bot.delivery.outbox import CardSort, Recipient
from bot.embedded import Embedded
from bot.languages import Language
from bot.offices.wish import OfficeRefused, Wish
from bot.offices_command import Registry
from bot.reports.deciding import Officer
from bot.reports.lifecycle import Act
from bot.reports.passing import NoSuchOffice, Passing
from bot.sandbox.world import Group, Message
from bot.wording import Wording
from tests.integration.test_areas import shekteu
from tests.journeys.acting import Citizen, Desk, settled, unique
from tests.journeys.conftest import module_stage, no_waiting, nothing_refused  # noqa: F401 — a fixture
from tests.stage import ROOT, Stage

OFFICER = Officer(7, "Aigerim")


class House:
    """A stage with offices, added and closed as tests want it."""

    def __init__(self, stage: Stage, wording: Wording) -> None:
        self.stage, self.main = stage, Desk(stage)
        self.registry = Registry(stage.database, tuple(wording.kinds), stage.desk.id, Language.RU)

    async def office(self, name: str, **wish: Any) -> Desk:
        desk = Desk(self.stage)
        desk.chat = self.stage.sandbox.add_group(name)
        self.stage.sandbox.join(self.stage.officer, desk.chat)
        desk.last = 0
        await self.registry.add(Wish(name, desk.chat.id, **wish), self.stage.now())
        await self.stage.app.desks.load()
        return desk

    async def id(self, name: str) -> int:
        return int((await self.stage.fetch("SELECT id FROM offices WHERE name = $1", name))[0]["id"])

    async def close(self, name: str) -> str:
        return await self.registry.close(name, self.stage.app.ring, self.stage.now())

    async def pass_on(self, sort: CardSort, subject: UUID, office: int) -> None:
        """Pass a card, as its form does."""
        app = self.stage.app
        async with self.stage.database.transaction() as connection:
            raw = await driver(connection)
            await app.forms.begin(raw, Act.PASS, sort, subject, OFFICER, self.stage.now())
            form = await raw.fetchval("SELECT id FROM forms WHERE subject = $1 AND state = 'open'", subject)
            passing = Passing(app.outbox, app.additions, app.forms)
            await passing.pass_on(raw, form, sort, subject, office, OFFICER, self.stage.now())
        app.wake()

    async def report(self, words: str) -> UUID:
        """File a place with words; give its id."""
        citizen = Citizen(self.stage)
        await citizen.files("den", words)
        return UUID(str((await self.stage.fetch("SELECT id FROM reports ORDER BY number DESC LIMIT 1"))[0]["id"]))

    async def link(self, words: str) -> tuple[str, UUID]:
        """File a link with words; give its name and its resource."""
        citizen, name = Citizen(self.stage), unique("shop")
        citizen.types(f"t.me/{name} {words}")
        await citizen.reads(name)
        await citizen.sends()
        rows = await self.stage.fetch("SELECT id FROM resources WHERE url LIKE $1", f"%{name}")
        return name, UUID(str(rows[0]["id"]))


def standing(desk: Desk, words: str) -> list[Message]:
    return [post for post in desk.posts if words in post.words and not post.deleted]


async def twice(desk: Desk, words: str) -> None:
    """Wait until words stand on a desk on their card and under it."""
    await desk.sandbox.wait_for(lambda: len(standing(desk, words)) == 2, 30.0)


@pytest.fixture(scope="module")
async def house(cluster: Embedded, wording: Wording, no_waiting: None) -> AsyncIterator[House]:  # noqa: F811
    async with module_stage(cluster, wording) as stage:
        yield House(stage, wording)


@pytest.fixture(autouse=True)
async def whole(house: House) -> AsyncIterator[None]:
    """After each test all is sent, and no call was refused."""
    yield
    await settled(house.stage)
    nothing_refused(house.stage)


async def test_what_is_being_posted_while_its_card_is_passed_does_not_stay(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, stage = await house.office("There"), house.stage
    words, real = unique("seen"), stage.app.api.call
    posted, goes_on = asyncio.Event(), asyncio.Event()

    async def call(method: str, params: Any = None, **more: Any) -> Any:
        result = await real(method, params, **more)
        if method == "sendMessage" and params["chat_id"] == stage.desk.id and words in params["text"]:
            posted.set()
            await goes_on.wait()
        return result

    monkeypatch.setattr(stage.app.api, "call", call)
    report = await house.report(words)
    await posted.wait()
    await house.pass_on(CardSort.REPORT, report, await house.id("There"))
    goes_on.set()
    await there.sees(words)
    # Nothing is queued before the courier knows what it has posted.
    await stage.sandbox.wait_for(lambda: not standing(house.main, words))
    await settled(stage)
    assert not standing(house.main, words), "not a word of it stands on the old desk"
    assert len(standing(there, words)) == 1
    assert len(standing(house.main, "другой прокуратуре: There")) == 1


async def test_a_bot_that_ends_right_after_a_card_was_passed_loses_and_doubles_nothing(house: House) -> None:
    stage, words = house.stage, unique("seen")
    there = await house.office("Far")
    report = await house.report(words + " " + "x " * 800)
    card = await house.main.sees(words)
    await house.main.under(card, 1)
    await settled(stage)
    await stage.stop_bot()
    await house.pass_on(CardSort.REPORT, report, await house.id("Far"))
    await stage.start_bot()
    house.registry = Registry(stage.database, house.registry.kinds, stage.desk.id, Language.RU)
    await twice(there, words)
    await settled(stage)
    assert not standing(house.main, words)


async def test_a_link_takes_along_what_stands_under_its_card_and_no_other(house: House) -> None:
    there, office = await house.office("Links"), await house.id("Links")
    (name, resource), (other, _) = await house.link("w " * 300), await house.link("v " * 300)
    for each in (name, other):
        await house.main.sees(f"t.me/{each}")
    # The words that a card has no room for come under it, some seconds later where they were tried before it stood.
    for words in ("w w w", "v v v"):
        await twice(house.main, words)
    await house.pass_on(CardSort.RESOURCE, resource, office)
    await there.sees(f"t.me/{name}")
    await twice(there, "w w w")
    await settled(house.stage)
    assert not standing(house.main, "w w w")
    assert len(standing(house.main, "v v v")) == 2
    [row] = await house.stage.fetch("SELECT office FROM resources WHERE id = $1", resource)
    assert row["office"] == office
    # Who reports it again is seen where the card is.
    citizen = Citizen(house.stage)
    citizen.types(f"t.me/{name} once more")
    await citizen.reads(name)
    await citizen.sends()
    await there.sees("once more")
    await settled(house.stage)
    assert not standing(house.main, "once more")


async def test_links_go_to_the_office_that_has_them_and_to_the_main_desk_once_it_is_closed(house: House) -> None:
    there, stage = await house.office("Net", kinds="link"), house.stage
    name, resource = await house.link("first")
    await there.sees(name)
    citizen, many = Citizen(stage), [unique("many") for _ in range(7)]
    citizen.types(" ".join(f"t.me/{each}" for each in many))
    await citizen.reads(many[0])
    await citizen.sends()
    await there.sees(many[0], many[6])
    urls = [f"https://t.me/{each}" for each in many]
    rows = await stage.fetch("SELECT DISTINCT office FROM resources WHERE url = ANY($1)", urls)
    assert [row["office"] for row in rows] == [await house.id("Net")]
    await settled(stage)
    assert "2 of them" in await house.close("Net")
    await house.main.sees(name)
    again = Citizen(stage)
    again.types(f"t.me/{name} second")
    await again.reads(name)
    await again.sends()
    await house.main.sees(name, "second")
    assert len(await stage.fetch("SELECT 1 FROM report_links WHERE resource_id = $1", resource)) == 2


async def test_an_act_on_a_list_leaves_the_links_alone_that_another_desk_has(house: House) -> None:
    await house.office("Apart")
    office = await house.id("Apart")
    names = [unique("listed") for _ in range(7)]
    citizen = Citizen(house.stage)
    citizen.types(" ".join(f"t.me/{name}" for name in names))
    await citizen.reads(names[0])
    await citizen.sends()
    await house.main.sees(names[0], names[6])
    again = Citizen(house.stage)
    again.types(f"t.me/{names[0]}")
    await again.reads(names[0])
    await again.sends()
    urls = [f"https://t.me/{name}" for name in names]
    rows = await house.stage.fetch("SELECT id, url FROM resources WHERE url = ANY($1) ORDER BY url", urls)
    await house.pass_on(CardSort.RESOURCE, rows[0]["id"], office)
    [listed] = await house.stage.fetch("SELECT report_id FROM report_links WHERE resource_id = $1", rows[1]["id"])
    async with house.stage.database.transaction() as connection:
        act = CardSort.REPORT, listed["report_id"], Act.CLAIM, OFFICER, house.stage.now()
        await house.stage.app.decisions.act(await driver(connection), *act)
    house.stage.app.wake()
    now = await house.stage.fetch("SELECT status FROM resources WHERE url = ANY($1) ORDER BY url", urls)
    assert [row["status"] for row in now] == ["new"] + ["in_progress"] * 6


async def test_nothing_is_passed_to_a_closed_a_restricted_or_the_same_office(house: House) -> None:
    await house.office("Closed")
    await house.office("Own", restricted=True)
    closed, own, words = await house.id("Closed"), await house.id("Own"), unique("seen")
    await house.close("Closed")
    report = await house.report(words)
    await house.main.sees(words)
    for office in (closed, own, 0, 999):
        with pytest.raises(NoSuchOffice):
            await house.pass_on(CardSort.REPORT, report, office)
    assert await house.stage.fetch("SELECT 1 FROM journal WHERE act = 'pass' AND subject = $1", report) == []


async def test_an_office_that_closes_leaves_its_open_cards_to_the_main_desk_and_an_empty_chat(house: House) -> None:
    stage, one, two = house.stage, unique("seen"), unique("seen")
    there = await house.office("Short", kinds="den")
    report = await house.report(one)
    await there.sees(one)
    async with stage.database.transaction() as connection:
        act = CardSort.REPORT, report, Act.CLAIM, OFFICER, stage.now()
        await stage.app.decisions.act(await driver(connection), *act)
    stage.app.wake()
    await settled(stage)
    told = await house.close("short")
    assert "Its open cards, 1 of them, go to the main desk." in told
    # This process has not looked yet: for it the office is open.
    assert stage.app.offices.now.route("den", None) == await house.id("Short")
    await house.report(two)
    for words in (one, two):
        await house.main.sees(words)
    await settled(stage)
    await stage.app.desks.load()
    assert not standing(there, one)
    assert standing(there, "в главный рабочий чат")
    rows = await stage.fetch("SELECT office, status, claimed_by FROM reports ORDER BY number DESC LIMIT 2")
    assert [tuple(row) for row in rows] == [(None, "new", None)] * 2, "nobody of the closed office holds it back"


async def test_what_is_on_its_way_to_a_desk_that_closed_comes_to_the_main_one(house: House) -> None:
    stage, words = house.stage, unique("seen")
    await house.office("Gone", kinds="lab")
    await stage.stop_bot()
    await house.close("Gone")
    await stage.start_bot()
    house.registry = Registry(stage.database, house.registry.kinds, stage.desk.id, Language.RU)
    await house.report(words)
    await stage.fetch(
        "UPDATE cards SET recipient = $1, shown_version = 0, message_id = NULL WHERE subject = "
        "(SELECT id FROM reports ORDER BY number DESC LIMIT 1) RETURNING 1",
        f"desk:{await house.id('Gone')}",
    )
    await house.main.sees(words)


async def test_what_goes_to_an_office_that_this_process_does_not_know_yet_arrives(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, there = house.stage, Desk(house.stage)
    there.chat, there.last = stage.sandbox.add_group("Unknown"), 0
    report = await house.report(unique("seen"))
    await house.registry.add(Wish("Unknown", there.chat.id), stage.now())
    office = await house.id("Unknown")
    monkeypatch.setattr(couriers, "LOOK_EVERY", 0.05)
    async with stage.database.transaction() as connection:
        raw = await driver(connection)
        await stage.app.outbox.message(raw, Recipient.DESK, report, "unreachable", {}, stage.now(), f"desk:{office}")
    await there.sees("не доставлен")


async def test_an_offices_group_that_becomes_a_supergroup_is_followed(house: House) -> None:
    stage, words = house.stage, unique("seen")
    there = await house.office("Moves", kinds="stash")
    citizen = Citizen(stage)
    await citizen.files("stash", words)
    await there.sees(words)
    old: Group = there.chat
    there.chat = stage.sandbox.migrate(old)
    there.last = 0
    await there.sees(words)
    await stage.until(f"SELECT chat_id = {there.chat.id} FROM offices WHERE name = 'Moves'")
    await settled(stage)
    stage.sandbox.calls.clear()
    assert stage.app.desks.office(there.chat.id) == await house.id("Moves")


async def test_a_restricted_office_with_reports_cannot_be_closed(house: House) -> None:
    own = await house.id("Own")
    await house.stage.fetch(
        "UPDATE reports SET office = $1 WHERE number = (SELECT max(number) FROM reports) RETURNING 1", own
    )
    with pytest.raises(OfficeRefused, match="no other desk may be shown them"):
        await house.close("Own")
    assert [
        row["closed_at"] for row in await house.stage.fetch("SELECT closed_at FROM offices WHERE id = $1", own)
    ] == [None]


async def test_an_operator_adds_lists_changes_and_closes_offices(house: House) -> None:
    url, chat = house.stage.url, house.stage.sandbox.add_group("Desk").id
    key = {"SECRET_KEY": base64.b64encode(house.stage._key).decode(), "TEMPLATES_DIR": str(ROOT / "templates")}
    assert (await shekteu(url, "offices", "add", "Desk", "--chat", chat, "--kinds", "graffiti", env=key))[:2] == (
        0,
        "“Desk” was added. It gets reports of the kinds graffiti from everywhere. The running bot takes it up within "
        "seconds.\n",
    )
    code, told, wrong = await shekteu(url, "offices", "add", "Twice", "--chat", chat, env=key)
    assert (code, told, wrong) == (1, "", f"--chat {chat} is the desk of “Desk” already.\nNothing was changed.\n")
    assert (await shekteu(url, "offices", "change", "desk", "--language", "kk", "--rename", "Стол", env=key))[0] == 0
    _, told, _ = await shekteu(url, "offices", env=key)
    assert f"Стол  {chat}  kk  It gets reports of the kinds graffiti from everywhere." in told.splitlines()
    other = house.stage.sandbox.add_group("Other").id
    code, _, wrong = await shekteu(url, "offices", "change", "Стол", "--chat", other, env=key)
    assert (code, wrong.split(":")[0]) == (1, "The bot runs")
    code, told, _ = await shekteu(url, "offices", "close", "Стол", env=key)
    assert (code, told) == (0, "“Стол” was closed. Its open cards, 0 of them, go to the main desk.\n")
    assert "Стол" not in (await shekteu(url, "offices", "list", env=key))[1]


async def test_an_office_that_gets_another_group_has_its_open_cards_posted_there(house: House) -> None:
    stage, words = house.stage, unique("seen")
    there = await house.office("Changes", kinds="graffiti")
    citizen = Citizen(stage)
    citizen.types("/start")
    await citizen.reads("")
    citizen.presses("kind:graffiti")
    await citizen.reads("")
    citizen.photos(1)
    await citizen.reads("")
    citizen.types(words)
    await citizen.reads("")
    while citizen.label("send") not in citizen.buttons:
        citizen.presses("done" if citizen.label("done") in citizen.buttons else "skip")
        await citizen.reads("")
    await citizen.sends()
    await there.sees(words)
    await settled(stage)
    await stage.stop_bot()
    house.registry = Registry(Database(stage.url, pool_size=1), house.registry.kinds, stage.desk.id, Language.RU)
    new = stage.sandbox.add_group("New")
    stage.sandbox.join(stage.officer, new)
    told = await house.registry.change("changes", Wish("Changes", new.id))
    await house.registry.database.close()
    assert "Its open cards are posted anew" in told
    await stage.start_bot()
    house.registry = Registry(stage.database, house.registry.kinds, stage.desk.id, Language.RU)
    there.chat, there.last = new, 0
    await there.sees(words)
