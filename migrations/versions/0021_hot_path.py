"""the end of a turn that is one statement: saved only if nothing has changed since it looked"""

from __future__ import annotations

from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Raised by what may be tried again, in a transaction.
    op.execute("""
CREATE FUNCTION again() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RAISE serialization_failure;
END
$$
""")
    # A function in which each statement sees what was committed before it: the look must come after the lock.
    op.execute("""
CREATE FUNCTION end_turn(
  lock bigint, the_update bigint, chat bytea, seen bytea, answer bytea, minute timestamptz, ends boolean, kept bytea)
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(lock);
  IF (SELECT sealed FROM dialogues WHERE chat_hash = chat) IS DISTINCT FROM seen
    OR EXISTS (SELECT 1 FROM handled_updates WHERE update_id = the_update AND handled) THEN
    PERFORM again();
  END IF;
  IF kept IS NOT NULL THEN
    INSERT INTO dialogues (chat_hash, sealed, touched_at) VALUES (chat, kept, minute)
    ON CONFLICT (chat_hash) DO UPDATE SET sealed = excluded.sealed, touched_at = excluded.touched_at;
  ELSIF ends THEN
    DELETE FROM dialogues WHERE chat_hash = chat;
  END IF;
  INSERT INTO handled_updates (update_id, handled, failures, reply, at) VALUES (the_update, true, 0, answer, minute)
  ON CONFLICT (update_id) DO UPDATE SET handled = true, reply = excluded.reply, at = excluded.at;
END
$$
""")


def downgrade() -> None:
    op.execute('DROP FUNCTION end_turn(bigint, bigint, bytea, bytea, bytea, timestamptz, boolean, bytea)')
    op.execute('DROP FUNCTION again()')
