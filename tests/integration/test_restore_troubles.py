"""What goes wrong with backups and restores: it is told in one line, and nothing half done is left behind."""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import backup, restore
from bot.archive import Archive, NotABackup, Rows, Section, Stream, parts
from bot.backup import BeingWritten, CannotWrite, FileThere, NewerDatabase, NothingToBackUp, back_up
from bot.database import Database
from bot.embedded import Embedded
from bot.embedded_binaries import programs
from bot.key_watch import KeyWatch
from bot.keys import KeyGone
from bot.migrate import downgrade, head, hold_off, migrate, revision_of, revisions
from bot.postgres_programs import NoProgram, ProgramFailed, environment, find_dump
from bot.privacy.keyring import KeyRing
from bot.privacy.wrapping import WrongKey
from bot.restore import InUse, NewerBackup, NotEmpty, Refused
from bot.settings import Settings
from bot.troubles import explain
from bot.wording import Wording
from tests.children import shekteu
from tests.conftest import open_stage
from tests.integration.test_backup import b64, is_empty
from tests.integration.test_migrations import Stock, fresh, stock
from tests.integration.test_run import Start, folder, start
from tests.journeys.test_a_link import report_link
from tests.stage import ROOT, Stage, free_port
from tests.workbench import count, look, until

__all__ = ["folder", "start", "stock"]

KEY = secrets.token_bytes(32)
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SERVERS = ["embedded", "stock 15"]


def server_of(request: pytest.FixtureRequest, cluster: Embedded, name: str) -> Any:
    return cluster if name == "embedded" else request.getfixturevalue("stock")


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest, cluster: Embedded) -> Any:
    return server_of(request, cluster, request.param)


@pytest.fixture
async def empty_url(cluster: Embedded) -> str:
    return await fresh(cluster.url("postgres"), cluster.url)


@pytest.fixture
async def file(database: Database, database_url: str, tmp_path: Path) -> Path:
    """A backup of a database that has keys and one fact."""
    await KeyRing(database, KEY).load()
    await look(database_url, "INSERT INTO facts (name, value) VALUES ('token', 'yes')")
    return (await back_up(database_url, tmp_path / "a.dump")).file


def settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def content(file: Path) -> bytes:
    return file.read_bytes()


def one_line(error: BaseException) -> str:
    told = explain(error, None)
    assert told
    assert len(told.splitlines()) == 1
    return told


@pytest.mark.parametrize("into", SERVERS)
async def test_a_bot_goes_on_from_a_backup_on_another_server(
    server: Any, into: str, request: pytest.FixtureRequest, cluster: Embedded, wording: Wording, tmp_path: Path
) -> None:
    url, target = await fresh(server.url("postgres"), server.url), server_of(request, cluster, into)
    database = Database(url, pool_size=2)
    await migrate(database)
    await database.close()
    async with open_stage(url, wording) as stage:
        receipt = await report_link(stage)
        await back_up(url, tmp_path / "a.dump")
        await stage.stop_bot()
        stage.url = await fresh(target.url("postgres"), target.url)
        await restore.restore(stage.url, Archive(tmp_path / "a.dump"), NOW)
        await stage.start_bot()
        reader = stage.citizen()
        asked = stage.sandbox.send_text(reader, f"/status {receipt}")
        await stage.says(reader, "Есть ответ", after=asked)
        # The card is shown once more after a restore, whenever its turn comes: what stands there is the same.
        assert [call for call in stage.sandbox.errors if "not modified" not in str(call.error)] == []


async def test_beside_a_running_bot_on_the_embedded_database(start: Start, folder: Path) -> None:
    running = await start()
    await running.works()
    code, told, err = await shekteu("backup", "a.dump", folder=folder)
    assert (code, err) == (0, "")
    assert "a.dump is written" in told
    assert running.process.returncode is None
    code, _, err = await shekteu("restore", "a.dump", folder=folder)
    assert code == 1
    assert err.startswith("Another `shekteu` works on this DATA_DIR")
    key = str(folder / ".shekteu" / "sandbox" / "secret.key")
    code, told, err = await shekteu("restore", "a.dump", folder=folder, DATA_DIR="other", SECRET_KEY_FILE=key)
    assert (code, err) == (0, "")
    assert "Restored: reports: 0" in told
    running.process.terminate()
    assert await running.ends() == 0
    other = await start(DATA_DIR="other", SECRET_KEY_FILE=key)
    await other.works()
    other.process.terminate()
    assert await other.ends() == 0


async def test_where_no_bot_ran_nothing_is_made(tmp_path: Path) -> None:
    code, out, err = await shekteu("backup", "a.dump", folder=tmp_path)
    assert (code, out) == (1, "")
    assert err.startswith("There is no database of a bot here")
    assert names(tmp_path) == []


async def test_a_database_without_our_tables_is_no_bots(empty_url: str, tmp_path: Path) -> None:
    with pytest.raises(NothingToBackUp):
        await back_up(empty_url, tmp_path / "a.dump")
    assert names(tmp_path) == []


async def test_what_a_newer_program_has_migrated_is_left_to_that(database_url: str, tmp_path: Path) -> None:
    await look(database_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(NewerDatabase):
        await back_up(database_url, tmp_path / "a.dump")
    assert names(tmp_path) == []


async def test_a_backup_is_never_written_over(database_url: str, file: Path) -> None:
    before = content(file)
    with pytest.raises(FileThere) as told:
        await back_up(database_url, file)
    assert "another name" in one_line(told.value)
    assert content(file) == before
    assert names(file.parent) == [file.name]


async def test_what_a_killed_backup_has_left_is_written_anew_for_its_owner_alone(
    database_url: str, tmp_path: Path
) -> None:
    part = tmp_path / "a.dump.part"
    part.write_bytes(b"half of another one" * 100_000)
    part.chmod(0o644)
    written = await back_up(database_url, tmp_path / "a.dump")
    assert written.size == written.file.stat().st_size < 1_000_000
    assert stat.S_IMODE(written.file.stat().st_mode) == 0o600
    await Archive(written.file).require_ours()


async def test_two_backups_into_one_file_do_not_meet(database_url: str, tmp_path: Path) -> None:
    part = tmp_path / "a.dump.part"
    with part.open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(BeingWritten):
            await back_up(database_url, tmp_path / "a.dump")
        assert part.exists()


async def test_a_folder_that_is_not_there_is_told_of(database_url: str, tmp_path: Path) -> None:
    with pytest.raises(CannotWrite) as told:
        await back_up(database_url, tmp_path / "nowhere" / "a.dump")
    assert one_line(told.value).endswith("No such file or directory")


@pytest.mark.parametrize(
    ("sent", "interrupts"),
    [(signal.SIGTERM, signal.SIG_DFL), (signal.SIGINT, signal.SIG_DFL), (signal.SIGTERM, signal.SIG_IGN)],
    ids=["SIGTERM", "Ctrl+C", "SIGTERM where Ctrl+C is ignored"],
)
async def test_a_backup_that_is_told_to_end_leaves_no_half_of_a_file(
    sent: signal.Signals, interrupts: signal.Handlers, database_url: str, tmp_path: Path
) -> None:
    holder = await asyncpg.connect(database_url)
    await holder.execute("BEGIN; LOCK TABLE originals")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "backup", "a.dump"),
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATABASE_URL": database_url},
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, interrupts),
    )
    try:
        await until(lambda: look(database_url, "SELECT 1 FROM pg_stat_activity WHERE application_name = 'pg_dump'"))
        assert names(tmp_path) == ["a.dump.part"]
        process.send_signal(sent)
        _, err = await process.communicate()
    finally:
        await holder.close()
    assert process.returncode == 130
    assert err == b""
    assert names(tmp_path) == []


async def test_the_password_is_on_no_command_line_and_our_own_secrets_are_not_handed_on(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pg_dump that writes down how it was called, and then does its work."""
    spy = tmp_path / "spy"
    real = programs() / "pg_dump"
    spy.write_text(
        f'#!/bin/sh\ntr "\\0" "\\n" < /proc/$$/cmdline > {tmp_path}/called\nenv > {tmp_path}/with\nexec {real} "$@"\n'
    )
    spy.chmod(0o700)

    async def find(_: Any) -> Path:
        return spy

    monkeypatch.setattr(backup, "find_dump", find)
    monkeypatch.setenv("SECRET_KEY", "hunter3")
    monkeypatch.setenv("BOT_TOKEN", "hunter4")
    await back_up(database_url.replace("shekteu@", "shekteu:hunter2@"), tmp_path / "a.dump")
    called, given = (tmp_path / "called").read_text(), (tmp_path / "with").read_text()
    assert "--format=custom" in called
    assert "hunter" not in called
    assert "PGPASSWORD=hunter2" in given
    assert "hunter3" not in given
    assert "hunter4" not in given


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        (
            "postgresql://me:p%40ss@db.example:6432/reports",
            {"PGHOST": "db.example", "PGPORT": "6432", "PGUSER": "me", "PGPASSWORD": "p@ss", "PGDATABASE": "reports"},
        ),
        (
            "postgresql://shekteu@db/shekteu?passfile=/run/secrets/pgpass",
            {"PGHOST": "db", "PGUSER": "shekteu", "PGDATABASE": "shekteu", "PGPASSFILE": "/run/secrets/pgpass"},
        ),
        (
            "postgresql://shekteu@/shekteu?host=/run/here&port=5433&ssl=require",
            {"PGHOST": "/run/here", "PGPORT": "5433", "PGSSLMODE": "require"},
        ),
        ("postgresql:///x?password=hunter2&host=a", {"PGPASSWORD": "hunter2", "PGHOST": "a", "PGDATABASE": "x"}),
    ],
)
def test_an_address_is_told_to_pg_dump_as_the_driver_understands_it(
    url: str, wanted: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("PG")]:
        monkeypatch.delenv(name)
    found = environment(url)
    assert {name: value for name, value in found.items() if name in wanted} == wanted
    assert {name for name in found if name.startswith("PG")} - set(wanted) <= {"PGUSER", "PGDATABASE"}


class WithTls(Stock):
    """A PostgreSQL 15 that is reached by TLS alone."""

    port = 0

    def start(self) -> None:
        super().start()
        key, certificate = self.folder / "data" / "server.key", self.folder / "data" / "server.crt"
        made = [
            "openssl",
            "req",
            "-new",
            "-x509",
            "-days",
            "2",
            "-nodes",
            "-subj",
            "/CN=localhost",
            "-newkey",
            "rsa:2048",
        ]
        subprocess.run(
            [*made, "-newkey", "rsa:2048", "-keyout", key, "-out", certificate], check=True, stderr=subprocess.DEVNULL
        )
        key.chmod(0o600)
        for path in (key, certificate):
            if self._account:
                os.chown(path, (self.folder / "data").stat().st_uid, (self.folder / "data").stat().st_gid)
        (self.folder / "data" / "pg_hba.conf").write_text("local all all trust\nhostssl all all 127.0.0.1/32 trust\n")
        self.port = free_port()
        options = (
            f"-c listen_addresses=127.0.0.1 -c port={self.port} -c ssl=on -c unix_socket_directories={self.socket}"
        )
        self._run(
            "pg_ctl",
            "-D",
            str(self.folder / "data"),
            "-w",
            "-m",
            "fast",
            "-l",
            str(self.folder / "log"),
            "-o",
            options,
            "restart",
        )

    def url(self, name: str) -> str:
        return f"postgresql://shekteu@127.0.0.1:{self.port}/{name}"


@pytest.fixture
def with_tls(stock: Stock) -> Iterator[WithTls]:
    if not shutil.which("openssl"):
        pytest.skip("there is no openssl here to make a certificate")
    with tempfile.TemporaryDirectory(prefix="shekteu-tls-") as name:
        Path(name).chmod(0o755)
        server = WithTls(Path(name))
        server.start()
        yield server
        server.stop()


async def test_what_is_reached_by_tls_does_not_cross_the_network_in_clear_for_a_backup(
    with_tls: WithTls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = await fresh(with_tls.url("postgres"), with_tls.url)
    database = Database(url, pool_size=2)
    await migrate(database)
    await KeyRing(database, KEY).load()
    await database.close()
    connection = await asyncpg.connect(url)
    program = await find_dump(connection)
    assert program != programs() / "pg_dump", "that one speaks no TLS"
    await back_up(url, tmp_path / "a.dump")
    again = await fresh(with_tls.url("postgres"), with_tls.url)
    await restore.restore(again, Archive(tmp_path / "a.dump"), NOW)
    assert await count(again, "lasting_keys") == await count(url, "lasting_keys")
    monkeypatch.setattr("bot.postgres_programs._installed", lambda: iter(()))
    with pytest.raises(NoProgram) as told:
        await find_dump(connection)
    await connection.close()
    assert "postgresql-client" in one_line(told.value)


async def test_pg_dump_is_ours_even_beside_an_older_server(server: Any) -> None:
    connection = await asyncpg.connect(server.url("postgres"))
    assert await find_dump(connection) == programs() / "pg_dump"
    await connection.close()


async def test_a_wrong_key_is_one_line_and_the_database_stays_empty(file: Path, empty_url: str) -> None:
    where = {"DATABASE_URL": empty_url, "folder": file.parent}
    code, out, err = await shekteu("restore", str(file), SECRET_KEY=b64(secrets.token_bytes(32)), **where)  # type: ignore[arg-type]
    assert (code, out, err) == (78, "", f"{WrongKey.__doc__}\n")
    assert await is_empty(empty_url)
    code, out, err = await shekteu("restore", str(file), DATA_DIR="none", **where)  # type: ignore[arg-type]
    assert (code, out, err) == (78, "", f"{KeyGone.__doc__}\n")
    assert await is_empty(empty_url)
    code, out, err = await shekteu("restore", str(file), SECRET_KEY=b64(KEY), **where)  # type: ignore[arg-type]
    assert (code, err) == (0, "")
    assert "the sandbox does not touch" in out


async def test_the_key_before_a_change_still_fits(file: Path) -> None:
    new = settings(secret_key=b64(secrets.token_bytes(32)))
    with pytest.raises(WrongKey):
        await restore.require_fit(Archive(file), new)
    both = settings(secret_key=b64(secrets.token_bytes(32)), secret_key_previous=b64(KEY))
    await restore.require_fit(Archive(file), both)


class Stops(Archive):
    """A backup that is not read on from a section on."""

    def __init__(self, file: Path, at: str) -> None:
        super().__init__(file)
        self._at, self.reached, self.go_on = at, asyncio.Event(), asyncio.Event()

    async def statements(self, section: Section) -> str:
        await self._wait(section)
        return await super().statements(section)

    @asynccontextmanager
    async def data(self) -> AsyncIterator[AsyncIterator[bytes | Rows]]:
        async with super().data() as found:
            yield self._slowly(found)

    async def _slowly(self, found: AsyncIterator[bytes | Rows]) -> AsyncIterator[bytes | Rows]:
        async for part in found:
            yield part
            if isinstance(part, Rows) and part.table == "facts":
                await self._wait("data")

    async def _wait(self, where: str) -> None:
        if where == self._at:
            self.reached.set()
            await self.go_on.wait()


@pytest.mark.parametrize("at", ["pre-data", "data", "post-data"])
@pytest.mark.parametrize("how", ["told to end", "cut off by the server"])
async def test_a_restore_that_is_interrupted_leaves_the_database_empty(
    at: str, how: str, file: Path, empty_url: str
) -> None:
    archive = Stops(file, at)
    task = asyncio.create_task(restore.restore(empty_url, archive, NOW))
    await archive.reached.wait()
    if how == "told to end":
        task.cancel()
    else:
        [row] = await look(empty_url, "SELECT pid FROM pg_stat_activity WHERE application_name = 'shekteu-restore'")
        await look(empty_url, "SELECT pg_terminate_backend($1, 10000)", row["pid"])
        archive.go_on.set()
    with pytest.raises((asyncio.CancelledError, Refused)) as told:
        await task
    assert told.type is (asyncio.CancelledError if how == "told to end" else Refused)
    assert await is_empty(empty_url)
    await restore.restore(empty_url, Archive(file), NOW)
    assert await count(empty_url, "facts") == 1


async def test_a_restore_whose_process_is_killed_leaves_the_database_empty(
    file: Path, empty_url: str, cluster: Embedded
) -> None:
    """It waits for a lock on the catalogue, so that it is in the middle when it is killed."""
    holder = await asyncpg.connect(empty_url)
    await holder.execute("BEGIN; LOCK TABLE pg_catalog.pg_class IN SHARE MODE")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "restore", str(file)),
        env=environment | {"DATABASE_URL": empty_url, "SECRET_KEY": b64(KEY)},
        cwd=file.parent,
    )
    begun = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'shekteu-restore' AND wait_event_type = 'Lock'"
    other = await asyncpg.connect(cluster.url("postgres"))
    await until(lambda: other.fetch(begun))
    process.kill()
    await process.wait()
    await holder.close()
    await until(lambda: gone(other))
    await other.close()
    assert await is_empty(empty_url)


async def gone(connection: Any) -> bool:
    return not await connection.fetch("SELECT 1 FROM pg_stat_activity WHERE application_name = 'shekteu-restore'")


async def whole_restore(url: str, archive: Archive) -> None:
    await archive.require_ours()
    await restore.restore(url, archive, NOW)


@pytest.mark.parametrize("share", [0.0001, 0.3, 0.9, 0.999])
async def test_half_of_a_file_is_refused_whole(share: float, stage: Stage, tmp_path: Path, empty_url: str) -> None:
    await report_link(stage)
    whole = await back_up(stage.url, tmp_path / "a.dump")
    half = tmp_path / "half.dump"
    half.write_bytes(content(whole.file)[: int(whole.size * share)])
    with pytest.raises((NotABackup, ProgramFailed)) as told:
        await whole_restore(empty_url, Archive(half))
    one_line(told.value)
    assert await is_empty(empty_url)


async def test_only_what_shekteu_backup_wrote_is_restored(database_url: str, file: Path) -> None:
    made: dict[str, bytes] = {"empty": b"", "words": b"-- PostgreSQL database dump\n", "header": b"PGDMP and no more"}
    for name, content in made.items():
        (file.parent / name).write_bytes(content)
    by_hand = file.parent / "by_hand"
    dump = str(programs() / "pg_dump")
    process = await asyncio.create_subprocess_exec(dump, "-Fc", "-f", str(by_hand), database_url)
    assert await process.wait() == 0
    for name in (*made, "by_hand", "nowhere"):
        with pytest.raises((NotABackup, ProgramFailed)) as told:
            await Archive(file.parent / name).require_ours()
        one_line(told.value)


async def test_a_database_with_tables_is_left_as_it_is(file: Path, database_url: str, empty_url: str) -> None:
    with pytest.raises(NotEmpty) as told:
        await restore.restore(database_url, Archive(file), NOW)
    assert "name an empty one" in one_line(told.value)
    await look(empty_url, "CREATE TABLE somebodys (name text)")
    with pytest.raises(NotEmpty):
        await restore.restore(empty_url, Archive(file), NOW)


async def test_a_database_that_a_bot_uses_or_is_about_to_is_refused(
    file: Path, database: Database, database_url: str, empty_url: str
) -> None:
    watch = KeyWatch(database_url, ring := KeyRing(database, KEY))
    await ring.load()
    await watch.start()
    with pytest.raises(InUse) as told:
        await restore.restore(database_url, Archive(file), NOW)
    assert "stop it" in one_line(told.value)
    watch.close()
    connection = await asyncpg.connect(empty_url)
    async with connection.transaction():
        assert await hold_off(connection)
        with pytest.raises(InUse):
            await restore.restore(empty_url, Archive(file), NOW)
    await connection.close()


async def test_a_bot_that_starts_meanwhile_waits_for_the_end_of_the_restore(file: Path, empty_url: str) -> None:
    archive = Stops(file, "post-data")
    restoring = asyncio.create_task(restore.restore(empty_url, archive, NOW))
    await archive.reached.wait()
    database = Database(empty_url, pool_size=2)
    starting = asyncio.create_task(migrate(database))
    waits = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    await until(lambda: look(empty_url, waits))
    restoring.cancel()
    await asyncio.gather(restoring, return_exceptions=True)
    await starting
    await database.close()
    assert await count(empty_url, "facts") == 0


async def test_what_is_refused_in_the_middle_quotes_no_row(file: Path, empty_url: str) -> None:
    class Doubled(Archive):
        async def statements(self, section: Section) -> str:
            told = await super().statements(section)
            return f"{told}\nSELECT 'hunter2'::int;" if section == "post-data" else told

    with pytest.raises(Refused) as told:
        await restore.restore(empty_url, Doubled(file), NOW)
    assert "InvalidTextRepresentationError" in one_line(told.value)
    assert "hunter2" not in one_line(told.value)
    assert await is_empty(empty_url)


async def test_a_backup_of_a_newer_program_is_refused(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await KeyRing(database, KEY).load()
    written = await back_up(database_url, tmp_path / "a.dump")
    known = revisions()
    monkeypatch.setattr("bot.migrate.revisions", lambda: known - {head()})
    with pytest.raises(NewerBackup):
        await restore.require_fit(Archive(written.file), settings(secret_key=b64(KEY)))


async def test_a_backup_of_an_older_program_is_migrated(
    database: Database, database_url: str, tmp_path: Path, empty_url: str
) -> None:
    await KeyRing(database, KEY).load()
    await downgrade(database, "0002")
    written = await back_up(database_url, tmp_path / "a.dump")
    code, _, err = await shekteu(
        "restore", str(written.file), folder=tmp_path, DATABASE_URL=empty_url, SECRET_KEY=b64(KEY)
    )
    assert (code, err) == (0, "")
    again = Database(empty_url, pool_size=2)
    async with again.engine.connect() as connection:
        assert await revision_of(connection) == head()
    assert await KeyRing(again, KEY).verify() > 0
    await again.close()


class Fed(asyncio.StreamReader):
    """A stream that gives so many bytes at once."""

    def __init__(self, data: bytes, at_once: int) -> None:
        super().__init__()
        self._at_once = at_once
        self.feed_data(data)
        self.feed_eof()

    async def read(self, n: int = -1) -> bytes:
        return await super().read(min(n, self._at_once))


LINES = st.lists(st.text(alphabet="a.\\n\t", max_size=6).map(lambda text: text.replace("\\", "\\\\")), max_size=6)


@given(LINES, LINES, st.integers(1, 9))
async def test_rows_are_cut_where_they_end_whatever_stands_in_them(
    first: list[str], second: list[str], at_once: int
) -> None:
    rows = ["".join(f"{line}\n" for line in lines).encode() for lines in (first, second)]
    text = b"".join(b'COPY public.t%d (id, "at") FROM stdin;\n%b\\.\n\n' % (n, each) for n, each in enumerate(rows))
    found = []
    async for part in parts(Stream(Fed(text, at_once))):
        if isinstance(part, Rows):
            assert part.columns == ["id", "at"]
            found.append(b"".join([piece async for piece in part.pieces]))
        else:
            assert part == b"\n"
    assert found == rows
