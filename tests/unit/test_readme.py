"""What README.md, SECURITY.md and the others promise exists: settings, commands, files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import COMMANDS
from bot.embedded_binaries import major
from bot.restore import FREE_NUMBERS, SPACING
from bot.settings import Settings
from tests.stage import ROOT

README = (ROOT / "README.md").read_text("utf-8")
DOCUMENTS = ("README.md", "SECURITY.md", "CHANGELOG.md")
ROWS = re.findall(r"^\| `([A-Z_]+)` \| (.+?) \| (.+) \|$", README, re.MULTILINE)
PROGRAM = "\n".join(path.read_text() for path in (ROOT / "bot").rglob("*.py") if path.name != "settings.py")


def shown(value: Any) -> str:
    """A default as the table writes it."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "`on`" if value else "`off`"
    if isinstance(value, tuple):
        return f"`{value[0]}:{value[1]}`"
    return f"`{value}`"


def test_the_table_of_settings_has_each_setting_once_in_order_with_its_default() -> None:
    wanted = {name.upper(): shown(field.default) for name, field in Settings.model_fields.items()}
    token = "123456789:" + "A" * 35
    real, sandbox = Settings(_env_file=None, bot_token=token), Settings(_env_file=None)
    low, high = (seconds // 60 for seconds in real.feedback_delay)
    assert sandbox.feedback_delay == (0, 0)
    wanted["FEEDBACK_DELAY_MINUTES"] = f"`{low}-{high}`, in the sandbox `0-0`"
    wanted["UNDO_SECONDS"] = f"`{real.undo}`, in the sandbox `{sandbox.undo}`"
    assert [(name, default) for name, default, _ in ROWS] == list(wanted.items())


@pytest.mark.parametrize(("name", "about"), [(name, about) for name, _, about in ROWS])
def test_a_setting_is_called_unused_exactly_when_nothing_reads_it(name: str, about: str) -> None:
    read = {"feedback_delay_minutes": "feedback_delay", "undo_seconds": "undo", "data_dir": "home"}
    used = re.search(rf"settings\.{read.get(name.lower(), name.lower())}\b", PROGRAM) is not None
    assert used is not about.startswith("not used yet")


def test_every_command_is_in_the_table_and_every_one_named_exists() -> None:
    existing = {command.name for command in COMMANDS}
    table = set(re.findall(r"^\| `shekteu ([a-z]+)", README, re.MULTILINE))
    assert table == existing
    for document in DOCUMENTS:
        named = set(re.findall(r"`(?:\.venv/bin/)?shekteu ([a-z]+)", (ROOT / document).read_text("utf-8")))
        assert named <= existing, f"{document} names what does not exist"


def test_what_backups_leave_out_and_what_a_restore_cannot_bring_back_is_said() -> None:
    told = README.split("**Backups.**")[1].split("## How the house is built")[0]
    for word in (
        "return addresses",
        "keys of days, weeks and blocks",
        "counters",
        "closed for good",
        "SECRET_KEY_FILE",
    ):
        assert word in told
    assert FREE_NUMBERS == 1000
    assert "a thousand higher" in told
    assert SPACING.total_seconds() == 60 / 10
    assert "ten a minute" in told
    assert f"up to its own version, {major()}" in told


def test_every_target_of_make_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z]+)`", README)) | set(re.findall(r"^ *make ([a-z]+)", README, re.MULTILINE))
    assert named <= targets
    assert {"run", "test", "check", "setup"} <= named


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_is_linked_exists(document: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / document).read_text("utf-8"))
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


def test_every_file_and_folder_that_is_named_exists() -> None:
    named = set(re.findall(r"`((?:templates|tests|bot|\.ci|docs)/[\w./-]+)`", README))
    named -= {"templates/kinds/pharmacy.toml"}  # the example of a new one
    assert [name for name in named if not (ROOT / name).exists()] == []
    rooms = re.findall(r"^  ([a-z]+)/  ", README.split("## How the house is built")[1], re.MULTILINE)
    assert {room for room in rooms if not (ROOT / "bot" / room).is_dir()} == set()


def test_no_document_names_a_machine_or_a_folder_of_ours() -> None:
    for name in (*DOCUMENTS, "Dockerfile", "docker-compose.yml", ".env.example", ".ci/run", "Makefile"):
        assert not re.search(r"/work\b|/root\b|/home/\w", Path(ROOT / name).read_text("utf-8")), name
