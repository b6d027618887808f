"""What was guessed from words is shown to the citizen, and taken as a link only when they say so."""

from __future__ import annotations

import pytest

from tests.journeys.acting import Citizen, Desk, unique
from tests.stage import Stage


def question(citizen: Citizen, *links: str) -> str:
    return citizen.text("guessed_links", links=list(links))


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_a_guess_that_is_confirmed_is_reported_like_any_link(stage: Stage, language: str) -> None:
    citizen, desk, name = Citizen(stage, language), Desk(stage), unique()
    citizen.types(f"Продают в тг {name}, пишите им")
    await citizen.reads(question(citizen, f"t.me/{name}"))
    assert [len(row) for row in citizen.keyboard] == [2, 1]
    citizen.presses("yes")
    await citizen.reads(citizen.text("kinds.link.name"), f"t.me/{name}", "Продают, пишите им")
    await citizen.sends()
    card = await desk.sees(f"t.me/{name}")
    assert "Продают, пишите им" in card.words


async def test_what_has_become_a_link_leaves_the_words_and_nothing_else_does(stage: Stage) -> None:
    citizen, desk, name, other = Citizen(stage), Desk(stage), unique(), unique()
    citizen.types(f"Берут у школы №5, инста:  {name}.shop (закладки во дворе), потом t . me / {other} - и всё")
    await citizen.reads(question(citizen, f"instagram.com/{name}.shop", f"t.me/{other}"))
    citizen.presses("yes")
    words = "Берут у школы №5 (закладки во дворе), потом - и всё"
    await citizen.reads(f"instagram.com/{name}.shop", f"t.me/{other}", words)
    await citizen.sends()
    card = await desk.sees(f"instagram.com/{name}.shop")
    assert words in card.words
    for left in ("инста", "t . me", f"https://{name}.shop"):
        assert left not in card.words


async def test_what_is_answered_with_no_stays_in_the_words_beside_a_sure_link(stage: Stage) -> None:
    citizen, desk, sure, other = Citizen(stage), Desk(stage), unique(), unique()
    citizen.types(f"t.me/{sure}, ещё инста:  {other}.shop и всё")
    await citizen.reads(question(citizen, f"instagram.com/{other}.shop"))
    citizen.presses("no_link")
    await citizen.reads(f"t.me/{sure}", f"ещё инста:  {other}.shop и всё")
    await citizen.sends()
    card = await desk.sees(f"t.me/{sure}")
    assert f"ещё инста:  {other}.shop и всё" in card.words


async def test_a_guess_that_is_denied_is_no_link_and_the_words_stay(stage: Stage) -> None:
    citizen, desk, name = Citizen(stage), Desk(stage), unique()
    citizen.types(f"Продают в тг {name}, в подъезде на третьем этаже")
    await citizen.reads(question(citizen, f"t.me/{name}"))
    citizen.presses("no_link")
    await citizen.reads(citizen.text("menu"))
    citizen.presses("kind:den")
    await citizen.reads("")
    while citizen.label("skip") in citizen.buttons:
        citizen.presses("skip")
        await citizen.reads("")
    await citizen.sends()
    card = await desk.sees(name)
    assert citizen.stage.wording.texts.plain("ru", "kinds.den.name") in card.words
    rows = await stage.fetch("SELECT count(*) AS n FROM resources WHERE url LIKE $1", f"%{name}%")
    assert rows[0]["n"] == 0


async def test_beside_sure_links_a_guess_waits_and_what_comes_meanwhile_is_kept(stage: Stage) -> None:
    citizen, desk, sure, other = Citizen(stage), Desk(stage), unique(), unique()
    citizen.types(f"t.me/{sure} и ещё инста: {other}")
    await citizen.reads(question(citizen, f"instagram.com/{other}"))
    third = unique()
    citizen.types(f"и t . me / {third}")
    await citizen.reads(question(citizen, f"instagram.com/{other}", f"t.me/{third}"))
    # An old keyboard's Send does not send what is still a question.
    citizen.types(citizen.label("send"))
    await citizen.settled()
    assert not await stage.fetch("SELECT id FROM resources WHERE url LIKE $1", f"%{sure}%")
    citizen.presses("yes")
    await citizen.reads(f"t.me/{sure}", f"instagram.com/{other}", f"t.me/{third}")
    await citizen.sends()
    for name in (sure, other, third):
        await desk.sees(name)


async def test_nothing_but_a_denied_guess_leaves_nothing(stage: Stage) -> None:
    citizen = Citizen(stage)
    citizen.types("@nаme_" + unique())
    await citizen.reads("t.me/name_")
    citizen.presses("no_link")
    await citizen.reads(citizen.text("menu"))
    assert citizen.label("kind:den") in citizen.buttons


async def test_a_kind_that_takes_no_links_is_not_interrupted(stage: Stage) -> None:
    citizen = Citizen(stage)
    citizen.types("/start")
    await citizen.reads(citizen.text("menu"))
    citizen.presses("kind:den")
    await citizen.reads("")
    citizen.types("Третий этаж, в тг они " + unique())
    await citizen.reads(citizen.text("ask_location_or_address"))


async def test_a_disguised_link_that_lets_into_an_account_is_refused_with_its_words(stage: Stage) -> None:
    citizen = Citizen(stage)
    citizen.types("мне прислали t . me / login / 48151623")
    await citizen.reads(citizen.text("refused_login_link"))
    assert not any("48151" in m.words for m in citizen.heard)
    citizen.presses("kind:den")
    await citizen.reads(citizen.text("kinds.den.ask.words"))  # nothing was kept of the words
