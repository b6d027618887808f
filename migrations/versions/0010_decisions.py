"""what officers said with their decisions, how these stood before, and the end of their undo"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'decisions',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('ordinal', sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column('sort', sa.Text(), nullable=False),
        sa.Column('subject', sa.Uuid(), nullable=False),
        sa.Column('decision', sa.Text(), nullable=False),
        sa.Column('officer', sa.BigInteger(), nullable=False),
        sa.Column('officer_name', sa.Text(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('until', sa.DateTime(timezone=True), nullable=False),
        sa.Column('ended', sa.Text(), nullable=True),
        sa.Column('list_id', sa.Uuid(), nullable=True),
        sa.Column('status_before', sa.Text(), nullable=False),
        sa.Column('decision_before', sa.Text(), nullable=True),
        sa.Column('claimed_by_before', sa.BigInteger(), nullable=True),
        sa.Column('claimed_name_before', sa.Text(), nullable=True),
        sa.Column('decided_at_before', sa.DateTime(timezone=True), nullable=True),
        sa.Column('opened_at_before', sa.DateTime(timezone=True), nullable=True),
        sa.Column('reopened_before', sa.Boolean(), nullable=False),
        sa.Column('withdrew', sa.Boolean(), nullable=False),
        sa.Column('begun', sa.Boolean(), server_default=sa.text('false'), nullable=False),
        sa.Column('spread', sa.Boolean(), server_default=sa.text('false'), nullable=False),
        sa.Column('held_until', sa.DateTime(timezone=True), nullable=True),
        sa.Column('erdr', sa.Text(), nullable=True),
        sa.Column('article', sa.Text(), nullable=True),
        sa.Column('sealed', sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_decisions')),
    )
    op.create_index('ix_decisions_subject_ordinal', 'decisions', ['subject', 'ordinal'])
    op.create_index('ix_decisions_list_id', 'decisions', ['list_id'], postgresql_where=sa.text('list_id IS NOT NULL'))
    op.create_index('ix_decisions_erdr', 'decisions', ['erdr'], postgresql_where=sa.text('erdr IS NOT NULL'))
    op.create_index('ix_decisions_sealed', 'decisions', ['at'], postgresql_where=sa.text('sealed IS NOT NULL'))
    op.create_index('ix_forms_open', 'forms', ['subject'], postgresql_where=sa.text("state = 'open'"))


def downgrade() -> None:
    # A form for what is unknown below would be shown as a question.
    op.execute("DELETE FROM cards WHERE sort = 'form' AND subject IN (SELECT id FROM forms WHERE act NOT IN ('ask', 'abuse'))")
    op.execute("DELETE FROM forms WHERE act NOT IN ('ask', 'abuse')")
    op.execute("DELETE FROM desk_posts WHERE sort = 'form' AND subject NOT IN (SELECT id FROM forms)")
    op.execute("DELETE FROM jobs.pgqueuer WHERE entrypoint IN ('settle_decision', 'line_over', 'follow_links')")
    op.execute('DELETE FROM parts WHERE report_id IN (SELECT id FROM decisions)')
    op.drop_index('ix_forms_open', table_name='forms')
    op.drop_table('decisions')
