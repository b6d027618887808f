"""deliveries that were put off remember when they first fell due"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('messages', sa.Column('first_due_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('cards', sa.Column('first_due_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column('cards', 'first_due_at')
    op.drop_column('messages', 'first_due_at')
