"""The bot without its network: raw updates go straight into the turn, and the sandbox checks each reply."""

from __future__ import annotations

import base64
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import orjson

from bot.bootstrap import App, Telegram
from bot.citizen.dialogue import Dialogue
from bot.database import Database
from bot.embedded import Embedded
from bot.privacy.keyring import KeyRing
from bot.sandbox import methods
from bot.sandbox.server import Sandbox
from bot.sandbox.world import Message, Person
from bot.settings import Settings
from bot.telegram.actors import Actor, Side
from bot.wording import Wording

ROOT = Path(__file__).resolve().parents[2]


class Rehearsal:
    """The parts of a running bot that take updates, on a database of their own."""

    def __init__(self, url: str, wording: Wording, **settings: Any) -> None:
        key = secrets.token_bytes(32)
        values = {
            "bot_token": None,
            "secret_key": base64.b64encode(key).decode(),
            "templates_dir": ROOT / "templates",
            "feedback_delay_minutes": "0-0",
            "undo_seconds": 0,
        } | settings
        self.sandbox = Sandbox()
        self.sandbox.limits.enabled = False
        self.desk = self.sandbox.add_group("Прокуратура")
        self.officer = self.sandbox.add_person("Айгерим")
        self.sandbox.join(self.officer, self.desk)
        self.url = url
        self.database = Database(url, pool_size=4)
        self.ring = KeyRing(self.database, key)
        telegram = Telegram(self.sandbox.token, "http://127.0.0.1:9", self.desk.id)
        self.app = App(Settings(_env_file=None, **values), telegram, self.database, url, self.ring, wording)

    async def open(self) -> None:
        await self.ring.load()
        await self.app.desks.load()
        await self.answer()

    async def take(self, update: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
        """Take one raw update; an exception of its handler comes out as TryAgain."""
        return await self.app.intake.take(update)

    async def answer(self) -> list[tuple[str, dict[str, Any]]]:
        """Take all that people did since, and let the sandbox do, and check, what is answered."""
        calls = []
        for update in self.sandbox.updates.pending():
            self.sandbox.updates.done(update)
            call = await self.take(orjson.loads(orjson.dumps(update.body)))
            if call is not None:
                calls.append(call)
                await methods.call(self.sandbox, call[0], dict(call[1]), {}, ride=True)
        return calls

    def said(self, person: Person, after: Message) -> list[str]:
        """What the bot said to a person after a message."""
        return [m.words for m in self.sandbox.messages(person.id) if m.from_bot and m.id > after.id]

    def chat_hash(self, person: Person) -> bytes:
        key = Actor(Side.CITIZEN, person.id, person.id).key
        return self.ring.hash("chat", *(part.to_bytes(8, "big", signed=True) for part in key))

    async def row(self, person: Person) -> Any:
        """The sealed row of a person's dialogue."""
        rows = await self.fetch("SELECT sealed, touched_at FROM dialogues WHERE chat_hash = $1", self.chat_hash(person))
        return rows[0] if rows else None

    async def restore(self, person: Person, row: Any) -> None:
        """Bring a person's dialogue back to where it was, and forget what was filed and queued."""
        for table in ("report_links", "reports", "messages", "cards"):
            await self.fetch(f"DELETE FROM {table}")
        await self.fetch("DELETE FROM parts WHERE made_on IS NOT NULL AND sort <> 'photo'")
        await self.fetch("DELETE FROM dialogues WHERE chat_hash = $1", self.chat_hash(person))
        if row is not None:
            await self.fetch("INSERT INTO dialogues VALUES ($1, $2, $3)", self.chat_hash(person), *row)

    def opened(self, person: Person, row: Any) -> tuple[str | None, Dialogue]:
        """A dialogue's state and data."""
        if row is None:
            return None, Dialogue()
        stored = orjson.loads(self.ring.open("dialogues", self.chat_hash(person), row["sealed"]))
        return stored["state"], Dialogue.model_validate(stored["data"])

    async def fetch(self, statement: str, *params: Any) -> list[Any]:
        async with self.database.engine.connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            return list(await raw.fetch(statement, *params))


@asynccontextmanager
async def rehearsal(cluster: Embedded, wording: Wording, **settings: Any) -> AsyncIterator[Rehearsal]:
    """Open a rehearsal on a migrated database of its own."""
    name = f"rehearsal_{uuid4().hex}"
    connection = await asyncpg.connect(cluster.url("postgres"))
    await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE migrated')
    opened = Rehearsal(cluster.url(name), wording, **settings)
    try:
        await opened.open()
        yield opened
    finally:
        await opened.database.close()
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await connection.close()


async def dump(url: str) -> list[tuple[str, str, Any]]:
    """Every value of every table: (table, column, value)."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch(
            "SELECT table_schema AS s, table_name AS t FROM information_schema.tables"
            " WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'"
        )
        found = []
        for table in tables:
            for row in await connection.fetch(f'SELECT * FROM "{table["s"]}"."{table["t"]}"'):
                found += [(table["t"], column, value) for column, value in row.items() if value is not None]
        return found
    finally:
        await connection.close()


def traces(values: list[tuple[str, str, Any]], marks: list[str | int]) -> list[tuple[str, str, Any]]:
    """Where a mark stands: as text, and for numbers as digits, hex, base64 and 8 bytes of either order."""
    needles = {needle for mark in marks for needle in _shapes(mark)}
    found = []
    for table, column, value in values:
        if isinstance(value, bool | float):
            continue
        raw = value if isinstance(value, bytes) else str(value).encode()
        lowered = raw.lower()
        found += [(table, column, needle) for needle in needles if needle in raw or needle in lowered]
    return found


def _shapes(mark: str | int) -> set[bytes]:
    texts = {str(mark)}
    raws = {str(mark).encode(), str(mark).encode("utf-16-le")}
    if isinstance(mark, int):
        texts |= {f"{mark:x}", f"{mark:X}"}
        raws |= {mark.to_bytes(8, order, signed=True) for order in ("big", "little")}
    else:
        raws.add(mark.casefold().encode())
    shapes = {text.encode() for text in texts} | raws
    for raw in set(raws):
        # Without the padding, and at each of the three places where it may begin inside a longer base64.
        for shift in range(3):
            encoded = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
            shapes.add(encoded[(0, 2, 3)[shift] : len(encoded) - 1].encode())
        shapes.add(raw.hex().encode())
    return {shape for shape in shapes if len(shape) >= 6}
