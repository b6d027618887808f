"""Decisions at once: two officers, a press against its undoing, a form against a press; and any walk of acts and undos.

One wins, the other is told by whom; and the journal holds what was done, no more and no less.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.database import driver
from bot.delivery.outbox import CardSort
from bot.embedded import Embedded
from bot.journal import Verifying
from bot.reports.amending import TooLate
from bot.reports.chain import append
from bot.reports.deciding import FOLLOW, AlreadyDone, Officer, Taken
from bot.reports.forms import FormOver
from bot.reports.lifecycle import SAYS, TRANSITIONS, Act, Amendment, Decision, IllegalMove, Status
from bot.reports.spreading import LONG, Spreader
from bot.wording import Wording
from tests.integration.rehearsal import Rehearsal, rehearsal

UNDO = 30
TIMES = 50
AIGERIM, DANIYAR = Officer(77, "Айгерим"), Officer(78, "Данияр")
NOW = datetime.fromisoformat("2026-11-23T10:00:00+00:00")
Step = Callable[[Any], Awaitable[None]]


@pytest.fixture(scope="module")
async def bot(cluster: Embedded, wording: Wording) -> AsyncIterator[Rehearsal]:
    async with rehearsal(cluster, wording, undo_seconds=UNDO) as opened:
        yield opened


async def a_report(bot: Rehearsal, links: int = 0) -> tuple[CardSort, UUID]:
    """A report that nobody has in hand; with a link it is the link's resource that is acted on."""
    report_id, resource_id = uuid4(), uuid4()
    await bot.fetch(
        "INSERT INTO reports (id, kind, status, filed_at, opened_at, receipt_hash) VALUES ($1, $2, 'new', $3, $3, $4)",
        report_id,
        "link" if links else "den",
        NOW,
        report_id.bytes,
    )
    if not links:
        return CardSort.REPORT, report_id
    await bot.fetch(
        "INSERT INTO resources (id, key, platform, what, url, status, reopened, first_reported_at, opened_at, "
        "times_reported) VALUES ($1, $2, 'telegram', 'channel', 't.me/x', 'new', false, $3, $3, 1)",
        resource_id,
        resource_id.bytes,
        NOW,
    )
    await bot.fetch(
        "INSERT INTO report_links (report_id, resource_id, number, found, at) VALUES ($1, $2, 1, 'new', $3)",
        report_id,
        resource_id,
        NOW,
    )
    return CardSort.RESOURCE, resource_id


async def in_one(bot: Rehearsal, step: Step) -> Exception | None:
    """Take a step in a transaction of its own; give what it raised."""
    await bot.ring.ready(NOW)
    try:
        async with bot.database.transaction() as connection:
            await step(await driver(connection))
    except (Taken, IllegalMove, FormOver, TooLate, AlreadyDone) as error:
        return error
    return None


async def journaled(bot: Rehearsal, subject: UUID) -> list[str]:
    rows = await bot.fetch("SELECT act FROM journal WHERE subject = $1 ORDER BY id", subject)
    return [row["act"] for row in rows]


async def journal_is_whole(bot: Rehearsal) -> None:
    async with bot.database.lend() as raw:
        while await append(raw, bot.ring, 0):
            pass
    found = await Verifying(bot.database, bot.ring, NOW + timedelta(days=9), None).run()
    assert found.whole, found.lines()


def decides(bot: Rehearsal, about: tuple[CardSort, UUID], decision: Decision, officer: Officer) -> Step:
    return lambda raw: bot.app.decisions.act(raw, *about, decision, officer, NOW)


def undoes(bot: Rehearsal, about: tuple[CardSort, UUID], now: datetime = NOW) -> Step:
    return lambda raw: bot.app.amending.undo(raw, *about, AIGERIM, now)


def opens(bot: Rehearsal, about: tuple[CardSort, UUID]) -> Step:
    return lambda raw: bot.app.decision_forms.begin(raw, Decision.REJECTED, *about, AIGERIM, NOW)


def completes(bot: Rehearsal, form_id: UUID) -> Step:
    return lambda raw: bot.app.decision_forms.choose(raw, form_id, "off_topic", AIGERIM, NOW)


@pytest.mark.parametrize("links", [0, 1])
async def test_of_two_officers_at_once_one_decides_and_the_other_is_told_by_whom(bot: Rehearsal, links: int) -> None:
    for _ in range(TIMES):
        about = await a_report(bot, links)
        outcomes = await asyncio.gather(
            in_one(bot, decides(bot, about, Decision.NOT_CONFIRMED, AIGERIM)),
            in_one(bot, decides(bot, about, Decision.BLOCKED, DANIYAR)),
        )
        [refused] = [outcome for outcome in outcomes if outcome]
        winner, decision = ("Айгерим", "not_confirmed") if outcomes[0] is None else ("Данияр", "blocked")
        assert isinstance(refused, Taken)
        assert refused.by == winner
        assert await journaled(bot, about[1]) == [decision]
        made = await bot.fetch("SELECT decision FROM decisions WHERE subject = $1", about[1])
        assert [row["decision"] for row in made] == [decision]
    await journal_is_whole(bot)


@pytest.mark.parametrize("links", [0, 1])
async def test_a_decision_and_its_undoing_at_once_leave_one_of_the_two_states(bot: Rehearsal, links: int) -> None:
    table = "resources" if links else "reports"
    for _ in range(TIMES):
        about = await a_report(bot, links)
        await in_one(bot, decides(bot, about, Decision.SENT_TO_BLOCK, AIGERIM))
        first, second = await asyncio.gather(
            in_one(bot, undoes(bot, about)),
            in_one(bot, decides(bot, about, Decision.BLOCKED, AIGERIM)),
        )
        acts = await journaled(bot, about[1])
        [row] = await bot.fetch(f"SELECT status, decision FROM {table} WHERE id = $1", about[1])
        assert first is None
        assert second is None
        # Whichever came first, what is undone is the newest decision, and what was before it stands.
        if acts == ["sent_to_block", "undo", "blocked"]:
            assert tuple(row) == ("decided", "blocked")
        else:
            assert acts == ["sent_to_block", "blocked", "undo"]
            assert tuple(row) == ("in_progress", "sent_to_block")
        waiting = await bot.fetch(
            "SELECT 1 FROM messages WHERE lane = $1 AND template = 'feedback' AND outcome IS NULL", about[1]
        )
        assert len(waiting) == (0 if links else 1)
    await journal_is_whole(bot)


async def test_whoever_takes_back_as_the_decision_leaves_takes_it_back_whole_or_comes_too_late(bot: Rehearsal) -> None:
    spreader = Spreader(bot.database, bot.app.decisions, lambda: None, lambda: NOW + timedelta(seconds=UNDO))
    came = set()
    for turn in range(TIMES):
        about = await a_report(bot, links=1)
        await in_one(bot, decides(bot, about, Decision.BLOCKED, AIGERIM))

        async def undo(raw: Any, about: tuple[CardSort, UUID] = about, turn: int = turn) -> None:
            await asyncio.sleep(turn % 5 / 1000)
            # Begun in time, and held up on its way.
            await bot.app.amending.undo(raw, *about, AIGERIM, NOW + timedelta(seconds=UNDO - 1))

        # At once; and of either order a few, which a slow machine might not bring about by itself.
        if turn < 2:
            late = await in_one(bot, undo)
            await spreader.resource(about[1])
        elif turn < 4:
            await spreader.resource(about[1])
            late = await in_one(bot, undo)
        else:
            late, _ = await asyncio.gather(in_one(bot, undo), spreader.resource(about[1]))
        came.add(type(late))
        [row] = await bot.fetch(
            "SELECT report.status, report.decision, resource.decision AS of_resource FROM reports AS report "
            "JOIN report_links AS link ON link.report_id = report.id "
            "JOIN resources AS resource ON resource.id = link.resource_id WHERE resource.id = $1",
            about[1],
        )
        told = await bot.fetch(
            "SELECT 1 FROM messages JOIN report_links AS link ON link.report_id = messages.lane "
            "WHERE link.resource_id = $1 AND template = 'feedback' AND outcome IS NULL",
            about[1],
        )
        if late is None:
            assert tuple(row) == ("new", None, None)
            assert not told
        else:
            assert isinstance(late, TooLate)
            assert tuple(row) == ("decided", "blocked", "blocked")
            assert len(told) == 1
    assert came == {type(None), TooLate}


async def test_a_form_that_another_officers_decision_overtakes_decides_nothing(bot: Rehearsal) -> None:
    won = set()
    for _ in range(TIMES):
        about = await a_report(bot)
        assert await in_one(bot, opens(bot, about)) is None
        [form] = await bot.fetch("SELECT id FROM forms WHERE subject = $1", about[1])
        form_id = form["id"]
        by_form, by_press = await asyncio.gather(
            in_one(bot, completes(bot, form_id)),
            in_one(bot, decides(bot, about, Decision.NOT_CONFIRMED, DANIYAR)),
        )
        [refused] = [outcome for outcome in (by_form, by_press) if outcome]
        winner, decision = ("Айгерим", "rejected") if by_form is None else ("Данияр", "not_confirmed")
        won.add(winner)
        assert isinstance(refused, Taken)
        assert refused.by == winner
        assert await journaled(bot, about[1]) == [decision]
        [form] = await bot.fetch("SELECT state, sealed FROM forms WHERE id = $1", form_id)
        assert form["state"] == ("done" if by_form is None else "dropped")
        assert form["sealed"] is None
    await journal_is_whole(bot)


@dataclass
class Model:
    """What a report should be after a walk of acts."""

    status: Status = Status.NEW
    decision: str | None = None
    holder: Officer | None = None
    made: list[tuple[Decision, datetime, bool, tuple[Any, ...]]] = field(default_factory=list)
    """Decisions that were not taken back: each with its end of undo, whether it is silent, and what was before."""
    journal: list[str] = field(default_factory=list)
    told: bool = False

    def act(self, act: Act | Decision, officer: Officer, now: datetime) -> type[Exception] | None:
        if self.holder not in (None, officer) and act is not Act.REOPEN:
            return Taken
        row = TRANSITIONS[act]
        if self.status not in row.before or row.after is None:
            return IllegalMove
        if isinstance(act, Decision):
            before = (self.status, self.decision, self.holder, self.told)
            self.made.append((act, now + timedelta(seconds=UNDO), False, before))
            self.decision, self.told = act.value, True
        elif act is Act.REOPEN:
            self.decision, self.told = None, False
        self.status, self.holder = row.after, None if act is Act.RELEASE else officer
        self.journal.append(act.value)
        return None

    def amend(self, amendment: Amendment, officer: Officer, now: datetime) -> type[Exception] | None:
        if self.holder not in (None, officer):
            return Taken
        if not self.made or self.made[-1][0] != self.decision:
            return IllegalMove
        decision, until, silent, before = self.made[-1]
        if now >= until:
            return TooLate
        if amendment is Amendment.SILENCE:
            if silent:
                return AlreadyDone
            self.made[-1] = (decision, until, True, before)
            self.told = False
        else:
            self.made.pop()
            self.status, self.decision, self.holder, self.told = before
            if self.made and self.made[-1][2]:
                self.told = False
        self.journal.append(amendment.value)
        return None


WALKS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(
                [*(act for act in (Act.CLAIM, Act.RELEASE, Act.REOPEN)), *(d for d in Decision if d not in SAYS)]
            ).filter(lambda act: act is not Decision.ABUSE),
            st.sampled_from([AIGERIM, DANIYAR]),
        ),
        st.tuples(st.sampled_from([Amendment.UNDO, Amendment.SILENCE]), st.sampled_from([AIGERIM, DANIYAR])),
        st.tuples(st.just("wait"), st.sampled_from([1, 10, UNDO])),
    ),
    max_size=14,
)


@given(walk=WALKS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
async def test_any_walk_of_acts_and_undos_ends_where_the_table_says(bot: Rehearsal, walk: list[Any]) -> None:
    (sort, subject), model, now = await a_report(bot), Model(), NOW
    await bot.ring.ready(NOW)
    for act, who in walk:
        if act == "wait":
            now += timedelta(seconds=who)
            continue
        now += timedelta(milliseconds=1)

        async def step(raw: Any, act: Any = act, who: Officer = who, now: datetime = now) -> None:
            if act is Amendment.UNDO:
                await bot.app.amending.undo(raw, sort, subject, who, now)
            elif act is Amendment.SILENCE:
                await bot.app.amending.silence(raw, sort, subject, who, now)
            else:
                await bot.app.decisions.act(raw, sort, subject, act, who, now)

        expected = model.amend(act, who, now) if isinstance(act, Amendment) else model.act(act, who, now)
        raised = await in_one(bot, step)
        assert (type(raised) if raised else None) is expected, (act, who)
    [row] = await bot.fetch("SELECT status, decision, claimed_by FROM reports WHERE id = $1", subject)
    holder = model.holder.id if model.holder else None
    assert tuple(row) == (model.status.value, model.decision, holder)
    assert await journaled(bot, subject) == model.journal
    waiting = await bot.fetch(
        "SELECT 1 FROM messages WHERE lane = $1 AND template = 'feedback' AND outcome IS NULL", subject
    )
    assert len(waiting) == model.told


async def test_a_report_of_many_links_follows_once_for_all_that_were_decided_meanwhile(bot: Rehearsal) -> None:
    report_id, links = uuid4(), [uuid4() for _ in range(LONG + 1)]
    await bot.fetch(
        "INSERT INTO reports (id, kind, status, filed_at, receipt_hash) VALUES ($1, 'link', 'new', $2, $3)",
        report_id,
        NOW,
        report_id.bytes,
    )
    await bot.fetch(
        "INSERT INTO resources (id, key, platform, what, url, status, reopened, first_reported_at, opened_at, "
        "times_reported) SELECT id, id::text::bytea, 'telegram', 'channel', 't.me/x', 'new', false, $2, $2, 1 "
        "FROM unnest($1::uuid[]) AS id",
        links,
        NOW,
    )
    await bot.fetch(
        "INSERT INTO report_links (report_id, resource_id, number, found, at) "
        "SELECT $1, id, 1, 'new', $3 FROM unnest($2::uuid[]) AS id",
        report_id,
        links,
        NOW,
    )
    spreader = Spreader(bot.database, bot.app.decisions, lambda: None, lambda: NOW + timedelta(seconds=UNDO))
    for link in links:
        assert await in_one(bot, decides(bot, (CardSort.RESOURCE, link), Decision.BLOCKED, AIGERIM)) is None
        await spreader.resource(link)
    [row] = await bot.fetch("SELECT status, decision FROM reports WHERE id = $1", report_id)
    assert tuple(row) == ("in_progress", None), "opened at once, and the rest follows when that has come to rest"
    queued = "SELECT 1 FROM jobs.pgqueuer WHERE entrypoint = $1 AND payload = $2"
    assert len(await bot.fetch(queued, FOLLOW, report_id.bytes)) == 1
    await spreader.follow(report_id)
    [row] = await bot.fetch("SELECT status, decision FROM reports WHERE id = $1", report_id)
    assert tuple(row) == ("decided", "blocked")
    told = await bot.fetch("SELECT template FROM messages WHERE lane = $1 AND outcome IS NULL", report_id)
    assert [row["template"] for row in told] == ["progress"]
