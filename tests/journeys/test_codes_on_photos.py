"""A QR code on a photo: its link is a question, to the citizen or to the desk; nothing is taken before an answer."""

from __future__ import annotations

import io

import pytest
import qrcode  # type: ignore[import-untyped]
from PIL import Image

from bot.privacy.painted import PaintedReader
from bot.reports.codes import TAKE_UP
from bot.sandbox.world import Message, Person
from tests.journeys.acting import Citizen, Desk, picture, unique
from tests.journeys.test_photo_place import begins, finishes, presses
from tests.stage import Stage


def photo_with(*texts: str) -> bytes:
    """A grey wall with these codes on it."""
    wall = Image.new("RGB", (500 * len(texts), 600), (150, 140, 130))
    for place, text in enumerate(texts):
        drawn = qrcode.make(text).get_image().convert("RGB").resize((300, 300))
        wall.paste(drawn.rotate(12, expand=True, fillcolor=(255, 255, 255)), (60 + 500 * place, 120))
    written = io.BytesIO()
    wall.save(written, "JPEG", quality=80)
    return written.getvalue()


def sends(citizen: Citizen, data: bytes) -> Message:
    return citizen.document("photo.jpg", data, "image/jpeg")


def question(citizen: Citizen, *links: str) -> str:
    return citizen.text("photo_codes", links=list(links))


def label(citizen: Citizen, button: str) -> str:
    return citizen.stage.wording.texts.plain(citizen.language, f"buttons.{button}")


async def codes(stage: Stage) -> int:
    [row] = await stage.fetch("SELECT count(*) AS n FROM parts WHERE sort = 'codes'")
    return int(row["n"])


async def resources(stage: Stage, name: str) -> int:
    [row] = await stage.fetch("SELECT count(*) AS n FROM resources WHERE url LIKE $1", f"%{name}%")
    return int(row["n"])


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_a_screenshot_with_a_code_is_asked_about_and_reported_by_a_yes(stage: Stage, language: str) -> None:
    citizen, desk, name = Citizen(stage, language), Desk(stage), unique()
    await begins(citizen, "link")
    sends(citizen, photo_with(f"https://t.me/{name}"))
    asking = await citizen.reads(question(citizen, f"t.me/{name}"))
    assert asking.silent
    assert await presses(citizen, asking, label(citizen, "use_codes")) == ""
    await citizen.reads(citizen.text("photo_codes_used"), f"t.me/{name}")
    assert await codes(stage) == 0
    assert await presses(citizen, asking, label(citizen, "use_codes")) == citizen.text("outdated")
    await citizen.sends()
    await desk.sees(f"t.me/{name}")
    await citizen.settled()
    assert not [post for post in desk.posts if any("k:" in str(button) for button in post.inline)]


async def test_a_code_that_is_left_is_reported_to_nobody(stage: Stage) -> None:
    citizen, desk, name, other = Citizen(stage), Desk(stage), unique(), unique()
    await begins(citizen, "link")
    citizen.types(f"t.me/{other}")
    await citizen.reads(other)
    sends(citizen, photo_with(f"https://t.me/{name}"))
    asking = await citizen.reads(question(citizen, f"t.me/{name}"))
    assert await presses(citizen, asking, label(citizen, "leave_codes")) == citizen.text("photo_codes_left")
    citizen.types("вот")
    await citizen.reads("вот")
    await citizen.sends()
    await desk.sees(other)
    await citizen.settled()
    assert await codes(stage) == 0
    assert await resources(stage, name) == 0


async def test_of_graffiti_the_desk_is_told_and_an_officer_takes_the_link_up_once(stage: Stage) -> None:
    citizen, desk, name, mark = Citizen(stage), Desk(stage), unique(), unique()
    await begins(citizen, "graffiti")
    sends(citizen, photo_with(f"https://t.me/{name}", "https://t.me/login/12345", "просто слова"))
    await citizen.reads("")
    await citizen.settled()
    assert not [m for m in citizen.heard if name in m.words], "a report that takes no links is not asked about any"
    await finishes(citizen, mark)
    card = await desk.sees(mark)
    post = await desk.sees("QR-код", f"t.me/{name}")
    assert post.reply_to == card.id
    assert "login" not in post.words
    assert await resources(stage, name) == 0
    await desk.press(post, "Взять как ссылку")
    taken = await stage.sandbox.wait_for(
        lambda: next((m for m in desk.posts if f"t.me/{name}" in m.words and m.id not in (post.id, card.id)), None),
        15.0,
    )
    assert taken
    [row] = await stage.fetch("SELECT count(*) AS n FROM journal WHERE act = $1 AND officer_name <> ''", TAKE_UP)
    assert row["n"] == 1
    assert await codes(stage) == 0
    again = stage.sandbox.presses[stage.sandbox.press(stage.officer, post.id, "Взять как ссылку", chat=desk.chat)]
    await stage.sandbox.wait_for(lambda: again.answered)
    [row] = await stage.fetch("SELECT count(*) AS n FROM journal WHERE act = $1", TAKE_UP)
    assert row["n"] == 1


async def test_a_code_that_nobody_has_answered_for_stands_on_the_desk_and_either_may_answer(stage: Stage) -> None:
    citizen, desk, name, other = Citizen(stage), Desk(stage), unique(), unique()
    await begins(citizen, "link")
    citizen.types(f"t.me/{other}")
    await citizen.reads(other)
    sends(citizen, photo_with(f"https://t.me/{name}"))
    asking = await citizen.reads(question(citizen, f"t.me/{name}"))
    citizen.types("вот")
    await citizen.reads("вот")
    await citizen.sends()
    await desk.sees("QR-код", name)
    assert await resources(stage, name) == 0
    assert await presses(citizen, asking, label(citizen, "use_codes")) == citizen.text("photo_codes_used")
    await stage.sandbox.wait_for(
        lambda: [m for m in desk.posts if f"t.me/{name}" in m.words and "QR-код" not in m.words], 15.0
    )
    assert await codes(stage) == 0
    assert await resources(stage, name) == 1


async def test_outsiders_and_what_was_hidden_take_nothing_up(stage: Stage) -> None:
    citizen, desk, name, mark = Citizen(stage), Desk(stage), unique(), unique()
    await begins(citizen, "graffiti")
    sends(citizen, photo_with(f"https://t.me/{name}"))
    await citizen.reads("")
    await finishes(citizen, mark)
    card = await desk.sees(mark)
    post = await desk.sees("QR-код", f"t.me/{name}")
    data = post.inline[-1][0]["callback_data"]
    stranger = stage.sandbox.add_person(first_name="Stranger")

    async def pressed(by: Person, what: str) -> str:
        press = stage.sandbox.presses[stage.sandbox.press(by, post.id, what, chat=desk.chat, outdated=True)]
        await stage.sandbox.wait_for(lambda: press.answered)
        return press.text or ""

    for forged in ("k:", "k:AAAA", data[:-1], data):
        assert await pressed(stranger if forged == data else stage.officer, forged) not in ("", "Готово")
    await desk.press(card, "Скрыть")
    form = await stage.sandbox.wait_for(lambda: next((m for m in desk.replies(card) if m.inline and m != post), None))
    await desk.press(form, "Скрыть")
    await stage.sandbox.wait_for(lambda: name not in post.words)
    assert await pressed(stage.officer, data) not in ("", "Готово")
    assert await resources(stage, name) == 0


async def test_what_is_painted_is_told_to_the_desk_alone(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    citizen, desk, name, other = Citizen(stage), Desk(stage), unique(), unique()

    async def read(_: PaintedReader, __: bytes) -> tuple[str, ...]:
        return ("КУПИТЬ", f"TG: {name}", "24/7")

    monkeypatch.setattr(PaintedReader, "read", read)
    await begins(citizen, "link")
    citizen.types(f"t.me/{other}")
    await citizen.reads(other)
    sends(citizen, picture())
    citizen.types("вот")
    await citizen.reads("вот")
    await citizen.sends()
    post = await desk.sees("надпись на фото", f"t.me/{name}")
    await citizen.settled()
    assert not any(name in m.words for m in citizen.sandbox.messages(citizen.id))
    assert await resources(stage, name) == 0
    await desk.press(post, "Взять как ссылку")
    await citizen.settled()
    assert await resources(stage, name) == 1
