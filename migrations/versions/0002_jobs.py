"""PgQueuer's tables, in a schema of their own"""

from __future__ import annotations

from typing import Any

from alembic import op

from bot.jobs import SCHEMA, install_statements

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Several statements at once go past SQLAlchemy, which prepares each.
    connection: Any = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda driver: driver.execute(install_statements()))


def downgrade() -> None:
    op.execute(f'DROP SCHEMA "{SCHEMA}" CASCADE')
