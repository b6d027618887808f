"""found: links that captures name, proposed to the desk; resources that nobody reported"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'found_links',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('key', sa.LargeBinary(), nullable=False),
        sa.Column('platform', sa.Text(), nullable=False),
        sa.Column('what', sa.Text(), nullable=False),
        sa.Column('url', sa.Text(), nullable=True),
        sa.Column('office', sa.Integer(), nullable=True),
        sa.Column('resource_id', sa.Uuid(), nullable=False),
        sa.Column('capture_id', sa.Uuid(), nullable=False),
        sa.Column('successor', sa.Boolean(), nullable=False),
        sa.Column('state', sa.Text(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('answered_name', sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_found_links')),
        sa.UniqueConstraint('key', name=op.f('uq_found_links_key')),
    )
    op.create_index(
        'ix_found_links_open',
        'found_links',
        [sa.text('coalesce(office, 0)'), 'at', 'id'],
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_index('ix_found_links_at', 'found_links', ['at'])
    op.create_index('ix_found_links_answered_at', 'found_links', ['answered_at'])
    op.create_index('ix_found_links_resource_id', 'found_links', ['resource_id'])
    op.create_index('ix_found_links_capture_id', 'found_links', ['capture_id'])
    op.create_table(
        'found_places',
        sa.Column('found_id', sa.Uuid(), nullable=False),
        sa.Column('resource_id', sa.Uuid(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ['found_id'], ['found_links.id'], name=op.f('fk_found_places_found_id_found_links'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('found_id', 'resource_id', name=op.f('pk_found_places')),
    )
    op.alter_column('resources', 'first_reported_at', nullable=True)
    op.add_column('resources', sa.Column('found_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        'ix_resources_found_at', 'resources', ['found_at', 'id'], postgresql_where=sa.text('found_at IS NOT NULL')
    )


def downgrade() -> None:
    op.drop_index('ix_resources_found_at', 'resources')
    # The revision before knows no resource that nobody reported.
    op.execute('UPDATE resources SET first_reported_at = found_at WHERE first_reported_at IS NULL')
    op.drop_column('resources', 'found_at')
    op.alter_column('resources', 'first_reported_at', nullable=False)
    op.drop_table('found_places')
    op.drop_table('found_links')
    op.execute("DELETE FROM cards WHERE sort = 'found'")
    op.execute("DELETE FROM desk_posts WHERE sort = 'found'")
