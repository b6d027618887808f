"""The data files of help: a mistake in them stops the start, and words of danger are found however they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.citizen.safety import Safety
from bot.languages import Language
from bot.texts import TextsBroken

NO_WORDS = "kk = []\nru = []\nen = []\n"
POLICE = '[[contact]]\nphone = "102"\nchecked = "2026-11-23"\nkk = "Полиция"\nru = "Полиция"\nen = "Police"\n'


def safety(folder: Path, contacts: str = POLICE, danger: str = NO_WORDS) -> Safety:
    (folder / "contacts.toml").write_text(contacts, "utf-8")
    (folder / "danger.toml").write_text(danger, "utf-8")
    return Safety(folder)


def test_with_no_words_of_danger_nothing_is_one(tmp_path: Path) -> None:
    assert not safety(tmp_path).danger("он не дышит")
    assert not safety(tmp_path).danger("")


@pytest.mark.parametrize("text", ["НЕ ДЫШИТ", "не\n дышит", "он не дышит!", "почему-то не  дышит", "ещё дышит, но еле"])
def test_words_of_danger_are_found_however_they_are_typed(tmp_path: Path, text: str) -> None:
    assert safety(tmp_path, danger='kk = []\nru = ["не дыш", "еще дыш"]\nen = []\n').danger(text)


@pytest.mark.parametrize("text", ["өліп", "өлiп бара жатыр", "ӨЛIП"])
def test_a_kazakh_letter_that_was_typed_as_a_latin_one_is_read(tmp_path: Path, text: str) -> None:
    assert safety(tmp_path, danger='kk = ["өліп"]\nru = []\nen = []\n').danger(text)


@pytest.mark.parametrize("text", ["небо", "разне дышит", "не-дышит"])
def test_a_part_of_another_word_is_not_one(tmp_path: Path, text: str) -> None:
    assert not safety(tmp_path, danger='kk = []\nru = ["не дыш"]\nen = []\n').danger(text)


def test_a_contact_that_lacks_something_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(TextsBroken, match=r"contacts.toml: '102' lacks en"):
        safety(tmp_path, POLICE.replace('en = "Police"\n', ""))


def test_a_number_that_is_not_known_is_hidden_and_named_for_the_operator(tmp_path: Path) -> None:
    read = safety(tmp_path, POLICE + POLICE.replace('"102"', '""').replace("Police", "Narcology"))
    assert [contact.phone for contact in read.contacts(Language.KK)] == ["102"]
    assert read.unknown() == ["Narcology"]


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TextsBroken, match=r"danger\.toml"):
        safety(tmp_path, danger="kk = [")
