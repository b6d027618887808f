"""After journeys of people with marked names, nothing of them stands in any table, on the desk or in the log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.embedded import Embedded
from bot.sandbox.world import Message, Person
from bot.wording import Wording
from tests.integration.rehearsal import dump, traces
from tests.journeys.acting import TARAZ, Citizen, Desk, picture, unique
from tests.journeys.conftest import module_stage, nothing_refused
from tests.stage import Stage

NAMES = {"first_name": "Ефросинья-Θ", "last_name": "Quartermain", "username": "zz_reporter_zz"}
OTHER = {"first_name": "Вахтангжан", "last_name": "Ploughwright", "username": "zz_private_zz"}
PHONE = "+77019876543"


@pytest.fixture(scope="module")
async def shared_stage(cluster: Embedded, wording: Wording, no_waiting: None) -> AsyncIterator[Stage]:
    """By webhook, where replies are recorded as they ride."""
    async with module_stage(cluster, wording, webhook=True) as opened:
        yield opened


def by_hand(citizen: Citizen, **content: Any) -> None:
    """A message with fields that the sandbox's people do not send."""
    stage = citizen.stage
    message = citizen.sent(stage.sandbox._write(citizen.person, None, text=content.pop("text", "слова")))
    user = {"id": citizen.id, "is_bot": False, "language_code": citizen.language, **NAMES}
    chat = {"id": citizen.id, "type": "private", **NAMES}
    shown = {"message_id": message.id, "date": 1, "chat": chat, "from": user, "text": message.text, **content}
    stage.sandbox.raw_update({"message": shown})


async def walk(stage: Stage, language: str) -> tuple[Citizen, Person, list[Message]]:
    """A journey through every road by which an identity could come in."""
    citizen, desk = Citizen(stage, language, **NAMES), Desk(stage)
    private = stage.sandbox.add_person(OTHER["first_name"], OTHER["last_name"], OTHER["username"])
    other_user = {"id": private.id, "is_bot": False, **OTHER}
    citizen.types("/start")
    await citizen.reads(citizen.text("menu"))
    citizen.presses("kind:den")
    await citizen.reads(citizen.text("kinds.den.ask.words"))
    mark = unique()
    citizen.sent(stage.sandbox.forward_from_person(citizen.person, private, f"Приходи на третий этаж, {mark}"))
    await citizen.reads(citizen.text("ask_location_or_address"))
    citizen.sent(stage.sandbox.forward_from_person(citizen.person, OTHER["first_name"], "И ещё приходи вечером"))
    await citizen.reads(citizen.text("kinds.den.ask.photos", most=10))
    by_hand(
        citizen,
        text="вот этот человек",
        entities=[{"type": "text_mention", "offset": 0, "length": 3, "user": other_user}],
        quote={"text": "он", "position": 0},
        external_reply={"origin": {"type": "user", "date": 1, "sender_user": other_user}},
        via_bot={**other_user, "is_bot": True},
    )
    await citizen.reads(citizen.text("kinds.den.ask.photos", most=10))
    citizen.sent(stage.sandbox.send_contact(citizen.person, PHONE))
    await citizen.reads(citizen.text("refused_contact"))
    citizen.photos(2)
    await citizen.reads(citizen.text("photos_taken", count=1, most=10))
    citizen.presses("done")
    await citizen.reads("419", mark)
    receipt = await citizen.sends()
    card = await desk.sees(mark)
    await desk.under(card, 2)
    await desk.press(card, "Отклонить")
    await citizen.reads(citizen.text("kinds.den.feedback.rejected"))
    citizen.types(f"t.me/{unique()}")
    await citizen.reads("t.me/")
    citizen.types(f"t.me/{unique()}")
    citizen.document("list.txt", f"t.me/{unique()}".encode())
    await citizen.settled()
    await citizen.sends()
    citizen.types(receipt)
    await citizen.reads(citizen.text("status_decided"))
    citizen.location(TARAZ)
    await citizen.reads(citizen.text("which_kind_location"))
    citizen.sent(stage.sandbox.send_photos(citizen.person, [picture(9)[:150]])[0])
    await citizen.settled()
    return citizen, private, desk.posts


async def test_nothing_of_the_people_is_stored_shown_or_logged(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    marks: list[str | int] = [*NAMES.values(), *OTHER.values(), PHONE, PHONE[1:]]
    shown: list[Message] = []
    for language in ("kk", "ru", "en"):
        citizen, private, posts = await walk(stage, language)
        marks += [citizen.id, private.id]
        shown += posts
    stored = stage.sandbox.files.by_id.values()
    marks += [name for file in stored for name in (file.file_id, file.unique_id)]
    albums = {m.media_group_id for chat in stage.sandbox.world.people for m in stage.sandbox.messages(chat)}
    marks += [album for album in albums if album]
    values = await dump(stage.url)
    assert len({table for table, _, _ in values}) > 12, "the dump holds the tables"
    assert {"dialogues", "parts", "return_addresses", "reports"} <= {table for table, _, _ in values}
    assert traces(values, marks) == []
    # Sealed things hold only what they are for: of a filed report, its words, address and point.
    for row in await stage.fetch("SELECT id, sealed FROM reports"):
        opened = stage.app.reports.open_contents(row["id"], row["sealed"]).model_dump_json()
        assert traces([("reports", "opened", opened)], marks) == []
    on_the_desk = [("desk", "message", f"{m.words} {m.html} {m.markup}") for m in shown]
    assert on_the_desk
    assert traces(on_the_desk, marks) == []
    captured = capsys.readouterr()
    assert traces([("log", "line", captured.out + captured.err)], marks) == []
    nothing_refused(stage)


async def test_the_search_finds_each_shape_of_a_planted_mark(stage: Stage) -> None:
    number = 5_912_345_678
    await stage.fetch("INSERT INTO facts (name, value) VALUES ('planted', $1)", f"chat {number:x}")
    await stage.fetch(
        "INSERT INTO handled_updates (update_id, handled, failures, reply, at) VALUES (1, true, 0, $1, now())",
        b"\x07" + number.to_bytes(8, "little") + "Quartermain".encode("utf-16-le"),
    )
    found = traces(await dump(stage.url), [number, "Quartermain"])
    assert {table for table, _, _ in found} == {"facts", "handled_updates"}
    assert len(found) >= 3
