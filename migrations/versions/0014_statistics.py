"""statistics: when and how a link was named, the figures of past days, and which of them no longer hold"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

# Figures of a past day are kept until something that they were counted from changes: whatever statement changes it,
# the database itself marks the day. Of the last day nothing is kept, so nothing of it needs a mark.
PAST = "now() - interval '1 day'"
MARK_REPORT = f"""
CREATE FUNCTION figures_of_report() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO stale_figures (sort, at) SELECT DISTINCT mark.sort, mark.at FROM (
    SELECT 'filed' AS sort, OLD.filed_at AS at UNION ALL SELECT 'filed', NEW.filed_at
    UNION ALL SELECT 'done', OLD.decided_at WHERE OLD.decided_at IS DISTINCT FROM NEW.decided_at
  ) AS mark WHERE mark.at < {PAST};
  IF TG_OP = 'DELETE' OR OLD.office IS DISTINCT FROM NEW.office THEN
    INSERT INTO stale_figures (sort, at) SELECT DISTINCT 'done', mark.at FROM (
      SELECT at FROM journal WHERE subject IN (OLD.id, NEW.id)
      UNION ALL SELECT at FROM report_links WHERE report_id IN (OLD.id, NEW.id)
    ) AS mark WHERE mark.at < {PAST};
  END IF;
  RETURN NULL;
END $$
"""
# A report of several links counts as acted on by how these stand, whether or not its own row says so.
MARK_RESOURCE = f"""
CREATE FUNCTION figures_of_resource() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO stale_figures (sort, at) SELECT DISTINCT mark.sort, mark.at FROM (
    SELECT 'filed' AS sort, OLD.first_reported_at AS at UNION ALL SELECT 'filed', NEW.first_reported_at
    UNION ALL SELECT 'done', OLD.decided_at WHERE OLD.decided_at IS DISTINCT FROM NEW.decided_at
    UNION ALL SELECT 'filed', report.filed_at FROM report_links AS link
      JOIN reports AS report ON report.id = link.report_id WHERE link.resource_id IN (OLD.id, NEW.id)
  ) AS mark WHERE mark.at < {PAST};
  IF TG_OP = 'DELETE' OR OLD.office IS DISTINCT FROM NEW.office THEN
    INSERT INTO stale_figures (sort, at) SELECT DISTINCT 'done', act.at FROM journal AS act
      WHERE act.subject IN (OLD.id, NEW.id) AND act.at < {PAST};
  END IF;
  RETURN NULL;
END $$
"""
MARK_LINK = f"""
CREATE FUNCTION figures_of_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO stale_figures (sort, at) SELECT mark.sort, mark.at FROM (
    SELECT 'done' AS sort, NEW.at AS at UNION ALL SELECT 'filed', filed_at FROM reports WHERE id = NEW.report_id
  ) AS mark WHERE mark.at < {PAST};
  RETURN NULL;
END $$
"""
MARK_ACT = """
CREATE FUNCTION figures_of_act() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO stale_figures (sort, at) VALUES ('done', NEW.at);
  RETURN NULL;
END $$
"""
FUNCTIONS = (MARK_REPORT, MARK_RESOURCE, MARK_LINK, MARK_ACT)
COUNTED = {
    'reports': ('filed_at', 'kind', 'status', 'decision', 'decided_at', 'district', 'office'),
    'resources': ('first_reported_at', 'platform', 'status', 'decision', 'decided_at', 'office'),
}


def changed(table: str) -> str:
    """The condition under which a change of a row changes figures: most updates, those of a turn above all, do not."""
    old, new = (', '.join(f'{row}.{column}' for column in COUNTED[table]) for row in ('OLD', 'NEW'))
    return f'({old}) IS DISTINCT FROM ({new})'


TRIGGERS = (
    ('reports', 'filed', 'INSERT', f'NEW.filed_at < {PAST}', 'figures_of_report'),
    ('reports', 'changed', 'UPDATE', changed('reports'), 'figures_of_report'),
    ('reports', 'deleted', 'DELETE', 'true', 'figures_of_report'),
    ('resources', 'named', 'INSERT', f'NEW.first_reported_at < {PAST}', 'figures_of_resource'),
    ('resources', 'changed', 'UPDATE', changed('resources'), 'figures_of_resource'),
    ('resources', 'deleted', 'DELETE', 'true', 'figures_of_resource'),
    ('report_links', 'named', 'INSERT', f"NEW.found <> 'new' OR NEW.at < {PAST}", 'figures_of_link'),
    ('journal', 'acted', 'INSERT', f'NEW.at < {PAST}', 'figures_of_act'),
    ('decisions', 'undone', 'UPDATE', f'NEW.ended IS DISTINCT FROM OLD.ended AND NEW.at < {PAST}', 'figures_of_act'),
)


def upgrade() -> None:
    op.create_table(
        'day_figures',
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('sort', sa.Text(), nullable=False),
        sa.Column('basis', sa.Text(), nullable=False),
        sa.Column('counted', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('day', 'sort', name=op.f('pk_day_figures')),
    )
    op.create_table(
        'stale_figures',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column('sort', sa.Text(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_stale_figures')),
    )
    op.create_index('ix_stale_figures_sort_at', 'stale_figures', ['sort', 'at'])
    op.add_column('report_links', sa.Column('at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('report_links', sa.Column('found', sa.Text(), nullable=True))
    # Whether a link was decided when it was named again is not known of those that were named before this revision.
    op.execute(
        """
        UPDATE report_links SET at = report.filed_at,
          found = CASE WHEN first.number = report_links.number THEN 'new' ELSE 'known' END
        FROM reports AS report, (SELECT resource_id, min(number) AS number FROM report_links GROUP BY resource_id) AS first
        WHERE report.id = report_links.report_id AND first.resource_id = report_links.resource_id
        """
    )
    op.alter_column('report_links', 'at', nullable=False)
    op.alter_column('report_links', 'found', nullable=False)
    op.create_index('ix_reports_filed_at', 'reports', ['filed_at'])
    op.create_index('ix_resources_first_reported_at_id', 'resources', ['first_reported_at', 'id'])
    op.create_index('ix_report_links_again', 'report_links', ['at'], postgresql_where=sa.text("found <> 'new'"))
    op.create_index(
        'ix_report_links_returned', 'report_links', ['resource_id', 'at'], postgresql_where=sa.text("found = 'decided'")
    )
    op.create_index(
        'ix_decisions_undone', 'decisions', ['subject', 'at'], postgresql_where=sa.text("ended = 'undone'")
    )
    op.create_index('ix_journal_at', 'journal', ['at'])
    op.create_index('ix_journal_subject', 'journal', ['subject'])
    for function in FUNCTIONS:
        op.execute(function)
    for table, name, event, condition, function in TRIGGERS:
        op.execute(
            f'CREATE TRIGGER figures_{name} AFTER {event} ON {table} FOR EACH ROW WHEN ({condition})'
            f' EXECUTE FUNCTION {function}()'
        )


def downgrade() -> None:
    op.execute("DELETE FROM facts WHERE name IN ('monday_told', 'public_figures')")
    op.execute("DELETE FROM messages WHERE template IN ('stats', 'monday')")
    for table, name, _, _, _ in TRIGGERS:
        op.execute(f'DROP TRIGGER figures_{name} ON {table}')
    for function in ('report', 'resource', 'link', 'act'):
        op.execute(f'DROP FUNCTION figures_of_{function}()')
    op.drop_index('ix_journal_subject', table_name='journal')
    op.drop_index('ix_journal_at', table_name='journal')
    op.drop_index('ix_decisions_undone', table_name='decisions')
    op.drop_index('ix_report_links_returned', table_name='report_links')
    op.drop_index('ix_report_links_again', table_name='report_links')
    op.drop_index('ix_resources_first_reported_at_id', table_name='resources')
    op.drop_index('ix_reports_filed_at', table_name='reports')
    op.drop_column('report_links', 'found')
    op.drop_column('report_links', 'at')
    op.drop_table('stale_figures')
    op.drop_table('day_figures')
