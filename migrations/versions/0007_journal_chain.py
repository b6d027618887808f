"""the journal's chain"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'journal_chain',
        sa.Column('position', sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column('journal', sa.BigInteger(), nullable=False),
        sa.Column('hash', sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint('position', name=op.f('pk_journal_chain')),
        sa.UniqueConstraint('journal', name=op.f('uq_journal_chain_journal')),
    )


def downgrade() -> None:
    op.drop_table('journal_chain')
