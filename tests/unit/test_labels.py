"""Labels of reply keyboards are recognised in every language, however they come back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.citizen.labels import Label, Labels
from bot.citizen.office_hours import office_hours
from bot.languages import Language
from bot.texts_wanted import LABELS
from bot.wording import Wording, load_wording
from tests.examples import some

WORDING: Wording = load_wording(Path(__file__).parents[2] / "templates")
KNOWN = Labels(WORDING.texts, WORDING.kinds)


@pytest.mark.parametrize("language", Language)
def test_every_label_is_read_back_with_and_without_its_emoji(language: Language) -> None:
    names = [*LABELS, *(f"kind:{kind}" for kind in WORDING.kinds)]
    for name in names:
        full = f"kinds.{name[5:]}.label" if name.startswith("kind:") else f"labels.{name}"
        shown = WORDING.texts.plain(language, full)
        bare = "".join(letter for letter in shown if letter.isalnum() or letter == " ").strip()
        for typed in (shown, bare, bare.upper(), f"  {bare.lower()}  ", f"{bare}."):
            label = KNOWN.read(typed)
            assert label
            assert label.name == name
            assert label.language in (language, None)


def test_a_word_that_several_languages_share_tells_no_language() -> None:
    assert KNOWN.read("Граффити") == Label("kind:graffiti", None)
    assert KNOWN.read("Русский") == Label("russian", None)
    assert KNOWN.read("Отправить") == Label("send", Language.RU)
    assert KNOWN.read("Жіберу") == Label("send", Language.KK)


@pytest.mark.parametrize(
    "text", ["", "👍", "Отправить им письмо", "назад дороги нет", "Готово ли", "да", "Ссылка t.me/name", "Send" * 30]
)
def test_words_are_no_labels(text: str) -> None:
    assert KNOWN.read(text) is None


@given(st.text(max_size=100))
@settings(max_examples=some(50), deadline=None)
def test_any_text_is_read_without_harm(text: str) -> None:
    label = KNOWN.read(text)
    assert label is None or label.name in LABELS or label.name.startswith("kind:")


def test_the_menu_ends_with_the_languages_and_puts_the_erasure_on_top() -> None:
    for language in Language:
        rows = KNOWN.menu(language, ["erase"])
        assert rows[0] == [WORDING.texts.plain(language, "labels.erase")]
        assert rows[-1] == ["Қазақша", "Русский", "English"]
        assert sum(map(len, KNOWN.menu(language))) == len(WORDING.kinds) + 5


@pytest.mark.parametrize(
    "language,hours",
    [
        (Language.KK, "дс–жм 09:00–18:30"),
        (Language.RU, "пн–пт 09:00–18:30"),
        (Language.EN, "Mon–Fri 09:00–18:30"),
    ],
)
def test_office_hours_are_written_as_each_language_writes_them(language: Language, hours: str) -> None:
    assert office_hours("Mon-Fri 09:00-18:30", language) == hours


def test_office_hours_know_all_days() -> None:
    assert office_hours("Tue-Sun 10:00-14:00", Language.RU) == "вт–вс 10:00–14:00"
    assert office_hours("Wed-Sat 08:30-17:00", Language.EN) == "Wed–Sat 08:30–17:00"
    assert office_hours("Thu-Thu 08:30-17:00", Language.KK) == "бс–бс 08:30–17:00"
