"""Settings: each has its default, a bad one is one line that names it, and no secret is ever shown."""

from __future__ import annotations

import base64
import traceback
from pathlib import Path
from typing import Any

import pytest

from bot.languages import Language
from bot.secret_key import key_path, secret_key
from bot.settings import BadSetting, Settings, load

KEY = base64.b64encode(bytes(range(32))).decode()
TOKEN = "7123456789:AAF-very-secret-token-of-this-bot-xyz"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Start without a setting: neither of this machine's environment nor of a `.env`."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def test_everything_has_a_default_and_without_a_token_it_is_a_sandbox() -> None:
    settings = load()
    assert settings.sandboxed
    assert settings.home == Path(".shekteu/sandbox")
    assert (settings.feedback_delay, settings.undo) == ((0, 0), 5)
    assert (settings.default_language, settings.desk_language) == (Language.KK, Language.RU)
    assert settings.sandbox_listen == ("127.0.0.1", 8080)


def test_with_a_token_the_waits_are_those_of_a_real_desk() -> None:
    settings = load(bot_token=TOKEN)
    assert not settings.sandboxed
    assert settings.home == Path(".shekteu")
    assert (settings.feedback_delay, settings.undo) == ((120, 1200), 30)


def test_the_environment_and_a_file_are_read_and_empty_ones_are_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("STAFF_CHAT_ID=-100123\nDEFAULT_LANGUAGE=ru\nBOT_TOKEN=\nSOMETHING_ELSE=1\n")
    monkeypatch.setenv("DEFAULT_LANGUAGE", "en")
    monkeypatch.setenv("WEBHOOK_LISTEN", "[::1]:9000")
    monkeypatch.setenv("FEEDBACK_DELAY_MINUTES", "1-3")
    monkeypatch.setenv("PROBE", "on")
    settings = load()
    assert settings.staff_chat_id == -100123
    assert settings.default_language is Language.EN
    assert settings.webhook_listen == ("::1", 9000)
    assert settings.feedback_delay == (60, 180)
    assert settings.probe
    assert settings.sandboxed


BAD: list[tuple[str, str]] = [
    ("BOT_TOKEN", "not-a-token"),
    ("BOT_TOKEN", "123456:short"),
    ("STAFF_CHAT_ID", "the desk"),
    ("DATABASE_URL", "mysql://localhost/x"),
    ("DATABASE_URL", "localhost"),
    ("SECRET_KEY", "too short"),
    ("SECRET_KEY", base64.b64encode(bytes(31)).decode()),
    ("SECRET_KEY", KEY + "ключ"),
    ("SECRET_KEY_PREVIOUS", "!"),
    ("TELEGRAM_API_URL", "api.telegram.org"),
    ("TELEGRAM_API_URL", "ftp://api.telegram.org"),
    ("WEBHOOK_URL", "example.kz"),
    ("WEBHOOK_SECRET", "no spaces please"),
    ("WEBHOOK_SECRET", "x" * 257),
    ("WEBHOOK_SECRET", "секрет"),
    ("WEBHOOK_LISTEN", "8081"),
    ("WEBHOOK_LISTEN", "0.0.0.0"),
    ("WEBHOOK_LISTEN", "0.0.0.0:70000"),
    ("HEALTH_LISTEN", ":"),
    ("SANDBOX_LISTEN", "0.0.0.0:8080"),
    ("SANDBOX_LISTEN", "192.168.1.5:8080"),
    ("SANDBOX_LISTEN", "[::]:8080"),
    ("SANDBOX_LISTEN", "example.kz:8080"),
    ("SANDBOX_LISTEN", "8080"),
    ("DEFAULT_LANGUAGE", "de"),
    ("DESK_LANGUAGE", "Russian"),
    ("RETENTION_DAYS", "0"),
    ("RETENTION_DAYS", "a year"),
    ("RETURN_ADDRESS_DAYS", "-1"),
    ("RETURN_ADDRESS_MAX_DAYS", "0"),
    ("OFFICE_HOURS", "9 to 6"),
    ("TIMEZONE", "Asia/Taraz"),
    ("TIMEZONE", "../etc/passwd"),
    ("CLAIM_HOURS", "0"),
    ("DECIDE_DAYS", "soon"),
    ("REPORTS_PER_HOUR", "0"),
    ("FEEDBACK_DELAY_MINUTES", "20-2"),
    ("FEEDBACK_DELAY_MINUTES", "soon"),
    ("UNDO_SECONDS", "-1"),
    ("DESK_TOPICS", "all"),
    ("EVIDENCE_ORIGINALS", "perhaps"),
    ("PROBE", "2"),
    ("LOG_LEVEL", "CHATTY"),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_setting_is_one_line_that_names_it_and_what_it_wants(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting) as told:
        load()
    line = str(told.value)
    assert line.startswith(f"{name}: wants ")
    assert len(line) > len(f"{name}: wants ") + 3
    assert "\n" not in line
    # What was typed may be a secret in the wrong place.
    if len(value) > 8:
        assert value not in line
        assert value not in "".join(traceback.format_exception(told.value))


def test_every_setting_says_what_it_wants() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_settings_that_belong_together_are_asked_for_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_URL", "https://example.kz/hook")
    with pytest.raises(BadSetting, match=r"^WEBHOOK_SECRET: "):
        load()
    monkeypatch.setenv("WEBHOOK_SECRET", "fine")
    assert load().webhook_url == "https://example.kz/hook"
    monkeypatch.setenv("SECRET_KEY", KEY)
    monkeypatch.setenv("SECRET_KEY_FILE", "/run/secrets/key")
    with pytest.raises(BadSetting, match=r"^SECRET_KEY_FILE: "):
        load()


@pytest.mark.parametrize("name", ["RETENTION_DAYS", "RETURN_ADDRESS_MAX_DAYS"])
def test_nothing_that_an_address_is_kept_for_goes_before_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETURN_ADDRESS_DAYS", "21")
    monkeypatch.setenv(name, "20")
    with pytest.raises(BadSetting, match=rf"^{name}: wants 21 or more, as many as RETURN_ADDRESS_DAYS$"):
        load()
    monkeypatch.setenv(name, "21")
    assert load().return_address_days == 21


@pytest.mark.parametrize("address", ["127.0.0.1:1", "localhost:8080", "[::1]:65535"])
def test_the_sandbox_listens_on_this_computer(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_LISTEN", address)
    assert load().sandbox_listen[0] in ("127.0.0.1", "localhost", "::1")


SECRETS = {
    "bot_token": TOKEN,
    "database_url": "postgresql://shekteu:pa55word@db/shekteu",
    "secret_key": KEY,
    "secret_key_previous": base64.b64encode(bytes(range(1, 33))).decode(),
    "webhook_secret": "webhook-secret-value",
    "probe_proxy": "http://user:pa55word@proxy:3128",
}


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_is_shown(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name.upper(), SECRETS[name])
    settings = load()
    shown = [repr(settings), str(settings), f"{settings}", repr(getattr(settings, name)), settings.model_dump_json()]
    assert not any(SECRETS[name] in each for each in shown)
    assert not any("pa55word" in each for each in shown)
    monkeypatch.setenv("RETENTION_DAYS", "0")
    with pytest.raises(BadSetting) as told:
        load()
    assert SECRETS[name] not in "".join(traceback.format_exception(told.value))


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    settings = load(data_dir=tmp_path / "data")
    made = secret_key(settings)
    assert (len(made), secret_key(settings)) == (32, made)
    assert key_path(settings).stat().st_mode & 0o777 == 0o600
    assert secret_key(load(data_dir=tmp_path / "other")) != made


def test_a_key_is_not_made_where_it_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"^SECRET_KEY: "):
        secret_key(load(data_dir=tmp_path / "data"), make=False)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("content", ["", "rubbish", base64.b64encode(bytes(16)).decode(), "ключ"])
def test_a_key_file_with_anything_else_in_it_is_one_line(content: str, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(content)
    for name in (path, tmp_path / "missing"):
        settings: dict[str, Any] = {"secret_key_file": name}
        with pytest.raises(BadSetting, match=r"^SECRET_KEY_FILE: wants ") as told:
            secret_key(load(**settings))
        assert "\n" not in str(told.value)


def test_the_key_of_a_file_or_of_the_setting_is_taken(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY + "\n")
    assert secret_key(load(secret_key_file=tmp_path / "key")) == secret_key(load(secret_key=KEY)) == bytes(range(32))
