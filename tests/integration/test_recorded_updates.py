"""Recorded updates of every kind are thrown at the bot: as recorded, as a citizen's, on the desk, and spoilt."""

from __future__ import annotations

import copy
import json
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from bot.embedded import Embedded
from bot.sandbox import methods
from bot.telegram.turn import TryAgain
from bot.wording import Wording
from tests.identities import places
from tests.identities.marks import Marks
from tests.identities.search import Search, told
from tests.integration.rehearsal import Rehearsal, rehearsal

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "telegram" / "updates" / "nutgram"
RECORDED = sorted(FOLDER.glob("*.json"))
NONE = "../shared/data/telegram/updates/nutgram is not here: the recorded updates are no part of the project"
needs_records = pytest.mark.skipif(not RECORDED, reason=NONE)

MARKED, OTHER = Marks(0), Marks(3)
CITIZEN, STRANGER = MARKED.id, 5_987_654_321
SEED = 20261123
MUTATIONS = int(os.environ.get("FUZZ", "40"))
"""For each kind of update (`message`, `callback_query`, …), spread over its recorded examples: each has a fourth of it.

`make thorough` makes 200.
"""


@pytest.fixture(scope="module")
async def bot(cluster: Embedded, wording: Wording) -> AsyncIterator[Rehearsal]:
    async with rehearsal(cluster, wording) as opened:
        for person_id in (CITIZEN, STRANGER):
            opened.sandbox.add_person("Citizen", person_id=person_id).started = True
        yield opened


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


_IDS = iter(range(1_000, 1_000_000))


def numbered(update: dict[str, Any]) -> dict[str, Any]:
    """A fresh update id: a known one would only repeat its answer."""
    return {**copy.deepcopy(update), "update_id": next(_IDS)}


def walk(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each (container, key) of a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        yield value, key
        yield from walk(inner)


def as_chat(update: dict[str, Any], chat: dict[str, Any]) -> dict[str, Any]:
    """The same update from another chat, and its people with marked names."""
    changed = numbered(update)
    for holder, key in walk(changed):
        if not isinstance(holder, dict):
            continue
        if key == "chat" and isinstance(holder[key], dict):
            holder[key] = dict(chat)
        elif key in ("from", "user", "sender_user") and isinstance(holder[key], dict):
            holder[key] = {**holder[key], **MARKED.names}
            holder[key]["id"] = chat["id"] if chat["type"] == "private" else OTHER.id
        elif key == "phone_number":
            holder[key] = MARKED.phone
        elif key in ("file_unique_id", "media_group_id", "author_signature", "sender_user_name", "file_name"):
            holder[key] = MARKED.tag(key)
    return changed


def as_recorded(_: Rehearsal, update: dict[str, Any]) -> dict[str, Any]:
    return numbered(update)


def from_a_citizen(_: Rehearsal, update: dict[str, Any]) -> dict[str, Any]:
    return as_chat(update, {"id": CITIZEN, "type": "private", **MARKED.names})


def on_the_desk(bot: Rehearsal, update: dict[str, Any]) -> dict[str, Any]:
    return as_chat(update, {"id": bot.desk.id, "type": "supergroup", "title": bot.desk.title})


async def check(bot: Rehearsal, update: Any) -> None:
    """Take an update; what is answered must be something that Telegram would do."""
    call = await bot.take(update)
    if call is None:
        return
    method, body = call
    chat_id = body.get("chat_id")
    if isinstance(chat_id, int) and chat_id > 0 and chat_id not in bot.sandbox.world.people:
        bot.sandbox.add_person("Recorded", person_id=chat_id).started = True
    if isinstance(chat_id, int) and chat_id < 0 and chat_id not in bot.sandbox.world.groups:
        bot.sandbox.add_group("Recorded", group_id=chat_id)
    if method == "answerCallbackQuery":
        assert len(body.get("text", "")) <= 200
        assert set(body) <= {"callback_query_id", "text", "show_alert"}
        return
    await methods.call(bot.sandbox, method, dict(body), {}, ride=True)


@needs_records
@pytest.mark.parametrize("variant", [as_recorded, from_a_citizen, on_the_desk])
async def test_every_recorded_update_is_taken_and_answered_only_with_what_telegram_does(
    bot: Rehearsal, cluster: Embedded, monkeypatch: pytest.MonkeyPatch, variant: Callable[[Rehearsal, Any], Any]
) -> None:
    monkeypatch.setattr(bot.app.access, "_get_member", _not_a_member)
    assert len(RECORDED) >= 100
    for path in RECORDED:
        try:
            await check(bot, variant(bot, read(path)))
        except TryAgain:
            pytest.fail(f"{path.name} {variant.__name__}: an unhandled exception")
    # The same chat sends something fit for a report, so that there is something in which identities could stand.
    await check(bot, from_a_citizen(bot, {"message": {"message_id": 1, "date": 1, "chat": {}, "text": "t.me/abcde"}}))
    dumped = await places.dump(cluster.binaries, bot.url)
    search = Search([0, 3])
    assert told([*search.look("dump", dumped), *search.look("bytea", places.decoded(dumped))]) == ""


async def _not_a_member(chat_id: int, user_id: int) -> dict[str, Any]:
    return {"status": "left"}


# Spoilt


STRANGE: list[Any] = [
    None,
    0,
    -1,
    2**31,
    2**63 - 1,
    1.5,
    True,
    "",
    " ",
    "x" * 5000,
    "𝕬" * 3000,
    "\u202eevil\u202c",
    "a\u200bb\u200dc\ufeff",
    "\x00\x01",
    "é" * 50 + "\u0301" * 200,
    "@" * 100 + "." * 100,
    "</b><script>&",
    "https://t.me/" + "a" * 4000,
    [],
    {},
    [[]],
    [None],
    {"id": 1},
]


def spoil(update: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    """Change one to three things of an update; its envelope (update_id, the chat's id and type) stays Telegram's."""
    spoilt = numbered(update)
    for _ in range(draw.randint(1, 3)):
        places = [(holder, key) for holder, key in walk(spoilt) if not _envelope(spoilt, holder, key)]
        if not places:
            break
        holder, key = draw.choice(places)
        match draw.randrange(4):
            case 0 if isinstance(holder, dict):
                del holder[key]
            case 1 if isinstance(holder, dict):
                # A field of one kind under the name of another.
                holder[draw.choice(["text", "caption", "photo", "document", "location", "entities", key])] = holder[key]
            case _:
                holder[key] = copy.deepcopy(draw.choice(STRANGE))
    return spoilt


def _envelope(update: dict[str, Any], holder: Any, key: Any) -> bool:
    of_a_chat = isinstance(holder, dict) and "type" in holder and key in ("id", "type")
    return holder is update or of_a_chat or key in ("chat", "sender_chat")


def by_kind() -> dict[str, list[Any]]:
    kinds: dict[str, list[Any]] = {}
    for path in RECORDED:
        update = read(path)
        kind = next(key for key in update if key != "update_id")
        kinds.setdefault(kind, []).append(update)
    return kinds


@needs_records
async def test_spoilt_updates_of_every_kind_raise_nothing_and_are_answered_only_with_what_telegram_does(
    bot: Rehearsal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bot.app.access, "_get_member", _not_a_member)
    print(f"seed {SEED}")
    draw = random.Random(SEED)
    faults: Counter[str] = Counter()
    for kind, updates in by_kind().items():
        # `message` is of eighty sorts, all others of a few.
        for number in range(max(MUTATIONS, MUTATIONS // 4 * len(updates))):
            update = updates[number % len(updates)]
            variant = (as_recorded, from_a_citizen, from_a_citizen, on_the_desk)[number % 4]
            spoilt = spoil(variant(bot, update), draw)
            try:
                await check(bot, orjson.loads(orjson.dumps(spoilt)))
            except TryAgain:
                faults[f"{kind}: unhandled, {json.dumps(spoilt)[:600]}"] += 1
    assert not faults, "\n".join(list(faults)[:5])


@needs_records
async def test_text_that_json_can_hold_and_utf_8_cannot_is_refused_or_taken_but_breaks_nothing(bot: Rehearsal) -> None:
    """A lone surrogate as a JSON escape: our reader refuses the body as a whole, as Telegram's own would."""
    message = (
        '{"update_id": 77, "message": {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "text": "%s"}}'
    )
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(message % "\\ud83d")
    await check(bot, orjson.loads(message % "\\ud83d\\ude00 t.me/abcde"))
