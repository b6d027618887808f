"""A process of the bot leaves no core dump, whatever limit its shell gave it."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stage import ROOT, free_port

PLAIN = """
import time
print("ready", flush=True)
time.sleep(600)
"""
WAITING = """
import resource, time
from bot import __main__ as commands, core_dumps
from bot.commands.command import Command
{without}
def wait(*_):
    print("ready", flush=True)
    time.sleep(600)
commands.COMMANDS = (Command("check", wait, "wait", "shekteu check"),)
commands.main(["check"])
"""
WITHOUT_ONE_WALL = {
    "both": "",
    # As where dumps are piped to a program: the kernel leaves the limit out.
    "without the limit": "resource.setrlimit = lambda *_: None",
    "dumpable": "core_dumps.PR_SET_DUMPABLE = 0",
}
OWNED_BY = """
import ctypes, os
from bot.core_dumps import PR_SET_DUMPABLE, forbid_core_dumps
os.setresuid(65534, 65534, 65534)
ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
before = os.stat("/proc/self/environ").st_uid
forbid_core_dumps()
print(before, os.stat("/proc/self/environ").st_uid)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="core-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


def raise_limit() -> None:
    """What a shell with `ulimit -c unlimited` gives."""
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def limits_of(pid: int) -> str:
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    return next(" ".join(line.split()) for line in lines if line.startswith("Max core file size"))


def children_of(pid: int) -> dict[int, str]:
    """The processes that a process has started, and what they are."""
    found = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        command = Path(f"/proc/{child}/cmdline").read_text()
        found[int(child)] = next((name for name in ("postgres", "photo_worker") if name in command), command)
    return found


def crashed_with_a_dump(program: str, folder: Path) -> bool:
    """Start a program, crash it, and tell whether the kernel dumped it."""
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        preexec_fn=raise_limit,
    )
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGABRT)
    _, status = os.waitpid(process.pid, 0)
    process.returncode = -signal.SIGABRT
    process.stdout.close()
    assert os.WIFSIGNALED(status)
    return os.WCOREDUMP(status) or bool(list(folder.glob("core*")))


@pytest.mark.parametrize("walls", WITHOUT_ONE_WALL)
def test_a_process_that_crashes_leaves_no_dump(walls: str, folder: Path) -> None:
    assert not crashed_with_a_dump(WAITING.replace("{without}", WITHOUT_ONE_WALL[walls]), folder)


def test_a_program_without_these_walls_would_leave_one(folder: Path) -> None:
    if not crashed_with_a_dump(PLAIN, folder):
        pytest.skip("this machine writes no core dump of any program, so there is nothing to compare with")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: only root can run a program as somebody else")
def test_other_programs_of_the_same_user_cannot_read_it() -> None:
    told = subprocess.run(
        [sys.executable, "-c", OWNED_BY],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        cwd="/",
        check=True,
        capture_output=True,
        text=True,
    )
    assert told.stdout.split() == ["65534", "0"]


async def test_a_running_bot_and_all_that_it_starts_may_write_no_core(folder: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "run"),
        cwd=folder,
        env={
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            "TEMPLATES_DIR": str(ROOT / "templates"),
            "SANDBOX_LISTEN": f"127.0.0.1:{free_port()}",
            "HEALTH_LISTEN": f"127.0.0.1:{(health := free_port())}",
        },
        stdout=asyncio.subprocess.PIPE,
        preexec_fn=raise_limit,
    )
    try:
        assert process.stdout
        async with asyncio.timeout(120):
            while b"Open http://" not in await process.stdout.readline():
                assert process.returncode is None
            while True:  # healthy: the photo worker and the database are up
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", health)
                except OSError:
                    await asyncio.sleep(0.1)
                    continue
                writer.close()
                break
            # What has just been started still bears the name of who started it.
            while not {"postgres", "photo_worker"} <= set((children := children_of(process.pid)).values()):  # noqa: ASYNC110 — nobody tells
                await asyncio.sleep(0.1)
        for each in (process.pid, *children):
            assert limits_of(each) == "Max core file size 0 0 bytes"
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()
