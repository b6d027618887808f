"""A photo's file says where it was taken: the citizen is asked once whether the report may say so too."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from bot.sandbox.world import Message
from tests.journeys.acting import MOSCOW, TARAZ, Citizen, Desk, unique
from tests.stage import Stage

SHOWN = "42.90000, 71.36670"


def photo_at(point: tuple[float, float] = TARAZ, shade: int = 60) -> bytes:
    """A photo whose EXIF bears a place."""
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: _parts(point[0]), 3: "E", 4: _parts(point[1])}
    written = io.BytesIO()
    Image.new("RGB", (64, 48), (shade, 120, 90)).save(written, "JPEG", exif=exif)
    return written.getvalue()


def _parts(degrees: float) -> tuple[float, float, float]:
    minutes = (degrees - int(degrees)) * 60
    return float(int(degrees)), float(int(minutes)), round((minutes - int(minutes)) * 60, 4)


def sends_file(citizen: Citizen, data: bytes) -> Message:
    return citizen.document("photo.jpg", data, "image/jpeg")


def question(citizen: Citizen, **more: Any) -> str:
    return citizen.text("photo_place", **({"latitude": TARAZ[0], "longitude": TARAZ[1], "outside": False} | more))


async def asked(citizen: Citizen, text: str | None = None) -> Message:
    return await citizen.reads(text or question(citizen))


def questions(citizen: Citizen) -> list[Message]:
    return [m for m in citizen.sandbox.messages(citizen.id) if m.from_bot and m.inline and "<code>" in (m.html or "")]


async def answers(citizen: Citizen, asking: Message, button: str) -> str:
    """Press a button of the question; give what the toast says."""
    citizen.last = max(m.id for m in citizen.sandbox.messages(citizen.id))
    return await presses(citizen, asking, citizen.stage.wording.texts.plain(citizen.language, f"buttons.{button}"))


async def presses(citizen: Citizen, under: Message, button: str, *, outdated: bool = False) -> str:
    sandbox = citizen.sandbox
    press = sandbox.presses[sandbox.press(citizen.person, under.id, button, outdated=outdated)]
    await sandbox.wait_for(lambda: press.answered)
    return press.text or ""


async def places(stage: Stage) -> list[bytes]:
    rows = await stage.fetch("SELECT place FROM parts WHERE place IS NOT NULL")
    return [row["place"] for row in rows]


async def begins(citizen: Citizen, kind: str) -> None:
    citizen.types("/start")
    await citizen.reads(citizen.text("menu"))
    citizen.presses(f"kind:{kind}")
    await citizen.reads("")


async def graffiti(citizen: Citizen, *photos: bytes) -> None:
    await begins(citizen, "graffiti")
    for photo in photos:
        sends_file(citizen, photo)
        await citizen.reads(citizen.text("photos_taken", count=1, most=10))
    await citizen.settled()


async def finishes(citizen: Citizen, mark: str) -> None:
    """Say where nothing more is to be said, name the report by a word, and send it."""
    while citizen.label("send") not in citizen.buttons:
        citizen.presses("done" if citizen.label("done") in citizen.buttons else "skip")
        await citizen.reads("")
    citizen.types(mark)
    await citizen.reads(mark)
    await citizen.sends()


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_a_place_that_is_used_goes_into_the_draft_and_to_the_desk(stage: Stage, language: str) -> None:
    citizen, desk, mark = Citizen(stage, language), Desk(stage), unique()
    await begins(citizen, "graffiti")
    sends_file(citizen, photo_at())
    asking = await asked(citizen)
    assert asking.silent
    assert f"<code>{SHOWN}</code>" in (asking.html or "")
    assert asking.words.splitlines()[0].endswith("."), "the lock screen shows a line that tells nothing"
    assert not any(sign in asking.words.splitlines()[0] for sign in "0123456789")
    assert await answers(citizen, asking, "use_place") == ""
    # The next step comes with it: the photos are still open, the place is not asked for after them.
    await citizen.reads(citizen.text("photo_place_used"), citizen.text("photos_taken", count=1, most=10))
    citizen.presses("done")
    await citizen.reads(citizen.text("kinds.graffiti.ask.words"))
    citizen.types(f"Надпись {mark}")
    await citizen.reads(SHOWN, mark)
    await citizen.sends()
    card = await desk.sees(mark)
    await desk.shows(card, SHOWN)
    under = await desk.under(card, 2)
    assert sorted("location" in m.content for m in under) == [False, True]
    [location] = [m.location for m in under if m.location]
    assert (location["latitude"], location["longitude"]) == pytest.approx(TARAZ, abs=1e-5)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_a_place_that_is_left_is_erased_and_asked_for_as_usual(stage: Stage, language: str) -> None:
    citizen, desk, mark = Citizen(stage, language), Desk(stage), unique()
    await begins(citizen, "graffiti")
    sends_file(citizen, photo_at())
    asking = await asked(citizen)
    assert any(await places(stage))
    assert await answers(citizen, asking, "leave_place") == citizen.text("photo_place_left")
    assert not any(await places(stage))
    citizen.presses("done")
    await citizen.reads(citizen.text("kinds.graffiti.ask.location"))
    citizen.presses("skip")
    await citizen.reads(citizen.text("kinds.graffiti.ask.words"))
    citizen.types(mark)
    await citizen.reads(mark)
    await citizen.sends()
    card = await desk.sees(mark)
    await citizen.settled()
    assert SHOWN not in card.words
    assert [m for m in desk.replies(card) if m.location] == []


@pytest.mark.parametrize(
    ("code", "refusal"), [(429, "Too Many Requests: retry after 1"), (401, "Unauthorized"), (404, "Not Found")]
)
async def test_a_photo_that_is_read_after_the_report_was_sent_asks_all_the_same(
    stage: Stage, code: int, refusal: str
) -> None:
    citizen, desk, mark = Citizen(stage), Desk(stage), unique()
    stage.sandbox.fail_next("getFile", code, refusal, times=10_000)
    await begins(citizen, "graffiti")
    sends_file(citizen, photo_at())
    await citizen.reads(citizen.text("photos_taken", count=1, most=10))
    await finishes(citizen, mark)
    stage.sandbox.faults.clear()
    asking = await asked(citizen)
    card = await desk.sees(mark)
    assert SHOWN not in card.words
    assert await answers(citizen, asking, "use_place") == citizen.text("photo_place_used")
    await desk.shows(card, SHOWN)
    await stage.sandbox.wait_for(lambda: [m for m in desk.replies(card) if m.location])
    assert not any(await places(stage))
    # Answered: the buttons still stand there, and do nothing more.
    assert await answers(citizen, asking, "leave_place") == citizen.text("outdated")
    await citizen.settled()
    assert SHOWN in card.words
    assert len([m for m in desk.replies(card) if m.location]) == 1
    stage.sandbox.calls.clear()  # the refused downloads were ours


async def test_it_is_asked_once_a_report(stage: Stage) -> None:
    citizen = Citizen(stage)
    await begins(citizen, "graffiti")
    files = [("a.jpg", photo_at(shade=n), "image/jpeg") for n in range(4)]
    citizen.last = stage.sandbox.send_documents(citizen.person, files)[0].id
    asking = await asked(citizen)
    await citizen.settled()
    assert len(questions(citizen)) == 1
    await answers(citizen, asking, "leave_place")
    sends_file(citizen, photo_at(shade=9))
    await citizen.settled()
    assert len(questions(citizen)) == 1


@pytest.mark.parametrize("given", ["point", "address", "link"])
async def test_nobody_is_asked_whose_report_has_a_place_or_takes_none(stage: Stage, given: str) -> None:
    citizen = Citizen(stage)
    await begins(citizen, "link" if given == "link" else "den")
    if given == "link":
        citizen.types(f"t.me/{unique()}")
        await citizen.reads("")
    else:
        citizen.types(f"Третий этаж, {unique()}")
        await citizen.reads(citizen.text("ask_location_or_address"))
        citizen.types("Абая 15") if given == "address" else citizen.location(TARAZ)
        await citizen.reads(citizen.text("kinds.den.ask.photos", most=10))
    sends_file(citizen, photo_at())
    await citizen.settled()
    assert questions(citizen) == []
    assert not any(await places(stage))


async def test_a_place_given_meanwhile_is_not_overwritten(stage: Stage) -> None:
    citizen = Citizen(stage)
    await graffiti(citizen, photo_at())
    [asking] = questions(citizen)
    citizen.location((43.25, 76.95))
    await citizen.settled()
    assert await answers(citizen, asking, "use_place") == citizen.text("photo_place_left")
    citizen.presses("done")
    await citizen.reads(citizen.text("kinds.graffiti.ask.words"))
    citizen.presses("skip")
    await citizen.reads("43.25000, 76.95000")


async def test_before_a_kind_was_chosen_it_is_asked_too(stage: Stage) -> None:
    citizen = Citizen(stage)
    sends_file(citizen, photo_at())
    asking = await asked(citizen)
    await answers(citizen, asking, "use_place")
    await citizen.reads(citizen.text("photo_place_used"), citizen.text("which_kind_photos"))
    citizen.presses("kind:den")
    await citizen.reads(citizen.text("kinds.den.ask.words"))
    citizen.types(f"Третий этаж, {unique()}")
    await citizen.reads(citizen.text("kinds.den.name"), SHOWN)


async def test_a_place_abroad_is_called_so(stage: Stage) -> None:
    citizen = Citizen(stage)
    await begins(citizen, "graffiti")
    sends_file(citizen, photo_at(MOSCOW))
    abroad = question(citizen, latitude=MOSCOW[0], longitude=MOSCOW[1], outside=True)
    assert "за пределами Казахстана" in abroad
    asking = await asked(citizen, abroad)
    await answers(citizen, asking, "use_place")
    await citizen.reads(citizen.text("photo_place_used"))
    citizen.presses("done")
    await citizen.reads(citizen.text("kinds.graffiti.ask.words"))
    citizen.presses("skip")
    await citizen.reads("55.75580, 37.61730")


async def test_the_buttons_of_another_chat_and_of_a_cancelled_report_are_outdated(stage: Stage) -> None:
    citizen, other = Citizen(stage), Citizen(stage)
    await graffiti(citizen, photo_at())
    [asking] = questions(citizen)
    stolen = asking.inline[0][0]["callback_data"]
    other.types("/start")
    hello = await other.reads(other.text("menu"))
    for forged in (stolen, stolen[:-2] + "AA", "p", "pAAAA", stolen.replace("p", "n", 1)):
        assert await presses(other, hello, forged, outdated=True) == other.text("outdated")
    assert any(await places(stage)), "nobody else has answered it"
    citizen.presses("cancel")
    await citizen.reads(citizen.text("cancelled"))
    assert not any(await places(stage))
    assert await answers(citizen, asking, "use_place") == citizen.text("outdated")


async def test_erasing_the_address_erases_a_place_that_nobody_has_answered_for(stage: Stage) -> None:
    citizen, mark = Citizen(stage), unique()
    await graffiti(citizen, photo_at())
    [asking] = questions(citizen)
    await finishes(citizen, mark)
    assert any(await places(stage))
    citizen.presses("erase")
    await citizen.reads(citizen.text("erased"))
    assert not any(await places(stage))
    assert await answers(citizen, asking, "use_place") == citizen.text("outdated")
