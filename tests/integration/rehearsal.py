"""The bot without its network: raw updates go straight into the turn, and the sandbox checks each reply."""

from __future__ import annotations

import base64
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

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
from tests.conftest import migrated_database

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
        self.asked: list[UUID] = []
        """Reports whose citizens were asked something; they stay."""
        self.app = App(Settings(_env_file=None, **values), telegram, self.database, url, self.ring, wording)

    async def open(self) -> None:
        await self.ring.load()
        await self.app.desks.load()
        await self.app.api.open()
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
        for table in ("report_links", "messages", "cards", "additions"):
            await self.fetch(f"DELETE FROM {table}")
        await self.fetch("DELETE FROM reports WHERE NOT id = ANY($1::uuid[])", self.asked)
        await self.fetch("UPDATE reports SET status = 'needs_info'")
        await self.fetch("UPDATE forms SET state = 'asked'")
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

    async def ask(self) -> UUID:
        """Make a report whose citizen was asked something, and give the question's form."""
        report_id, form_id = uuid4(), uuid4()
        await self.fetch(
            "INSERT INTO reports (id, kind, status, filed_at, receipt_hash) "
            "VALUES ($1, 'den', 'needs_info', now(), $2)",
            report_id,
            report_id.bytes,
        )
        await self.fetch(
            "INSERT INTO forms (id, act, sort, subject, report_id, state, officer, officer_name, choice, at) "
            "VALUES ($1, 'ask', 'report', $2, $2, 'asked', 1, 'A', 'where', now())",
            form_id,
            report_id,
        )
        self.asked.append(report_id)
        return form_id

    async def fetch(self, statement: str, *params: Any) -> list[Any]:
        async with self.database.engine.connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            return list(await raw.fetch(statement, *params))


@asynccontextmanager
async def rehearsal(cluster: Embedded, wording: Wording, **settings: Any) -> AsyncIterator[Rehearsal]:
    """Open a rehearsal on a migrated database of its own."""
    async with migrated_database(cluster) as url:
        opened = Rehearsal(url, wording, **settings)
        try:
            await opened.open()
            yield opened
        finally:
            await opened.app.api.close()
            await opened.database.close()
