"""The statements of figures: constant SQL on the driver's connection of an open transaction.

$1 to $3 are days, and when each begins and is over. `OFFSET 0` keeps what stands before it a look of its own, by an
index, for each row outside: put together with the rest, whole tables would be read to find the rows of some days.
"""

from __future__ import annotations

from typing import Final

# $4 the decisions that are acts. A report of several links, decided differently, has no decision of its own: it counts
# by what was done to each since it named it. `also` is the decision that stands beside it.
REPORTS: Final = """
SELECT wanted.day, report.office, report.kind, report.district, report.standing, report.also, report.acted,
  count(*) AS many
FROM unnest($1::date[], $2::timestamptz[], $3::timestamptz[]) AS wanted (day, begins, ends)
CROSS JOIN LATERAL (
  SELECT coalesce(report.office, 0) AS office, report.kind, coalesce(report.district, '') AS district,
    coalesce(report.decision, report.status) AS standing,
    CASE WHEN report.decision IN ('registered', 'removed') THEN (
      SELECT newest.decision_before FROM (
        SELECT made.decision, made.status_before, made.decision_before FROM decisions AS made
        WHERE made.subject = report.id AND made.ended IS DISTINCT FROM 'undone' ORDER BY made.ordinal DESC LIMIT 1
      ) AS newest WHERE newest.decision = report.decision AND newest.status_before = 'decided') END AS also,
    CASE WHEN report.decision IS NOT NULL THEN report.decision = ANY($4)
    ELSE EXISTS (
      SELECT FROM report_links AS link WHERE link.report_id = report.id AND link.decision = ANY($4) OFFSET 0
    ) END AS acted
  FROM reports AS report WHERE report.filed_at >= wanted.begins AND report.filed_at < wanted.ends OFFSET 0
) AS report
GROUP BY 1, 2, 3, 4, 5, 6, 7
"""
RESOURCES: Final = """
SELECT wanted.day, resource.office, resource.platform, resource.standing, count(*) AS many
FROM unnest($1::date[], $2::timestamptz[], $3::timestamptz[]) AS wanted (day, begins, ends)
CROSS JOIN LATERAL (
  SELECT coalesce(resource.office, 0) AS office, resource.platform,
    coalesce(resource.decision, resource.status) AS standing
  FROM resources AS resource
  WHERE resource.first_reported_at >= wanted.begins AND resource.first_reported_at < wanted.ends OFFSET 0
) AS resource
GROUP BY 1, 2, 3, 4
"""
REPEATS: Final = """
SELECT wanted.day, link.office, count(DISTINCT link.report_id) FILTER (WHERE link.again) AS repeats,
  count(DISTINCT (link.resource_id, link.at)) FILTER (WHERE link.found = 'decided') AS returned
FROM unnest($1::date[], $2::timestamptz[], $3::timestamptz[]) AS wanted (day, begins, ends)
CROSS JOIN LATERAL (
  SELECT link.report_id, link.resource_id, link.at, link.found,
    -- The first report of what an officer had found before repeats none.
    EXISTS (SELECT FROM report_links AS other WHERE other.resource_id = link.resource_id
      AND other.report_id <> link.report_id
      AND (other.found = 'new' OR (other.at, other.number) < (link.at, link.number)) OFFSET 0) AS again,
    coalesce((SELECT report.office FROM reports AS report WHERE report.id = link.report_id), 0) AS office
  FROM report_links AS link
  WHERE link.at >= wanted.begins AND link.at < wanted.ends AND link.found <> 'new' OFFSET 0
) AS link
GROUP BY 1, 2
"""
# $4 the acts by which an officer takes something in hand, $5 those among them that close it. What an officer has in
# hand begins with its report, or with the first that named it again after it was decided; what was undone never was.
# The list of a report's links has no time of its own: the same act stands in the journal for each of its links.
# A decision that an officer made beside another closes nothing: that was closed, and is opened again with it.
# `before` is when a link was last sent, or closed, before it was now: a period counts it once, whichever days it has.
ACTS: Final = """
SELECT act.day, coalesce(about.office, 0) AS office, act.act, act.sort,
  greatest(0, extract(epoch FROM date_trunc('minute', act.at) - about.began)::int / 60) AS minutes,
  NOT coalesce(beside.taken, false) AS first,
  act.act = ANY($5) AND coalesce(beside.closes, false) AS closes,
  CASE WHEN act.sort = 'resource' THEN beside.before END AS before,
  count(*) AS many,
  -- How many read what was closed, when they could last be counted before that.
  coalesce(sum((SELECT look.subscribers FROM looks AS look
    WHERE act.act = 'blocked' AND act.sort = 'resource' AND look.resource_id = act.subject AND look.at <= act.at
      AND look.subscribers IS NOT NULL ORDER BY look.at DESC LIMIT 1)), 0)::bigint AS reach
FROM unnest($1::date[], $2::timestamptz[], $3::timestamptz[]) AS wanted (day, begins, ends)
CROSS JOIN LATERAL (
  SELECT wanted.day, made.id, made.act, made.sort, made.subject, made.at FROM journal AS made
  WHERE made.at >= wanted.begins AND made.at < wanted.ends AND made.act = ANY($4) AND NOT EXISTS (
    SELECT FROM decisions AS taken WHERE taken.subject = made.subject AND taken.at = made.at
      AND taken.decision = made.act AND taken.ended = 'undone' OFFSET 0)
  OFFSET 0
) AS act
CROSS JOIN LATERAL (
  SELECT resource.office, greatest(resource.first_reported_at, (
    SELECT max(link.at) FROM report_links AS link
    WHERE link.resource_id = act.subject AND link.found = 'decided' AND link.at <= act.at)) AS began
  FROM resources AS resource WHERE act.sort = 'resource' AND resource.id = act.subject
    -- What was done before anybody had reported it is counted apart: FOUND.
    AND resource.first_reported_at <= act.at
  UNION ALL
  SELECT report.office, report.filed_at
  FROM reports AS report WHERE act.sort = 'report' AND report.id = act.subject AND NOT EXISTS (
    SELECT FROM report_links AS link WHERE link.report_id = act.subject AND link.at <= act.at OFFSET 0)
  OFFSET 0
) AS about
CROSS JOIN LATERAL (
  SELECT bool_or(other.id < act.id AND other.at >= about.began AND other.act = ANY($4)) AS taken,
    bool_or(other.id = act.id AND coalesce(other.next, '') <> 'reopen') AS closes,
    max(other.at) FILTER (WHERE other.id < act.id AND other.act = act.act
      AND (act.act = 'sent_to_block' OR act.act = 'blocked' AND coalesce(other.next, '') <> 'reopen')) AS before
  FROM (
    SELECT stood.id, stood.at, stood.act, lead(stood.act) OVER (PARTITION BY stood.ends ORDER BY stood.id) AS next
    FROM (
      SELECT entry.id, entry.at, entry.act, entry.act = ANY($5) OR entry.act = 'reopen' AS ends
      FROM journal AS entry WHERE entry.subject = act.subject AND NOT EXISTS (
        SELECT FROM decisions AS taken WHERE taken.subject = entry.subject AND taken.at = entry.at
          AND taken.decision = entry.act AND taken.ended = 'undone' OFFSET 0)
        AND (entry.act NOT IN ('registered', 'removed') OR NOT EXISTS (
          SELECT FROM decisions AS second WHERE second.subject = entry.subject AND second.at = entry.at
            AND second.decision = entry.act AND second.status_before = 'decided' OFFSET 0))
    ) AS stood
  ) AS other
) AS beside
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""

# What captures named, was taken up, and was closed while nobody had reported it. $1 and $2 when each period begins and
# is over, $3 offices or null: all. Few: they are counted each time.
FOUND: Final = """
SELECT (
  SELECT count(*) FROM found_links AS found WHERE found.at >= wanted.begins AND found.at < wanted.ends
    AND ($3::int[] IS NULL OR coalesce(found.office, 0) = ANY($3))
) AS found, (
  SELECT count(*) FROM resources AS resource
  WHERE resource.found_at >= wanted.begins AND resource.found_at < wanted.ends
    AND ($3::int[] IS NULL OR coalesce(resource.office, 0) = ANY($3))
) AS taken, (
  SELECT count(*) FROM resources AS resource
  WHERE resource.found_at IS NOT NULL AND resource.decision = 'blocked'
    AND resource.decided_at >= wanted.begins AND resource.decided_at < wanted.ends
    AND (resource.first_reported_at IS NULL OR resource.first_reported_at > resource.decided_at)
    AND ($3::int[] IS NULL OR coalesce(resource.office, 0) = ANY($3))
) AS found_blocked
FROM unnest($1::timestamptz[], $2::timestamptz[]) WITH ORDINALITY AS wanted (begins, ends, place) ORDER BY place
"""
# Days that are kept and still hold, of one basis. $2 and $3 as above, of the days in $1; $4 the basis.
KEPT: Final = """
SELECT kept.day, kept.sort, kept.counted
FROM unnest($1::date[], $2::timestamptz[], $3::timestamptz[]) AS wanted (day, begins, ends)
JOIN day_figures AS kept ON kept.day = wanted.day
WHERE kept.basis = $4 AND NOT EXISTS (
  SELECT FROM stale_figures AS stale
  WHERE stale.sort = kept.sort AND stale.at >= wanted.begins AND stale.at < wanted.ends)
"""
KEEP: Final = """
INSERT INTO day_figures (day, sort, basis, counted) SELECT * FROM unnest($1::date[], $2::text[], $3::text[], $4::text[])
ON CONFLICT (day, sort) DO UPDATE SET basis = excluded.basis, counted = excluded.counted
"""
# One who counts at a time; who comes second has nothing left to do.
ALONE: Final = "SELECT pg_try_advisory_xact_lock(hashtext('day_figures'))"
# $1 the sort, $2 and $3 when each day begins and is over.
TAKE_STALE: Final = """
DELETE FROM stale_figures AS stale USING unnest($2::timestamptz[], $3::timestamptz[]) AS taken (begins, ends)
WHERE stale.sort = $1 AND stale.at >= taken.begins AND stale.at < taken.ends
"""
STALE: Final = "SELECT DISTINCT sort, date_trunc('minute', at) AS at FROM stale_figures"
COMPLETE: Final = "SELECT day FROM day_figures WHERE basis = $1 GROUP BY day HAVING count(*) = 2"
FIRST_FILED: Final = "SELECT min(filed_at) FROM reports"
"""When the first report came, or null."""
DISTRICTS: Final = "SELECT code, name_kk, name_ru, name_en FROM areas WHERE code = ANY($1::text[])"
