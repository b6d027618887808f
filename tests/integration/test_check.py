"""`shekteu check` on a good installation, and on each way in which one can be wrong."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from bot.checking.key import _is_local
from bot.checking.whole import check, check_texts
from bot.database import Database, driver
from bot.embedded import Embedded
from bot.migrate import downgrade
from bot.privacy.keyring import KeyRing
from bot.reports import pause
from bot.rotation import Rotation
from bot.sandbox.server import Sandbox
from bot.sandbox.world import Group
from bot.secret_key import FILE
from bot.settings import Settings
from tests.stage import ROOT, free_port

KEY = base64.b64encode(secrets.token_bytes(32)).decode()
Checked = Callable[..., Coroutine[Any, Any, tuple[int, str]]]


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    sandbox = Sandbox()
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
def desk(sandbox: Sandbox) -> Group:
    return sandbox.add_group("Прокуратура", added_by=sandbox.add_person("Айгерим"))


@pytest.fixture
async def sealed(database: Database) -> Database:
    """A database whose keyring was made with KEY."""
    await KeyRing(database, base64.b64decode(KEY)).load()
    return database


@pytest.fixture
def checked(
    sandbox: Sandbox,
    desk: Group,
    database_url: str,
    sealed: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Checked:
    """Check a good installation but for the settings handed in; give exit code and output."""
    monkeypatch.chdir(tmp_path)

    async def run(wait: float = 0.0, **different: Any) -> tuple[int, str]:
        values: dict[str, Any] = {
            "bot_token": sandbox.token,
            "staff_chat_id": desk.id,
            "telegram_api_url": sandbox.url,
            "database_url": database_url,
            "data_dir": tmp_path / "data",
            "templates_dir": ROOT / "templates",
            "secret_key": KEY,
        }
        values |= different
        code = await check(Settings(_env_file=None, **{k: v for k, v in values.items() if v is not None}), wait)
        told = capsys.readouterr().out
        assert sandbox.token not in told
        assert KEY not in told
        assert "failed itself" not in told
        return code, told

    return run


def wrongs(told: str) -> list[str]:
    """The lines that tell of something wrong; each is followed by how to mend it."""
    lines = told.splitlines()
    found = [number for number, line in enumerate(lines) if line.startswith("✗")]
    assert all(lines[number + 1].startswith("    → ") for number in found)
    return [lines[number] for number in found]


async def test_a_good_installation_has_nothing_wrong(checked: Checked, sandbox: Sandbox) -> None:
    code, told = await checked()
    assert code == 0, told
    assert wrongs(told) == []
    for what in ("settings", "texts", "key", "database", "migrations", "Telegram", "webhook", "desk"):
        assert f"✓ {what}: " in told
    assert "@shekteu_test_bot" in told
    assert "Help with addiction" in told


async def test_an_intake_that_is_closed_is_told(checked: Checked, sealed: Database) -> None:
    async with sealed.transaction() as connection:
        await pause.close(await driver(connection), "Чиним", datetime(2026, 11, 23, 9, 15, tzinfo=UTC))
    code, told = await checked()
    assert code == 0
    assert "– intake: closed since 2026-11-23 09:15 UTC; /resume on the main desk opens it" in told


async def test_a_token_that_telegram_does_not_know_is_told(checked: Checked) -> None:
    token = "123456789:" + "A" * 35
    code, told = await checked(bot_token=token)
    assert code == 1
    assert wrongs(told) == ["✗ Telegram: it does not know this token"]
    assert token not in told


async def test_an_unreachable_telegram_is_told(checked: Checked) -> None:
    code, told = await checked(telegram_api_url=f"http://127.0.0.1:{free_port()}")
    assert code == 1
    assert "does not answer" in wrongs(told)[0]


async def test_something_else_than_a_bot_api_is_told(checked: Checked, sandbox: Sandbox) -> None:
    code, told = await checked(telegram_api_url=f"{sandbox.url}/elsewhere")
    assert code == 1
    assert len(wrongs(told)) == 1


async def test_a_desk_that_the_bot_is_not_in_is_told(checked: Checked) -> None:
    code, told = await checked(staff_chat_id=-1001999999999)
    assert code == 1
    assert wrongs(told) == ["✗ desk: the bot knows no chat of this STAFF_CHAT_ID"]


async def test_a_desk_that_put_the_bot_out_is_told(checked: Checked, desk: Group) -> None:
    desk.bot_status = "kicked"
    code, told = await checked()
    assert code == 1
    assert wrongs(told) == ["✗ desk: the bot knows no chat of this STAFF_CHAT_ID"]


async def test_a_bot_that_is_no_administrator_is_told_which_rights_it_needs(checked: Checked, desk: Group) -> None:
    desk.bot_status = "member"
    code, told = await checked()
    assert code == 1
    assert wrongs(told) == ["✗ desk: the bot is no administrator of “Прокуратура”"]
    assert "Delete messages, Pin messages" in told
    assert "Manage topics" not in told


async def test_missing_rights_are_named(checked: Checked, desk: Group) -> None:
    desk.forum = True
    desk.bot_rights = {"can_delete_messages"}
    code, told = await checked()
    assert code == 1
    assert wrongs(told) == ["✗ desk: in “Прокуратура” the bot lacks rights: Pin messages, Manage topics"]
    _, told = await checked(desk_topics="none")
    assert wrongs(told) == ["✗ desk: in “Прокуратура” the bot lacks rights: Pin messages"]


async def test_a_public_desk_is_told(checked: Checked, desk: Group) -> None:
    desk.username = "everybody_reads_along"
    code, told = await checked()
    assert code == 1
    assert "is public" in wrongs(told)[0]


async def test_a_basic_group_is_no_desk(checked: Checked, sandbox: Sandbox) -> None:
    small = sandbox.add_group("Маленькая", supergroup=False)
    code, told = await checked(staff_chat_id=small.id)
    assert code == 1
    assert wrongs(told) == ["✗ desk: STAFF_CHAT_ID is a group, not a supergroup"]


async def test_a_desk_that_moved_is_followed(checked: Checked, sealed: Database, desk: Group) -> None:
    async with sealed.transaction() as connection:
        await connection.execute(
            text("INSERT INTO facts (name, value) VALUES ('desk', :moved)"), {"moved": f"-4711>{desk.id}"}
        )
    code, told = await checked(staff_chat_id=-4711)
    assert code == 0, told


async def test_each_offices_desk_is_looked_at_as_the_main_one_is(
    checked: Checked, sandbox: Sandbox, sealed: Database
) -> None:
    desks = {"Байзак": sandbox.add_group("Байзак"), "Полиция": sandbox.add_group("Полиция", bot_status="member")}
    added = """
    INSERT INTO offices (name, chat_id, language, districts, kinds, restricted, opened_at)
    VALUES (:name, :chat_id, 'ru', '{}', '{}', false, now())
    """
    async with sealed.transaction() as connection:
        for name, chat_id in {**{name: desk.id for name, desk in desks.items()}, "Никто": -100777}.items():
            await connection.execute(text(added), {"name": name, "chat_id": chat_id})
    code, told = await checked()
    assert code == 1
    assert wrongs(told) == [
        "✗ desk: the bot is no administrator of “Полиция”",
        "✗ desk: the bot knows no chat of the group of “Никто”",
    ]
    assert "“Байзак” of “Байзак”, a supergroup; the bot is an administrator" in told
    assert "shekteu offices change “Никто” --chat ID" in told


async def test_a_webhook_that_is_not_wanted_is_told_and_left_alone(checked: Checked, sandbox: Sandbox) -> None:
    from bot.sandbox.webhook import Webhook

    await sandbox.postman.set(Webhook(f"http://127.0.0.1:{free_port()}/hook", "secret", 40))
    code, told = await checked()
    assert code == 0, told
    assert "– webhook: updates go to a webhook at 127.0.0.1; `run` ends that and polls" in told
    assert sandbox.postman.webhook is not None


async def test_without_a_desk_it_waits_until_the_bot_is_added_and_prints_the_line(
    checked: Checked, sandbox: Sandbox
) -> None:
    citizen = sandbox.add_person("Citizen")
    sandbox.updates.drop_all()
    waiting = asyncio.create_task(checked(wait=60, staff_chat_id=None))
    await sandbox.wait_for(lambda: sandbox.updates.polling)
    found = sandbox.add_group("Новый чат", added_by=sandbox.add_person("Данияр"), bot_status="member")
    code, told = await waiting
    assert code == 1
    assert f"\nSTAFF_CHAT_ID={found.id}\n" in told
    assert "✗ desk: the bot is no administrator of “Новый чат”" in told
    sandbox.send_text(citizen, "https://t.me/some_shop")
    kinds = {update.kind for update in sandbox.updates.pending()}
    assert kinds == {"my_chat_member", "message"}, "an update was lost"


async def test_waiting_for_the_desk_confirms_no_update_of_citizens(checked: Checked, sandbox: Sandbox) -> None:
    sandbox.updates.drop_all()
    sandbox.send_text(sandbox.add_person("Citizen"), "https://t.me/some_shop")
    before = [update.id for update in sandbox.updates.pending()]
    code, told = await checked(wait=0.5, staff_chat_id=None)
    assert code == 1
    assert wrongs(told) == ["✗ desk: STAFF_CHAT_ID is not set, and the bot was added to no supergroup"]
    assert [update.id for update in sandbox.updates.pending()] == before


async def test_a_group_that_the_bot_left_is_not_offered_as_the_desk(
    checked: Checked, sandbox: Sandbox, desk: Group
) -> None:
    sandbox.set_bot_status(desk, next(iter(desk.members.values())).person, "left")
    code, told = await checked(wait=0.5, staff_chat_id=None)
    assert code == 1
    assert "STAFF_CHAT_ID=" not in told


async def test_a_database_that_is_down_is_told(checked: Checked) -> None:
    code, told = await checked(database_url=f"postgresql://shekteu:hunter22@127.0.0.1:{free_port()}/shekteu")
    assert code == 1
    assert wrongs(told) == ["✗ database: it does not answer"]
    assert "hunter22" not in told


async def test_a_database_that_does_not_exist_is_told(checked: Checked, cluster: Embedded) -> None:
    code, told = await checked(database_url=cluster.url("nowhere"))
    assert code == 1
    assert wrongs(told) == ["✗ database: the server has no database of this name"]


async def test_an_address_that_cannot_be_read_is_told(checked: Checked) -> None:
    code, told = await checked(database_url="postgresql://shekteu:hunter22@host:port/shekteu")
    assert code == 1
    assert wrongs(told) == ["✗ database: DATABASE_URL cannot be read"]
    assert "hunter22" not in told


async def test_a_wrong_secret_key_is_told(checked: Checked) -> None:
    code, told = await checked(secret_key=base64.b64encode(bytes(32)).decode())
    assert code == 1
    assert wrongs(told) == ["✗ key: it does not open this database's keyring"]


async def test_a_secret_key_that_is_gone_is_told(checked: Checked) -> None:
    code, told = await checked(secret_key=None)
    assert code == 1
    assert wrongs(told) == ["✗ key: it is gone, and this database's keyring is shut"]


async def test_a_key_that_others_can_read_is_told(checked: Checked, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(KEY)
    file.chmod(0o644)
    code, told = await checked(secret_key=None, secret_key_file=file)
    assert code == 1
    assert wrongs(told) == ["✗ key: others on this machine can read it (mode 0644)"]
    file.chmod(0o600)
    assert (await checked(secret_key=None, secret_key_file=file))[0] == 0


async def test_checking_writes_no_key_into_an_empty_keyring(checked: Checked, sealed: Database) -> None:
    async with sealed.transaction() as connection:
        await connection.execute(text("DELETE FROM lasting_keys"))
    code, told = await checked()
    assert code == 0, told
    async with sealed.transaction() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM lasting_keys")) == 0


async def test_a_lost_keyring_is_told(checked: Checked, sealed: Database) -> None:
    async with sealed.transaction() as connection:
        await connection.execute(text("DELETE FROM lasting_keys"))
        await connection.execute(text("INSERT INTO dialogues VALUES ('chat', 'sealed', now())"))
    code, told = await checked()
    assert code == 1
    assert wrongs(told) == ["✗ key: this database's keyring is gone, but not what it sealed"]
    assert "lasting_keys" in told


async def test_a_change_of_the_key_is_followed(checked: Checked, sealed: Database, database_url: str) -> None:
    new = base64.b64encode(secrets.token_bytes(32)).decode()
    code, told = await checked(secret_key=new, secret_key_previous=KEY)
    assert code == 0, told
    assert "– key: some keys are still wrapped by SECRET_KEY_PREVIOUS; `shekteu keys rotate`" in told
    ring = KeyRing(sealed, base64.b64decode(new), base64.b64decode(KEY))
    assert await Rotation(sealed, database_url, ring, lambda _: None, settle=0, linger=0).run()
    code, told = await checked(secret_key=new, secret_key_previous=KEY)
    assert code == 0, told
    assert "– key: SECRET_KEY_PREVIOUS is needed no longer" in told
    assert "SECRET_KEY_PREVIOUS" not in (await checked(secret_key=new))[1]


BESIDE = "– key: it lies on the database's disk"


@pytest.fixture
def other_disk(cluster: Embedded) -> Iterator[Path]:
    """A folder on another disk than the tests' databases: in memory, unless they lie there."""
    theirs = cluster.cluster.place.base.stat().st_dev
    others = [one for one in ("/dev/shm", "/var/tmp") if os.access(one, os.W_OK) and os.stat(one).st_dev != theirs]
    if not others:
        pytest.skip("there is one disk here alone")
    with tempfile.TemporaryDirectory(prefix="check-", dir=others[0]) as folder:
        yield Path(folder)


def keep_key(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(KEY)
    file.chmod(0o600)
    return file


async def test_a_key_beside_a_local_databases_data_is_warned_of_and_one_elsewhere_is_not(
    checked: Checked, tmp_path: Path, other_disk: Path, cluster: Embedded
) -> None:
    beside = cluster.cluster.place.base / f"key-{uuid4().hex}"
    code, told = await checked(secret_key=None, secret_key_file=keep_key(beside))
    beside.unlink()
    assert code == 0, told
    assert BESIDE in told
    assert "SECRET_KEY_FILE" in told.split(BESIDE)[1].splitlines()[0]
    code, told = await checked(secret_key=None, secret_key_file=keep_key(other_disk / "key"))
    assert code == 0, told
    assert BESIDE not in told


async def test_a_local_database_that_does_not_tell_where_its_data_lies_is_told_of(
    checked: Checked, sealed: Database, database_url: str, tmp_path: Path
) -> None:
    # The address below names another role than the owner, who may look but not ask the server where it keeps its data.
    role = f"plain_{uuid4().hex}"
    async with sealed.transaction() as connection:
        await connection.execute(text(f"CREATE ROLE {role} LOGIN"))
        await connection.execute(text(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"))
    told = (
        await checked(
            secret_key=None,
            secret_key_file=keep_key(tmp_path / "key"),
            database_url=database_url.replace("//shekteu@", f"//{role}@"),
        )
    )[1]
    async with sealed.transaction() as connection:
        await connection.execute(text(f"DROP OWNED BY {role}"))
        await connection.execute(text(f"DROP ROLE {role}"))
    assert "– key: the database is on this machine too: see that" in told


@pytest.mark.parametrize("where", ["data/own.key", "elsewhere/own.key"])
async def test_a_key_beside_the_embedded_database_is_warned_of_even_before_there_is_one(
    where: str, checked: Checked, tmp_path: Path
) -> None:
    file = keep_key(tmp_path / where)
    code, told = await checked(
        bot_token=None, staff_chat_id=None, database_url=None, secret_key=None, secret_key_file=file
    )
    assert code == 0, told
    assert BESIDE in told


async def test_a_key_in_env_beside_the_embedded_database_is_warned_of(
    checked: Checked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing_else = {"bot_token": None, "staff_chat_id": None, "database_url": None}
    monkeypatch.delenv("SECRET_KEY", raising=False)
    assert BESIDE not in (await checked(**nothing_else))[1]
    keep_key(tmp_path / ".env").write_text(f"SECRET_KEY={KEY}\n")
    assert BESIDE in (await checked(**nothing_else))[1]
    monkeypatch.setenv("SECRET_KEY", KEY)
    assert BESIDE not in (await checked(**nothing_else))[1]


async def test_a_database_elsewhere_is_on_no_disk_of_ours() -> None:
    assert _is_local("postgresql://shekteu@/shekteu?host=/run/postgresql&port=5432")
    assert _is_local("postgresql://shekteu:word@localhost:5432/shekteu")
    assert _is_local("postgresql://shekteu@127.0.0.1/shekteu")
    assert not _is_local("postgresql://shekteu@db/shekteu?passfile=/run/secrets/pgpass")
    assert not _is_local("postgresql://shekteu@[2001:db8::1]/shekteu")


async def test_a_broken_template_is_told(checked: Checked, tmp_path: Path) -> None:
    templates = shutil.copytree(ROOT / "templates", tmp_path / "templates")
    russian = templates / "common" / "ru.toml"
    russian.write_text(russian.read_text().replace("{{ most }}", "{{ misspelt }}"))
    code, told = await checked(templates_dir=templates)
    assert code == 1
    assert any("misspelt" in line for line in wrongs(told))


async def test_a_database_without_tables_is_told(checked: Checked, sealed: Database) -> None:
    await downgrade(sealed, "base")
    code, told = await checked()
    assert code == 1
    assert wrongs(told) == ["✗ migrations: there are no tables yet"]
    assert "shekteu migrate" in told


async def test_a_database_of_a_newer_program_is_told(checked: Checked, sealed: Database) -> None:
    async with sealed.transaction() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    code, told = await checked()
    assert code == 1
    assert wrongs(told) == ["✗ migrations: it stands at 9999, which this program does not know"]


async def test_the_sandbox_on_the_database_of_a_real_bot_is_told(checked: Checked, sealed: Database) -> None:
    async with sealed.transaction() as connection:
        await connection.execute(text("INSERT INTO facts (name, value) VALUES ('token', 'yes')"))
    code, told = await checked(bot_token=None, staff_chat_id=None)
    assert code == 1
    assert wrongs(told) == ["✗ database: it has served a real bot: the sandbox does not touch it"]


async def test_without_anything_set_nothing_is_wrong_and_nothing_is_made(checked: Checked, tmp_path: Path) -> None:
    code, told = await checked(bot_token=None, staff_chat_id=None, database_url=None, secret_key=None)
    assert code == 0, told
    assert "sandbox" in told
    assert not (tmp_path / "data").exists()


async def test_the_embedded_database_is_stopped_after_the_check(checked: Checked, short_dir: Path) -> None:
    home = short_dir / "sandbox"
    embedded = Embedded(home, durable=False)
    await embedded.start()
    await embedded.stop()
    (home / FILE).write_text(KEY)
    (home / FILE).chmod(0o600)
    code, told = await checked(
        bot_token=None, staff_chat_id=None, database_url=None, secret_key=None, data_dir=short_dir
    )
    assert code == 1
    assert wrongs(told) == ["✗ migrations: there are no tables yet"]
    assert "– key: it lies on the database's disk" in told
    assert not (embedded.cluster.place.cluster / "postmaster.pid").exists()


async def test_a_pooler_that_mixes_sessions_is_told(checked: Checked, pooled_url: str) -> None:
    code, told = await checked(database_url=pooled_url)
    assert code == 1
    assert wrongs(told)[0].startswith("✗ database: a pooler in transaction mode")


def test_two_kinds_with_one_label_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    templates = shutil.copytree(ROOT / "templates", tmp_path / "templates")
    shutil.copy(templates / "kinds" / "graffiti.toml", templates / "kinds" / "pharmacy.toml")
    assert check_texts(Settings(_env_file=None, templates_dir=templates)) == 1
    assert "means both" in wrongs(capsys.readouterr().out)[0]


def test_a_new_kind_is_one_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    templates = shutil.copytree(ROOT / "templates", tmp_path / "templates")
    graffiti = (templates / "kinds" / "graffiti.toml").read_text()
    (templates / "kinds" / "pharmacy.toml").write_text(graffiti.replace('label = "', 'label = "Pharmacy '))
    assert check_texts(Settings(_env_file=None, templates_dir=templates)) == 0
    assert "7 kinds: fine" in capsys.readouterr().out


def test_the_texts_alone_are_told_in_a_line_and_the_posters_in_another(capsys: pytest.CaptureFixture[str]) -> None:
    assert check_texts(Settings(_env_file=None, templates_dir=ROOT / "templates")) == 0
    texts, posters = capsys.readouterr().out.splitlines()
    assert "texts in 3 languages, 6 kinds: fine" in texts
    assert posters == "✓ texts: posters/standard.toml fits in every format, its codes are read"


def test_designs_of_posters_that_are_not_right_are_told_by_their_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    templates = shutil.copytree(ROOT / "templates", tmp_path / "templates")
    posters = templates / "posters"
    whole = (posters / "standard.toml").read_text("utf-8")
    black = '<rect x="-60" y="-60" width="129" height="129"/>'
    (posters / "spilt.svg").write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{black}</svg>')
    for name, before, after in (
        ("colour", "#12355b", "blue"),
        ("hidden", "shield.svg", "spilt.svg"),
        ("kazakh", whole[whole.index("[ru]") :], ""),
        ("long", "Видели, где торгуют наркотиками?\\nНапишите боту.", "Видели, где торгуют наркотиками? " * 9),
        ("lost", "shield.svg", "none.svg"),
    ):
        assert before in whole
        (posters / f"{name}.toml").write_text(whole.replace(before, after, 1), "utf-8")
    assert check_texts(Settings(_env_file=None, templates_dir=templates)) == 1
    told = [line for line in capsys.readouterr().out.splitlines() if "posters/" in line]
    wrong = [line for line in told if line.startswith("✗")]
    assert "posters/colour.toml colours.ground: String should match" in wrong[0]
    assert "posters/hidden.toml a code with its emblem cannot be read" in wrong[1]
    assert "posters/long.toml a4, in kk,ru: “Видели" in wrong[2]
    assert "posters/lost.toml none.svg: No such file" in wrong[-1]
    bad = {f"posters/{name}.toml" for name in ("colour", "hidden", "long", "lost")}
    assert {line.split()[2] for line in wrong} == bad
    assert "– texts: posters/kazakh.toml has no texts in ru, en: no poster can be made in it" in told
    assert "✓ texts: posters/kazakh.toml fits in every format, its codes are read" in told


def test_a_preview_shows_the_texts_whose_name_begins_so(capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(_env_file=None, templates_dir=ROOT / "templates")
    assert check_texts(settings, "labels.send") == 0
    assert "  ru  ✅ Отправить" in capsys.readouterr().out.splitlines()
    assert check_texts(settings, "labels.sned") == 1
    assert wrongs(capsys.readouterr().out) == ["✗ texts: no text's name begins with labels.sned"]


@pytest.fixture
def short_dir() -> Any:
    """A folder that the database's user may pass through, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="check-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture
async def pooled_url(cluster: Embedded, database_url: str, short_dir: Path) -> AsyncIterator[str]:
    """The address of the test's database behind a pgbouncer in transaction mode."""
    pgbouncer = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if pgbouncer is None:
        pytest.skip("pgbouncer is not installed")
    place, port = cluster.cluster.place, free_port()
    name = database_url.split("@/")[1].split("?")[0]
    (short_dir / "users.txt").write_text('"shekteu" ""\n')
    (short_dir / "pgbouncer.ini").write_text(
        f"[databases]\n{name} = host={place.socket} port=5432 user=shekteu\n[pgbouncer]\npool_mode = transaction\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        f"auth_file = {short_dir}/users.txt\nignore_startup_parameters = jit,lock_timeout\n"
    )
    # It refuses to run as root, as PostgreSQL does; the socket belongs to the account of the cluster.
    who: dict[str, Any] = (
        {"user": place.account.uid, "group": place.account.gid, "extra_groups": []} if place.account else {}
    )
    for file in ("users.txt", "pgbouncer.ini"):
        (short_dir / file).chmod(0o644)
    process = await asyncio.create_subprocess_exec(
        pgbouncer, "--quiet", str(short_dir / "pgbouncer.ini"), stderr=asyncio.subprocess.DEVNULL, cwd="/", **who
    )
    try:
        while process.returncode is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            break
        assert process.returncode is None, os.fspath(pgbouncer)
        yield f"postgresql://shekteu@127.0.0.1:{port}/{name}"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
