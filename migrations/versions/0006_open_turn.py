"""a turn's lock and what it looks at first, in one round trip"""

from __future__ import annotations

from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A function in which each statement sees what was committed before it: the look must come after the lock.
    op.execute("""
CREATE FUNCTION open_turn(lock bigint, the_update bigint, chat bytea)
RETURNS TABLE (handled boolean, reply bytea, dialogue bytea) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(lock);
  RETURN QUERY SELECT mark.handled, mark.reply, (SELECT dialogues.sealed FROM dialogues WHERE chat_hash = chat)
  FROM (SELECT the_update AS update_id) AS asked LEFT JOIN handled_updates AS mark USING (update_id);
END
$$
""")


def downgrade() -> None:
    op.execute('DROP FUNCTION open_turn(bigint, bigint, bytea)')
