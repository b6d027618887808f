"""scans: what each placement brought, counted by day, and what is yet to be added to it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'strokes',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('key_id', sa.Uuid(), nullable=False),
        sa.Column('sealed', sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_strokes')),
    )
    op.create_table(
        'placement_days',
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('sealed', sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint('day', name=op.f('pk_placement_days')),
    )


def downgrade() -> None:
    op.execute("DELETE FROM messages WHERE template = 'placement_stats'")
    op.drop_table('placement_days')
    op.drop_table('strokes')
