"""Each kind of report, in each language: walked by buttons to the receipt, seen on the desk, decided, answered."""

from __future__ import annotations

import pytest

from tests.journeys.acting import MOSCOW, TARAZ, Citizen, Desk, plain, unique
from tests.journeys.conftest import nothing_refused
from tests.stage import Stage

KINDS = ("link", "place", "graffiti", "stash", "lab", "den")
LANGUAGES = ("kk", "ru", "en")
# What an officer presses, and what of it the citizen is told.
DECIDED = {
    "link": ("Доступ закрыт", "blocked"),
    "place": ("Передано на проверку", "passed_on"),
    "graffiti": ("Надпись закрашена", "removed"),
    "stash": ("Внесено в ЕРДР", "registered"),
    "lab": ("Не подтвердилось", "not_confirmed"),
    "den": ("Передано на проверку", "passed_on"),
}
HOURS = {"kk": "дс–жм 09:00–18:30", "ru": "пн–пт 09:00–18:30", "en": "Mon–Fri 09:00–18:30"}


async def fill_link(citizen: Citizen, mark: str) -> tuple[str, int, bool]:
    await citizen.reads(citizen.text("ask_links"))
    citizen.types(f"https://T.me/{mark}")
    await citizen.reads(f"t.me/{mark}", citizen.label("send").split()[-1])
    return f"t.me/{mark}", 0, False


async def fill_place(citizen: Citizen, mark: str) -> tuple[str, int, bool]:
    await citizen.reads(citizen.text("ask_location"))
    citizen.location(TARAZ)
    await citizen.reads(citizen.text("kinds.place.ask.words"))
    citizen.types(f"Торгуют у входа, {mark}")
    await citizen.reads(citizen.text("ask_photos", most=10))
    citizen.presses("skip")
    await citizen.reads("42.90000, 71.36670", mark)
    return mark, 0, True


async def fill_graffiti(citizen: Citizen, mark: str) -> tuple[str, int, bool]:
    await citizen.reads(citizen.text("kinds.graffiti.ask.photos", most=10))
    citizen.photos(3)
    await citizen.reads(citizen.text("photos_taken", count=1, most=10))
    await citizen.settled()
    assert len(citizen.heard) == 1, "an album is answered once"
    if citizen.language == "kk":
        # The place may come before it is asked for.
        citizen.location(TARAZ)
        await citizen.reads(citizen.text("place_added"), citizen.text("photos_taken", count=1, most=10))
        citizen.presses("done")
    else:
        citizen.presses("done")
        await citizen.reads(citizen.text("kinds.graffiti.ask.location"))
        citizen.location(TARAZ)
    await citizen.reads(citizen.text("kinds.graffiti.ask.words"))
    citizen.types(f"С торца дома, {mark}")
    await citizen.reads("3", "42.90000, 71.36670", mark)
    return mark, 3, True


async def fill_stash(citizen: Citizen, mark: str) -> tuple[str, int, bool]:
    await citizen.reads(citizen.text("careful"), citizen.text("kinds.stash.ask.words"))
    citizen.types(f"Под подоконником, {mark}")
    await citizen.reads(citizen.text("ask_location_or_address"))
    citizen.location(MOSCOW)
    await citizen.reads("55.7558, 37.6173")
    citizen.presses("other_place")
    await citizen.reads(citizen.text("ask_location_or_address"))
    citizen.location(TARAZ)
    await citizen.reads(citizen.text("kinds.stash.ask.photos", most=10))
    citizen.photos(2)
    await citizen.reads(citizen.text("photos_taken", count=1, most=10))
    citizen.presses("done")
    await citizen.reads("419", mark)
    return mark, 2, True


async def fill_lab(citizen: Citizen, mark: str) -> tuple[str, int, bool]:
    await citizen.reads(citizen.text("careful"), citizen.text("kinds.lab.ask.words"))
    citizen.types(f"Резкий запах из подвала, {mark}")
    await citizen.reads(citizen.text("ask_location_or_address"))
    citizen.types("Абая 15, второй подъезд")
    await citizen.reads(citizen.text("kinds.lab.ask.photos", most=10))
    citizen.presses("skip")
    await citizen.reads("419", mark, "Абая 15, второй подъезд")
    return mark, 0, False


async def fill_den(citizen: Citizen, mark: str) -> tuple[str, int, bool]:
    await citizen.reads(citizen.text("careful"), citizen.text("kinds.den.ask.words"))
    citizen.types(f"Третий этаж, ходят ночью, {mark}")
    await citizen.reads(citizen.text("ask_location_or_address"))
    citizen.presses("skip")
    await citizen.reads(citizen.text("kinds.den.ask.photos", most=10))
    citizen.photos(1)
    await citizen.reads(citizen.text("photos_taken", count=1, most=10))
    citizen.presses("done")
    await citizen.reads("419", mark)
    return mark, 1, False


FILL = {
    "link": fill_link,
    "place": fill_place,
    "graffiti": fill_graffiti,
    "stash": fill_stash,
    "lab": fill_lab,
    "den": fill_den,
}


async def journey(stage: Stage, kind: str, language: str) -> None:
    desk, mark = Desk(stage), unique()
    # The phone speaks another language than the one that is chosen.
    citizen = Citizen(stage, language, client={"kk": "ru", "ru": "en", "en": "kk"}[language])
    citizen.language, chosen = citizen.person.language_code or "", language
    citizen.types("/start")
    await citizen.reads(citizen.text("welcome"), citizen.text("menu"))
    assert citizen.keyboard[-1] == ["Қазақша", "Русский", "English"]
    citizen.presses({"kk": "kazakh", "ru": "russian", "en": "english"}[chosen])
    citizen.language = chosen
    await citizen.reads(citizen.text("language_set"), citizen.text("menu"))
    citizen.presses(f"kind:{kind}")
    shown, photos, point = await FILL[kind](citizen, mark)
    receipt = await citizen.sends()
    thanks = await citizen.reads(receipt)
    told = {"receipt": receipt, "office_hours": HOURS[language], "links": 1}
    assert thanks.words == citizen.text(f"kinds.{kind}.received", **told)
    assert f"<code>{receipt}</code>" in (thanks.html or "")
    assert not thanks.protect
    assert citizen.keyboard[0] == [citizen.label("erase")]
    assert ("102" in thanks.words) is (kind in ("stash", "lab", "den"))

    card = await desk.sees(shown)
    assert receipt not in card.words
    assert card.protect
    under = await desk.under(card, photos + point)
    assert sum(bool(message.photo) for message in under) == photos
    albums = {message.media_group_id for message in under if message.photo}
    assert len(albums) == (photos > 0)
    assert (None in albums) is (photos == 1)
    assert [m.location for m in under if m.location] == ([{"latitude": 42.9, "longitude": 71.3667}] if point else [])
    if kind != "link":
        assert plain(stage.wording.texts.render("ru", f"kinds.{kind}.name")) in card.words
        assert "новое" in card.words

    asked = Citizen(stage, language)
    asked.types(receipt)
    await asked.reads(asked.text("status_new"))
    await desk.press(card, "Взять")
    await desk.shows(card, "в работе · Айгерим")
    # A job takes a resource's state to its reports.
    await asked.settled()
    asked.types(f"/status {receipt}")
    await asked.reads(asked.text("status_in_progress"))
    button, decision = DECIDED[kind]
    await desk.decide(card, button)
    await desk.shows(card, "решено · Айгерим")
    await asked.settled()
    answer = await citizen.reads(citizen.text(f"kinds.{kind}.feedback.{decision}"))
    assert answer.words.startswith({"kk": "Жауап бар.", "ru": "Есть ответ.", "en": "There is an answer."}[language])
    asked.types(f"/status {receipt.lower().replace('-', ' ')}")
    await asked.reads(asked.text("status_decided"), citizen.text(f"kinds.{kind}.feedback.{decision}"))
    assert len([m for m in citizen.heard if m.words == answer.words]) == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_report_is_walked_by_buttons_seen_decided_and_answered(stage: Stage, kind: str, language: str) -> None:
    await journey(stage, kind, language)


@pytest.mark.parametrize("kind,language", [("link", "kk"), ("graffiti", "ru"), ("den", "en")])
async def test_the_same_journeys_go_by_webhook(webhook_stage: Stage, kind: str, language: str) -> None:
    await journey(webhook_stage, kind, language)
    nothing_refused(webhook_stage)


async def test_a_receipt_typed_alone_is_looked_up_and_a_wrong_one_is_told(stage: Stage, citizen: Citizen) -> None:
    receipt = await citizen.files("den", "Третий этаж, ходят всю ночь")
    other = Citizen(stage, "en")
    other.types("/status")
    await other.reads(other.text("status_asked"))
    assert other.keyboard == [[other.label("cancel")]]
    other.types("0000-0000-0000-0000")
    await other.reads(other.text("status_unknown"))
    other.types("what is that")
    await other.reads(other.text("status_unknown"))
    other.types(receipt.replace("0", "O").replace("1", "l"))
    await other.reads(other.text("status_new"), other.text("menu"))
    other.types("/status 7K3M")
    await other.reads(other.text("status_unknown"), other.text("menu"))
    other.types(receipt.lower())
    await other.reads(other.text("status_new"))
    rows = await stage.fetch("SELECT count(*) FROM dialogues")
    for pasted in (f"Код: {receipt}\nОтвет по нему с любого аккаунта: /status.", f"/status Код: {receipt}"):
        other.types(pasted)
        await other.reads(other.text("status_new"), other.text("menu"))
    assert await stage.fetch("SELECT count(*) FROM dialogues") == rows, "a code never becomes the words of a draft"
