"""A seventh kind is one file: menu, dialogue, card, decision, feedback and status work with no code changed."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.embedded import Embedded
from bot.wording import load_wording
from tests.journeys.acting import Citizen, Desk, unique
from tests.journeys.conftest import module_stage, nothing_refused
from tests.stage import ROOT, Stage

BOTTLE = """
# Bottles of something sold without a label. It takes no words, and its location may be an address.

order = 7
careful = true
offered_for = ["photos"]
decisions = ["passed_on", "rejected"]

[[takes]]
content = "photos"
required = true
most = 3

[[takes]]
content = "location"
required = true
address = true
"""
TEXTS = """
[{language}]
label = "🍾 {label}"
name = "{label}"
received = "{label} OK. {{{{ office_hours }}}}. <code>{{{{ receipt }}}}</code> /status"

[{language}.feedback]
passed_on = "{label}: passed on."
rejected = "{label}: rejected."
"""
NAMES = {"kk": "Бөтелке", "ru": "Бутылка", "en": "Bottle"}


@pytest.fixture(scope="module")
async def shared_stage(
    cluster: Embedded, tmp_path_factory: pytest.TempPathFactory, no_waiting: None
) -> AsyncIterator[Stage]:
    """A stage whose templates know bottles."""
    templates = Path(tmp_path_factory.mktemp("seventh")) / "templates"
    shutil.copytree(ROOT / "templates", templates)
    texts = "".join(TEXTS.format(language=language, label=label) for language, label in NAMES.items())
    (templates / "kinds" / "bottle.toml").write_text(BOTTLE + texts, "utf-8")
    async with module_stage(cluster, load_wording(templates), templates_dir=templates) as opened:
        yield opened


@pytest.mark.parametrize("language", NAMES)
async def test_a_bottle_is_reported_decided_and_answered(stage: Stage, language: str) -> None:
    citizen, desk, mark = Citizen(stage, language), Desk(stage), unique("street")
    citizen.types("/start")
    await citizen.reads(citizen.text("menu"))
    assert citizen.buttons[6] == f"🍾 {NAMES[language]}"
    citizen.presses("kind:bottle")
    await citizen.reads(citizen.text("careful"), citizen.text("ask_photos", most=3))
    citizen.types("просто слова")
    await citizen.reads(citizen.text("not_taken_words"), citizen.text("ask_photos", most=3))
    citizen.photos(2)
    await citizen.reads(citizen.text("photos_taken", count=1, most=3))
    citizen.presses("done")
    await citizen.reads(citizen.text("ask_location_or_address"))
    assert citizen.label("skip") not in citizen.buttons
    citizen.types(f"Абая 15, {mark}")
    await citizen.reads("419", mark)
    receipt = await citizen.sends()
    card = await desk.sees("Бутылка", mark)
    assert len(await desk.under(card, 2)) == 2
    await desk.decide(card, "Передано на проверку")
    await citizen.reads(f"{NAMES[language]}: passed on.")
    other = Citizen(stage, language)
    other.types(receipt)
    await other.reads(f"{NAMES[language]}: passed on.")


async def test_a_photo_offers_the_bottle_too(stage: Stage, citizen: Citizen) -> None:
    citizen.photos(1)
    await citizen.reads(citizen.text("which_kind_photos"))
    assert "🍾 Бутылка" in citizen.buttons
    citizen.types("Бөтелке")
    await citizen.reads("")
    nothing_refused(stage)
