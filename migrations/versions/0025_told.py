"""told: how a link stood when a report named it, as far as its citizen is told; whether its decision is settled"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('report_links', sa.Column('stood', sa.Text(), nullable=True))
    op.add_column(
        'resources', sa.Column('settled', sa.Boolean(), server_default=sa.text('true'), nullable=False)
    )


def downgrade() -> None:
    op.drop_column('resources', 'settled')
    op.drop_column('report_links', 'stood')
