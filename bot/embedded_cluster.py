"""One cluster of the embedded PostgreSQL on disk: made, healed, locked, started. Blocking; `embedded` supervises it."""

import contextlib
import ctypes
import fcntl
import os
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from bot.embedded_binaries import SOCKET, Account, Place, major, owned_folder

USER = "shekteu"
LOG_LIMIT = 4 * 1024 * 1024
PATIENCE = 10.0  # seconds for an orphaned server to begin its end
PR_SET_PDEATHSIG = 1

SERVER = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "min_wal_size": "32MB",
    "max_wal_size": "256MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A log without what people wrote: errors quote values, and details quote statements and keys.
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_autovacuum_min_duration": "-1",
    "log_connections": "",
    "log_disconnections": "off",
    "log_checkpoints": "off",
}
FOR_TESTS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedFailed(Exception):
    """The embedded PostgreSQL did not start."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"{self.__doc__} {detail}".rstrip())


class ClusterBusy(EmbeddedFailed):
    """Another process holds the embedded PostgreSQL of this DATA_DIR, and its server cannot be used."""


class ClusterVersion(EmbeddedFailed):
    """The database in DATA_DIR was made by another major version of PostgreSQL: dump it there and restore it here."""


class Cluster:
    """The cluster at `place`, and the lock that makes this process its one owner."""

    def __init__(self, place: Place, *, durable: bool) -> None:
        self.place = place
        self.durable = durable
        self._lock: int | None = None
        place.base.mkdir(mode=0o711 if place.account else 0o700, parents=True, exist_ok=True)

    @property
    def ours(self) -> bool:
        """Whether this process owns the cluster."""
        return self._lock is not None

    def claim(self) -> bool:
        """Become the owner if nobody is. The kernel takes the lock back when our process ends, however it ends."""
        if self._lock is not None:
            return True
        opened = self._open("lock", os.O_RDWR)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(opened)
            return False
        self._lock = opened
        return True

    def release(self) -> None:
        """Let others own the cluster."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def prepare(self, deadline: float) -> None:
        """Leave a cluster of the right version with nobody in it; `deadline` is of time.monotonic()."""
        place = self.place
        for half in place.base.glob("cluster.new-*"):
            shutil.rmtree(half, ignore_errors=True)
        if not place.cluster.exists():
            self._init()
        found = (place.cluster / "PG_VERSION").read_text().strip()
        if found != major():
            raise ClusterVersion(f"(It is of version {found}, this program has {major()}.)")
        owned_folder(place.socket, place.account)
        # After a kill -9 of its owner the old server is still shutting down. One that stays is somebody else's.
        patience = time.monotonic() + PATIENCE
        while pids := _inhabitants(place.cluster):
            if time.monotonic() > (patience if self.status() == "ready" else deadline):
                raise ClusterBusy(f"(Process {pids[0]} runs it.)")
            time.sleep(0.05)
        # Nobody is in it, so these are stale, even if their number belongs to a zombie or to another program by now.
        for stale in (place.cluster / "postmaster.pid", place.socket / SOCKET, place.socket / f"{SOCKET}.lock"):
            stale.unlink(missing_ok=True)

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server. The thread that calls must live as long as the server: its end is the server's."""
        settings = SERVER | ({} if self.durable else FOR_TESTS) | {"unix_socket_directories": str(self.place.socket)}
        command = [str(self.place.programs / "postgres"), "-D", str(self.place.cluster)]
        command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        log = self._open("postgres.log", os.O_WRONLY | os.O_APPEND)
        try:
            return subprocess.Popen(  # noqa: S603
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the bot, which still needs its database to end well
                **_as(self.place.account, signal.SIGINT),
            )
        finally:
            os.close(log)

    def status(self, pid: int | None = None) -> str:
        """Return what the server (of that pid) says of itself in its pid file: starting, ready, stopping, or ""."""
        try:
            lines = (self.place.cluster / "postmaster.pid").read_text().splitlines()
        except OSError:
            return ""
        mine = pid is None or lines[:1] == [str(pid)]
        return lines[7].strip() if mine and len(lines) > 7 else ""

    def log_tail(self) -> str:
        """Return the end of the server's log, in which nothing that people wrote stands."""
        with contextlib.suppress(OSError):
            return (self.place.base / "postgres.log").read_text(errors="replace")[-2000:]
        return ""

    def trim_log(self) -> None:
        """Empty the log when it has grown; the server appends, so it goes on at the start."""
        log = self.place.base / "postgres.log"
        with contextlib.suppress(FileNotFoundError):
            if log.stat().st_size > LOG_LIMIT:
                os.truncate(log, 0)

    def _init(self) -> None:
        """Make the cluster aside and put it in place whole, so that a kill in between leaves no half of one."""
        place = self.place
        half = Path(tempfile.mkdtemp(prefix="cluster.new-", dir=place.base))
        if place.account:
            os.chown(half, place.account.uid, place.account.gid)
        command = [str(place.programs / "initdb"), "-D", str(half), "-U", USER, "-A", "trust", "--encoding=UTF8"]
        # The builtin provider sorts alike on every machine; pg_trgm still asks libc what a letter is.
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8", "--no-instructions"]
        command += [] if self.durable else ["--no-sync"]
        made = subprocess.run(command, capture_output=True, text=True, **_as(place.account, signal.SIGKILL))  # noqa: S603
        if made.returncode != 0:
            shutil.rmtree(half, ignore_errors=True)
            raise EmbeddedFailed(f"initdb said:\n{made.stderr[-2000:]}")
        half.rename(place.cluster)
        folder = os.open(place.base, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def _open(self, name: str, flags: int) -> int:
        """Open a file beside the cluster: root leaves it to the folder's owner, and follows no link laid by them."""
        opened = os.open(self.place.base / name, flags | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        if self.place.account:
            owner = self.place.base.stat()
            os.fchown(opened, owner.st_uid, owner.st_gid)
        return opened


def _inhabitants(cluster: Path) -> list[int]:
    """Return the processes of PostgreSQL whose working folder is this cluster; a zombie has none."""
    found, real = [], os.path.realpath(cluster)
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            inside = process.name.isdigit() and os.readlink(process / "cwd") == real
            if inside and (process / "comm").read_text().strip() == "postgres":
                found.append(int(process.name))
    return sorted(found)


def _as(account: Account | None, when_orphaned: signal.Signals) -> dict[str, Any]:
    """Return Popen's arguments for a child with that account, a bare environment, and an end when we end."""
    libc, parent = ctypes.CDLL(None), os.getpid()

    def prepare() -> None:
        # Runs after the change of user, which would clear the signal.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        libc.prctl(PR_SET_PDEATHSIG, int(when_orphaned))
        if os.getppid() != parent:  # we died before the line above
            os._exit(1)

    who: dict[str, Any] = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    return {"env": environment, "cwd": "/", "umask": 0o077, "preexec_fn": prepare, **who}
