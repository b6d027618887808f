"""Everything is at rest: what is not as it should be, each fault a sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Hashable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from bot.sandbox.core import Call
from bot.sandbox.world import Message
from bot.staff import form_buttons
from tests.chaos import aftermath
from tests.chaos.aftermath import mark_of, planned_by
from tests.chaos.plans import Planned
from tests.chaos.records import Filed, Records
from tests.chaos.sendings import card_id, deliveries, unexcused
from tests.chaos.town import Town
from tests.journeys.acting import plain

KNOWN_BY: Final = re.compile(r"№\d+|https://[^<\s]+")


async def faults(town: Town) -> list[str]:
    """Look at everything, and give what is wrong."""
    async with Records(town) as records:
        filed, sent = await records.filed(), deliveries(town)
        found = _reports(town, filed)
        found += _receipts(town, records, filed)
        found += [fault async for fault in _statuses(town)]
        found += [fault async for fault in _help(town, records)]
        found += [fault async for fault in _cards(town, records, sent)]
        found += await _under_cards(town, records, filed, sent)
        found += [fault async for fault in aftermath.drafts(town, records, filed)]
        found += [fault async for fault in aftermath.updates(town, records)]
        found += [fault async for fault in aftermath.counted(town, records)]
        found += [fault async for fault in aftermath.decided(town, records, filed)]
    found += _copies(town, sent)
    found += [*town.fleet.fell, *town.gave_up]
    return found


def _reports(town: Town, filed: list[Filed]) -> list[str]:
    """Every report exactly once, whole, with its words in order."""
    found, by_mark = list[str](), dict[str | None, list[Filed]]()
    for report in filed:
        by_mark.setdefault(mark_of(report), []).append(report)
    for _, planned in planned_by(town):
        there = by_mark.pop(planned.mark, [])
        if len(there) != (not planned.left):
            found.append(f"{planned.mark} ({planned.scene}) is {len(there)} times in the database, left={planned.left}")
        for report in there:
            found += [f"№{report.number} ({planned.scene}) {fault}" for fault in _whole(planned, report)]
    return found + [f"nobody wrote these: {[report.number for report in rest]}" for rest in by_mark.values()]


def _whole(planned: Planned, report: Filed) -> list[str]:
    contents, wanted = report.contents, {f"https://t.me/{link.lower()}" for link in planned.links}
    point = (contents.point.latitude, contents.point.longitude) if contents.point else None
    compared: dict[str, tuple[Any, Any]] = {
        "kind": (planned.kind, report.kind),
        "links": (wanted, set(report.links)),
        "words": ("\n".join(planned.words), contents.words),
        "address": (planned.address, contents.address),
        "point": (planned.point, point),
        "photos": ({"ready": planned.photos} if planned.photos else {}, report.photos),
    }
    return [f"has other {name}: {was} instead of {want}" for name, (want, was) in compared.items() if want != was]


def _receipts(town: Town, records: Records, filed: list[Filed]) -> list[str]:
    """Every citizen has a receipt for each report, and it is that report's."""
    hashes, found = {report.receipt_hash: mark_of(report) for report in filed}, list[str]()
    for witness in town.witnesses:
        sent = [planned for planned in witness.life.reports if not planned.left]
        codes = [hashes.get(records.receipt_hash(code)) for code in witness.codes]
        # In the order in which they were filed: each was waited for.
        if codes != [planned.mark for planned in sent]:
            found.append(f"citizen {witness.life.number} has receipts of {codes}, filed {[p.mark for p in sent]}")
    return found


async def _statuses(town: Town) -> AsyncIterator[str]:
    """Every receipt works: it is asked for in the chat."""
    for witness in town.witnesses:
        for planned in witness.life.reports:
            if planned.receipt:
                witness.types(f"/status {planned.receipt}")
                known = [witness.text(f"status_{status}") for status in ("new", "in_progress", "decided")]
                with suppress(AssertionError):
                    await witness.reads("")
                if not any(m.words.startswith(one) for m in witness.heard for one in known):
                    yield f"/status of {planned.mark} answers {[m.words for m in witness.heard]}"


def _label(town: Town, kind: str) -> str:
    return town.wording.texts.plain("ru", f"kinds.{kind}.label")


async def _help(town: Town, records: Records) -> AsyncIterator[str]:
    """The help stands on the desk as it should, and is what is pinned there."""
    posts = {m.id: m for m in town.sandbox.messages(town.desk.id) if m.from_bot}
    (row,) = await records.fetch("SELECT * FROM cards WHERE sort = 'help' AND recipient = 'desk'")
    post, newest = posts.get(row["message_id"]), await records.newest(row)
    if post is None or newest is None or post.words.strip() != plain(newest.params["text"]):
        yield "the help does not stand on the desk"
    elif set(town.desk.pinned) != {post.id}:
        yield f"pinned is {town.desk.pinned}, the help stands in {post.id}"


async def _cards(town: Town, records: Records, sent: dict[Hashable, list[Call]]) -> AsyncIterator[str]:
    """Exactly one card of each report or resource, posted once, on its desk alone, and it shows the newest state."""
    shown: dict[str, Message] = {}
    posts = {(desk.id, m.id): m for desk in town.desks.values() for m in town.sandbox.messages(desk.id) if m.from_bot}
    where: dict[str, int] = {}
    for row in await records.fetch("SELECT * FROM cards WHERE recipient <> 'citizen' AND sort NOT IN ('help', 'form')"):
        desk = town.desks[row["recipient"]]
        post, newest = posts.get((desk.id, row["message_id"])), await records.newest(row)
        where[row["id"].hex] = desk.id
        if post is None or newest is None or not sent.get(("card", desk.id, row["id"].hex)):
            yield f"a card of a {row['sort']} stands nowhere"
            continue
        shown[row["subject"].hex] = post
        topic = desk.topics.get(post.thread_id or 0)
        if desk is town.desk and newest.topic and (topic is None or topic.name != _label(town, newest.topic)):
            yield f"a card of {newest.topic} stands in the topic {topic and topic.name!r}"
        if post.words.strip() != plain(newest.params["text"]) or post.markup != newest.params["reply_markup"]:
            yield f"a card of a {row['sort']} shows {post.words!r} instead of {plain(newest.params['text'])!r}"
    for row in await records.fetch(
        "SELECT report_id, array_agg(resource_id) AS resources FROM report_links GROUP BY report_id"
    ):
        own = row["report_id"].hex in shown
        if not own and any(resource.hex not in shown for resource in row["resources"]):
            yield "a resource of a report without a list card has no card"
    for row in await records.fetch("SELECT id FROM reports WHERE kind <> 'link'"):
        if row["id"].hex not in shown:
            yield "a report has no card"
    for name, count in Counter(topic.name for topic in town.desk.topics.values()).items():
        town.counts["copy of a topic"] += count - 1
        if count > 1 + len(town.troubles):
            yield f"the topic {name} was opened {count} times"
    town.counts["cards on the office's desk"] = sum(chat == town.office.id for chat in where.values())
    for (chat, _), message in posts.items():
        card = card_id(message.markup) if message.markup else None
        if message.markup and card is None and not _is_form(message):
            yield f"the desk shows what is no card: {message.words[:80]!r}"
        elif card and where.get(card) != chat and len(sent.get(("card", chat, card), ())) < 2:
            # Of a card that was sent twice the first copy is known to nobody: what excuses it, _copies asks.
            yield f"a card that was passed on still stands where it was: {message.words[:80]!r}"


def _is_form(message: Message) -> bool:
    data = [button.get("callback_data", "") for row in message.inline for button in row]
    return bool(data) and all(one.startswith(form_buttons.PREFIX) for one in data)


async def _under_cards(town: Town, records: Records, filed: list[Filed], sent: dict[Hashable, list[Call]]) -> list[str]:
    """Photos and points stand under their cards, on the desk where these stand; elsewhere under what tells of it."""
    numbers = {mark_of(report): report.number for report in filed}
    rows = await records.fetch(
        "SELECT number, recipient FROM cards JOIN reports ON reports.id = cards.subject WHERE sort = 'report'"
    )
    desks = {row["number"]: town.desks[row["recipient"]] for row in rows}
    found = []
    for _, planned in planned_by(town):
        if planned.left:
            continue
        number = numbers.get(planned.mark, 0)
        wanted: list[tuple[Hashable, ...]] = [("photos", number)] if planned.photos else []
        wanted += [("point", *planned.point)] if planned.point else []
        own = desks[number].id if number in desks else 0
        keys = [(chat, (name, chat, *rest)) for name, *rest in wanted for chat in (d.id for d in town.desks.values())]
        found += [f"{key} of {planned.mark} never came" for chat, key in keys if chat == own and key not in sent]
        for chat, call in ((chat, call) for chat, key in keys for call in sent.get(key, ())):
            under = town.sandbox.world.find(chat, call.parameters["reply_parameters"]["message_id"])
            if under is None or f"№{numbers[planned.mark]}" not in under.words:
                found.append(f"something of {planned.mark} stands under {under and under.words!r}")
    return found


def _copies(town: Town, sent: dict[Hashable, list[Call]]) -> list[str]:
    """Nothing was delivered twice, but where a trouble came between send and mark."""
    found = []
    for key, calls in sent.items():
        town.counts[f"copy of a {key[0]}"] += len(calls) - 1  # type: ignore[index]
        if without := unexcused(town, calls):
            found.append(f"{key} was sent {len(calls)} times, {without} times for no reason")
        # By the link as well: between two copies of its card more reports may come than a card names.
        marks = [set(KNOWN_BY.findall(call.parameters.get("text", ""))) for call in calls]
        if len(calls) > 1 and key[0] == "card" and not set.intersection(*marks):  # type: ignore[index]
            found.append(f"copies of a card that nobody would know for the same: {marks}")
    return found


def orphaned_workers(folder: Path) -> int:
    """Count photo workers that live on though their bot was killed."""
    count = 0
    for process in Path("/proc").iterdir():
        try:
            ours = process.name.isdigit() and str(folder).encode() in (process / "environ").read_bytes()
            count += ours and b"photo_worker" in (process / "cmdline").read_bytes()
        except OSError:
            continue
    return count
