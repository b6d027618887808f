"""placements: billboards, stops, brochures, posts and stickers, each with a code of its own"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'placements',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('code', sa.Text(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('campaign', sa.Text(), nullable=False),
        sa.Column('district', sa.Text(), nullable=True),
        sa.Column('surface', sa.Text(), nullable=False),
        sa.Column('languages', sa.Text(), nullable=False),
        sa.Column('made_on', sa.Date(), nullable=False),
        sa.Column('closed_on', sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_placements')),
    )
    op.create_index('uq_placements_code', 'placements', ['code'], unique=True)
    op.create_index(
        'uq_placements_name',
        'placements',
        ['campaign', 'name'],
        unique=True,
        postgresql_where=sa.text('closed_on IS NULL'),
    )


def downgrade() -> None:
    op.drop_table('placements')
