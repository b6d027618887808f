"""Fills a database with reports, as if they had been filed, by SQL: a million takes a minute, not a day."""

from __future__ import annotations

import asyncpg

FILL = (
    """
    INSERT INTO reports (id, kind, status, decision, filed_at, decided_at, receipt_hash, sealed)
    SELECT gen_random_uuid(), 'link', 'decided', 'blocked', date_trunc('minute', now() - n * interval '1 minute'),
      date_trunc('minute', now()), sha256(n::text::bytea), sha256(n::text::bytea)
    FROM generate_series(1, $1::int) AS n
    """,
    """
    INSERT INTO resources (id, key, platform, what, url, status, decision, reopened, first_reported_at, times_reported)
    SELECT gen_random_uuid(), sha256(('r' || n)::bytea), 'telegram', 'channel', 'https://t.me/stored_' || n,
      'decided', 'blocked', false, date_trunc('minute', now() - n * interval '1 minute'), 1
    FROM generate_series(1, $1::int) AS n
    """,
    """
    INSERT INTO report_links (report_id, resource_id, number, at, found)
    SELECT report.id, resource.id, report.number, report.filed_at, 'new'
    FROM (SELECT id, number, filed_at, row_number() OVER () AS n FROM reports) AS report
    JOIN (SELECT id, row_number() OVER () AS n FROM resources) AS resource USING (n)
    LIMIT $1::int
    """,
    """
    INSERT INTO cards (id, recipient, sort, subject, wanted_version, shown_version, message_id, due_at, attempts)
    SELECT gen_random_uuid(), 'desk', 'resource', id, 1, 1, 1, now(), 0 FROM resources LIMIT $1::int
    """,
)

# Of the newest, some are open: mostly new, some in hand, of every level; every fiftieth is of another kind and has its
# own card.
OPENED = (
    """
    UPDATE resources SET status = CASE WHEN n % 5 = 0 THEN 'in_progress' ELSE 'new' END, decision = NULL,
      decided_at = NULL, opened_at = date_trunc('minute', now() - n * interval '1 minute'),
      priority = CASE WHEN n % 17 = 0 THEN 2 WHEN n % 3 = 0 THEN 1 ELSE 0 END,
      claimed_by = CASE WHEN n % 5 = 0 THEN 7 END, claimed_name = CASE WHEN n % 5 = 0 THEN 'Aigerim' END
    FROM (SELECT resource_id, row_number() OVER (ORDER BY number DESC) AS n FROM report_links LIMIT $1::int) AS newest
    WHERE resources.id = resource_id
    """,
    """
    UPDATE reports SET status = 'new', decision = NULL, decided_at = NULL, kind = 'den',
      priority = n / 50 % 3,
      opened_at = CASE WHEN n % 50 = 0 THEN filed_at END
    FROM (SELECT id, row_number() OVER (ORDER BY number DESC) AS n FROM reports LIMIT $1::int) AS newest
    WHERE reports.id = newest.id
    """,
    """
    INSERT INTO cards (id, recipient, sort, subject, wanted_version, shown_version, message_id, due_at, attempts)
    SELECT gen_random_uuid(), 'desk', 'report', id, 1, 1, 1, now(), 0 FROM reports
    WHERE opened_at IS NOT NULL AND $1::int > 0
    """,
)


async def fill(url: str, reports: int) -> None:
    """Store so many decided link reports, each with a resource and a card of its own."""
    connection = await asyncpg.connect(url)
    for statement in FILL:
        await connection.execute(statement, reports)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def open_some(url: str, reports: int) -> None:
    """Open so many of the newest that are stored."""
    connection = await asyncpg.connect(url)
    for statement in OPENED:
        await connection.execute(statement, reports)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
