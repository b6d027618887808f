"""The command line: what it costs to start, what it says for help, and what it tells when something fails."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from bot import __main__ as commands
from bot.__main__ import COMMANDS, main
from bot.commands.command import Command, in_loop
from bot.keys import KeyGone
from bot.migrate import NotMigrated
from bot.privacy.wrapping import KeyringLost, WrongKey
from bot.rotation import AnotherRotation, NoKeyring
from bot.settings import Settings
from bot.troubles import explain
from tests.children import shekteu
from tests.stage import ROOT

NAMES = [command.name for command in COMMANDS]


@pytest.fixture(autouse=True)
def _own_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `main` forbids its process for good, it must not forbid this one, which runs other tests too."""
    monkeypatch.setattr(commands, "forbid_core_dumps", lambda: None)


async def stderr_of(*arguments: str, folder: Path, **environment: str) -> tuple[int, str]:
    """Run a command in a folder without a `.env`; give exit code and stderr."""
    code, _, told = await shekteu(*arguments, folder=folder, **environment)
    return code, told


def left_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.mark.parametrize("name", NAMES)
def test_the_help_of_a_command_shows_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert f"shekteu {name}" in capsys.readouterr().out.split("Example:")[1]


def test_the_help_of_rotating_keys_shows_an_example_and_says_what_to_set(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["keys", "rotate", "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert "shekteu keys rotate" in told.split("Example:")[1]
    assert "SECRET_KEY_PREVIOUS" in told


@pytest.mark.parametrize("command", ["run", "check"])
async def test_terms_that_contradict_each_other_are_refused_at_start(command: str, tmp_path: Path) -> None:
    told = 1, "RETENTION_DAYS: wants 14 or more, as many as RETURN_ADDRESS_DAYS\n"
    assert await stderr_of(command, folder=tmp_path, RETENTION_DAYS="5") == told
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("trouble", [WrongKey, KeyringLost, KeyGone])
def test_a_key_that_does_not_fit_is_one_line_and_an_exit_code_of_its_own(
    trouble: type[Exception], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> int:
        raise trouble

    monkeypatch.setattr(commands, "COMMANDS", (Command("check", fail, "fail", "shekteu check"),))
    with pytest.raises(SystemExit) as ended:
        main(["check"])
    assert ended.value.code == 78
    told = capsys.readouterr().err
    assert told == f"{trouble.__doc__}\n"
    assert len(told.splitlines()) == 1
    assert "bring" in told, "it says what to do"


def test_what_refuses_a_rotation_is_one_line() -> None:
    for trouble in (AnotherRotation, NoKeyring, NotMigrated):
        assert explain(trouble(), None) == trouble.__doc__
        assert len(explain(trouble(), None).splitlines()) == 1


async def test_rotating_what_no_bot_has_made_yet_makes_nothing(tmp_path: Path) -> None:
    code, told = await stderr_of("keys", "rotate", folder=tmp_path, DATABASE_URL="", SECRET_KEY="c2hvcnQ=")
    assert code == 1
    assert told.startswith("SECRET_KEY: wants 32 random bytes in base64")
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["check"], ["check", "--texts"]])
def test_a_command_that_needs_no_bot_does_not_import_aiogram(arguments: list[str], tmp_path: Path) -> None:
    # It draws the designs of posters.
    draws = ["PIL", "fpdf", "qrcode", "zxingcpp"] if "--texts" in arguments else []
    program = (
        "import sys\nfrom bot.__main__ import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit as end:\n    assert end.code == 0, end.code\n"
        "heavy = {'aiogram', 'alembic', 'PIL', 'tldextract', 'fpdf', 'qrcode', 'zxingcpp'} & set(sys.modules)\n"
        f"heavy -= set({draws!r})\n"
        "assert not heavy, heavy\n"
    )
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "TEMPLATES_DIR": str(ROOT / "templates")}
    subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, check=True, stdout=subprocess.DEVNULL
    )


@pytest.mark.parametrize(
    ("setting", "value", "wants"),
    [
        ("BOT_TOKEN", "not-a-token", "BOT_TOKEN: wants the token from BotFather"),
        ("STAFF_CHAT_ID", "our desk", "STAFF_CHAT_ID: wants the id of the desk's chat"),
        ("TIMEZONE", "Asia/Taraz", "TIMEZONE: wants a time zone like Asia/Almaty"),
        ("SANDBOX_LISTEN", "0.0.0.0:8080", "SANDBOX_LISTEN: wants host:port on loopback"),
        ("SECRET_KEY", "c2hvcnQ=", "SECRET_KEY: wants 32 random bytes in base64"),
        ("TEMPLATES_DIR", "nowhere", "no kinds in kinds/"),
    ],
)
async def test_a_wrong_setting_is_one_line_that_names_it(setting: str, value: str, wants: str, tmp_path: Path) -> None:
    code, told = await stderr_of("run", folder=tmp_path, **{setting: value})
    assert code == 1
    assert told.startswith(wants)
    assert len(told.splitlines()) == 1
    assert value not in told or setting in ("TEMPLATES_DIR", "SANDBOX_LISTEN")


async def test_a_token_without_a_desk_is_one_line_that_names_the_desk(tmp_path: Path) -> None:
    environment = {"BOT_TOKEN": "123456789:" + "A" * 35, "TEMPLATES_DIR": str(ROOT / "templates")}
    code, told = await stderr_of("run", folder=tmp_path, **environment)
    assert code == 1
    assert told.startswith("STAFF_CHAT_ID: with BOT_TOKEN it is needed")
    assert len(told.splitlines()) == 1
    assert left_in(tmp_path) == [], "a start that fails leaves nothing behind"


def test_an_unforeseen_failure_tells_type_and_place_and_not_its_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> int:
        raise ExceptionGroup("the token is 123456:hunter2", [ValueError("what a citizen wrote"), OSError("hunter2")])

    monkeypatch.setattr(commands, "COMMANDS", (Command("check", fail, "fail", "shekteu check"),))
    with pytest.raises(SystemExit) as ended:
        main(["check"])
    told = capsys.readouterr().err
    assert ended.value.code == 1
    assert "ValueError" in told
    assert "OSError" in told
    assert "hunter2" not in told
    assert "citizen" not in told


def test_a_failure_of_the_database_tells_its_type_and_not_the_statement() -> None:
    error = OperationalError("SELECT 'hunter2'", {"secret": "hunter2"}, ConnectionError("hunter2"))
    told = explain(error, None)
    assert told.startswith("The database refuses (ConnectionError): `shekteu check`")
    assert "hunter2" not in told


def test_a_port_that_is_taken_is_told_by_the_name_of_its_setting() -> None:
    error = OSError(98, "error while attempting to bind on address ('127.0.0.1', 8080): address already in use")
    told = explain(error, Settings(_env_file=None))
    assert told.startswith("SANDBOX_LISTEN: another program listens on 127.0.0.1:8080")


def test_ctrl_c_ends_a_command_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    async def stop() -> None:
        await asyncio.sleep(0)
        raise KeyboardInterrupt

    monkeypatch.setattr(
        commands, "COMMANDS", (Command("check", lambda *_: int(in_loop(stop)), "stop", "shekteu check"),)
    )
    with pytest.raises(SystemExit) as ended:
        main(["check"])
    assert ended.value.code == 130
