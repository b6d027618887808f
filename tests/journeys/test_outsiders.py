"""Nobody but the desk's officers acts: every act on every card, tried from outside and with forged data."""

from __future__ import annotations

import base64
import random
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

import pytest

from bot.citizen import buttons as citizen_buttons
from bot.embedded import Embedded
from bot.reports.lifecycle import Act, Decision
from bot.sandbox import render
from bot.sandbox.world import Group, Json, Message, Person
from bot.staff import buttons, form_buttons
from bot.staff.form_buttons import Verb
from bot.wording import Wording
from tests.identities.marks import Marks
from tests.identities.search import Search, told
from tests.journeys.acting import TARAZ, Citizen, Desk, picture, plain, settled, unique
from tests.journeys.conftest import module_stage
from tests.stage import Stage

KINDS: Final = ("link", "place", "graffiti", "stash", "lab", "den")
TABLES: Final = (
    *("reports", "resources", "report_links", "journal", "forms", "additions", "parts", "originals", "blocks"),
    *("return_addresses", "cards", "desk_posts", "messages", "batches", "batch_links", "placements", "watches"),
)
ACTS: Final = (*Act, *Decision)


@dataclass
class Scene:
    """A desk with a card of every sort, and people who have no business there."""

    stage: Stage
    cards: dict[str, Message]
    forms: list[Message]
    question: Message
    asked: Citizen

    def data(self) -> list[str]:
        """Every button that a card or form bears, and every one that it could bear."""
        shown = [
            button["callback_data"]
            for post in [*self.cards.values(), *self.forms]
            for row in post.inline
            for button in row
            if "callback_data" in button
        ]
        made = [
            buttons.data(pressed.card, pressed.standing, act)
            for pressed in filter(None, map(buttons.read, shown))
            for act in ACTS
        ]
        forms = [
            form_buttons.data(pressed.form_id, verb, what)
            for pressed in filter(None, map(form_buttons.read, shown))
            for verb, what in [*((verb, "") for verb in Verb), (Verb.NUMBER, "1"), (Verb.READY, "where")]
        ]
        return list(dict.fromkeys([*shown, *made, *forms]))

    async def state(self) -> dict[str, list[Any]]:
        """All that an act could change."""
        return {name: await self.stage.fetch(f"SELECT * FROM {name} AS one ORDER BY one::text") for name in TABLES}

    async def press(self, person: Person, data: str, chat: Json, message: Message) -> str | None:
        """Press a button with any data, in any chat; give what the toast says."""
        sandbox = self.stage.sandbox
        query_id = sandbox.press(self.asked.person, self.question.id, data, outdated=True)
        press = sandbox.presses[query_id]
        update = next(update for update in sandbox.updates.pending() if _query_id(update.body) == query_id)
        shown = {**render.message(sandbox, message), "chat": chat}
        update.body["callback_query"] |= {"from": render.user(person), "message": shown, "data": data}
        await sandbox.wait_for(lambda: press.answered or update not in sandbox.updates.pending())
        return press.text


def _query_id(body: Json) -> str | None:
    return str(body["callback_query"]["id"]) if "callback_query" in body else None


@pytest.fixture(scope="module")
async def scene(cluster: Embedded, wording: Wording, no_waiting: None) -> AsyncIterator[Scene]:
    async with module_stage(cluster, wording) as stage:
        yield await prepared(stage)


async def prepared(stage: Stage) -> Scene:
    """File a report of each kind, and open a question and an abuse form on two of them."""
    desk, cards = Desk(stage), {}
    for kind in KINDS:
        citizen, word = Citizen(stage), unique()
        await begins(citizen, kind, word)
        cards[kind] = await desk.sees(word)
    citizen, word = Citizen(stage), unique("list")
    citizen.types(" ".join(f"t.me/{word}_{n}" for n in range(7)))
    await citizen.reads("")
    await citizen.sends()
    cards["list"] = await desk.sees(f"{word}_0")
    await settled(stage)
    asked, word = Citizen(stage), unique()
    await asked.files("den", f"притон {word}")
    card = await desk.sees(word)
    await desk.press(card, "Спросить")
    form = await desk.sees("вопрос гражданину")
    await desk.press(form, "Где именно")
    question = await asked.reads("Прокурор спрашивает")
    await desk.press(cards["lab"], "Спросить")
    await desk.press(cards["stash"], "Злоупотребление")
    await settled(stage)
    forms = [post for post in desk.posts if any(":" in data and data.startswith("f:") for data in _data(post))]
    assert len(forms) >= 2
    return Scene(stage, cards, forms, question, asked)


async def begins(citizen: Citizen, kind: str, word: str) -> None:
    citizen.types("/start")
    await citizen.reads("")
    citizen.presses(f"kind:{kind}")
    await citizen.reads("")
    if kind == "link":
        citizen.types(f"t.me/{word}")
    elif kind == "place":
        citizen.location(TARAZ)
    elif kind == "graffiti":
        citizen.sent(citizen.sandbox.send_photos(citizen.person, [picture(5)])[0])
    else:
        citizen.types(f"слова {word}")
    await citizen.reads("")
    while citizen.label("send") not in citizen.buttons:
        citizen.presses("done" if citizen.label("done") in citizen.buttons else "skip")
        await citizen.reads("")
    if kind != "link":
        citizen.types(f"ещё {word}")
        await citizen.reads(word)
    await citizen.sends()


def _data(post: Message) -> list[str]:
    return [button["callback_data"] for row in post.inline for button in row if "callback_data" in button]


def stranger(stage: Stage, n: int) -> Person:
    return stage.sandbox.add_person(**Marks(n).names, person_id=Marks(n).id)


def never_a_member(stage: Stage, n: int) -> Person:
    return stranger(stage, n)


def one_who_left(stage: Stage, n: int) -> Person:
    person = stranger(stage, n)
    stage.sandbox.join(person, stage.desk)
    stage.sandbox.leave(person, stage.desk)
    return person


def one_put_out(stage: Stage, n: int) -> Person:
    person = stranger(stage, n)
    stage.sandbox.join(person, stage.desk, status="kicked")
    return person


OUTSIDERS: Final = {one.__name__: one for one in (never_a_member, one_who_left, one_put_out)}


@pytest.fixture
async def unchanged(scene: Scene) -> AsyncIterator[None]:
    """Nothing that an act could change is changed by the test."""
    await settled(scene.stage)
    before = await scene.state()
    yield
    await settled(scene.stage)
    after = await scene.state()
    assert {name for name in TABLES if before[name] != after[name]} == set()


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """What was logged, in which nobody can be found."""
    lines: list[str] = []

    def read() -> str:
        captured = capsys.readouterr()
        lines.append(captured.out + captured.err)
        return "".join(lines)

    yield read
    assert told(Search(range(200)).look("log", read().encode())) == ""


def desk_chat(stage: Stage) -> Json:
    return render.group_chat(stage.desk)


@pytest.mark.parametrize("who", OUTSIDERS)
@pytest.mark.usefixtures("unchanged")
async def test_no_act_of_any_card_is_done_for_somebody_outside_the_desk(
    scene: Scene, who: str, logged: Callable[[], str]
) -> None:
    person = OUTSIDERS[who](scene.stage, 100 + list(OUTSIDERS).index(who))
    data = scene.data()
    assert len(data) > len(KINDS) * len(ACTS)
    for each in data:
        toast = await scene.press(person, each, desk_chat(scene.stage), scene.cards["den"])
        assert toast is not None, each
        assert "только сотрудники" in toast, each
    assert logged().count("outsider_pressed") == len(data)


@pytest.mark.usefixtures("unchanged")
async def test_a_member_who_is_restricted_to_nothing_is_outside(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, logged: Callable[[], str]
) -> None:
    """Telegram calls "restricted" also those who have left, and those for whom the desk does not exist any more."""
    for answer in ({"status": "restricted", "is_member": False}, {"status": "restricted"}, {"status": "odd"}, {}):

        async def get_member(chat_id: int, user_id: int, answer: Json = answer) -> Json:
            return answer

        monkeypatch.setattr(scene.stage.app.access, "_get_member", get_member)
        person = stranger(scene.stage, 120 + len(answer))
        for each in scene.data()[::7]:
            toast = await scene.press(person, each, desk_chat(scene.stage), scene.cards["den"])
            assert "только сотрудники" in (toast or "")
    assert "outsider_pressed" in logged()


async def test_one_who_is_restricted_and_still_a_member_may_act(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    async def get_member(chat_id: int, user_id: int) -> Json:
        return {"status": "restricted", "is_member": True}

    monkeypatch.setattr(scene.stage.app.access, "_get_member", get_member)
    person, card = stranger(scene.stage, 130), scene.cards["place"]
    claim = next(data for data in _data(card) if data.endswith(":claim"))
    assert await scene.press(person, claim, desk_chat(scene.stage), card) == "Готово"
    await settled(scene.stage)


@pytest.mark.usefixtures("unchanged")
async def test_buttons_brought_into_another_group_do_nothing(scene: Scene, logged: Callable[[], str]) -> None:
    """Even for an officer, and for a member of a group in which the bot is an administrator."""
    stage = scene.stage
    other = stage.sandbox.add_group("Другая группа")
    person = stranger(stage, 140)
    stage.sandbox.join(person, other, status="administrator")
    for who in (person, stage.officer):
        for each in scene.data():
            assert await scene.press(who, each, render.group_chat(other), scene.cards["den"]) is None
    assert logged().count("press_refused") == 2 * len(scene.data())


@pytest.mark.usefixtures("unchanged")
async def test_a_button_of_the_desk_pressed_in_a_private_chat_does_nothing(
    scene: Scene, logged: Callable[[], str]
) -> None:
    for who in (stranger(scene.stage, 150), scene.stage.officer):
        chat = {"id": who.id, "type": "private", "first_name": who.first_name}
        for each in scene.data():
            assert "больше не действует" in (await scene.press(who, each, chat, scene.cards["den"]) or "")
    logged()


DRAW: Final = random.Random(20261123)


def garbage() -> list[str]:
    """Sixty-four bytes of anything, and what looks like ours."""
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_:=. \n\0ъ"
    some = ["".join(DRAW.choices(letters, k=DRAW.randint(0, 64))) for _ in range(60)]
    packed = base64.urlsafe_b64encode(uuid4().bytes).rstrip(b"=").decode()
    shaped = [f"{packed}:{standing}:{act}" for standing in ("", "0", "00000000", "ё") for act in (*ACTS, "hack", "")]
    forms = [f"f:{packed}:{verb}:{what}" for verb in (*Verb, "x", "") for what in ("", "1", "x", "9" * 30, "-1", "ё")]
    return [*some, *shaped, *forms, "", ":", "::", ":::", "f:", "f::", "f:::", packed, f"{packed}:{packed}:claim"]


@pytest.mark.usefixtures("unchanged")
async def test_forged_data_does_nothing_even_from_an_officer(scene: Scene, logged: Callable[[], str]) -> None:
    stage = scene.stage
    shown = [buttons.read(data) for post in scene.cards.values() for data in _data(post)]
    standings = {pressed.standing for pressed in shown if pressed}
    someone, subjects = uuid4(), [UUID(str(row["id"])) for row in await stage.fetch("SELECT id FROM reports")]
    # The right standing with the id of no card, or with that of a report instead of its card.
    wrong = [buttons.data(card, shown, act) for card in (someone, *subjects[:2]) for shown in standings for act in ACTS]
    # The right card as it never stood.
    pressed = next(filter(None, map(buttons.read, _data(scene.cards["den"]))))
    stale = [buttons.data(pressed.card, shown, act) for shown in ("", "00000000", "zzzzzzzz") for act in ACTS]
    for each in [*garbage(), *wrong, *stale]:
        toast = await scene.press(stage.officer, each, desk_chat(stage), scene.cards["den"])
        assert toast is not None, each
        assert toast != "Готово", each
    assert "handler_failed" not in logged()


async def test_a_button_of_a_form_that_is_over_does_nothing(scene: Scene) -> None:
    """An old phone still shows it, or two officers press at once: what was refused is refused whole."""
    stage = scene.stage
    form = next(post for post in scene.forms if any(f":{Verb.CONFIRM.value}:" in data for data in _data(post)))
    confirm = next(data for data in _data(form) if f":{Verb.CONFIRM.value}:" in data)
    drop = next(data for data in _data(form) if f":{Verb.DROP.value}:" in data)
    assert await scene.press(stage.officer, drop, desk_chat(stage), form) == "Готово"
    await settled(stage)
    before = await scene.state()
    for data in (confirm, drop, form_buttons.data(uuid4(), Verb.CONFIRM)):
        assert await scene.press(stage.officer, data, desk_chat(stage), form) != "Готово"
    await settled(stage)
    after = await scene.state()
    assert {name for name in TABLES if before[name] != after[name]} == set()


@pytest.mark.usefixtures("unchanged")
async def test_words_and_commands_of_outsiders_do_nothing(scene: Scene, logged: Callable[[], str]) -> None:
    """Telegram lets nobody write into a group that is not theirs; were it so, nothing would come of it."""
    stage = scene.stage
    person = stranger(stage, 160)
    commands = [
        "/start",
        "/help",
        "/register",
        "/sent",
        "/blocked",
        "/stats",
        "/report",
        "/forget",
        "/status",
        "/purge",
        "/hide №1",
        "/evidence 1",
        "/capture 1",
        *("/pause", "/pause слова", "/resume", "/reload"),
        *("/placement", "/placement add Абай; Күз; stop", "/qr Абай"),
        "№1",
    ]
    before = len(stage.sandbox.messages(stage.desk.id))
    for words in [*commands, "Где именно?", "Злоупотребление", "Готово"]:
        for post in [None, *scene.cards.values(), *scene.forms]:
            writes(stage, person, words, post)
    await settled(stage)
    posts = stage.sandbox.messages(stage.desk.id)[before:]
    assert {post.words for post in posts if post.from_bot} <= {help_of(stage)}, "help is all that is said"
    assert await stage.fetch("SELECT 1 FROM facts WHERE name IN ('paused', 'templates')") == []
    assert "outsider_wrote" in logged()


def help_of(stage: Stage) -> str:
    return plain(stage.wording.texts.render("ru", "desk.help"))


def writes(stage: Stage, person: Person, words: str, reply_to: Message | None) -> None:
    sandbox = stage.sandbox
    message: Json = {
        "message_id": sandbox.world.next_message_id(stage.desk.id),
        "date": sandbox.now(),
        "chat": desk_chat(stage),
        "from": render.user(person),
        "text": words,
    }
    if words.startswith("/"):
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(words.split()[0])}]
    if reply_to:
        message["reply_to_message"] = render.message(sandbox, reply_to)
    sandbox.raw_update({"message": message})


@pytest.mark.usefixtures("unchanged")
async def test_a_citizens_button_works_only_where_it_was_made(scene: Scene, logged: Callable[[], str]) -> None:
    """Another person with the same data, a MAC that was made up, another button or row under a right MAC."""
    stage, asked = scene.stage, scene.asked
    ring, thief = stage.app.ring, stranger(stage, 170)
    rows = [UUID(str(row["id"])) for table in ("forms", "reports", "parts") for row in await stage.fetch(_IDS[table])]
    own = [citizen_buttons.data(ring, button, row, asked.id) for button in citizen_buttons.Button for row in rows]
    assert set(_data(scene.question)) <= set(own)
    chat = {"id": thief.id, "type": "private", "first_name": "x"}
    for each in own:
        assert "больше не действует" in (await scene.press(thief, each, chat, scene.question) or ""), each
    home = {"id": asked.id, "type": "private", "first_name": "x"}
    for each in [*garbage(), *(forged for good in _data(scene.question) for forged in forgeries(good))]:
        assert "больше не действует" in (await scene.press(asked.person, each, home, scene.question) or ""), each
    # In a group the right data is nobody's.
    for each in _data(scene.question):
        assert await scene.press(asked.person, each, render.group_chat(_group(stage)), scene.question) is None
    logged()


_IDS: Final = {
    "forms": "SELECT id FROM forms",
    "reports": "SELECT id FROM reports",
    "parts": "SELECT id FROM parts",
}


def _group(stage: Stage) -> Group:
    return stage.sandbox.add_group("Ещё группа")


def forgeries(good: str) -> Iterator[str]:
    """A button's data with one thing changed: what it does, the row, the MAC, its length."""
    packed = bytearray(base64.urlsafe_b64decode(good[1:]))
    for other in citizen_buttons.Button:
        if other.value != good[0]:
            yield other.value + good[1:]
    for at in range(len(packed)):
        changed = bytearray(packed)
        changed[at] ^= 1 << DRAW.randrange(8)
        yield good[0] + base64.urlsafe_b64encode(changed).decode()
    yield good[0] + base64.urlsafe_b64encode(packed[:-1]).decode()
    yield good[0] + base64.urlsafe_b64encode(packed + b"\0").decode()
    yield good[0] + base64.urlsafe_b64encode(packed[:16] + bytes(12)).decode()
