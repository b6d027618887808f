"""A capture drawn by a browser: asked for by hand, without scripts, network or rights.

The browser asks for everything by a proxy of ours on loopback, which knows one page and refuses all else, so neither a
name is looked up nor anything fetched; the page's own Content-Security-Policy lets no script run. Its own walls stay
up: as root it is started as nobody, and where it cannot have them it does not start.
"""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.evidence.inflating import NotUnpacked, unpacked
from bot.evidence.page import charset_of, is_text

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PAGE: Final = "http://page.invalid/"
"""What the browser is told that the page is called: a name that can never be one (RFC 2606)."""
WIDTH: Final = 800
HEIGHT: Final = 2400
"""CSS pixels."""
PATIENCE: Final = 60.0
"""Seconds for one page."""
MOST: Final = 20_000_000
"""Bytes of a picture."""
NOBODY: Final = 65534
_POLICY: Final = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_SWITCHES: Final = (
    "--headless=new",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--hide-scrollbars",
    "--disable-extensions",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--password-store=basic",
    # Loopback goes by the proxy too.
    "--proxy-bypass-list=<-loopback>",
    "--timeout=10000",
)


class NoBrowser(Exception):
    """No chromium is installed here: install it (on Debian: apt install chromium), or leave --screenshots out."""


class NotDrawn(Exception):
    """The browser did not draw the page: it is no text, or the browser may not build its walls on this machine."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The page as the browser is given it."""

    kind: str
    body: bytes

    def bytes(self) -> bytes:
        """Give it as a response."""
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: {self.kind}\r\nContent-Security-Policy: {_POLICY}\r\n"
            f"X-Content-Type-Options: nosniff\r\nX-DNS-Prefetch-Control: off\r\n"
            f"Content-Length: {len(self.body)}\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + self.body


def browser() -> Path:
    """Find the browser of this machine; raise NoBrowser."""
    for name in BROWSERS:
        found = shutil.which(name)
        if found:
            return Path(found)
    raise NoBrowser


def page_of(warc: bytes) -> Answer:
    """Give the page at the end of a capture; raise NotDrawn when it is none that can be drawn."""
    from warcio.archiveiterator import ArchiveIterator

    last = None
    for record in ArchiveIterator(io.BytesIO(warc)):
        if record.rec_type == "response":
            told = {name.lower(): value for name, value in record.http_headers.headers}
            last = told.get("content-type", ""), told.get("content-encoding", ""), record.raw_stream.read()
    if last is None or not is_text(last[0]):
        raise NotDrawn
    try:
        body = unpacked(last[2], last[1])
    except NotUnpacked:
        raise NotDrawn from None
    html = "html" in last[0].lower() or b"<" in body[:1000]
    return Answer(f"text/{'html' if html else 'plain'}; charset={charset_of(last[0], body)}", body)


async def draw(warc: bytes, program: Path) -> bytes:
    """Draw the page of a capture; give it as PNG, or raise NotDrawn."""
    answer = page_of(warc)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = await reader.readuntil(b"\r\n\r\n")
            wanted = head.startswith(f"GET {PAGE} HTTP/".encode())
            writer.write(
                answer.bytes() if wanted else b"HTTP/1.1 403 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    with tempfile.TemporaryDirectory(prefix="shekteu-page-", ignore_cleanup_errors=True) as home:
        try:
            await _run(program, server.sockets[0].getsockname()[1], Path(home))
        finally:
            server.close()
        return _picture(Path(home) / "page.png")


def drawing(program: Path) -> Callable[[bytes], Awaitable[bytes | None]]:
    """Give what draws the page of a WARC file by this browser, and gives None for one that it cannot draw."""

    async def drawn(warc: bytes) -> bytes | None:
        try:
            return await draw(warc, program)
        except NotDrawn:
            return None

    return drawn


async def _run(program: Path, port: int, home: Path) -> None:
    process = _started(program, port, home)
    try:
        await asyncio.to_thread(process.wait, PATIENCE)
    except subprocess.TimeoutExpired:
        raise NotDrawn from None
    finally:
        # What it left behind of itself: it starts many processes.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _started(program: Path, port: int, home: Path) -> subprocess.Popen[bytes]:
    """Start the browser: as no child of the loop, for those of uvloop, by which commands run, know no `user=`."""
    as_root = os.geteuid() == 0
    if as_root:
        os.chown(home, NOBODY, NOBODY)
    given = (
        f"--proxy-server=http://127.0.0.1:{port}",
        f"--user-data-dir={home / 'profile'}",
        f"--window-size={WIDTH},{HEIGHT}",
        f"--screenshot={home / 'page.png'}",
        PAGE,
    )
    return subprocess.Popen(  # noqa: S603
        (program, *_SWITCHES, *given),
        cwd=home,
        env={"HOME": str(home), "PATH": os.defpath, "LANG": "C.UTF-8", "TZ": "UTC"},
        user=NOBODY if as_root else None,
        group=NOBODY if as_root else None,
        extra_groups=[] if as_root else None,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _picture(path: Path) -> bytes:
    """Read what the browser wrote: no link to elsewhere, nothing that it waits at, and no more than a picture is."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            data = file.read(MOST + 1)
    except OSError:
        raise NotDrawn from None
    if not data.startswith(_PNG) or len(data) > MOST:
        raise NotDrawn
    return data
