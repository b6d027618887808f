"""Each state of the dialogue meets each sort of content: an answer that fits, or silence that is meant.

`make test` tries every third pair: each state meets a third of the contents, and each content a third of the states.
`make thorough` tries all of them.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from inspect import isawaitable
from typing import Any

import orjson
import pytest

from bot.citizen.addition_kinds import KINDS as ADDED
from bot.citizen.buttons import Button, data
from bot.citizen.conversation import Conversation, Talk
from bot.citizen.dialogue import Dialogue
from bot.citizen.labels import LANGUAGES
from bot.citizen.safety import Safety
from bot.embedded import Embedded
from bot.languages import Language
from bot.reports.contents import Contents
from bot.sandbox.world import Person
from bot.texts_wanted import LABELS
from bot.wording import Wording
from tests.integration.rehearsal import ROOT, Rehearsal, rehearsal
from tests.journeys.acting import MOSCOW, TARAZ, picture

KINDS = ("link", "place", "graffiti", "stash", "lab", "den")
Act = Callable[[Rehearsal, Person], Any]


@pytest.fixture(scope="module")
async def bot(cluster: Embedded, wording: Wording) -> AsyncIterator[Rehearsal]:
    async with rehearsal(cluster, wording) as opened:
        yield opened


# States


def says(text: str) -> Act:
    return lambda bot, person: bot.sandbox.send_text(person, text)


def presses(name: str, language: str = "ru") -> Act:
    """A label typed as a keyboard of any age would send it."""

    def act(bot: Rehearsal, person: Person) -> None:
        full = f"kinds.{name[5:]}.label" if name.startswith("kind:") else f"labels.{name}"
        bot.sandbox.send_text(person, bot.app.labels._texts.plain(language, full))

    return act


def photo(bot: Rehearsal, person: Person) -> None:
    bot.sandbox.send_photos(person, [picture()])


def place(bot: Rehearsal, person: Person) -> None:
    bot.sandbox.send_location(person, *TARAZ)


def abroad(bot: Rehearsal, person: Person) -> None:
    bot.sandbox.send_location(person, *MOSCOW)


async def asked(bot: Rehearsal, person: Person) -> None:
    """Press `Answer` under a question."""
    form_id = await bot.ask()
    bot.sandbox.send_text(person, "/start")
    await bot.answer()
    shown = next(m for m in bot.sandbox.messages(person.id) if m.from_bot)
    bot.sandbox.press(person, shown.id, data(bot.ring, Button.ANSWER, form_id, person.id), outdated=True)


async def adds_links(bot: Rehearsal, person: Person) -> None:
    """Begin to add to a report of links, as a receipt does."""
    await asked(bot, person)
    await bot.answer()
    row = await bot.row(person)
    state, dialogue = bot.opened(person, row)
    assert dialogue.draft
    dialogue.draft.kind, dialogue.form = "addition_links", None
    stored = {"state": state, "data": dialogue.model_dump(mode="json")}
    sealed = bot.ring.seal("dialogues", bot.chat_hash(person), orjson.dumps(stored))
    await bot.restore(person, (sealed, row["touched_at"]))


WORDS = says("Третий этаж, ходят ночью")
LINK = says("https://t.me/some_shop")
STATES: dict[str, list[Act]] = {
    "none": [],
    "language": [says("/language")],
    "language, in a draft": [LINK, says("/language")],
    "kind, of a photo": [photo],
    "kind, of a place": [place],
    "kind, of words": [WORDS],
    "answering": [says("/status")],
    "answering, in a draft": [presses("kind:den"), WORDS, says("/status")],
    "answering, to add": [says("/add")],
    "answer: empty": [asked],
    "answer: confirming": [asked, WORDS, photo],
    "answer: outside the country": [asked, WORDS, abroad],
    "addition of links: empty": [adds_links],
    "addition of links: confirming": [adds_links, LINK],
    "link: links": [presses("kind:link")],
    "link: links, with a screenshot": [presses("kind:link"), photo],
    "link: confirming": [LINK],
    "place: location": [presses("kind:place")],
    "place: outside the country": [presses("kind:place"), abroad],
    "place: words": [presses("kind:place"), place],
    "place: photos": [presses("kind:place"), place, WORDS],
    "place: more photos": [presses("kind:place"), place, WORDS, photo],
    "place: confirming": [presses("kind:place"), place, WORDS, presses("skip")],
    "graffiti: photos": [presses("kind:graffiti")],
    "graffiti: more photos": [presses("kind:graffiti"), photo],
    "graffiti: location": [presses("kind:graffiti"), photo, presses("done")],
    "graffiti: words": [presses("kind:graffiti"), photo, presses("done"), place],
    "graffiti: confirming": [presses("kind:graffiti"), photo, presses("done"), place, WORDS],
    "stash: words": [presses("kind:stash")],
    "stash: location": [presses("kind:stash"), WORDS],
    "stash: outside the country": [presses("kind:stash"), WORDS, abroad],
    "stash: photos": [presses("kind:stash"), WORDS, place],
    "stash: confirming": [presses("kind:stash"), WORDS, place, presses("skip")],
    "lab: words": [presses("kind:lab")],
    "lab: location": [presses("kind:lab"), WORDS],
    "den: words, full": [presses("kind:den"), says("а" * 4096)],
    "den: confirming": [presses("kind:den"), WORDS, presses("skip"), presses("skip")],
}
READY = {"link: confirming", "place: confirming", "graffiti: confirming", "stash: confirming", "den: confirming"}


# Contents


def sends(name: str, *given: Any, **more: Any) -> Act:
    return lambda bot, person: getattr(bot.sandbox, name)(person, *given, **more)


def raw(**content: Any) -> Act:
    """A message as Telegram would bring it, made by hand."""

    def act(bot: Rehearsal, person: Person) -> None:
        user = {"id": person.id, "is_bot": False, "first_name": "A", "language_code": "ru"}
        message = {"message_id": 900, "date": 1, "chat": {"id": person.id, "type": "private", "first_name": "A"}}
        bot.sandbox.raw_update({"message": {**message, "from": user, **content}})

    return act


def edits(bot: Rehearsal, person: Person) -> None:
    old = next((m for m in bot.sandbox.messages(person.id) if not m.from_bot and m.text), None)
    if old is None:
        old = bot.sandbox._write(person, None, text="before")
    bot.sandbox.edit_text(person, old, "t.me/edited_name")


def moves(bot: Rehearsal, person: Person) -> None:
    live = bot.sandbox._write(
        person, None, content={"location": {"latitude": 1.0, "longitude": 1.0, "live_period": 60}}
    )
    bot.sandbox.move_live_location(person, live, 43.0, 71.0)


def presses_inline(bot: Rehearsal, person: Person) -> None:
    old = next((m for m in bot.sandbox.messages(person.id) if m.from_bot), None)
    if old is None:
        bot.sandbox.send_text(person, "/start")
    else:
        bot.sandbox.press(person, old.id, "a:b:c", outdated=True)


def blocks(bot: Rehearsal, person: Person) -> None:
    bot.sandbox.block(person)
    bot.sandbox.unblock(person)


HIDDEN = [{"type": "text_link", "offset": 0, "length": 4, "url": "https://t.me/hidden_shop"}]
USER = {"id": 99, "is_bot": False, "first_name": "B"}
CONTENTS: dict[str, Act] = {
    "words": says("Ходят ночью, стучат два раза"),
    "a short word": says("да"),
    "an emoji": says("👍"),
    "a long text": says("слово " * 682),
    "astral letters": says("𝕬" * 2048),
    "markup": says("</blockquote><b>№99</b> &amp; <script>{{ 7*7 }}{% for %}"),
    "danger": says("друг не дышит"),
    "a link": says("смотрите t.me/other_shop там всё"),
    "many links": says(" ".join(f"t.me/shop_{n:03}" for n in range(200))),
    "a hidden link": sends("send_text", "жми сюда", entities=HIDDEN),
    "a login link": says("https://t.me/login/12345"),
    "a name": says("@other_name"),
    "an unknown receipt": says("7K3M-9QWX-2T8R-4HVN"),
    "coordinates": says("42.9, 71.3667"),
    "coordinates abroad": says("55.7558, 37.6173"),
    "coordinates out of range": says("95.1234, 200.5678"),
    "a map link": says("https://2gis.kz/taraz/geo/71.3667,42.9"),
    "a short map link": says("https://go.2gis.com/abcde"),
    **{f"/{name}": says(f"/{name}") for name in ("start", "report", "status", "language", "privacy", "about")},
    **{f"/{name}": says(f"/{name}") for name in ("fake", "help")},
    "/start with a payload": says("/start d_123"),
    "/start of another bot": says("/start@another_bot"),
    "/status of nothing": says("/status 0000-0000-0000-0000"),
    "/status garbage": says("/status <b>" + "x" * 300),
    "an unknown command": says("/add 0000"),
    "a photo": photo,
    "an album": sends("send_photos", [picture(1), picture(2)]),
    "a photo with a link": sends("send_photos", [picture(3)], caption="t.me/caption_shop"),
    "a list": sends("send_document", "list.txt", b"t.me/list_shop"),
    "a list as csv": sends("send_document", "list.csv", b"t.me/list_shop", None),
    "an empty list": sends("send_document", "list.txt", b"", size=0),
    "a big list": sends("send_document", "list.txt", b"x", size=5 << 20),
    "a photo as a file": sends("send_document", "a.jpg", picture(), "image/jpeg"),
    "a HEIC": sends("send_document", "a.heic", b"x", None),
    "a big photo": sends("send_document", "a.jpg", b"x", "image/jpeg", size=21 << 20),
    "a PDF": sends("send_document", "a.pdf", b"x", "application/pdf"),
    "a program": sends("send_document", "a.exe", b"x", None),
    "a video as a file": sends("send_document", "a.mp4", b"x", "video/mp4"),
    "a file with no name": raw(document={"file_id": "x", "file_unique_id": "y"}),
    "files as an album": sends("send_documents", [("a.txt", b"t.me/list_a", None), ("b.pdf", b"x", None)]),
    "a location": place,
    "a location abroad": abroad,
    "a live location": sends("send_location", *TARAZ, live_period=60),
    "a venue": sends("send_venue", *TARAZ, "Кафе", "Абая 1"),
    **{name: sends(f"send_{name}") for name in ("voice", "audio", "video", "video_note", "animation", "sticker")},
    **{name: sends(f"send_{name}") for name in ("contact", "poll", "dice", "story")},
    "a channel's post": sends("forward_channel_post", "Shop", "post_shop", 5, text="Всё есть, t.me/post_bot"),
    "a private channel's post": sends("forward_channel_post", "Shop", None, 5, text="Всё есть в наличии"),
    "a photo of a channel": sends("forward_channel_post", "Shop", "photo_shop", 6, text="Меню", photo=picture()),
    "somebody's message": sends("forward_from_person", Person(5, "Bob"), "Приходи вечером на Абая 15"),
    "a hidden person's message": sends("forward_from_person", "Bob", "Приходи вечером на Абая 15"),
    "an inline result": raw(text="t.me/inline_shop", via_bot={"id": 7, "is_bot": True, "first_name": "gif"}),
    "an anonymous group's message": raw(
        text="Работаем каждый день",
        forward_origin={
            "type": "chat",
            "date": 1,
            "sender_chat": {"id": -1001, "type": "supergroup", "title": "G", "username": "group_shop"},
        },
    ),
    "an edited message": edits,
    "a live location that moves": moves,
    "an old inline button": presses_inline,
    "a message of an unknown sort": raw(),
    "a game": raw(game={"title": "t", "description": "d", "photo": []}),
    "a block and its end": blocks,
    **{f"label {name}": presses(name) for name in LABELS if name != "cancel"},
    **{f"label {name} in Kazakh": presses(name, "kk") for name in ("send", "back", "help", "kind:stash")},
    **{f"label {name} in English": presses(name, "en") for name in ("skip", "done", "status", "kind:place")},
    **{f"label kind:{kind}": presses(f"kind:{kind}") for kind in KINDS},
    "label cancel": presses("cancel"),
    "/cancel": says("/cancel"),
    "/forget": says("/forget"),
}
SERVICE: dict[str, Act] = {
    "a pinned message": raw(pinned_message={"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}}),
    "a timer": raw(message_auto_delete_timer_changed={"message_auto_delete_time": 86400}),
    "a shared chat": raw(chat_shared={"request_id": 1, "chat_id": 2}),
    "shared users": raw(users_shared={"request_id": 1, "users": [{"user_id": 77}]}),
    "write access": raw(write_access_allowed={}),
    "a background": raw(chat_background_set={"type": {"type": "chat_theme", "theme_name": "x"}}),
    "a website": raw(connected_website="example.org"),
    "an app's data": raw(web_app_data={"data": "x", "button_text": "y"}),
    "a paid message's price": raw(paid_message_price_changed={"paid_message_star_count": 1}),
    "a boost": raw(boost_added={"boost_count": 1}),
    "a video chat": raw(video_chat_started={}),
    "a topic": raw(forum_topic_created={"name": "x", "icon_color": 1}),
    "a new photo of the chat": raw(delete_chat_photo=True),
    "a payment": raw(
        successful_payment={
            "currency": "XTR",
            "total_amount": 1,
            "invoice_payload": "x",
            "telegram_payment_charge_id": "x",
            "provider_payment_charge_id": "x",
        }
    ),
}
CONTENTS |= SERVICE
APART = 1 if os.environ.get("MATRIX") == "all" else 3


def met_in(state: str) -> dict[str, Act]:
    """Give the contents that a state meets: every third, another one of each three in the state that follows."""
    number = list(STATES).index(state)
    return {name: act for place, (name, act) in enumerate(CONTENTS.items()) if (place + number) % APART == 0}


SILENT = {"an edited message", "a live location that moves", "a block and its end", *SERVICE}
ENDS = {"label cancel", "/cancel", "/forget", "label back", "label back in Kazakh"}
OWN_KEYBOARD = {"/language", "label help", "label help in Kazakh"}


async def bring(bot: Rehearsal, steps: list[Act]) -> Person:
    """Bring somebody new into a state."""
    person = bot.sandbox.add_person("Citizen", language_code="ru")
    person.started = True
    for step in steps:
        done = step(bot, person)
        if isawaitable(done):
            await done
        await bot.answer()
    return person


def kept(before: Contents | None, after: Contents | None) -> bool:
    """Tell whether all that a draft held is still there."""
    if before is None:
        return True
    if before.kind in ADDED and not _holds(before):
        return after is not None  # nothing was written yet: the label of a kind begins a report
    return (
        after is not None
        and after.report_id == before.report_id
        and (not before.kind or after.kind == before.kind or not _holds(before))
        and after.words.startswith(before.words)
        and after.links[: len(before.links)] == before.links
        and after.photos >= before.photos
        and (before.point is None or after.point is not None)
        and (not before.address or bool(after.address))
    )


def _holds(draft: Contents) -> bool:
    return bool(draft.words or draft.links or draft.photos or draft.point or draft.address or draft.lists)


@pytest.fixture(scope="module")
def conversation(bot: Rehearsal, wording: Wording) -> Conversation:
    return Conversation(wording.texts, wording.kinds, bot.app.labels, Safety(ROOT / "templates"))


@pytest.mark.parametrize("state", STATES)
async def test_a_state_answers_every_sort_of_content(bot: Rehearsal, conversation: Conversation, state: str) -> None:
    person = await bring(bot, STATES[state])
    start = await bot.row(person)
    before, held = bot.opened(person, start)
    faults = []
    for name, act in met_in(state).items():
        act(bot, person)
        calls = await bot.answer()
        after, dialogue = bot.opened(person, await bot.row(person))
        faults += [f"{name}: {fault}" for fault in found(conversation, state, name, calls, held, dialogue)]
        if name in SILENT and (after, dialogue) != (before, held):
            faults.append(f"{name}: changed what it should not")
        await bot.restore(person, start)
    assert not faults, "\n".join(faults)


def found(
    conversation: Conversation,
    state: str,
    name: str,
    calls: list[tuple[str, dict[str, Any]]],
    before: Dialogue,
    after: Dialogue,
) -> list[str]:
    """Give what is wrong with an answer."""
    faults = []
    sent = name.startswith("label send") and before.draft is not None and after.draft is None
    if not sent and name not in ENDS and not kept(before.draft, after.draft):
        faults.append(f"the draft is lost: {before.draft} → {after.draft}")
    counted = state in ("link: confirming", "language, in a draft") and after.link_messages > 1
    filed = sent and before.target is None  # an addition's acknowledgement rides, a report's is a delivery
    silent = name in SILENT or filed or (counted and not calls)
    if silent:
        return faults + ([f"answered: {calls}"] if calls else [])
    if name == "files as an album":
        calls = calls[-1:]  # each file of it is told of once
    if len(calls) != 1:
        return [*faults, f"{len(calls)} answers: {[body.get('text') for _, body in calls]}"]
    [(method, body)] = calls
    if name == "an old inline button" and method == "answerCallbackQuery":
        return faults
    if method != "sendMessage" or not body["text"].strip():
        return [*faults, f"answered by {method}"]
    keyboard = [[button["text"] for button in row] for row in body["reply_markup"]["keyboard"]]
    talk = Talk(None, after, Language(_language(name, after)), Language.RU)  # type: ignore[arg-type]
    waits = name == "a list" or name == "a list as csv" or name == "files as an album"
    if name not in OWN_KEYBOARD and not waits and keyboard != conversation.rows(talk):
        faults.append(f"the keyboard {keyboard} is not that of the step: {conversation.rows(talk)}")
    return faults


def _language(name: str, after: Dialogue) -> str:
    if after.language:
        return after.language.value
    named = name.removeprefix("label ")
    if named in LANGUAGES:
        return LANGUAGES[named].value
    return "kk" if name.endswith("Kazakh") else "en" if name.endswith("English") else "ru"


@pytest.mark.parametrize("state", sorted(READY))
async def test_send_files_a_draft_that_is_ready(bot: Rehearsal, state: str) -> None:
    person = await bring(bot, STATES[state])
    _, dialogue = bot.opened(person, await bot.row(person))
    assert dialogue.draft
    presses("send")(bot, person)
    assert await bot.answer() == []
    [row] = await bot.fetch("SELECT kind FROM reports WHERE id = $1", dialogue.draft.report_id)
    assert row["kind"] == dialogue.draft.kind
    _, after = bot.opened(person, await bot.row(person))
    assert after.draft is None
    assert after.sent == dialogue.draft.report_id


async def test_a_draft_whose_kind_is_no_more_keeps_what_it_holds(bot: Rehearsal) -> None:
    person = await bring(bot, STATES["stash: location"])
    row = await bot.row(person)
    state, dialogue = bot.opened(person, row)
    assert dialogue.draft
    dialogue.draft.kind = "gone"
    data = {"state": state, "data": dialogue.model_dump(mode="json")}
    sealed = bot.ring.seal("dialogues", bot.chat_hash(person), orjson.dumps(data))
    await bot.restore(person, (sealed, row["touched_at"]))
    for act in (says("/start"), says("ещё видел машину"), presses("kind:den")):
        act(bot, person)
        assert len(await bot.answer()) == 1
    _, after = bot.opened(person, await bot.row(person))
    assert after.draft
    assert after.draft.kind == "den"
    assert after.draft.words == "Третий этаж, ходят ночью\nещё видел машину"


async def test_long_links_lie_apart_so_that_the_dialogue_stays_small(bot: Rehearsal) -> None:
    person = await bring(bot, [LINK])
    for number in range(6):
        long = " ".join(f"https://narko-shop.com/{number}{half}{'x' * 1800}" for half in "ab")
        says(long)(bot, person)
        await bot.answer()
    row = await bot.row(person)
    _, dialogue = bot.opened(person, row)
    assert dialogue.draft
    assert dialogue.draft.links_total == 13
    assert dialogue.draft.links_apart >= 11
    assert len(row["sealed"]) < 17 << 10
    presses("send")(bot, person)
    assert await bot.answer() == []
    [filed] = await bot.fetch("SELECT count(*) AS n FROM report_links WHERE report_id = $1", dialogue.draft.report_id)
    assert filed["n"] == 13


async def test_an_update_that_comes_again_repeats_its_answer_and_does_nothing(bot: Rehearsal) -> None:
    person = bot.sandbox.add_person("Citizen")
    bot.sandbox.send_text(person, "t.me/again_shop")
    [update] = bot.sandbox.updates.pending()
    bot.sandbox.updates.done(update)
    first = await bot.take(update.body)
    row = await bot.row(person)
    assert await bot.take(update.body) == first
    assert await bot.row(person) == row
