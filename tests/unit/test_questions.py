"""The desk's ready questions, and what an officer's own words may hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.languages import Language
from bot.reports.questions import load_questions
from bot.staff.words import WORDS_MOST, refused
from bot.texts import TextsBroken

OURS = Path(__file__).resolve().parents[2] / "templates" / "questions.toml"
GOOD = "\n".join(
    ['[[question]]\nname = "where"', *(f'[question.{language}]\nlabel = "a"\ntext = "b"' for language in Language)]
)


def test_every_kind_has_ready_questions_and_each_fits_a_button() -> None:
    questions = load_questions(OURS)
    for kind in ("link", "place", "graffiti", "stash", "lab", "den", "a_seventh"):
        assert [question for question in questions.values() if question.fits(kind)]
    assert all(len(f"f:{'x' * 22}:q:{name}") <= 64 for name in questions)


WHO = {
    Language.KK: (
        "кімсіз",
        "атыңыз кім",
        "жөніңіз",
        "қайдан білесіз",
        "телефон",
        "нөміріңіз",
        "тұрасыз",
        "жұмыс істейсіз",
    ),
    Language.RU: ("кто вы", "как вас", "ваше имя", "откуда вы", "телефон", "живёте", "работаете"),
    Language.EN: ("who are you", "your name", "how do you know", "phone", "you live", "you work"),
}


def test_no_ready_question_asks_who_somebody_is() -> None:
    for question in load_questions(OURS).values():
        for language, words in WHO.items():
            for text in question.texts(language).values():
                assert not any(word in text.lower() for word in words), text


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("", "at least one question"),
        (GOOD + "\n" + GOOD, "each name once"),
        (GOOD.replace('"where"', '"Where?"'), "name"),
        (GOOD.replace("[question.kk]", "[question.uz]"), "kk"),
        (GOOD.replace('label = "a"', f'label = "{"a" * 41}"', 1), "label"),
        (GOOD + '\nkind = "link"', "kind"),
    ],
    ids=["empty", "twice", "name", "language", "long label", "misspelt"],
)
def test_a_broken_file_names_its_fault(tmp_path: Path, broken: str, told: str) -> None:
    path = tmp_path / "questions.toml"
    path.write_text(broken, "utf-8")
    with pytest.raises(TextsBroken, match=told):
        load_questions(path)


@pytest.mark.parametrize(
    "words",
    [
        "пишите @prokuror_taraz",
        "t.me/office",
        "откройте https://gov.kz/form",
        "gov.kz",
        "звоните 8 701 123-45-67",
        "+77011234567",
        "почта a.b@mail.ru",
        "tg://resolve?domain=office",
    ],
)
def test_words_that_lead_somewhere_else_are_refused(words: str) -> None:
    assert refused(words) == "words_lead_away"
    assert refused(f"Здравствуйте. {words}, спасибо") == "words_lead_away"


@pytest.mark.parametrize(
    "words",
    [
        "Где именно это?",
        "Во сколько они приходят: в 22:00 или в 23:30?",
        "Дом 15, подъезд 2, этаж 4?",
        "Это было 12.11.2026?",
    ],
)
def test_plain_questions_pass(words: str) -> None:
    assert refused(words) is None


@given(st.text(min_size=WORDS_MOST + 1, max_size=WORDS_MOST + 50))
def test_what_is_too_long_is_refused(words: str) -> None:
    assert refused(words) == "words_long"
