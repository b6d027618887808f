"""priority: how urgent a link or report is, and the facts that this rests on"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ('reports', 'resources'):
        for name in ('trade', 'priority'):
            op.add_column(table, sa.Column(name, sa.SmallInteger(), server_default='0', nullable=False))
    op.add_column('reports', sa.Column('near', sa.SmallInteger(), server_default='0', nullable=False))
    op.add_column('resources', sa.Column('reach', sa.BigInteger(), nullable=True))
    op.add_column('resources', sa.Column('times_refuted', sa.Integer(), server_default='0', nullable=False))
    op.add_column('resources', sa.Column('returned', sa.Boolean(), server_default='false', nullable=False))
    # Of what waits now, as far as it is known without opening anybody's words: these count from the next report on.
    op.execute("""
UPDATE resources SET reach = watch.subscribers FROM watches AS watch
WHERE watch.resource_id = resources.id AND watch.subscribers IS NOT NULL
""")
    op.execute("""
WITH judged AS (
  SELECT id, (CASE WHEN times_reported >= 10 THEN 4 WHEN times_reported >= 3 THEN 2 WHEN times_reported >= 2 THEN 1
    ELSE 0 END) + (CASE WHEN reach >= 5000 THEN 2 WHEN reach >= 1000 THEN 1 ELSE 0 END) AS points
  FROM resources WHERE status <> 'decided' AND opened_at IS NOT NULL
)
UPDATE resources SET priority = CASE WHEN points >= 4 THEN 2 ELSE 1 END
FROM judged WHERE judged.id = resources.id AND points >= 2
""")
    for table in ('reports', 'resources'):
        op.create_index(
            f'ix_{table}_queue',
            table,
            [sa.text('coalesce(office, 0)'), sa.text('(-priority)'), 'opened_at', 'id'],
            postgresql_where=sa.text("status = 'new' AND opened_at IS NOT NULL"),
        )


def downgrade() -> None:
    for table in ('reports', 'resources'):
        op.drop_index(f'ix_{table}_queue', table)
        for name in ('trade', 'priority'):
            op.drop_column(table, name)
    op.drop_column('resources', 'returned')
    op.drop_column('resources', 'times_refuted')
    op.drop_column('resources', 'reach')
    op.drop_column('reports', 'near')
