"""Language, labels of every language, back, skip, cancel, done, old keyboards, commands: at every step."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.acting import TARAZ, Citizen, Desk, texts_of, unique
from tests.stage import Stage

LABELS = ("send", "skip", "done", "back", "cancel", "erase", "yes", "other_place", "help", "status")
NAMES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}


async def at_the_address(citizen: Citizen, mark: str) -> None:
    """Bring a citizen to the question where the den is."""
    citizen.types("/start")
    await citizen.reads(citizen.text("menu"))
    citizen.presses("kind:den")
    await citizen.reads(citizen.text("kinds.den.ask.words"))
    citizen.types(f"Третий этаж, {mark}")
    await citizen.reads(citizen.text("ask_location_or_address"))


@pytest.mark.parametrize(
    "client,language", [("kk", "kk"), ("ru-RU", "ru"), ("en-US", "en"), ("de", "kk"), (None, "kk")]
)
async def test_the_first_language_is_that_of_the_phone_or_the_default(
    stage: Stage, client: str | None, language: str
) -> None:
    citizen = Citizen(stage, language)
    citizen.person.language_code = client
    citizen.types("/start")
    await citizen.reads(citizen.text("welcome"), citizen.text("menu"))
    assert citizen.keyboard[-1] == list(NAMES.values())


async def test_the_language_changes_at_any_step_and_the_draft_goes_on(stage: Stage) -> None:
    citizen, mark = Citizen(stage), unique()
    await at_the_address(citizen, mark)
    for language in ("kk", "en"):
        citizen.types("/language")
        await citizen.reads("Тілді таңдаңыз · Выберите язык · Choose a language")
        assert citizen.keyboard == [list(NAMES.values())]
        citizen.types(NAMES[language])
        citizen.language = language
        await citizen.reads(citizen.text("language_set"), citizen.text("ask_location_or_address"))
    citizen.types("Abay 15")
    await citizen.reads(citizen.text("kinds.den.ask.photos", most=10))
    citizen.presses("skip")
    await citizen.reads("419", mark, "Abay 15")
    citizen.types("Қазақша")
    citizen.language = "kk"
    await citizen.reads(citizen.text("language_set"), mark)
    desk = Desk(stage)
    receipt = await citizen.sends()
    thanks = await citizen.reads(receipt)
    assert thanks.words.startswith("Рақмет")
    await desk.decide(await desk.sees(mark), "Отклонить")
    await citizen.reads(citizen.text("kinds.den.feedback.rejected"))


async def test_the_language_is_chosen_before_anything_else_too(stage: Stage) -> None:
    citizen = Citizen(stage, "ru")
    citizen.types("/language")
    await citizen.reads("Choose a language")
    name = unique()
    citizen.types(f"t.me/{name}")
    await citizen.reads(f"t.me/{name}", "Отправить")


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_labels_of_all_languages_are_labels_in_every_state_and_never_words(stage: Stage, language: str) -> None:
    """An old keyboard in another language shows the present step, or does what it says."""
    citizen, mark, old = Citizen(stage, "ru"), unique(), Citizen(stage, language)
    citizen.types("Русский")
    await citizen.reads(citizen.text("language_set"))
    await at_the_address(citizen, mark)
    question = citizen.text("ask_location_or_address")
    for name in ("send", "done", "yes", "other_place", "erase", "kind:link", "kind:graffiti", "kind:den", "help"):
        citizen.types(old.label(name))
        if name == "send":
            await citizen.reads("419", mark)  # all that a den requires is there: only the rest of the questions goes
            citizen.types(old.label("back"))
            await citizen.reads(citizen.text("kinds.den.ask.photos", most=10))
            citizen.types(old.label("back"))
            await citizen.reads(question)
        elif name == "done":
            await citizen.reads(citizen.text("kinds.den.ask.photos", most=10))
            citizen.types(old.label("back"))
            await citizen.reads(question)
        elif name == "help":
            await citizen.reads("112")
            assert citizen.buttons[0] == citizen.label("skip")
        else:
            await citizen.reads(question)
    citizen.types(old.label("cancel"))
    await citizen.reads(citizen.text("cancelled"), citizen.text("menu"))
    rows = await stage.fetch("SELECT count(*) AS n FROM reports")
    for name in LABELS:
        citizen.types(old.label(name))
        await citizen.reads("")
        await citizen.settled()
        assert len(citizen.heard) == 1, (name, texts_of(citizen.heard))
    assert await stage.fetch("SELECT count(*) AS n FROM reports") == rows


async def test_back_goes_question_by_question_to_the_menu(stage: Stage, citizen: Citizen) -> None:
    mark = unique()
    await at_the_address(citizen, mark)
    citizen.presses("skip")
    await citizen.reads(citizen.text("kinds.den.ask.photos", most=10))
    citizen.photos(1)
    await citizen.reads(citizen.text("photos_taken", count=1, most=10))
    citizen.presses("done")
    await citizen.reads("419", "Фото: 1")
    citizen.presses("back")
    await citizen.reads(citizen.text("photos_taken", count=1, most=10))
    citizen.presses("back")
    await citizen.reads(citizen.text("ask_location_or_address"))
    citizen.presses("back")
    await citizen.reads(citizen.text("careful"), citizen.text("kinds.den.ask.words"))
    citizen.types("Четвёртый этаж")
    await citizen.reads(citizen.text("ask_location_or_address"))
    citizen.presses("back")
    await citizen.reads(citizen.text("kinds.den.ask.words"))
    citizen.presses("back")
    await citizen.reads(citizen.text("menu"))
    assert citizen.label("kind:den") in citizen.buttons
    await citizen.settled()
    rows = await stage.fetch("SELECT (SELECT count(*) FROM parts WHERE state <> 'ready') AS parts")
    assert [tuple(row) for row in rows] == [(0,)]


async def test_another_kind_chosen_before_anything_was_sent_gets_its_receipt_all_the_same(
    stage: Stage, citizen: Citizen
) -> None:
    """The words were taken back, so that the draft is empty again; its return address must go with it."""
    await at_the_address(citizen, unique())
    citizen.presses("back")
    await citizen.reads(citizen.text("kinds.den.ask.words"))
    citizen.types(citizen.label("kind:place"))
    await citizen.reads(citizen.text("ask_location"))
    citizen.location(TARAZ)
    await citizen.reads(citizen.text("kinds.place.ask.words"))
    citizen.presses("skip")
    await citizen.reads(citizen.text("ask_photos", most=10))
    citizen.presses("skip")
    await citizen.reads("42.90000")
    await citizen.sends()


async def test_cancel_erases_the_draft_with_its_address_and_parts(stage: Stage, citizen: Citizen) -> None:
    held = (
        "SELECT (SELECT count(*) FROM parts), (SELECT count(*) FROM return_addresses), (SELECT count(*) FROM dialogues)"
    )
    before = await stage.fetch(held)
    citizen.photos(3)
    await citizen.reads(citizen.text("which_kind_photos"))
    citizen.document("list.txt", b"t.me/abcde")
    await citizen.settled()
    citizen.types("/cancel")
    await citizen.reads(citizen.text("cancelled"), citizen.text("menu"))
    await citizen.settled()
    assert await stage.fetch(held) == before
    citizen.types("/cancel")
    await citizen.reads(citizen.text("nothing_to_cancel"), citizen.text("menu"))


async def test_two_presses_of_send_are_one_report(stage: Stage, citizen: Citizen) -> None:
    name = unique()
    citizen.types(f"t.me/{name}")
    await citizen.reads(f"t.me/{name}")
    citizen.presses("send")
    first = citizen.last
    citizen.presses("send")
    await citizen.reads(citizen.text("sent_already"), citizen.text("menu"))
    citizen.last = first
    await citizen.receipt()
    citizen.types(citizen.label("send"))
    await citizen.reads(citizen.text("sent_already"))
    [row] = await stage.fetch(
        "SELECT count(*) AS n FROM report_links JOIN resources ON resources.id = resource_id WHERE url = $1",
        f"https://t.me/{name}",
    )
    assert row["n"] == 1


async def test_send_with_nothing_to_send_shows_the_menu(citizen: Citizen) -> None:
    citizen.types("/start")
    await citizen.reads(citizen.text("menu"))
    citizen.types(citizen.label("send"))
    await citizen.reads(citizen.text("nothing_to_send"), citizen.text("menu"))


async def test_a_press_of_an_old_inline_button_is_answered(stage: Stage, citizen: Citizen) -> None:
    citizen.types("/start")
    shown = await citizen.reads(citizen.text("menu"))
    press = stage.sandbox.press(citizen.person, shown.id, "answer:0123", outdated=True)
    await stage.sandbox.wait_for(lambda: stage.sandbox.presses[press].answered)
    assert stage.sandbox.presses[press].text == citizen.text("outdated")


@pytest.mark.parametrize("payload", ["garbage", "р" * 64, "<b>&", "0000 1111", "-" * 512, "../../etc"])
async def test_garbage_behind_start_does_no_harm(citizen: Citizen, payload: str) -> None:
    citizen.types(f"/start {payload}")
    await citizen.reads(citizen.text("welcome"), citizen.text("menu"))


async def test_start_in_a_draft_keeps_it(citizen: Citizen) -> None:
    await at_the_address(citizen, unique())
    citizen.types("/start x")
    await citizen.reads(citizen.text("welcome"), citizen.text("ask_location_or_address"))


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_the_commands_answer_in_a_draft_and_the_step_stays(stage: Stage, language: str) -> None:
    citizen = Citizen(stage, language)
    citizen.types("/start")
    await citizen.reads(citizen.text("welcome"))
    assert "419" not in citizen.heard[0].words
    citizen.presses("kind:place")
    await citizen.reads(citizen.text("ask_location"))
    rows = citizen.keyboard
    terms = {"retention_days": 365, "address_days": 14, "address_max_days": 90, "originals": False}
    bot = {"bot": stage.sandbox.bot_username}
    pages: dict[str, dict[str, Any]] = {
        "about": dict.fromkeys(("reports", "blocked", "removed", "month", "year"), 0) | bot,
        "fake": bot,
        "help": {},
        "privacy": terms,
    }
    for name, shown in pages.items():
        citizen.types(f"/{name}")
        await citizen.reads(citizen.text(name, **shown))
        assert citizen.keyboard == rows
    for command in ("/report", "/unknown", "/add", "/start@somebody_else_bot", "/"):
        citizen.types(command)
        await citizen.reads(citizen.text("ask_location"))
    citizen.location(TARAZ)
    await citizen.reads(citizen.text("kinds.place.ask.words"))


async def test_status_in_the_middle_of_a_draft_asks_for_the_code_and_comes_back(citizen: Citizen) -> None:
    mark = unique()
    await at_the_address(citizen, mark)
    citizen.types("/status")
    await citizen.reads(citizen.text("status_asked"))
    citizen.types("/privacy")
    await citizen.reads("/forget")
    assert citizen.buttons == [citizen.label("cancel")]
    citizen.types("7K3M-9QWX")
    await citizen.reads(citizen.text("status_unknown"), citizen.text("status_asked"))
    citizen.presses("cancel")
    await citizen.reads(citizen.text("ask_location_or_address"))
    citizen.types("/status")
    await citizen.reads(citizen.text("status_asked"))
    citizen.location(TARAZ)
    await citizen.reads(citizen.text("kinds.den.ask.photos", most=10))


async def test_a_kind_chosen_instead_of_a_code_takes_words_as_words(citizen: Citizen) -> None:
    citizen.types("/status")
    await citizen.reads(citizen.text("status_asked"))
    citizen.types(citizen.label("kind:stash"))
    await citizen.reads(citizen.text("kinds.stash.ask.words"))
    citizen.types("Под подоконником")
    await citizen.reads(citizen.text("ask_location_or_address"))


async def test_words_of_danger_are_heard_even_where_a_code_is_asked_for(citizen: Citizen) -> None:
    citizen.types("/status")
    await citizen.reads(citizen.text("status_asked"))
    citizen.types("он не дышит")
    await citizen.reads("112", "103")


async def test_an_old_keyboard_decides_the_language_of_what_follows(stage: Stage) -> None:
    """Nothing is stored of them, their phone speaks Russian, and they press a Kazakh label: all goes on in Kazakh."""
    citizen = Citizen(stage, "kk", client="ru")
    citizen.types(citizen.label("kind:stash"))
    await citizen.reads(citizen.text("kinds.stash.ask.words"))
    citizen.types("Терезенің астында")
    await citizen.reads(citizen.text("ask_location_or_address"))
    citizen.presses("skip")
    await citizen.reads(citizen.text("kinds.stash.ask.photos", most=10))
    citizen.presses("skip")
    await citizen.reads("419")
    receipt = await citizen.sends()
    assert (await citizen.reads(receipt)).words.startswith("Рақмет")


async def test_an_edited_message_changes_nothing_and_is_not_answered(stage: Stage, citizen: Citizen) -> None:
    name = unique()
    sent = citizen.types(f"t.me/{name}")
    await citizen.reads(f"t.me/{name}")
    stage.sandbox.edit_text(citizen.person, sent, f"t.me/{name}other")
    await citizen.settled()
    assert len(citizen.heard) == 1


# Help


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_help_shows_the_numbers_and_words_of_danger_show_them_first(stage: Stage, language: str) -> None:
    citizen = Citizen(stage, language)
    citizen.types("/start")
    await citizen.reads(citizen.text("menu"))
    citizen.presses("help")
    calm = await citizen.reads("112", "103", "102", "111")
    assert calm.words.startswith("112")
    citizen.presses("kind:den")
    await citizen.reads(citizen.text("careful"))
    mark = unique()
    words = {"kk": "досым дем алмай жатыр", "ru": "друг не дышит", "en": "my friend is not breathing"}[language]
    citizen.types(f"{words}, {mark}")
    alarmed = await citizen.reads("112", citizen.text("ask_location_or_address"))
    assert not alarmed.words.startswith("112"), "first the line that says why"
    citizen.presses("skip")
    await citizen.reads(citizen.text("kinds.den.ask.photos", most=10))
    citizen.presses("skip")
    await citizen.reads("419", mark)


async def test_words_of_danger_with_no_draft_show_the_numbers_and_are_kept(citizen: Citizen) -> None:
    citizen.types("сосед передознулся, лежит в подъезде")
    await citizen.reads("Если сейчас чья-то жизнь", "112", citizen.text("menu"))
    citizen.presses("kind:den")
    await citizen.reads(citizen.text("careful"), citizen.text("ask_location_or_address"))
