"""Alembic's environment: the connection is handed in by bot.migrate, or DATABASE_URL is read for a command by hand."""

from __future__ import annotations

import asyncio

from alembic import context
from sqlalchemy import Connection

from bot.database import Database
from bot.settings import load
from bot.tables import METADATA


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=METADATA, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


async def run_by_hand() -> None:
    url = load().database_url
    if url is None:
        raise SystemExit("DATABASE_URL: set it to run alembic by hand, or use `shekteu migrate`")
    database = Database(url.get_secret_value(), pool_size=1)
    async with database.transaction() as connection:
        await connection.run_sync(run)
    await database.close()


handed_in = context.config.attributes.get("connection")
if handed_in is not None:
    run(handed_in)
else:
    asyncio.run(run_by_hand())
