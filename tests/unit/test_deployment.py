"""The compose file, the image and `.env.example`: what they must say for a real deployment."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bot.embedded_cluster import SERVER
from bot.settings import Settings
from tests.stage import ROOT

NAMES = [name.upper() for name in Settings.model_fields]
GIVEN = {"BOT_TOKEN": "123456789:" + "A" * 35, "STAFF_CHAT_ID": "-1001234567890"}
READ_YAML = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)"


def compose() -> list[str]:
    """The command that reads compose files, of either generation."""
    if found := shutil.which("docker-compose"):
        return [found]
    docker = shutil.which("docker")
    if docker and subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode == 0:
        return [docker, "compose"]
    pytest.skip("neither docker-compose nor docker compose is installed")


def config(folder: Path, given: dict[str, str], *profiles: str) -> subprocess.CompletedProcess[str]:
    """Let compose read the file with these variables and no `.env` of anybody's."""
    empty = folder / "env"
    empty.write_text("")
    wanted = [word for profile in profiles for word in ("--profile", profile)]
    command = [*compose(), "--env-file", str(empty), "-f", str(ROOT / "docker-compose.yml"), *wanted, "config"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **given}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def understood(folder: Path, *profiles: str) -> dict[str, Any]:
    """The file as compose understands it."""
    told = config(folder, GIVEN, *profiles)
    assert told.returncode == 0, told.stderr
    # PyYAML is no dependency of ours: Debian's docker-compose brings it for Debian's Python.
    read = subprocess.run(["/usr/bin/python3", "-c", READ_YAML], input=told.stdout, capture_output=True, text=True)
    if read.returncode != 0:
        pytest.skip("no Python here reads YAML")
    found: dict[str, Any] = json.loads(read.stdout)
    return found


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a plain `docker compose up` starts."""
    found = understood(tmp_path_factory.mktemp("plain"))
    # The older compose shows services of all profiles, and starts those without one.
    found["services"] = {name: one for name, one in found["services"].items() if not one.get("profiles")}
    return found


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The reverse proxy of the profile `webhook`."""
    found: dict[str, Any] = understood(tmp_path_factory.mktemp("webhook"), "webhook")["services"]["proxy"]
    return found


@pytest.mark.parametrize("missing", GIVEN)
def test_compose_refuses_to_start_without_token_and_desk(missing: str, tmp_path: Path) -> None:
    told = config(tmp_path, {name: value for name, value in GIVEN.items() if name != missing})
    assert told.returncode != 0
    assert missing in told.stderr


def test_every_setting_can_be_passed_through_compose() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    passed = re.findall(r"^      ([A-Z_]+): \$\{\1\b", text, re.MULTILINE)
    assert sorted(set(passed) - {"HTTPS_PROXY"}) == sorted(NAMES)


def test_the_example_of_env_names_every_setting_and_nothing_else() -> None:
    text = (ROOT / ".env.example").read_text()
    assert sorted(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE)) == sorted(NAMES)


def test_the_example_of_env_shows_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    lines = re.findall(r"^#([A-Z_]+=.+)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    shown = dict(line.split("=", 1) for line in lines if not line.startswith("WEBHOOK_URL"))
    told = Settings(_env_file=None, **{name.lower(): value for name, value in shown.items()})
    plain = Settings(_env_file=None)
    for name in shown:
        if name not in ("FEEDBACK_DELAY_MINUTES", "UNDO_SECONDS"):  # they follow from whether there is a token
            assert getattr(told, name.lower()) == getattr(plain, name.lower()), name


def test_both_containers_are_hardened(services: dict[str, Any]) -> None:
    assert set(services["services"]) == {"bot", "db"}
    for service in services["services"].values():
        is_hardened(service)
        assert "cap_add" not in service
        assert "ports" not in service


def is_hardened(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["ulimits"]["core"] == 0
    assert service["memswap_limit"] == service["mem_limit"], "with more it could swap"
    assert service["logging"]["options"]["max-size"]
    assert int(service["logging"]["options"]["max-file"]) > 1
    assert service["restart"] == "unless-stopped"
    assert service["stop_grace_period"]
    assert service["healthcheck"]["test"]
    assert "privileged" not in service


def test_the_proxy_comes_with_its_profile_alone_and_is_hardened_too(proxy: dict[str, Any]) -> None:
    is_hardened(proxy)
    assert proxy["profiles"] == ["webhook"]
    assert re.fullmatch(r"caddy:\d+\.\d+-alpine", proxy["image"])
    assert proxy["cap_add"] == ["NET_BIND_SERVICE"]
    assert list(proxy["networks"]) == ["outside"], "it has no way to the database"
    assert list(proxy["environment"]) == ["WEBHOOK_URL"], "the secret passes through it and is not told to it"
    assert "secrets" not in proxy


def test_several_bots_can_stand_behind_the_proxy(services: dict[str, Any]) -> None:
    bot = services["services"]["bot"]
    assert "container_name" not in bot
    assert "outside" in bot["networks"]
    told = (ROOT / "deploy" / "Caddyfile").read_text()
    assert re.search(r"dynamic a \{\s+name bot\s+port 8081\s", told)
    assert Settings(_env_file=None).webhook_listen == ("0.0.0.0", 8081)
    # A failed request is logged without its headers, of which one is the webhook's secret.
    assert "request delete" in told
    names = re.findall(r"^(\S+) \{$", told, re.MULTILINE)
    assert names == ["{$WEBHOOK_HOST}", "http://127.0.0.1:8083"], "no host's name stands in the file"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://bot.example.org/hook", "bot.example.org"),
        ("https://bot.example.org:443/a/b", "bot.example.org:443"),
        ("http://bot.example.org/hook", None),
        ("https://bot.example.org", "bot.example.org"),
        ("https://", None),
        ("", None),
    ],
)
def test_the_proxy_takes_its_name_from_webhook_url(
    proxy: dict[str, Any], tmp_path: Path, url: str, name: str | None
) -> None:
    for program, does in (("caddy", 'echo "caddy for $WEBHOOK_HOST"'), ("sleep", "echo sleeps")):
        (tmp_path / program).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / program).chmod(0o755)
    script = proxy["command"][0].replace("$$", "$")
    run = subprocess.run(
        [*proxy["entrypoint"], script],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "WEBHOOK_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    told = f"caddy for {name}\n" if name else "WEBHOOK_URL: wants https://NAME/PATH, in .env\nsleeps\n"
    assert (run.stdout, run.stderr) == (told, "")


def test_caddy_takes_the_proxys_file(tmp_path: Path) -> None:
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("caddy is not installed, so it cannot be asked whether it takes deploy/Caddyfile")
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "WEBHOOK_HOST": "bot.example.org"}
    command = [caddy, "validate", "--config", str(ROOT / "deploy" / "Caddyfile"), "--adapter", "caddyfile"]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


def test_the_database_is_reached_by_the_bot_alone(services: dict[str, Any]) -> None:
    assert list(services["services"]["db"]["networks"]) == ["inside"]
    assert services["networks"]["inside"]["internal"] is True


def test_the_database_has_a_volume_and_no_password_in_the_file(services: dict[str, Any]) -> None:
    database = services["services"]["db"]
    assert any(str(volume).startswith("database:") or "database" in str(volume) for volume in database["volumes"])
    assert "database" in services["volumes"]
    assert "POSTGRES_PASSWORD" not in database["environment"]
    assert database["environment"]["POSTGRES_PASSWORD_FILE"].startswith("/run/secrets/")
    assert "POSTGRES_HOST_AUTH_METHOD" not in database["environment"]
    address = services["services"]["bot"]["environment"]["DATABASE_URL"]
    assert re.fullmatch(r"postgresql://shekteu@db/shekteu\?passfile=/run/secrets/pgpass", address)


def test_the_databases_log_keeps_what_people_wrote_out_as_the_embedded_one_does(services: dict[str, Any]) -> None:
    command = services["services"]["db"]["command"]
    given = dict(option.split("=", 1) for option in command[2::2])
    quiet = {name: value for name, value in SERVER.items() if name.startswith("log_") and name != "log_timezone"}
    for name in ("log_connections", "log_disconnections"):  # off by default in PostgreSQL 17
        quiet.pop(name)
    assert given == quiet


def test_the_health_check_asks_where_the_bot_listens(services: dict[str, Any]) -> None:
    bot = services["services"]["bot"]
    assert bot["environment"]["HEALTH_LISTEN"] == "127.0.0.1:8082"
    program = bot["healthcheck"]["test"][-1]
    compile(program, "healthcheck", "exec")
    assert "HEALTH_LISTEN" in program


def test_a_key_that_does_not_fit_is_no_crash_loop_and_a_reboot_brings_the_bot_back(services: dict[str, Any]) -> None:
    commands = re.findall(r"^CMD (.+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert [json.loads(command) for command in commands] == [["run", "--hold"]]
    # None of its own: the image's command holds.
    assert not services["services"]["bot"].get("command")
    assert not services["services"]["bot"].get("entrypoint")
    assert services["services"]["bot"]["restart"] == "unless-stopped"


def test_the_image_is_built_in_two_stages_by_hash_and_runs_as_nobody_special() -> None:
    text = (ROOT / "Dockerfile").read_text()
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert len(bases) == 2
    assert set(bases) == {"python:3.11-slim-bookworm"}
    assert "--require-hashes" in text
    last = text.split("FROM ")[-1]
    assert re.search(r"^USER 10001$", last, re.MULTILINE)
    assert "apt-get" not in text


def test_nothing_secret_reaches_the_image() -> None:
    allowed = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert (ROOT / ".dockerignore").read_text().splitlines()[1] == "*"
    assert sorted(allowed) == [
        "!alembic.ini",
        "!bot",
        "!migrations",
        "!pyproject.toml",
        "!requirements.lock",
        "!templates",
    ]
