"""offices: who has a report or a resource, and a line of deliveries for each desk"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

BEHIND = 'wanted_version > shown_version'
NEW = f"{BEHIND} AND message_id IS NULL AND sort IN ('report', 'resource')"
STANDING = f"{BEHIND} AND (message_id IS NOT NULL OR sort NOT IN ('report', 'resource'))"
LISTED = "status <> 'decided' AND opened_at IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        'offices',
        sa.Column('id', sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('chat_id', sa.BigInteger(), nullable=False),
        sa.Column('language', sa.Text(), nullable=False),
        sa.Column('districts', postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column('kinds', postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column('restricted', sa.Boolean(), nullable=False),
        sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_offices')),
    )
    is_open = sa.text('closed_at IS NULL')
    op.create_index('uq_offices_name', 'offices', [sa.text('lower(name)')], unique=True, postgresql_where=is_open)
    op.create_index('uq_offices_chat_id', 'offices', ['chat_id'], unique=True, postgresql_where=is_open)
    op.create_index(
        'uq_offices_restricted',
        'offices',
        ['restricted'],
        unique=True,
        postgresql_where=sa.text('restricted AND closed_at IS NULL'),
    )
    for table in ('reports', 'resources'):
        op.add_column(table, sa.Column('office', sa.Integer(), nullable=True))
        op.drop_index(f'ix_{table}_open', table_name=table)
        op.create_index(
            f'ix_{table}_open',
            table,
            [sa.text('coalesce(office, 0)'), 'status', 'opened_at', 'id'],
            postgresql_where=sa.text(LISTED),
        )
    op.add_column(
        'desk_sends', sa.Column('recipient', sa.Text(), server_default=sa.text("'desk'"), nullable=False)
    )
    _indexes(['recipient', 'ordinal'], NEW, ['recipient', 'due_at'], STANDING, ['lane', 'recipient', 'id'])


def downgrade() -> None:
    # One desk would show it to all.
    op.execute(
        """
        DO $$ BEGIN
          IF EXISTS (SELECT FROM reports JOIN offices ON offices.id = reports.office WHERE offices.restricted) THEN
            RAISE EXCEPTION 'the restricted desk has reports, which no other may show';
          END IF;
        END $$
        """
    )
    main = "recipient = 'desk' AND "
    # What the desks of offices have goes to the one that is left.
    op.execute("DELETE FROM cards WHERE sort = 'digest' AND recipient <> 'desk'")
    op.execute("DELETE FROM messages WHERE recipient LIKE 'desk:%' AND template LIKE 'empty\\_%'")
    op.execute("UPDATE messages SET recipient = 'desk' WHERE recipient LIKE 'desk:%'")
    op.execute(
        "UPDATE cards SET recipient = 'desk', message_id = NULL, wanted_version = wanted_version + 1"
        " WHERE recipient LIKE 'desk:%'"
    )
    _indexes(['ordinal'], main + NEW, ['due_at'], main + STANDING, ['recipient', 'lane', 'id'])
    op.drop_column('desk_sends', 'recipient')
    for table in ('reports', 'resources'):
        op.drop_index(f'ix_{table}_open', table_name=table)
        op.create_index(
            f'ix_{table}_open', table, ['status', 'opened_at', 'id'], postgresql_where=sa.text(LISTED)
        )
        op.drop_column(table, 'office')
    op.drop_table('offices')


def _indexes(new: list[str], which_new: str, standing: list[str], which_stand: str, lane: list[str]) -> None:
    """Make anew what the couriers look by."""
    op.drop_index('ix_cards_new', table_name='cards')
    op.create_index('ix_cards_new', 'cards', new, postgresql_where=sa.text(which_new))
    op.drop_index('ix_cards_standing', table_name='cards')
    op.create_index('ix_cards_standing', 'cards', standing, postgresql_where=sa.text(which_stand))
    op.drop_index('ix_messages_lane', table_name='messages')
    op.create_index('ix_messages_lane', 'messages', lane, postgresql_where=sa.text('outcome IS NULL'))
