"""A backup read back by pg_restore, which needs no database for that: what is in it, small tables, and its sections."""

from __future__ import annotations

import re
from asyncio import StreamReader
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from bot.backup_rules import LEFT_OUT, BackupRefused
from bot.embedded_binaries import programs
from bot.postgres_programs import finish, start, stop

MAGIC: Final = b"PGDMP"
OURS: Final = "lasting_keys"
PIECE: Final = 1 << 18
"""Bytes read at once: rows with photos are long, and are never held whole."""
END: Final = b"\\.\n"
"""Ends the rows of a COPY. In a row each backslash is doubled, so that none looks like this."""
PLAIN: Final = (
    "--file=-",
    "--no-owner",
    "--no-privileges",
    "--no-comments",
    "--no-security-labels",
    "--no-tablespaces",
)
_DATA: Final = re.compile(r"^\d+; \d+ \d+ TABLE DATA (\S+) (\S+) ", re.MULTILINE)
_COPY: Final = re.compile(rb"^COPY (\S+)\.(\S+) \((.*)\) FROM stdin;\n$")
Section = Literal["pre-data", "data", "post-data"]


class NotABackup(BackupRefused):
    """That is no file that `shekteu backup` has written, or not the whole of it: name another one."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one table, as COPY takes them."""

    schema: str
    table: str
    columns: list[str]
    pieces: AsyncIterator[bytes]


class Archive:
    """One file. Its methods raise NotABackup or ProgramFailed."""

    def __init__(self, file: Path) -> None:
        self._file = file.resolve()

    async def require_ours(self) -> None:
        """Raise NotABackup unless it holds the keys that it must, and no rows that it must not."""
        try:
            with self._file.open("rb") as file:
                if file.read(len(MAGIC)) != MAGIC:
                    raise NotABackup
        except OSError:
            raise NotABackup from None
        listed = (await self._whole("--list")).decode()
        held = {name if schema != "jobs" else f"{schema}.{name}" for schema, name in _DATA.findall(listed)}
        if OURS not in held or held & set(LEFT_OUT):
            raise NotABackup

    async def small(self, table: str) -> list[list[str]]:
        """Give the rows of a small table of plain values, as COPY writes them."""
        async with self._read("--data-only", f"--table={table}") as stream:
            async for part in parts(stream):
                if isinstance(part, Rows):
                    text = b"".join([piece async for piece in part.pieces]).decode()
                    return [line.split("\t") for line in text.splitlines()]
        return []

    async def statements(self, section: Section) -> str:
        """Give the statements of a section that has no rows."""
        async with self._read(f"--section={section}") as stream:
            return b"".join([part async for part in parts(stream) if isinstance(part, bytes)]).decode()

    @asynccontextmanager
    async def data(self) -> AsyncIterator[AsyncIterator[bytes | Rows]]:
        """Give the section of rows: lines with a statement each, and the rows of tables."""
        async with self._read("--section=data") as stream:
            yield parts(stream)

    @asynccontextmanager
    async def _read(self, *options: str) -> AsyncIterator[Stream]:
        child = await start(programs() / "pg_restore", [*PLAIN, *options, str(self._file)], {}, stdout=PIPE)
        assert child.stdout  # noqa: S101 — it was asked for
        try:
            yield Stream(child.stdout)
            # What was not read is of no use; what was may be cut short, which its exit code tells.
            await child.stdout.read()
            await finish(child, "pg_restore")
        finally:
            await stop(child)

    async def _whole(self, *options: str) -> bytes:
        child = await start(programs() / "pg_restore", [*options, str(self._file)], {}, stdout=PIPE)
        try:
            assert child.stdout  # noqa: S101
            told = await child.stdout.read()
            await finish(child, "pg_restore")
        finally:
            await stop(child)
        return told


class Stream:
    """What pg_restore writes, in lines and in rows."""

    def __init__(self, reader: StreamReader) -> None:
        self._reader, self._held = reader, b""

    async def line(self) -> bytes:
        """Give the next line with its end; nothing when there is none."""
        while b"\n" not in self._held and await self._more():
            pass
        line, end, self._held = self._held.partition(b"\n")
        return line + end

    async def rows(self) -> AsyncIterator[bytes]:
        """Give the rows from here to their end, in pieces that need not end with a row."""
        if await self._empty():
            self._held = self._held[len(END) :]
            return
        last = b"\n" + END
        while (found := self._held.find(last)) < 0:
            # An end may lie across two pieces.
            keep = max(0, len(self._held) - len(last) + 1)
            piece, self._held = self._held[:keep], self._held[keep:]
            if piece:
                yield piece
            if not await self._more():
                # Cut short, which pg_restore's exit code tells before anything is committed.
                yield self._held
                self._held = b""
                return
        piece, self._held = self._held[: found + 1], self._held[found + len(last) :]
        yield piece

    async def _empty(self) -> bool:
        while len(self._held) < len(END) and await self._more():
            pass
        return self._held.startswith(END)

    async def _more(self) -> bool:
        piece = await self._reader.read(PIECE)
        self._held += piece
        return bool(piece)


async def parts(stream: Stream) -> AsyncIterator[bytes | Rows]:
    """Give lines of statements, and between them the rows of tables, which are to be read before going on."""
    while line := await stream.line():
        if match := _COPY.match(line):
            columns = [name.strip('"') for name in match[3].decode().split(", ")]
            yield Rows(match[1].decode(), match[2].decode().strip('"'), columns, stream.rows())
        # A guard of psql's against what a dump might tell it to do.
        elif not line.startswith((b"\\restrict ", b"\\unrestrict ")):
            yield line
