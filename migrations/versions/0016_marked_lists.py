"""batches: the links that a register held when it was sent, and those that an officer marks by a list"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "batches",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("desk", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("source", sa.Uuid(), nullable=True),
        sa.Column("officer", sa.BigInteger(), nullable=False),
        sa.Column("officer_name", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
    )
    op.create_index("ix_batches_desk_made_at", "batches", ["desk", "made_at"])
    op.create_table(
        "batch_links",
        sa.Column("batch_id", sa.Uuid(), sa.ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("resource_id", sa.Uuid(), sa.ForeignKey("resources.id"), primary_key=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("held_by", sa.Text(), nullable=True),
    )
    op.create_index(
        "ix_batch_links_waiting", "batch_links", ["resource_id"], postgresql_where=sa.text("outcome IS NULL")
    )


def downgrade() -> None:
    op.execute("DELETE FROM cards WHERE sort = 'batch'")
    op.execute("DELETE FROM desk_posts WHERE sort = 'batch'")
    op.execute("DELETE FROM jobs.pgqueuer WHERE entrypoint = 'mark_batch'")
    op.drop_table("batch_links")
    op.drop_table("batches")
