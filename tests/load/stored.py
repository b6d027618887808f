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
      'decided', 'blocked', false, now(), 1
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


async def fill(url: str, reports: int) -> None:
    """Store so many decided link reports, each with a resource and a card of its own."""
    connection = await asyncpg.connect(url)
    for statement in FILL:
        await connection.execute(statement, reports)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
