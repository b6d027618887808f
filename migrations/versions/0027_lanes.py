"""what a lane holds is found by the lane, whether it waits or was sent"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index('ix_messages_lane', table_name='messages')
    op.create_index('ix_messages_lane', 'messages', ['lane', 'recipient'])


def downgrade() -> None:
    op.drop_index('ix_messages_lane', table_name='messages')
    op.create_index(
        'ix_messages_lane', 'messages', ['lane', 'recipient', 'id'], postgresql_where=sa.text('outcome IS NULL')
    )
