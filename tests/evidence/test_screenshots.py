"""Pages drawn by a real browser: what stands there is seen, and nothing that the page wants happens."""

from __future__ import annotations

import asyncio
import gzip
import io
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from bot.commands.command import in_loop
from bot.evidence import screenshots
from bot.evidence.exchange import Exchange
from bot.evidence.screenshots import NoBrowser, NotDrawn, browser, draw, page_of
from bot.evidence.warc import write_warc

BLUE, GREEN, RED = (0, 0, 255), (0, 128, 0), (255, 0, 0)
QUIET = "<html><body style='margin:0'><div style='background:blue;height:100px'></div></body></html>"
HOSTILE = """
<html><head><meta http-equiv="refresh" content="0;url=http://127.0.0.1:{port}/refresh">
<link rel="stylesheet" href="http://127.0.0.1:{port}/style"><script src="http://127.0.0.1:{port}/script"></script></head>
<body style="margin:0"><div style="background:green;height:100px"></div>
<script>document.body.innerHTML = '<div style="background:red;height:100px"></div>'; fetch('http://127.0.0.1:{port}/')</script>
<img src="http://127.0.0.1:{port}/image" onerror="document.body.style.background = 'red'">
<iframe src="file:///etc/passwd"></iframe><iframe src="http://127.0.0.1:{port}/frame"></iframe>
<div style="background:url(file:///etc/passwd), url(http://127.0.0.1:{port}/background);height:10px"></div>
</body></html>
"""


def capture(body: bytes, kind: str = "text/html; charset=utf-8", *more: tuple[str, str]) -> bytes:
    """Give a page as a WARC file."""
    now, headers = datetime.now(UTC), [("Content-Type", kind), *more]
    return write_warc(
        [Exchange("http://a.example/", now, "", [("Host", "a.example")], "/", 200, "OK", "HTTP/1.1", headers, body)]
    )


@pytest.fixture(scope="module")
async def program() -> Path:
    """The browser of this machine, where it can be started with its walls up."""
    try:
        found = browser()
        await draw(capture(QUIET.encode()), found)
    except NoBrowser:
        pytest.skip("no chromium is installed here")
    except NotDrawn:
        pytest.skip("chromium cannot build its sandbox on this machine")
    return found


@pytest.fixture
async def neighbour() -> AsyncIterator[tuple[int, list[str]]]:
    """A server of this machine that pages must not reach."""
    asked: list[str] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readline()).decode())
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1], asked
    server.close()


def pixel(png: bytes) -> tuple[int, ...]:
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    assert picture.size == (screenshots.WIDTH, screenshots.HEIGHT)
    found = picture.getpixel((20, 20))
    assert isinstance(found, tuple)
    return found


async def test_a_page_is_drawn_with_its_style_packed_or_not(program: Path) -> None:
    packed = capture(gzip.compress(QUIET.encode()), "text/html", ("Content-Encoding", "gzip"))
    assert pixel(await draw(packed, program)) == BLUE


async def test_nothing_that_a_page_wants_happens(program: Path, neighbour: tuple[int, list[str]]) -> None:
    port, asked = neighbour
    assert pixel(await draw(capture(HOSTILE.replace("{port}", str(port)).encode()), program)) == GREEN
    assert asked == []


def test_what_is_no_text_is_not_drawn() -> None:
    for warc in (capture(b"\x89PNG", "image/png"), capture(b"no gzip", "text/html", ("Content-Encoding", "gzip"))):
        with pytest.raises(NotDrawn):
            page_of(warc)
    assert page_of(capture("Сәлем".encode("cp1251", "ignore"), "text/plain; charset=windows-1251")).kind == (
        "text/plain; charset=windows-1251"
    )


@pytest.fixture
def shown() -> Iterator[Path]:
    """A folder that whoever draws can look into."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


@pytest.mark.parametrize("script", ["sleep 1000 & wait", "exit 1", "ln -s /etc/passwd page.png", "echo no > page.png"])
async def test_a_browser_that_hangs_or_writes_no_picture_draws_nothing(
    shown: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.setattr(screenshots, "PATIENCE", 0.5 if "wait" in script else 60)
    program = shown / "browser"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    with pytest.raises(NotDrawn):
        await draw(capture(QUIET.encode()), program)


def test_commands_whose_loop_is_another_draw_too(shown: Path) -> None:
    program = shown / "browser"
    program.write_text("#!/bin/sh\nprintf '\\211PNG\\r\\n\\032\\n' > page.png\n")
    program.chmod(0o755)
    assert in_loop(lambda: draw(capture(QUIET.encode()), program)) == b"\x89PNG\r\n\x1a\n"


def test_without_a_browser_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoBrowser):
        browser()
