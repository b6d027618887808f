"""placements found by their names however these are capitalised: by the desk, and among many"""

from __future__ import annotations

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('placements', sa.Column('folded', sa.Text(), nullable=True))
    # Not lower(): what that does to Kazakh letters hangs on the database's locale.
    placements = op.get_bind()
    rows = placements.execute(sa.text('SELECT id, name FROM placements')).all()
    if rows:
        placements.execute(
            sa.text('UPDATE placements SET folded = :folded WHERE id = :id'),
            [
                {'id': row.id, 'folded': unicodedata.normalize('NFC', ' '.join(row.name.split())).lower()}
                for row in rows
            ],
        )
    op.alter_column('placements', 'folded', nullable=False)
    op.drop_index('uq_placements_name', table_name='placements')
    op.create_index(
        'uq_placements_name',
        'placements',
        ['campaign', 'folded'],
        unique=True,
        postgresql_where=sa.text('closed_on IS NULL'),
    )
    op.create_index('ix_placements_folded', 'placements', ['folded'])


def downgrade() -> None:
    op.drop_index('ix_placements_folded', table_name='placements')
    op.drop_index('uq_placements_name', table_name='placements')
    op.create_index(
        'uq_placements_name',
        'placements',
        ['campaign', 'name'],
        unique=True,
        postgresql_where=sa.text('closed_on IS NULL'),
    )
    op.drop_column('placements', 'folded')
