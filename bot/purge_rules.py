"""What goes by its age alone: one statement a rule, and from which moment on a row is due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from bot.settings import Settings

MARKS: Final = timedelta(hours=26)
"""Telegram brings an update again for 24 hours."""
SENT: Final = timedelta(hours=1)
"""The limit is one of a minute. A row of a pause that Telegram asked for lies in the future until it is over."""
DELIVERED: Final = timedelta(hours=48)
JOB_LOG: Final = timedelta(hours=24)
PLACE: Final = timedelta(hours=24)
"""Parts bear a day and no time: a place goes when its day began so long before today, so within two days."""

BATCHES: Final = timedelta(days=92)
"""A list of what was closed may come back a quarter of a year after the register was sent."""
BATCH_CARDS: Final = """
DELETE FROM cards USING batches WHERE cards.sort = 'batch' AND cards.subject = batches.id AND batches.made_at < $1
"""
BATCH_POSTS: Final = """
DELETE FROM desk_posts USING batches WHERE desk_posts.subject = batches.id AND batches.made_at < $1
"""

CAPTURES: Final = """
DELETE FROM captures USING resources AS resource
WHERE resource.id = captures.resource_id AND captures.at < $1 AND resource.status = 'decided'
  AND resource.decided_at < $1
"""
SEEN: Final = """
UPDATE watches SET sealed = NULL FROM resources AS resource
WHERE resource.id = watches.resource_id AND watches.sealed IS NOT NULL AND watches.looked_at < $1
  AND resource.status = 'decided' AND resource.decided_at < $1
"""

FOUND_CARDS: Final = """
DELETE FROM cards USING (
  SELECT capture_id, max(coalesce(answered_at, at)) AS last FROM found_links GROUP BY capture_id
) AS found WHERE cards.sort = 'found' AND cards.subject = found.capture_id AND found.last < $1
"""
FOUND_UNANSWERED: Final = "DELETE FROM found_links WHERE state = 'proposed' AND at < $1"
# Its key stays: what an officer found to be nothing is not proposed again.
FOUND_DECLINED: Final = """
UPDATE found_links SET url = NULL WHERE state = 'declined' AND url IS NOT NULL AND answered_at < $1
"""

DECIDED_ADDRESSES: Final = """
DELETE FROM return_addresses USING reports WHERE reports.id = return_addresses.report_id AND reports.decided_at < $1
"""
OLD_ADDRESSES: Final = """
DELETE FROM return_addresses USING reports WHERE reports.id = return_addresses.report_id AND reports.filed_at < $1
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is purged by its age: what it is, and how its rows are taken away."""

    what: str
    statement: str
    before: Callable[[datetime], date] | None
    """Rows from before this moment, or day, are due: the statement's $1. None: the statement knows by itself."""

    async def carry_out(self, raw: Any, now: datetime) -> dict[str, int]:
        """Take what is due away, in the driver's open transaction, and count it."""
        given = () if self.before is None else (self.before(now),)
        return {self.what: affected(await raw.execute(self.statement, *given))}


def affected(tag: str) -> int:
    """Read how many rows a statement touched from its command tag, such as `DELETE 3`."""
    return int(tag.rsplit(" ", 1)[-1])


def rules(settings: Settings) -> list[Rule]:
    """List the rules, in the order in which they are carried out."""
    decided, longest = timedelta(days=settings.return_address_days), timedelta(days=settings.return_address_max_days)
    retention = timedelta(days=settings.retention_days)
    return [
        Rule("marks of handled updates", "DELETE FROM handled_updates WHERE at < $1", lambda now: now - MARKS),
        Rule("delivered messages", "DELETE FROM messages WHERE done_at < $1", lambda now: now - DELIVERED),
        Rule("sends of the desk's last minute", "DELETE FROM desk_sends WHERE at < $1", lambda now: now - SENT),
        Rule("lines in the log of jobs", "DELETE FROM jobs.pgqueuer_log WHERE created < $1", lambda now: now - JOB_LOG),
        Rule("return addresses of decided reports", DECIDED_ADDRESSES, lambda now: now - decided),
        Rule("return addresses at their longest term", OLD_ADDRESSES, lambda now: now - longest),
        Rule(
            # After a restore: a backup leaves the keys of weeks out.
            "return addresses whose key is gone",
            "DELETE FROM return_addresses WHERE key_id NOT IN (SELECT id FROM period_keys)",
            None,
        ),
        Rule("captures of closed links", CAPTURES, lambda now: now - retention),
        Rule("what pages of closed links said of themselves", SEEN, lambda now: now - retention),
        Rule("cards of found links", FOUND_CARDS, lambda now: now - retention),
        Rule(
            "what is known of found links' messages",
            "DELETE FROM desk_posts WHERE sort = 'found' AND posted_at < $1",
            lambda now: now - retention,
        ),
        Rule("found links that nobody answered", FOUND_UNANSWERED, lambda now: now - retention),
        Rule("addresses of found links that were declined", FOUND_DECLINED, lambda now: now - retention),
        Rule(
            "places that photos carried",
            "UPDATE parts SET place = NULL WHERE place IS NOT NULL AND made_on < $1",
            lambda now: (now - PLACE).date(),
        ),
        Rule("cards of old batches", BATCH_CARDS, lambda now: now - BATCHES),
        Rule("what is known of old batches' messages", BATCH_POSTS, lambda now: now - BATCHES),
        Rule("batches of links", "DELETE FROM batches WHERE made_at < $1", lambda now: now - BATCHES),
        Rule(
            "blocks",
            "DELETE FROM blocks WHERE until <= $1 OR key_id NOT IN (SELECT id FROM period_keys)",
            lambda now: now.date(),
        ),
    ]


ORIGINALS: Final = Rule(
    "originals whose photo is gone",
    "DELETE FROM originals WHERE NOT EXISTS (SELECT 1 FROM parts WHERE parts.id = originals.part_id)",
    None,
)
COUNTERS: Final = Rule(
    "counters of past days", "DELETE FROM counters WHERE key_id NOT IN (SELECT id FROM period_keys)", None
)
