"""What a backup holds of each table, and why. Who adds a table decides it here: a test asks for it.

What is left out is what would lead to somebody, or what nobody could use after a restore. A backup may lie for years
where its makers do not look, and a day may come on which its thief has the secret key too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


class BackupRefused(Exception):
    """A backup or a restore cannot begin, or did not come to its end. The docstring is what an operator is told."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table: whether its rows are in a backup. Its columns always are."""

    name: str
    kept: bool
    why: str


TABLES: Final = (
    Table("reports", True, "what was reported, sealed; and the hash by which a receipt finds it"),
    Table("resources", True, "the links, with what was decided"),
    Table("report_links", True, "which report names which link"),
    Table("parts", True, "photos and lists, sealed, or their handles while they are to be read; also those of drafts"),
    Table("originals", True, "evidence, sealed"),
    Table("additions", True, "what was added and answered, sealed"),
    Table("near_places", True, "which reports may be of one place, as keyed hashes: cards go on telling of it"),
    Table("forms", True, "questions and what became of them; a button under one still takes its answer"),
    Table("batches", True, "what officers mark by a list, and which registers were taken out; lists of links sealed"),
    Table("batch_links", True, "which links those are, and what came of each: a marking that was cut off goes on"),
    Table("decisions", True, "what was said with a decision, sealed but for a case's number and article"),
    Table("journal", True, "who of the desk did what"),
    Table("journal_chain", True, "the order of those acts and their hashes: after a restore the chain goes on"),
    Table("cards", True, "which message on the desk shows what: it is edited on, not posted again"),
    Table("desk_posts", True, "what else stands on the desk: replies find their report, and its term empties it"),
    Table("topics", True, "which topic of a desk is for what: it is written into, not opened again"),
    Table(
        "messages",
        True,
        "what waits for the desk goes on. What waits for a citizen is sealed, and finds its address closed when it is "
        "due: the desk is told so. What was sent is marked, and not sent again",
    ),
    Table("jobs.pgqueuer", True, "ids of what is to be done: photos to be read, decisions to be spread"),
    Table("lasting_keys", True, "wrapped by SECRET_KEY; without them nothing opens, receipts are not found"),
    Table("facts", True, "that a real bot ran here, where the desk has moved to, whether intake is closed"),
    Table("offices", True, "who has which desk, and what goes there"),
    Table("day_figures", False, "counted anew from the rest"),
    Table("stale_figures", False, "which of those no longer hold"),
    Table("placements", True, "which code stands where: those that hang in the streets go on"),
    Table("placement_days", True, "what each placement brought, day by day, sealed"),
    Table("areas", True, "the borders of districts that the office imported"),
    Table("alembic_version", True, "from which revision a restore migrates on"),
    Table("watches", True, "how links were last seen, and when they are looked at next"),
    Table("looks", True, "when a link was there and how many read it: statistics count on it"),
    Table("captures", True, "evidence, sealed"),
    Table("found_links", True, "links that captures name, and what the desk said of each: none is proposed twice"),
    Table("found_places", True, "on which pages those were seen"),
    Table("period_keys", False, "the keys of days, weeks and blocks: what is under them must end with them"),
    Table("return_addresses", False, "nothing opens them without the keys of their weeks: they are closed for good"),
    Table("blocks", False, "hashes under keys that are left out: whoever was blocked is free again"),
    Table("counters", False, "counts of a day under its key; the table is unlogged"),
    Table("strokes", False, "scans and reports of the last minutes, under the key of the day, yet to be added up"),
    Table("desk_sends", False, "what of Telegram's minute was used up: over long before a restore"),
    Table("dialogues", False, "what is being written is nobody's yet, and with the secret key it could be read"),
    Table(
        "handled_updates",
        False,
        "recorded replies quote drafts. Without a draft, an update that Telegram brings once more files nothing twice",
    ),
    Table("jobs.pgqueuer_log", False, "what jobs did, kept for a day"),
    Table("jobs.pgqueuer_schedules", False, "made anew at each start"),
    Table("jobs.pgqueuer_statistics", False, "nothing that we use"),
)
LEFT_OUT: Final = tuple(table.name for table in TABLES if not table.kept)


def patterns() -> list[str]:
    """Give what is left out as pg_dump is told it: our own tables in whatever schema they lie."""
    return [name if "." in name else f"*.{name}" for name in LEFT_OUT]
