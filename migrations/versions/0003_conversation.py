"""conversation: additions and forms; blocks; originals and places of photos; what stands on the desk"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('additions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('report_id', sa.Uuid(), nullable=False),
    sa.Column('form_id', sa.Uuid(), nullable=True),
    sa.Column('ordinal', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_additions'))
    )
    op.create_index('ix_additions_report_id_ordinal', 'additions', ['report_id', 'ordinal'], unique=False)
    op.create_table('forms',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('act', sa.Text(), nullable=False),
    sa.Column('sort', sa.Text(), nullable=False),
    sa.Column('subject', sa.Uuid(), nullable=False),
    sa.Column('report_id', sa.Uuid(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('officer', sa.BigInteger(), nullable=False),
    sa.Column('officer_name', sa.Text(), nullable=False),
    sa.Column('choice', sa.Text(), nullable=True),
    sa.Column('sealed', sa.LargeBinary(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_forms'))
    )
    op.create_index('ix_forms_report_id', 'forms', ['report_id'], unique=False)
    op.create_table('blocks',
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.Column('key_id', sa.Uuid(), nullable=False),
    sa.Column('until', sa.Date(), nullable=False),
    sa.PrimaryKeyConstraint('hash', name=op.f('pk_blocks'))
    )
    op.create_index(op.f('ix_blocks_key_id'), 'blocks', ['key_id'], unique=False)
    op.create_table('originals',
    sa.Column('part_id', sa.Uuid(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('part_id', name=op.f('pk_originals'))
    )
    op.add_column('parts', sa.Column('place', sa.LargeBinary(), nullable=True))
    op.add_column('desk_posts', sa.Column('what', sa.Text(), server_default='text', nullable=False))
    op.create_index(op.f('ix_desk_posts_subject'), 'desk_posts', ['subject'], unique=False)
    op.create_index('ix_reports_decided_at', 'reports', ['decided_at'], unique=False, postgresql_where=sa.text('sealed IS NOT NULL'))


def downgrade() -> None:
    op.drop_index('ix_reports_decided_at', table_name='reports', postgresql_where=sa.text('sealed IS NOT NULL'))
    op.drop_index(op.f('ix_desk_posts_subject'), table_name='desk_posts')
    op.drop_column('desk_posts', 'what')
    op.drop_column('parts', 'place')
    op.drop_table('originals')
    op.drop_index(op.f('ix_blocks_key_id'), table_name='blocks')
    op.drop_table('blocks')
    op.drop_index('ix_forms_report_id', table_name='forms')
    op.drop_table('forms')
    op.drop_index('ix_additions_report_id_ordinal', table_name='additions')
    op.drop_table('additions')
