"""Where is searched: each place as the bytes that somebody who gets hold of it could read.

Left out are what is not ours to keep clean: the sandbox in the test's own process, which is Telegram's side and knows
everybody. PostgreSQL's own files are the dump in another form and are searched only when there are many reporters.
"""

from __future__ import annotations

import asyncio
import os
import re
from binascii import unhexlify
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import asyncpg
import orjson

from bot.database import Database
from bot.privacy.keyring import KeyRing
from bot.sandbox.server import Sandbox
from tests.identities.case_files import unpacked
from tests.identities.house import House

DUMP, BYTEA = "dump of the database", "bytea of the dump, decoded"
FOLDER, TEMPORARY, LOG = "data folder", "folders of the process", "log of the process"
OPENED: Final = "sealed words of reports, opened"
PAGES, CALLS, FILES = "pages of HEALTH_LISTEN", "what the desk was sent", "files that the desk was sent"
CLUSTER: Final = "PostgreSQL's own files and WAL"
SEALED: Final = {
    "reports": "SELECT id, sealed FROM reports WHERE sealed IS NOT NULL",
    "additions": "SELECT id, sealed FROM additions WHERE sealed IS NOT NULL",
    "decisions": "SELECT id, sealed FROM decisions WHERE sealed IS NOT NULL",
}
_BYTEA: Final = re.compile(rb"\\\\x([0-9a-f]+)")


async def all_places(house: House, *, cluster: bool = False) -> dict[str, bytes]:
    """Give every place and what stands there."""
    dumped = await dump(house.embedded.binaries, house.url)
    calls, files = desk(house.sandbox, house.desk.id)
    places = {
        DUMP: dumped,
        BYTEA: decoded(dumped),
        OPENED: await opened(house),
        FOLDER: folder(house.data, house.embedded.cluster.place.cluster),
        TEMPORARY: folder(house.folder / "tmp") + folder(house.folder / "home"),
        LOG: house.printed.read_bytes(),
        PAGES: b"\n".join([await house.answer(path) or b"" for path in ("/healthz", "/metrics", "/")]),
        CALLS: calls,
        FILES: files,
    }
    if cluster:
        places[CLUSTER] = folder(house.embedded.cluster.place.cluster)
    return places


async def opened(house: House) -> bytes:
    """Give what the sealed rows of reports, and of what was added to them, hold for whoever has the key."""
    database = Database(house.url, pool_size=2)
    ring = KeyRing(database, house.secret_key)
    await ring.load()
    found = []
    connection = await asyncpg.connect(house.url)
    for table, statement in SEALED.items():
        for row in await connection.fetch(statement):
            found.append(ring.open(table, row["id"].bytes, row["sealed"]))
    await connection.close()
    await database.close()
    return b"\n".join(found)


async def dump(binaries: Path, url: str, *more: str) -> bytes:
    """Give what pg_dump writes of a database."""
    program = str(binaries / "pg_dump")
    process = await asyncio.create_subprocess_exec(program, *more, url, stdout=asyncio.subprocess.PIPE)
    written, _ = await process.communicate()
    assert process.returncode == 0
    return written


def decoded(dumped: bytes) -> bytes:
    """Give the values of a dump's columns of bytes, as bytes."""
    return b"\n".join(unhexlify(match[1]) for match in _BYTEA.finditer(dumped))


def folder(path: Path, besides: Path | None = None) -> bytes:
    """Give the names and contents of all files of a folder."""
    return b"\n".join(os.fsencode(file.relative_to(path)) + b"\n" + _read(file) for file in _files(path, besides))


def desk(sandbox: Sandbox, chat_id: int) -> tuple[bytes, bytes]:
    """Give the calls that the desk got, and the files among them; whoever presses a button of it gets the toast."""
    presses = {query for query, press in sandbox.presses.items() if press.message.chat_id == chat_id}
    told = [
        call.parameters
        for call in sandbox.calls
        if str(call.parameters.get("chat_id")) == str(chat_id) or call.parameters.get("callback_query_id") in presses
    ]
    posts = sandbox.messages(chat_id)
    shown = [(m.text, m.caption, m.html, m.markup, m.content) for m in posts if m.from_bot]
    ids = [file_id for m in posts if m.from_bot for file_id in _ids(m.content)]
    names = [(sandbox.files.by_id[file_id].name, sandbox.files.by_id[file_id].path) for file_id in ids]
    text = orjson.dumps([told, shown, names], default=repr)
    return text, b"\n".join(unpacked(sandbox.files.by_id[file_id].data) for file_id in ids)


def _ids(content: object) -> Iterator[str]:
    for item in content.values() if isinstance(content, dict) else content if isinstance(content, list) else ():
        yield from _ids(item)
    if isinstance(content, dict) and "file_id" in content:
        yield content["file_id"]


def _files(path: Path, besides: Path | None) -> Iterator[Path]:
    for file in sorted(path.rglob("*")):
        if file.is_file() and not file.is_symlink() and (besides is None or besides not in file.parents):
            yield file


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""
