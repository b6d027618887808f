"""places that were reported before, and reports that are hidden"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

HIDING = "outcome IS NULL AND template ~~ 'hide\\_%'"


def upgrade() -> None:
    op.add_column('reports', sa.Column('hidden_by', sa.BigInteger(), nullable=True))
    op.add_column('reports', sa.Column('hidden_name', sa.Text(), nullable=True))
    op.add_column('cards', sa.Column('hides', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.create_index('ix_messages_hiding', 'messages', ['due_at', 'id'], postgresql_where=sa.text(HIDING))
    op.create_table(
        'near_places',
        sa.Column('report_id', sa.Uuid(), nullable=False),
        sa.Column('cell', sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint('report_id', name=op.f('pk_near_places')),
    )
    op.create_index(op.f('ix_near_places_cell'), 'near_places', ['cell'])


def downgrade() -> None:
    # An older version shows again what was hidden, and cannot render what waits to be hidden.
    op.drop_table('near_places')
    op.execute("DELETE FROM messages WHERE template LIKE 'hide\\_%'")
    op.drop_index('ix_messages_hiding', table_name='messages')
    op.drop_column('cards', 'hides')
    op.drop_column('reports', 'hidden_name')
    op.drop_column('reports', 'hidden_by')
