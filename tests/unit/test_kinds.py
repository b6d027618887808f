"""A kind is one file, and a mistake in it stops the start with a line that names the file and the fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.reports.kinds import Content, load_kinds
from bot.texts import TextsBroken
from bot.wording import load_wording

TEMPLATES = Path(__file__).parents[2] / "templates"
DEN = (TEMPLATES / "kinds" / "den.toml").read_text("utf-8")


def spoilt(folder: Path, old: str, new: str) -> str:
    """What is said of the den's file with something in it changed."""
    assert old in DEN
    (folder / "den.toml").write_text(DEN.replace(old, new), "utf-8")
    with pytest.raises(TextsBroken) as raised:
        load_kinds(folder)
    return str(raised.value)


@pytest.mark.parametrize(
    "old,new,said",
    [
        ("order = 6", "", "order: Field required"),
        ("order = 6", "order = 6\ncolour = 1", "colour"),
        ('content = "words"', 'content = "wrods"', "takes.0.content"),
        ('content = "location"', 'content = "words"', "takes: each content once"),
        ("required = true", "required = false", "at least one content is required"),
        ('"passed_on"', '"passed_of"', "decisions.1"),
        ("[en.feedback]", "[en.feedbak]", "[en] lacks feedback.duplicate"),
        ("most = 10", "most = 0", "takes.2.most"),
        ('name = "Притон"', "name = 3", "name: a text is wanted"),
        ("[kk]", "[kk", "den.toml"),
    ],
)
def test_a_mistake_is_named_with_its_file(tmp_path: Path, old: str, new: str, said: str) -> None:
    message = spoilt(tmp_path, old, new)
    assert said in message


def test_a_language_that_is_missing_is_named(tmp_path: Path) -> None:
    message = spoilt(tmp_path, DEN[DEN.index("[en]") :], "")
    assert "texts are missing in en" in message


def test_no_kinds_at_all_stop_the_start(tmp_path: Path) -> None:
    with pytest.raises(TextsBroken, match="no kinds"):
        load_kinds(tmp_path)


def test_kinds_come_in_their_order_and_tell_what_they_take() -> None:
    kinds = load_kinds(TEMPLATES / "kinds")
    assert [kind.order for kind in kinds.values()] == sorted(kind.order for kind in kinds.values())
    assert kinds["link"].take(Content.LOCATION) is None
    location = kinds["den"].take(Content.LOCATION)
    assert location
    assert location.address
    assert not location.required


def test_a_misspelt_variable_in_a_kind_file_stops_the_start(tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "templates"
    shutil.copytree(TEMPLATES, folder)
    (folder / "kinds" / "den.toml").write_text(DEN.replace("{{ receipt }}", "{{ reciept }}"), "utf-8")
    with pytest.raises(TextsBroken, match="reciept"):
        load_wording(folder)
