"""What is left in the database: drafts, marks of updates, counts, the officer's acts; each fault a sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator
from typing import Final

from tests.chaos.plans import Planned
from tests.chaos.records import Filed, Records
from tests.chaos.town import Town
from tests.chaos.witness import Witness

ORPHANS: Final = {
    "a return address that belongs to nothing": "SELECT report_id AS id FROM return_addresses",
    "a part that belongs to nothing": "SELECT report_id AS id FROM parts",
    "a citizen's counter that belongs to no draft": "SELECT subject AS id FROM cards WHERE recipient = 'citizen'",
}
ALLOWED: Final = (" 429 ", " 500 ", " 502 ", "query is too old")
"""Replies that may be refused: they can be repeated, or were."""
MARK: Final = re.compile(r"chaos_\d{4}_(?:\d+x|left)")


def planned_by(town: Town) -> list[tuple[Witness, Planned]]:
    """Give everything that was planned, with its citizen."""
    return [(witness, planned) for witness in town.witnesses for planned in witness.life.reports]


def mark_of(filed: Filed) -> str | None:
    """The name of a report, as its words or its links bear it."""
    marks = {found[0] for text in (filed.contents.words, *filed.links) if (found := MARK.search(text))}
    return marks.pop() if len(marks) == 1 else None


async def drafts(town: Town, records: Records, filed: list[Filed]) -> AsyncIterator[str]:
    """No draft is stuck; those that were left are whole; nothing belongs to nobody."""
    dialogues = await records.dialogues(witness.id for witness in town.witnesses)
    alive = {report.id for report in filed}
    for witness in town.witnesses:
        last = witness.life.reports[-1]
        draft = dialogues[witness.id].draft if witness.id in dialogues else None
        if draft and not last.left:
            yield f"citizen {witness.life.number} has a draft that was never meant"
        elif last.left and draft is None:
            yield f"the draft {last.mark} is gone"
        elif draft:
            alive.add(draft.report_id)
            words = "\n".join(last.words)
            point = (draft.point.latitude, draft.point.longitude) if draft.point else None
            if (draft.words, draft.address, point) != (words, last.address, last.point):
                yield f"the draft {last.mark} holds {draft.words!r}, {draft.address!r}, {point}"
            if {link.url for link in draft.links} != {f"https://t.me/{link}" for link in last.links}:
                yield f"the draft {last.mark} holds {len(draft.links)} links, not {len(last.links)}"
    for what, statement in ORPHANS.items():
        lost = [row["id"] for row in await records.fetch(statement) if row["id"] not in alive]
        if lost:
            yield f"{what}: {len(lost)}"


async def updates(town: Town, records: Records) -> AsyncIterator[str]:
    """Every update of a citizen was taken, none was set aside, and no delivery was given up."""
    rows = await records.fetch("SELECT update_id, handled, failures FROM handled_updates")
    handled = {row["update_id"] for row in rows if row["handled"]}
    people = {("chat", witness.id) for witness in town.witnesses}
    known = [update.id for update in town.sandbox.updates.known.values() if update.queue in people]
    lost = set(known) - handled
    if lost:
        yield f"{len(lost)} of {len(known)} updates were never taken"
    failed = [row for row in rows if row["failures"]]
    if failed:
        yield f"{len(failed)} updates made a handler fail"
    # What waits for a desk that a card leaves is withdrawn there, and queued anew where it goes.
    ended = "SELECT outcome FROM messages WHERE recipient = 'citizen' OR outcome IS DISTINCT FROM 'withdrawn'"
    outcomes = Counter(row["outcome"] for row in await records.fetch(ended))
    if set(outcomes) - {"sent"}:
        yield f"deliveries ended otherwise than sent: {dict(outcomes)}"
    if town.sandbox.refused_rides:
        told = Counter(f"{call.method}: {call.error}" for call in town.sandbox.refused_rides)
        strange = [one for one in told if not any(reason in one for reason in ALLOWED)]
        if strange:
            yield f"Telegram refused replies: {strange}"


async def counted(town: Town, records: Records) -> AsyncIterator[str]:
    """A resource counts each citizen who named it, once."""
    named = Counter(
        f"https://t.me/{link}" for _, planned in planned_by(town) if not planned.left for link in planned.links
    )
    for row in await records.fetch("SELECT url, times_reported FROM resources"):
        if named[row["url"]] != row["times_reported"]:
            yield f"a resource named by {named[row['url']]} counts {row['times_reported']}"


async def decided(town: Town, records: Records, filed: list[Filed]) -> AsyncIterator[str]:
    """No act of the officer was carried out twice, and everybody heard of each decision once."""
    acts = await records.fetch("SELECT subject, act, count(*) AS times FROM journal GROUP BY subject, act")
    town.counts["acts in the journal"] = len(acts)
    for row in acts:
        if row["times"] > 1:
            in_order = await records.fetch("SELECT act FROM journal WHERE subject = $1 ORDER BY id", row["subject"])
            yield f"carried out twice: {row['act']}, of {[one['act'] for one in in_order]}"
    decided = {mark_of(report) for report in filed if report.decision}
    for witness in town.witnesses:
        told = Counter(planned.kind for planned in witness.life.reports if planned.mark in decided)
        for kind, wanted in told.items():
            text = witness.text(f"kinds.{kind}.feedback.not_confirmed")
            heard = sum(text == m.words.strip() for m in witness.said)
            town.counts["copy of a feedback"] += heard - wanted
            if not wanted <= heard <= wanted + len(town.troubles):
                yield f"citizen {witness.life.number} heard of {wanted} decisions {heard} times"
