"""what goes first on the desk, and what of its minute is used up"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        'cards', sa.Column('for_officer', sa.Boolean(), server_default=sa.text('false'), nullable=False)
    )
    op.create_index(
        'ix_cards_new',
        'cards',
        ['ordinal'],
        postgresql_where=sa.text(
            "recipient = 'desk' AND wanted_version > shown_version AND message_id IS NULL"
            " AND sort IN ('report', 'resource')"
        ),
    )
    op.create_index(
        'ix_cards_standing',
        'cards',
        ['due_at'],
        postgresql_where=sa.text(
            "recipient = 'desk' AND wanted_version > shown_version"
            " AND (message_id IS NOT NULL OR sort NOT IN ('report', 'resource'))"
        ),
    )
    op.create_table(
        'desk_sends',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column('chat_id', sa.BigInteger(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('rank', sa.Integer(), nullable=False),
        sa.Column('cost', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_desk_sends')),
    )


def downgrade() -> None:
    op.execute("DELETE FROM cards WHERE sort = 'digest'")
    op.execute("DELETE FROM messages WHERE template IN ('digest_over', 'not_shown')")
    op.drop_table('desk_sends')
    op.drop_index('ix_cards_standing', table_name='cards')
    op.drop_index('ix_cards_new', table_name='cards')
    op.drop_column('cards', 'for_officer')
