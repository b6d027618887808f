"""evidence: how links are seen, what changed of them, and pages as they were looked at"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'watches',
        sa.Column('resource_id', sa.Uuid(), nullable=False),
        sa.Column('host', sa.Text(), nullable=False),
        sa.Column('next_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('state', sa.Text(), nullable=True),
        sa.Column('looked_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('alive_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('away_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('failures', sa.Integer(), nullable=False),
        sa.Column('subscribers', sa.BigInteger(), nullable=True),
        sa.Column('asked_report', sa.Uuid(), nullable=True),
        sa.Column('asked_desk', sa.Text(), nullable=True),
        sa.Column('sealed', sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint('resource_id', name=op.f('pk_watches')),
    )
    op.create_index(
        'ix_watches_due', 'watches', ['host', 'next_at'], postgresql_where=sa.text('next_at IS NOT NULL')
    )
    op.create_table(
        'looks',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('resource_id', sa.Uuid(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('state', sa.Text(), nullable=False),
        sa.Column('subscribers', sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_looks')),
    )
    op.create_index('ix_looks_resource_id_at', 'looks', ['resource_id', 'at'])
    op.create_table(
        'captures',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('resource_id', sa.Uuid(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('sha256', sa.LargeBinary(), nullable=False),
        sa.Column('page', sa.LargeBinary(), nullable=False),
        sa.Column('warc', sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_captures')),
    )
    op.create_index('ix_captures_resource_id_at', 'captures', ['resource_id', 'at'])
    op.create_index('ix_captures_sha256', 'captures', ['sha256'])


def downgrade() -> None:
    op.drop_table('captures')
    op.drop_table('looks')
    op.drop_table('watches')
