"""the first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table('cards',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('recipient', sa.Text(), nullable=False),
    sa.Column('sort', sa.Text(), nullable=False),
    sa.Column('subject', sa.Uuid(), nullable=False),
    sa.Column('ordinal', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('wanted_version', sa.Integer(), nullable=False),
    sa.Column('shown_version', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.BigInteger(), nullable=True),
    sa.Column('sealed', sa.LargeBinary(), nullable=True),
    sa.Column('params', sa.LargeBinary(), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cards'))
    )
    op.create_index('ix_cards_behind', 'cards', ['recipient', 'due_at'], unique=False, postgresql_where=sa.text('wanted_version > shown_version'))
    op.create_index('uq_cards_sort_subject', 'cards', ['sort', 'subject'], unique=True)
    op.create_table('counters',
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.Column('key_id', sa.Uuid(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('hash', name=op.f('pk_counters')),
    prefixes=['UNLOGGED']
    )
    op.create_index(op.f('ix_counters_key_id'), 'counters', ['key_id'], unique=False)
    op.create_table('desk_posts',
    sa.Column('chat_id', sa.BigInteger(), nullable=False),
    sa.Column('message_id', sa.BigInteger(), nullable=False),
    sa.Column('sort', sa.Text(), nullable=False),
    sa.Column('subject', sa.Uuid(), nullable=False),
    sa.Column('posted_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('chat_id', 'message_id', name=op.f('pk_desk_posts'))
    )
    op.create_index(op.f('ix_desk_posts_posted_at'), 'desk_posts', ['posted_at'], unique=False)
    op.create_table('dialogues',
    sa.Column('chat_hash', sa.LargeBinary(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('touched_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('chat_hash', name=op.f('pk_dialogues'))
    )
    op.create_index(op.f('ix_dialogues_touched_at'), 'dialogues', ['touched_at'], unique=False)
    op.create_table('facts',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_facts'))
    )
    op.create_table('handled_updates',
    sa.Column('update_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('handled', sa.Boolean(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('reply', sa.LargeBinary(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('update_id', name=op.f('pk_handled_updates'))
    )
    op.create_index(op.f('ix_handled_updates_at'), 'handled_updates', ['at'], unique=False)
    op.create_table('journal',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('officer', sa.BigInteger(), nullable=False),
    sa.Column('officer_name', sa.Text(), nullable=False),
    sa.Column('act', sa.Text(), nullable=False),
    sa.Column('sort', sa.Text(), nullable=False),
    sa.Column('subject', sa.Uuid(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_journal'))
    )
    op.create_table('lasting_keys',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('wrapped', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lasting_keys')),
    sa.UniqueConstraint('purpose', name=op.f('uq_lasting_keys_purpose'))
    )
    op.create_table('messages',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('recipient', sa.Text(), nullable=False),
    sa.Column('lane', sa.Uuid(), nullable=False),
    sa.Column('template', sa.Text(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_messages'))
    )
    op.create_index('ix_messages_lane', 'messages', ['recipient', 'lane', 'id'], unique=False, postgresql_where=sa.text('outcome IS NULL'))
    op.create_index('ix_messages_waiting', 'messages', ['recipient', 'due_at'], unique=False, postgresql_where=sa.text('outcome IS NULL'))
    op.create_table('parts',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('report_id', sa.Uuid(), nullable=False),
    sa.Column('sort', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('made_on', sa.Date(), nullable=False),
    sa.Column('handle', sa.LargeBinary(), nullable=True),
    sa.Column('sealed', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_parts'))
    )
    op.create_index('ix_parts_report_id_position', 'parts', ['report_id', 'position'], unique=False)
    op.create_table('period_keys',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('begins', sa.Date(), nullable=False),
    sa.Column('wrapped', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_period_keys'))
    )
    op.create_index('uq_period_keys_purpose_begins', 'period_keys', ['purpose', 'begins'], unique=True)
    op.create_table('reports',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('decision', sa.Text(), nullable=True),
    sa.Column('district', sa.Text(), nullable=True),
    sa.Column('filed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('claimed_by', sa.BigInteger(), nullable=True),
    sa.Column('claimed_name', sa.Text(), nullable=True),
    sa.Column('receipt_hash', sa.LargeBinary(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reports')),
    sa.UniqueConstraint('number', name=op.f('uq_reports_number')),
    sa.UniqueConstraint('receipt_hash', name=op.f('uq_reports_receipt_hash'))
    )
    op.create_table('resources',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.LargeBinary(), nullable=False),
    sa.Column('platform', sa.Text(), nullable=False),
    sa.Column('what', sa.Text(), nullable=False),
    sa.Column('url', sa.Text(), nullable=True),
    sa.Column('sealed', sa.LargeBinary(), nullable=True),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('decision', sa.Text(), nullable=True),
    sa.Column('reopened', sa.Boolean(), nullable=False),
    sa.Column('first_reported_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('times_reported', sa.Integer(), nullable=False),
    sa.Column('claimed_by', sa.BigInteger(), nullable=True),
    sa.Column('claimed_name', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_resources')),
    sa.UniqueConstraint('key', name=op.f('uq_resources_key'))
    )
    op.create_table('return_addresses',
    sa.Column('report_id', sa.Uuid(), nullable=False),
    sa.Column('key_id', sa.Uuid(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('report_id', name=op.f('pk_return_addresses'))
    )
    op.create_index(op.f('ix_return_addresses_key_id'), 'return_addresses', ['key_id'], unique=False)
    op.create_table('report_links',
    sa.Column('report_id', sa.Uuid(), nullable=False),
    sa.Column('resource_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['report_id'], ['reports.id'], name=op.f('fk_report_links_report_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['resource_id'], ['resources.id'], name=op.f('fk_report_links_resource_id')),
    sa.PrimaryKeyConstraint('report_id', 'resource_id', name=op.f('pk_report_links'))
    )
    op.create_index('ix_report_links_resource_id_number', 'report_links', ['resource_id', 'number'], unique=False)



def downgrade() -> None:

    op.drop_index('ix_report_links_resource_id_number', table_name='report_links')
    op.drop_table('report_links')
    op.drop_index(op.f('ix_return_addresses_key_id'), table_name='return_addresses')
    op.drop_table('return_addresses')
    op.drop_table('resources')
    op.drop_table('reports')
    op.drop_index('uq_period_keys_purpose_begins', table_name='period_keys')
    op.drop_table('period_keys')
    op.drop_index('ix_parts_report_id_position', table_name='parts')
    op.drop_table('parts')
    op.drop_index('ix_messages_waiting', table_name='messages', postgresql_where=sa.text('outcome IS NULL'))
    op.drop_index('ix_messages_lane', table_name='messages', postgresql_where=sa.text('outcome IS NULL'))
    op.drop_table('messages')
    op.drop_table('lasting_keys')
    op.drop_table('journal')
    op.drop_index(op.f('ix_handled_updates_at'), table_name='handled_updates')
    op.drop_table('handled_updates')
    op.drop_table('facts')
    op.drop_index(op.f('ix_dialogues_touched_at'), table_name='dialogues')
    op.drop_table('dialogues')
    op.drop_index(op.f('ix_desk_posts_posted_at'), table_name='desk_posts')
    op.drop_table('desk_posts')
    op.drop_index(op.f('ix_counters_key_id'), table_name='counters')
    op.drop_table('counters')
    op.drop_index('uq_cards_sort_subject', table_name='cards')
    op.drop_index('ix_cards_behind', table_name='cards', postgresql_where=sa.text('wanted_version > shown_version'))
    op.drop_table('cards')

