"""Whoever is asked for a photo is told what must not be in it, in each language and for each kind."""

from __future__ import annotations

import pytest

from bot.languages import Language
from bot.reports.kinds import Content
from bot.wording import Wording

NOT_IN_IT = {
    Language.KK: ("беті", "терезе", "бейне"),
    Language.RU: ("лиц", "окон", "отражени"),
    Language.EN: ("face", "window", "reflection"),
}
INSTEAD = {
    Language.KK: ("фото", "скриншот", "жазы"),
    Language.RU: ("фото", "скриншот", "напишите"),
    Language.EN: ("photo", "screenshot", "write"),
}
"""What can be sent in place of what is refused, in words of which one at least is said."""


@pytest.mark.parametrize("language", Language)
def test_each_photo_prompt_warns_of_faces_windows_and_reflections(wording: Wording, language: Language) -> None:
    prompts = {"citizen.ask_photos"}
    for kind in wording.kinds.values():
        own = f"kinds.{kind.name}.ask.photos"
        if kind.take(Content.PHOTOS) and wording.texts.has(language, own):
            prompts.add(own)
    assert len(prompts) >= 5
    for name in prompts:
        text = wording.texts.render(language, name, most=10).lower()
        assert [word for word in NOT_IN_IT[language] if word not in text] == [], name


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", ["refused_voice", "refused_video", "refused_file"])
def test_what_is_refused_is_refused_with_the_reason_and_what_to_send_instead(
    wording: Wording, language: Language, name: str
) -> None:
    text = wording.texts.render(language, f"citizen.{name}")
    assert ":" in text, "the reason follows"
    assert any(word in text.lower() for word in INSTEAD[language])
