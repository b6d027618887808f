"""the forms that an officer has open, found when the officer leaves the desk"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        'ix_forms_unfinished', 'forms', ['officer'], postgresql_where=sa.text("state IN ('choosing', 'open')")
    )


def downgrade() -> None:
    op.execute("DELETE FROM facts WHERE name IN ('paused', 'templates')")
    op.execute("DELETE FROM messages WHERE template = 'left'")
    op.drop_index('ix_forms_unfinished', table_name='forms')
