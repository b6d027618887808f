"""areas: the districts that an office imports"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'areas',
        sa.Column('code', sa.Text(), nullable=False),
        sa.Column('name_kk', sa.Text(), nullable=False),
        sa.Column('name_ru', sa.Text(), nullable=False),
        sa.Column('name_en', sa.Text(), nullable=False),
        sa.Column('region_kk', sa.Text(), nullable=True),
        sa.Column('region_ru', sa.Text(), nullable=True),
        sa.Column('region_en', sa.Text(), nullable=True),
        sa.Column('south', sa.Double(), nullable=False),
        sa.Column('north', sa.Double(), nullable=False),
        sa.Column('west', sa.Double(), nullable=False),
        sa.Column('east', sa.Double(), nullable=False),
        sa.Column('geometry', sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint('code', name=op.f('pk_areas')),
    )


def downgrade() -> None:
    # A version without areas: a process that runs would look for borders that are gone.
    op.execute("DELETE FROM facts WHERE name = 'areas'")
    op.drop_table('areas')
