"""Edited texts: whatever is wrong with a file is said by its name and the text's, and what was there stays whole."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.checking.preview import preview
from bot.citizen.labels import Label, Labels
from bot.languages import Language
from bot.staff import fault_words
from bot.swapped import Swapped
from bot.template_folder import TemplateFolder, read_folder
from bot.texts import Texts, TextsBroken
from bot.wording import folder_digest
from tests.stage import ROOT

TEMPLATES = ROOT / "templates"


@pytest.fixture(scope="module")
def whole() -> TemplateFolder:
    return read_folder(TEMPLATES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(TEMPLATES, tmp_path / "templates")
    return tmp_path / "templates"


def edit(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("common/ru.toml", "[citizen]", "[citizen", "common/ru.toml: "),
        ("common/ru.toml", 'send = "✅ Отправить"', "send = 3", "common/ru.toml labels.send: a text is wanted, not 3"),
        ("common/ru.toml", 'send = "✅ Отправить"', 'sendd = "x"', "common/ru.toml labels.send: missing"),
        ("common/ru.toml", 'send = "✅ Отправить"', 'send = ""', "common/ru.toml labels.send: it is empty"),
        ("common/kk.toml", "{{ links }}", "{{ lniks }}", "common/kk.toml citizen.list_read: nobody hands in lniks"),
        ("common/en.toml", 'done = "Done"', 'done = "{% if %}"', "common/en.toml labels.done: "),
        ("common/en.toml", 'done = "Done"', 'done = "<b>Done"', "common/en.toml labels.done: <b> is never closed"),
        ("common/en.toml", 'done = "Done"', 'done = "<p>Done</p>"', "common/en.toml labels.done: <p> as it stands"),
        ("common/en.toml", 'done = "Done"', 'done = "1 < 2"', "common/en.toml labels.done: write &lt; for <"),
        ("common/en.toml", 'done = "Done"', 'done = "Back"', "means both"),
        ("kinds/den.toml", "order = 6", 'order = "six"', "kinds/den.toml order: "),
        ("kinds/den.toml", "[kk]", "[kk", "kinds/den.toml: "),
        ("kinds/den.toml", 'name = "Притон"', "name = 5", "kinds/den.toml kk.name: a text is wanted, not 5"),
        ("kinds/den.toml", "{{ receipt }}", "{{ reciept }}", "kinds/den.toml kk.received: nobody hands in reciept"),
        ("kinds/den.toml", '"rejected"]', '"burnt"]', "kinds/den.toml decisions"),
        ("questions.toml", "[[question]]", "[[qestion]]", "questions.toml"),
        ("register.toml", "[[columns]]", "[[collumns]]", "register.toml"),
        ("contacts.toml", 'phone = "112"', "phone = 112", "contacts.toml: 112 wants words"),
        ("contacts.toml", "[[contact]]", "[contact]", "contacts.toml"),
        ("danger.toml", "ru = [", 'ru = "наркотик"\nx = [', "danger.toml ru: a list of words"),
        ("danger.toml", "ru = [", 'ru = ["",', "danger.toml ru: a list of words"),
        ("trade.toml", "[hiring]", "[hirring]", "trade.toml: there is no group hirring, only selling, hiring, minors"),
        ("trade.toml", "ru = [", "rus = [", "trade.toml selling: there is no language rus, only kk, ru, en"),
        ("trade.toml", "ru = [", 'ru = ["",', "trade.toml selling ru: a list of words"),
        ("trade.toml", "[hiring]", "[hiring", "trade.toml: "),
    ],
)
def test_a_bad_edit_is_named_by_its_file_and_what_it_wants(
    whole: TemplateFolder, folder: Path, file: str, old: str, new: str, told: str
) -> None:
    edit(folder, file, old, new)
    with pytest.raises(TextsBroken) as broken:
        read_folder(folder)
    assert told in str(broken.value)
    assert str(folder) not in str(broken.value), "whoever reads it on the desk has no business with paths"
    for fault in str(broken.value).splitlines():
        said = fault_words.told(whole.wording.texts, Language.RU, fault)
        assert "ошибка (" not in said or any(name in fault for name in (*OF_LIBRARIES, "contacts.toml"))


OF_LIBRARIES = ("kinds/den.toml order", "kinds/den.toml decisions", "questions.toml", "register.toml", "labels.done")
"""What only pydantic or Jinja can say."""


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    ("fault", "ru"),
    [
        ("common/ru.toml labels.send: missing", "этого текста нет"),
        ("kinds/den.toml kk.received: nobody hands in reciept", "вместо reciept"),
        ("common/ru.toml labels.send: a text is wanted, not 3", "в кавычках, а стоит 3"),
        ("common/en.toml labels.done: <b> is never closed", "тег b нигде не закрыт"),
        ("common/en.toml labels.done: write &lt; for <", "напишите &lt;"),
        ("common/ru.toml: Expected ']' at the end of a table declaration (at line 3, column 9)", "строка 3"),
        ("common/ru.toml: Invalid value (at end of document)", "файл не читается: проверьте"),
        ("common/kk.toml: No such file or directory", "файла нет"),
        ("the label 'Done' means both done and back", "«Done»"),
        ("questions.toml first: there is no kind burnt", "нет такого вида сообщений: burnt"),
        ("common/en.toml labels.done: Encountered unknown tag 'foo'.", "ошибка (Encountered unknown tag 'foo'.)"),
    ],
)
def test_a_fault_is_told_on_the_desk_in_its_language(
    whole: TemplateFolder, language: Language, fault: str, ru: str
) -> None:
    said = fault_words.told(whole.wording.texts, language, fault)
    place, _, what = fault.partition(": ")
    assert said.startswith(f"{place}: ") or not what
    assert ru in said if language is Language.RU else said != fault


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "common" / "kk.toml").unlink()
    with pytest.raises(TextsBroken, match=r"common/kk\.toml: No such file"):
        read_folder(folder)


def test_the_digest_changes_with_each_file_and_with_nothing_else(folder: Path) -> None:
    assert folder_digest(folder) == folder_digest(TEMPLATES)
    seen = {folder_digest(folder)}
    files = sorted(folder.rglob("*.toml"))
    for path in files:
        path.write_text(path.read_text("utf-8") + "\n# more\n", "utf-8")
        seen.add(folder_digest(folder))
    files[0].rename(files[0].with_name("other.toml"))
    seen.add(folder_digest(folder))
    assert len(seen) == len(files) + 2


def test_whoever_holds_texts_reads_the_new_ones_after_they_are_replaced() -> None:
    old, new = Texts(), Texts()
    old.add("ru", {"a": "старое", "gone": "было", "n": "{{ n }} старое"})
    new.add("ru", {"a": "новое", "n": "{{ n }} новое"})
    assert old.render("ru", "a") == "старое"
    old.replace(new)
    assert old.render("ru", "a") == "новое"
    assert old.render("ru", "n", n=2) == "2 новое"
    assert not old.has("ru", "gone")


def test_who_goes_through_kinds_sees_what_they_were_when_it_began() -> None:
    held = Swapped({"a": 1, "b": 2})
    seen = []
    for name, value in held.items():
        held.replace(Swapped({"c": 3}))
        seen.append((name, value))
    assert seen == [("a", 1), ("b", 2)]
    assert (list(held), list(held.values()), held["c"], len(held), "a" in held) == (["c"], [3], 3, 1, False)


def test_labels_of_keyboards_that_are_out_there_are_recognised_after_a_reload(folder: Path) -> None:
    labels = read_folder(TEMPLATES).labels
    edit(folder, "common/ru.toml", 'send = "✅ Отправить"', 'send = "📨 Послать"')
    # What was the name of one thing may become another's.
    edit(folder, "common/ru.toml", 'done = "Готово"', 'done = "Хватит"')
    edit(folder, "common/ru.toml", 'skip = "Пропустить"', 'skip = "Готово"')
    (folder / "kinds" / "place.toml").unlink()
    for path in folder.glob("*.toml"):
        path.write_text(path.read_text("utf-8").replace('"place", ', ""), "utf-8")
    labels.replace(read_folder(folder).labels)
    for text, name in (
        ("Отправить", "send"),
        ("📨 Послать", "send"),
        ("Хватит", "done"),
        ("Готово", "skip"),
        ("Пропустить", "skip"),
        ("Геометка", "kind:place"),
    ):
        read = labels.read(text)
        assert read
        assert read.name == name
    assert labels.read("Жіберу") == Label("send", Language.KK)
    assert labels.rows(Language.RU, ["send", "skip"]) == [["📨 Послать", "Готово"]]


def test_the_preview_shows_a_text_in_every_language_as_it_will_read(whole: TemplateFolder) -> None:
    lines = list(preview(whole.wording, "labels.send"))
    assert lines == ["", "labels.send", "  kk  ✅ Жіберу", "  ru  ✅ Отправить", "  en  ✅ Send"]
    every = list(preview(whole.wording))
    for name in ("citizen.welcome", "desk.report_card", "kinds.link.received", "kinds.den.ask.words"):
        assert name in every
    assert not any("{{" in line or "<b>" in line.replace("<b>", "", 1) for line in every)
    assert list(preview(whole.wording, "nothing.like.it")) == []


def test_texts_shared_by_labels_are_refused_before_anything_is_replaced(whole: TemplateFolder, folder: Path) -> None:
    edit(folder, "common/ru.toml", 'send = "✅ Отправить"', 'send = "Притон"')
    with pytest.raises(TextsBroken):
        read_folder(folder)
    assert Labels(whole.wording.texts, whole.wording.kinds).read("Отправить")
