"""A web of one's own on this machine: sites by name, addresses that look public, and a count of who came through.

The guard and the resolver are the bot's own. Only the last step is another: a socket that was let through connects to
the local server, whatever public address it was made for.
"""

from __future__ import annotations

import asyncio
import atexit
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.evidence.guard import Guard
from bot.evidence.ways import Ways

PUBLIC = "93.184.216.34"


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    host: str
    path: str
    head: str
    at: Any = None

    def header(self, name: str) -> str:
        lines = (line.partition(": ") for line in self.head.split("\r\n")[1:])
        return next((value for key, _, value in lines if key.lower() == name), "")


Answer = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


def page(
    body: bytes | str = "<title>A page</title>words", status: str = "200 OK", *headers: str, kind: str = "text/html"
) -> Answer:
    """Answer with a page."""
    raw = body.encode() if isinstance(body, str) else body
    lines = (f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(raw)}", *headers)
    return sends("\r\n".join((*lines, "", "")).encode() + raw)


def leads_to(where: str, status: str = "302 Found") -> Answer:
    """Answer with a redirect."""
    return page("", status, f"Location: {where}")


def sends(raw: bytes) -> Answer:
    """Answer with these bytes."""

    async def answer(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()

    return answer


@dataclass
class Web:
    """The sites, and what came to them."""

    sites: dict[str, Answer] = field(default_factory=dict)
    """By host, or host and path; the server's own answer to anything else is 404."""
    names: dict[str, list[list[str]]] = field(default_factory=dict)
    """The answers that a name gets, one after the other, the last one for ever. Others are at a public address."""
    requests: list[Asked] = field(default_factory=list)
    made: list[tuple[str, int]] = field(default_factory=list)
    """Addresses for which a socket was made."""
    looked_up: list[str] = field(default_factory=list)
    now: Callable[[], Any] = lambda: None
    port: int = 0
    refuses: set[str] = field(default_factory=set)
    """Public addresses where nobody answers."""

    def ways(self, **others: Any) -> Ways:
        return Ways(guard=Guard(self._make), lookup=self.lookup, **others)

    async def lookup(self, host: str, port: int) -> Any:
        self.looked_up.append(host)
        answers = self.names.get(host, [[PUBLIC]])
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [
            (socket.AF_INET6, 1, 6, "", (each, port, 0, 0)) if ":" in each else (socket.AF_INET, 1, 6, "", (each, port))
            for each in addresses
        ]

    def _make(self, family: int, kind: int, protocol: int) -> socket.socket:
        web = self

        class Rerouted(socket.socket):
            def connect(self, address: Any) -> None:
                web.made.append((address[0], address[1]))
                port = 1 if address[0] in web.refuses else web.port
                there: Any = ("127.0.0.1", port)
                if self.family == socket.AF_INET6:
                    there = ("::ffff:127.0.0.1", port, 0, 0)
                super().connect(there)

        return Rerouted(family, kind, protocol)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            asked = Asked("", head.split(" ")[1], head, self.now())
            asked = Asked(asked.header("host").partition(":")[0], asked.path, head, self.now())
            self.requests.append(asked)
            whole = asked.host + asked.path
            answer = self.sites.get(whole) or self.sites.get(asked.host) or page("", "404 Not Found")
            await answer(asked, writer)
        with suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()


@cache
def certificate() -> Path:
    """A certificate of shop.kz that nobody signed, its key beside it."""
    folder = tempfile.mkdtemp(prefix="shekteu-web-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = Path(folder) / "certificate"
    subject = ("-subj", "/CN=shop.kz", "-addext", "subjectAltName=DNS:shop.kz")
    files = ("-keyout", str(made.with_suffix(".key")), "-out", str(made))
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3650")
    try:
        subprocess.run(["openssl", "req", "-x509", *key, *subject, *files], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no openssl here, and a web needs a certificate: on Debian, apt install openssl")
    return made


def offered() -> ssl.SSLContext:
    """What a server with that certificate offers."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate(), certificate().with_suffix(".key"))
    return context


def trusting() -> ssl.SSLContext:
    """What trusts any server: the names of a local web are not its certificate's."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@asynccontextmanager
async def open_web(tls: ssl.SSLContext | None = None) -> AsyncIterator[Web]:
    """Open a web."""
    web = Web()
    server = await asyncio.start_server(web._serve, "127.0.0.1", 0, ssl=tls, limit=1 << 20)
    web.port = server.sockets[0].getsockname()[1]
    try:
        yield web
    finally:
        server.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(2):
                await server.wait_closed()
