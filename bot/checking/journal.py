"""What `shekteu check` says of the journal: whether the bot's own role could change what officers did."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from bot.checking.lines import Lines
from bot.database import Database

MAY_CHANGE: Final = """
SELECT bool_or(pg_has_role(relowner, 'MEMBER') OR pg_has_role(nspowner, 'MEMBER')
  OR has_table_privilege(class.oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')
  OR has_any_column_privilege(class.oid, 'UPDATE'))
FROM pg_class AS class JOIN pg_namespace AS schema ON schema.oid = relnamespace
WHERE class.oid IN ('journal'::regclass, 'journal_chain'::regclass)
"""
"""An owner could give itself every right back; the owner of a schema may drop what is in it."""


async def check_journal(lines: Lines, database: Database) -> None:
    """Tell whether this role can only add to the journal and its chain."""
    async with database.transaction() as connection:
        may_change = await connection.scalar(text(MAY_CHANGE))
    if may_change:
        lines.note("journal", "this role could change what officers did; README, “a PostgreSQL of your own”, ends that")
    else:
        lines.fine("journal", "this role can add to it, and change nothing that stands there")
