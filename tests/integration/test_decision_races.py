"""Decisions at once: two officers, a press against its undoing, a form against a press; and any walk of acts and undos.

One wins, the other is told by whom; and the journal holds what was done, no more and no less.
"""

from __future__ import annotations

import asyncio
import itertools
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
from bot.reports import queries, spreading
from bot.reports.amending import TooLate
from bot.reports.chain import append
from bot.reports.deciding import FOLLOW, AlreadyDone, Officer, Taken
from bot.reports.form_state import FormOver
from bot.reports.lifecycle import BESIDE, SAYS, TRANSITIONS, Act, Amendment, Decision, IllegalMove, Status
from bot.reports.spreading import LONG, Spreader
from bot.sandbox import render
from bot.staff import buttons
from bot.wording import Wording
from tests.examples import some
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


async def test_of_two_officers_at_once_one_adds_the_second_decision_and_the_other_is_told_by_whom(
    bot: Rehearsal,
) -> None:
    for _ in range(TIMES):
        about = await a_report(bot)
        await in_one(bot, decides(bot, about, Decision.REGISTERED, AIGERIM))
        outcomes = await asyncio.gather(
            in_one(bot, decides(bot, about, Decision.REMOVED, AIGERIM)),
            in_one(bot, decides(bot, about, Decision.REMOVED, DANIYAR)),
        )
        [refused] = [outcome for outcome in outcomes if outcome]
        winner = AIGERIM if outcomes[0] is None else DANIYAR
        assert isinstance(refused, Taken)
        assert refused.by == winner.name
        assert await journaled(bot, about[1]) == ["registered", "removed"]
        [row] = await bot.fetch("SELECT decision, claimed_by FROM reports WHERE id = $1", about[1])
        assert tuple(row) == ("removed", winner.id)
        # What stands twice over cannot be done a third time.
        again = await in_one(bot, decides(bot, about, Decision.REGISTERED, winner))
        assert isinstance(again, IllegalMove)
    await journal_is_whole(bot)


SERIK, STRANGER = Officer(79, "Серік"), Officer(80, "Бөтен")
MEMBERS = {AIGERIM.id, DANIYAR.id, SERIK.id}
UPDATES = itertools.count(1)


@pytest.fixture
def members(bot: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    async def get_member(chat_id: int, user_id: int) -> dict[str, Any]:
        return {"status": "member" if user_id in MEMBERS and chat_id == bot.desk.id else "left"}

    monkeypatch.setattr(bot.app.access, "_get_member", get_member)
    monkeypatch.setattr(bot.app.intake._turns, "_clock", lambda: NOW)


async def presses(bot: Rehearsal, who: Officer, data: str, chat: dict[str, Any] | None = None) -> str:
    """Press a button with any data, as Telegram tells of it; give what the toast says."""
    number = next(UPDATES)
    query = {
        "id": str(number),
        "from": {"id": who.id, "is_bot": False, "first_name": who.name},
        "message": {"message_id": 7, "date": int(NOW.timestamp()), "chat": chat or render.group_chat(bot.desk)},
        "chat_instance": "1",
        "data": data,
    }
    answer = await bot.take({"update_id": number, "callback_query": query})
    return str(answer[1].get("text", "")) if answer else ""


async def a_card(bot: Rehearsal, about: tuple[CardSort, UUID]) -> UUID:
    card_id = uuid4()
    await bot.fetch(
        "INSERT INTO cards (id, recipient, sort, subject, wanted_version, shown_version, due_at, attempts, message_id) "
        "VALUES ($1, 'desk', $2, $3, 1, 1, $4, 0, 7)",
        card_id,
        *(about[0].value, about[1]),
        NOW,
    )
    return card_id


@pytest.mark.usefixtures("members")
async def test_two_officers_and_forged_presses_at_once_make_one_decision_each_time(
    bot: Rehearsal, wording: Wording
) -> None:
    blocked, refused = Decision.BLOCKED, Decision.NOT_CONFIRMED
    language = bot.app.desks.language(bot.desk.id)

    def toast(name: str, **variables: str) -> str:
        return wording.texts.plain(language, f"desk.answer_{name}", **variables)

    other_about = await a_report(bot, links=1)
    await in_one(bot, lambda raw: bot.app.decisions.act(raw, *other_about, Act.CLAIM, SERIK, NOW))
    other, group = await a_card(bot, other_about), bot.sandbox.add_group("Чужая группа")
    for turn in range(TIMES):
        about = await a_report(bot, links=1)
        card = await a_card(bot, about)
        [row] = await bot.fetch(queries.CARD_OF, card)
        shown = buttons.standing(row)
        changed = f"{int(shown, 16) ^ 1 << turn % 32:08x}"
        forged = [
            # The digest of a standing that never was; what is of no use to anybody but an officer of this desk.
            *[
                (who, buttons.data(card, changed, act), None)
                for who in (AIGERIM, DANIYAR)
                for act in (blocked, refused)
            ],
            *[(STRANGER, buttons.data(card, shown, act), None) for act in (blocked, refused, Amendment.UNDO)],
            # Another card's id, and the link's in the place of its card's.
            (DANIYAR, buttons.data(other, shown, blocked), None),
            (AIGERIM, buttons.data(about[1], shown, blocked), None),
            # A good button in a chat that is no desk.
            (DANIYAR, buttons.data(card, shown, blocked), render.group_chat(group)),
            (AIGERIM, f"{buttons.pack(card)}:{shown}:hack", None),
        ]
        good = [
            (AIGERIM, buttons.data(card, shown, refused), None),
            (DANIYAR, buttons.data(card, shown, blocked), None),
        ]
        order = [*forged[: turn % len(forged)], *good[:: 1 if turn % 2 else -1], *forged[turn % len(forged) :]]
        answers = await asyncio.gather(*(presses(bot, *press) for press in order))
        by_aigerim, by_daniyar = (answers[order.index(press)] for press in good)
        won = by_aigerim == toast("done")
        assert (by_aigerim, by_daniyar) == (
            (toast("done"), toast("taken", by=AIGERIM.name))
            if won
            else (toast("taken", by=DANIYAR.name), toast("done"))
        )
        assert answers.count(toast("done")) == 1
        strange = {answer for press, answer in zip(order, answers, strict=True) if press[0] is STRANGER}
        assert strange == {toast("not_member")}
        made = await bot.fetch("SELECT decision FROM decisions WHERE subject = $1", about[1])
        decision = refused if won else blocked
        assert [row["decision"] for row in made] == [decision]
        assert await journaled(bot, about[1]) == [decision]
        assert await journaled(bot, other_about[1]) == ["claim"]
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
    also_told: bool = False

    def act(self, act: Act | Decision, officer: Officer, now: datetime) -> type[Exception] | None:
        also = self.lacks(act)
        if self.holder not in (None, officer) and act is not Act.REOPEN and not also:
            return Taken
        row = TRANSITIONS[act]
        if (self.status not in row.before and not also) or row.after is None:
            return IllegalMove
        if isinstance(act, Decision):
            before = (self.status, self.decision, self.holder, self.told, self.also_told)
            self.made.append((act, now + timedelta(seconds=UNDO), False, before))
            self.decision = act.value
            self.told, self.also_told = (self.told, True) if also else (True, False)
        elif act is Act.REOPEN:
            self.decision, self.told, self.also_told = None, False, False
        self.status, self.holder = row.after, None if act is Act.RELEASE else officer
        self.journal.append(act.value)
        return None

    def lacks(self, act: Act | Decision) -> bool:
        """Tell whether it stands decided by one of the two that can stand together, and this is the other."""
        pair = {Decision.REGISTERED.value, Decision.REMOVED.value}
        decided = self.status is Status.DECIDED and {self.decision, act.value} == pair
        return decided and not self.second()

    def second(self) -> bool:
        """Tell whether its newest decision was made of what was decided."""
        return bool(self.made) and self.made[-1][3][0] is Status.DECIDED

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
            self.told, self.also_told = (self.told, False) if self.second() else (False, False)
        else:
            beside = self.second()
            self.made.pop()
            now_told = self.told
            self.status, self.decision, self.holder, self.told, self.also_told = before
            if beside:
                self.told = now_told
            elif self.made and self.made[-1][2]:
                self.told = False
        self.journal.append(amendment.value)
        return None


WALKS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(
                [
                    *(act for act in (Act.CLAIM, Act.RELEASE, Act.REOPEN)),
                    *(d for d in Decision if d not in SAYS or d in BESIDE),
                ]
            ).filter(lambda act: act is not Decision.ABUSE),
            st.sampled_from([AIGERIM, DANIYAR]),
        ),
        st.tuples(st.sampled_from([Amendment.UNDO, Amendment.SILENCE]), st.sampled_from([AIGERIM, DANIYAR])),
        st.tuples(st.just("wait"), st.sampled_from([1, 10, UNDO])),
    ),
    max_size=14,
)


@given(walk=WALKS)
@settings(max_examples=some(60), deadline=None, suppress_health_check=list(HealthCheck))
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
        "SELECT template FROM messages WHERE lane = $1 AND outcome IS NULL ORDER BY template", subject
    )
    assert [row["template"] for row in waiting] == ["also"] * model.also_told + ["feedback"] * model.told


async def test_a_report_of_many_links_follows_once_for_all_that_were_decided_meanwhile(
    bot: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A slow machine takes longer than these seconds: a job that is due may be under way, and another one is queued.
    monkeypatch.setattr(spreading, "GATHER", 3600.0)
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
