"""Two hundred spoilt updates of every kind of update and content: a clear answer or none, no failure, flat memory.

What is spoilt is made by the sandbox, so that nothing outside the project is needed; test_recorded_updates.py does the
same with what Telegram really sent.
"""

from __future__ import annotations

import copy
import gc
import itertools
import os
import random
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson
import pytest

from bot.citizen import buttons
from bot.embedded import Embedded
from bot.sandbox import checks
from bot.sandbox.entities import units
from bot.sandbox.world import Group, Json, Person
from bot.telegram.turn import TryAgain
from bot.wording import Wording
from tests.integration.rehearsal import Rehearsal, rehearsal
from tests.integration.test_recorded_updates import spoil
from tests.journeys.acting import TARAZ, picture

EACH: Final = int(os.environ.get("FUZZ", "40"))
"""Spoilt updates of each sort; `make thorough` takes 200."""
SEED: Final = 20261123
GROWTH: Final = 24 * 1024 * 1024
"""Bytes that a process may take more after all kinds than after they were all met once."""
MADE: Final = itertools.count(1)
DATES: Final = itertools.count(1_790_000_000, 3)
"""Seconds apart: so many messages at once would be a flood."""

Send = Callable[[Rehearsal, Person], object]
CONTENTS: Final[dict[str, Send]] = {
    "text": lambda bot, who: bot.sandbox.send_text(who, "возле дома 5 продают, t.me/abcde, ночью"),
    "label": lambda bot, who: bot.sandbox.send_text(who, "Граффити"),
    "command": lambda bot, who: bot.sandbox.send_text(who, "/status ABCD-EFGH-JKMN-PQRS"),
    "photo": lambda bot, who: bot.sandbox.send_photos(who, [picture(1)], caption="t.me/abcde"),
    "album": lambda bot, who: bot.sandbox.send_photos(who, [picture(1), picture(2)]),
    "document": lambda bot, who: bot.sandbox.send_document(who, "list.txt", b"t.me/abcde", caption="список"),
    "picture as a file": lambda bot, who: bot.sandbox.send_document(who, "a.jpg", picture(1), "image/jpeg"),
    "location": lambda bot, who: bot.sandbox.send_location(who, *TARAZ),
    "live location": lambda bot, who: bot.sandbox.send_location(who, *TARAZ, live_period=900),
    "venue": lambda bot, who: bot.sandbox.send_venue(who, *TARAZ, title="Кафе", address="Абая, 1"),
    "voice": lambda bot, who: bot.sandbox.send_voice(who),
    "audio": lambda bot, who: bot.sandbox.send_audio(who),
    "video": lambda bot, who: bot.sandbox.send_video(who),
    "video note": lambda bot, who: bot.sandbox.send_video_note(who),
    "animation": lambda bot, who: bot.sandbox.send_animation(who),
    "sticker": lambda bot, who: bot.sandbox.send_sticker(who),
    "contact": lambda bot, who: bot.sandbox.send_contact(who),
    "poll": lambda bot, who: bot.sandbox.send_poll(who),
    "dice": lambda bot, who: bot.sandbox.send_dice(who),
    "story": lambda bot, who: bot.sandbox.send_story(who),
    "forwarded post": lambda bot, who: bot.sandbox.forward_channel_post(
        who, "Shop", "shop_channel", 7, "новый адрес", buttons=[[("x", "https://t.me/abcde")]], photo=picture(3)
    ),
    "forwarded person": lambda bot, who: bot.sandbox.forward_from_person(who, who, "приходи"),
    "forwarded nobody": lambda bot, who: bot.sandbox.forward_from_person(who, "Скрытый", "приходи"),
    "edited message": lambda bot, who: bot.sandbox.edit_text(who, bot.sandbox.send_text(who, "было"), "стало"),
    "stopped bot": lambda bot, who: bot.sandbox.block(who),
    "a desk's message": lambda bot, who: bot.sandbox.send_text(bot.officer, "№1 проверим", bot.desk),
    "a desk's command": lambda bot, who: bot.sandbox.send_text(bot.officer, "/help", bot.desk),
    "a desk's photo": lambda bot, who: bot.sandbox.send_photos(bot.officer, [picture(1)], chat=bot.desk),
    "a desk's member": lambda bot, who: bot.sandbox.join(who, bot.desk),
    "a strange group": lambda bot, who: bot.sandbox.add_group("Группа", added_by=who),
}


def press(bot: Rehearsal, who: Person, chat: Group | None, data: str) -> Json:
    """A press of a button with this data."""
    shown = {"id": chat.id, "type": "supergroup", "title": "x"} if chat else {"id": who.id, "type": "private"}
    user = {"id": who.id, "is_bot": False, "first_name": who.first_name}
    message = {"message_id": 7, "date": 1, "chat": shown, "text": "x", "from": {**user, "is_bot": True}}
    return {"id": "12", "from": user, "message": message, "chat_instance": "1", "data": data}


@pytest.fixture(scope="module")
async def bot(cluster: Embedded, wording: Wording) -> AsyncIterator[Rehearsal]:
    async with rehearsal(cluster, wording) as opened:

        async def get_member(chat_id: int, user_id: int) -> Json:
            return {"status": "member"}

        opened.app.access._get_member = get_member
        yield opened


def seeds(bot: Rehearsal) -> dict[str, list[Json]]:
    """Good updates of each kind, as the sandbox makes them."""
    made: dict[str, list[Json]] = {}
    for name, send in CONTENTS.items():
        who = person(bot)
        send(bot, who)
        bodies = [update.body for update in bot.sandbox.updates.pending()]
        bot.sandbox.updates.drop_all()
        made[name] = [copy.deepcopy(body) for body in bodies][-2:]
        assert made[name], name
    who = person(bot)
    theirs = buttons.data(bot.ring, buttons.Button.ANSWER, _UUID, who.id)
    made["citizen's press"] = [{"callback_query": press(bot, who, None, theirs)}]
    made["officer's press"] = [
        {"callback_query": press(bot, bot.officer, bot.desk, data)}
        for data in (f"{'A' * 22}:00000000:claim", f"f:{'A' * 22}:q:where", f"f:{'A' * 22}:n:1")
    ]
    return made


def person(bot: Rehearsal) -> Person:
    who = bot.sandbox.add_person("Citizen", person_id=6_200_000_000 + next(MADE))
    who.started = True
    return who


_UUID: Final = UUID(int=5)


async def test_two_hundred_spoilt_updates_of_every_kind_are_answered_clearly_or_not_at_all(
    bot: Rehearsal, capsys: pytest.CaptureFixture[str]
) -> None:
    draw, kinds = random.Random(SEED), seeds(bot)
    bot.sandbox.updates.watch(None)
    assert len(kinds) >= 30
    for name in kinds:
        await spoilt(bot, kinds[name], draw, 10)
    settled_at = memory()
    for name, good in kinds.items():
        await spoilt(bot, good, draw, EACH)
        # Whatever came before, whoever writes next is heard.
        assert await well(bot), name
    grown = memory() - settled_at
    assert grown < GROWTH, f"{grown:,} bytes more"
    assert "handler_failed" not in capsys.readouterr().out


async def spoilt(bot: Rehearsal, good: list[Json], draw: random.Random, count: int) -> None:
    who = [person(bot) for _ in range(5)]
    for number in range(count):
        update = from_person(copy.deepcopy(good[number % len(good)]), who[number % len(who)])
        changed = orjson.loads(orjson.dumps(spoil(update, draw)))
        try:
            call = await bot.take(changed)
        except TryAgain:
            pytest.fail(f"an unhandled failure: {orjson.dumps(changed)[:900]!r}")
        if call is not None:
            clear(*call)
    bot.sandbox.world.chats.clear()
    bot.sandbox.calls.clear()


def from_person(update: Json, who: Person) -> Json:
    """The same update of another person, later: their private chat, where it was one."""
    for content in update.values():
        if isinstance(content, dict):
            if "date" in content:
                content["date"] = next(DATES)
            for chat in (content.get("chat"), (content.get("message") or {}).get("chat")):
                if isinstance(chat, dict) and chat.get("type") == "private":
                    chat["id"] = who.id
                    content["from"] = {"id": who.id, "is_bot": False, "first_name": "x"}
    return update


def clear(method: str, body: Mapping[str, Any]) -> None:
    """Check that an answer is one that Telegram takes and a person can read."""
    if method == "answerCallbackQuery":
        assert 0 <= len(body.get("text", "")) <= 200
        return
    assert method in ("sendMessage", "editMessageText"), method
    words = checks.text_of(dict(body), {}).text
    assert 0 < units(words.strip()) <= 4096
    assert "{{" not in words
    assert "None" not in words
    assert "Traceback" not in words


async def well(bot: Rehearsal) -> bool:
    who = person(bot)
    bot.sandbox.send_text(who, "t.me/some_shop")
    return any("t.me/some_shop" in body.get("text", "") for _, body in await bot.answer())


def memory() -> int:
    """Bytes that this process has in memory."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096
