"""since when a report or a resource waits, and the indexes of the desk's work lists"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

LISTED = "status <> 'decided' AND opened_at IS NOT NULL"
IN_HAND = f'claimed_by IS NOT NULL AND {LISTED}'


def upgrade() -> None:
    for table in ('reports', 'resources'):
        op.add_column(table, sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True))
    # A report of links has no card of its own, unless it is a list: it stands as its links do.
    op.execute(
        "UPDATE reports SET opened_at = filed_at WHERE id IN (SELECT subject FROM cards WHERE sort = 'report')"
    )
    op.execute("UPDATE resources SET opened_at = first_reported_at WHERE status <> 'decided'")
    for table in ('reports', 'resources'):
        op.create_index(
            f'ix_{table}_open', table, ['status', 'opened_at', 'id'], postgresql_where=sa.text(LISTED)
        )
        op.create_index(
            f'ix_{table}_in_hand', table, ['claimed_by', 'opened_at', 'id'], postgresql_where=sa.text(IN_HAND)
        )


def downgrade() -> None:
    op.execute("DELETE FROM facts WHERE name = 'overdue_told'")
    op.execute("DELETE FROM messages WHERE template = 'overdue'")
    for table in ('resources', 'reports'):
        op.drop_index(f'ix_{table}_in_hand', table_name=table)
        op.drop_index(f'ix_{table}_open', table_name=table)
        op.drop_column(table, 'opened_at')
