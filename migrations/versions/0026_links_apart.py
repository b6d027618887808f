"""how a link stands for each report that names it: what officers did to it since, and was taken to that report"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('report_links', sa.Column('status', sa.Text(), nullable=True))
    op.add_column('report_links', sa.Column('decision', sa.Text(), nullable=True))
    op.add_column('report_links', sa.Column('made', sa.Uuid(), nullable=True))
    op.add_column(
        'report_links', sa.Column('past', sa.Boolean(), server_default=sa.text('false'), nullable=False)
    )
    op.add_column(
        'decisions', sa.Column('settled_before', sa.Boolean(), server_default=sa.text('true'), nullable=False)
    )
    # What is decided for a report stays so; else a link stands as its resource does, if an officer has touched that
    # since the report named it.
    op.execute("""
UPDATE report_links AS link SET status = told.status, decision = told.decision, made = told.made, past = told.past
FROM (
  SELECT each.report_id, each.resource_id, newest.id AS made,
    CASE WHEN report.status = 'decided' THEN 'decided' ELSE resource.status END AS status,
    CASE WHEN report.status = 'decided' THEN coalesce(report.decision, resource.decision, newest.decision)
      WHEN newest.id IS NULL OR newest.at >= each.at THEN resource.decision END AS decision,
    report.status = 'decided' AND resource.status <> 'decided' AS past
  FROM report_links AS each
  JOIN reports AS report ON report.id = each.report_id AND report.decision IS DISTINCT FROM 'abuse'
  JOIN resources AS resource ON resource.id = each.resource_id AND (resource.settled OR resource.status <> 'decided')
  LEFT JOIN LATERAL (
    SELECT found.id, found.decision, found.at FROM decisions AS found
    WHERE found.subject = resource.id AND found.ended IS DISTINCT FROM 'undone' ORDER BY found.ordinal DESC LIMIT 1
  ) AS newest ON true
  WHERE report.status = 'decided'
    OR EXISTS (SELECT FROM journal WHERE journal.subject = resource.id AND journal.at >= each.at)
) AS told
WHERE link.report_id = told.report_id AND link.resource_id = told.resource_id
""")
    op.execute("UPDATE report_links SET stood = NULL WHERE stood = 'sent'")
    op.execute("UPDATE resources SET settled = true WHERE NOT settled AND status <> 'decided'")


def downgrade() -> None:
    op.drop_column('decisions', 'settled_before')
    op.drop_column('report_links', 'past')
    op.drop_column('report_links', 'made')
    op.drop_column('report_links', 'decision')
    op.drop_column('report_links', 'status')
