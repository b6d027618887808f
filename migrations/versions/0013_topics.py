"""topics that the bot has opened in a desk that is a forum"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'topics',
        sa.Column('chat_id', sa.BigInteger(), nullable=False),
        sa.Column('key', sa.Text(), nullable=False),
        sa.Column('thread_id', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('chat_id', 'key', name=op.f('pk_topics')),
    )


def downgrade() -> None:
    op.drop_table('topics')
    op.execute("DELETE FROM facts WHERE name LIKE 'help desk%' OR name LIKE 'no_topics %'")
    # A version without them would find no text for what waits.
    op.execute("DELETE FROM messages WHERE template IN ('no_topics', 'pin')")
    op.execute("DELETE FROM cards WHERE sort = 'help'")
    op.execute("DELETE FROM desk_posts WHERE sort = 'help'")
