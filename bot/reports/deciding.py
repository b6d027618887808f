"""Officers' acts: claimed, released, decided, reopened; for links on the resource, and from there to its reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from bot import jobs
from bot.clock import to_minute
from bot.delivery.outbox import CardSort, Outbox
from bot.privacy import blocks
from bot.privacy.keyring import KeyRing
from bot.reports import carrying, decision_queries, list_queries, made, queries
from bot.reports.feedback import Feedback
from bot.reports.following import Following, TakesLinks
from bot.reports.lifecycle import BESIDE, SAYS, TRANSITIONS, Act, Amendment, Decision, IllegalMove, Status, move
from bot.reports.made import Made, Making
from bot.reports.said import NOTHING, Said
from bot.reports.waiting import Waits

SPREAD: Final = "spread_decision"
"""The job that takes a resource's decision to its reports."""
SPREAD_LIST: Final = "spread_list"
"""The job that does so for each resource of a list."""
FOLLOW: Final = "follow_links"
"""The job that brings a report of many links to where they stand, once for all that changed meanwhile."""
SETTLE: Final = "settle_decision"
"""The job that shows a report's card anew when its decision can be taken back no more."""
_OF_DECISIONS: Final = [*(decision.value for decision in SAYS), Amendment.LINE.value]
"""Forms that end when their card is decided otherwise, or opened again."""
_OPENS: Final = frozenset({Act.REOPEN, Decision.SENT_TO_BLOCK})
"""From these on it waits anew: for a decision, or for what comes of the blocking."""
_OPENED: Final = {CardSort.REPORT: list_queries.REPORT_OPENED, CardSort.RESOURCE: list_queries.RESOURCE_OPENED}


class Taken(Exception):
    """Another officer has this in hand."""

    def __init__(self, by: str) -> None:
        super().__init__()
        self.by = by


class AlreadyDone(Exception):
    """This officer has done it before."""


class NoSuchCard(Exception):
    """The report or resource of a card is no longer there."""


@dataclass(frozen=True, slots=True)
class Officer:
    """Who of the desk acts."""

    id: int
    name: str


class Decisions:
    """Carries out acts on the driver's connection of an open transaction."""

    def __init__(
        self,
        ring: KeyRing,
        outbox: Outbox,
        waits: Waits,
        takes_links: TakesLinks = lambda _kind: True,
    ) -> None:
        self._ring, self._outbox, self._waits, self._takes_links = ring, outbox, waits, takes_links
        self.feedback = Feedback(outbox, waits)
        self._following = Following(ring, outbox, self.feedback, takes_links)

    async def act(
        self,
        driver: Any,
        sort: CardSort,
        subject: UUID,
        act: Act | Decision,
        officer: Officer,
        now: datetime,
        said: Said = NOTHING,
        decision_id: UUID | None = None,
    ) -> None:
        """Carry out an act on a report or a resource; raise IllegalMove, Taken, NoSuchCard.

        `said` is what a decision says, `decision_id` that of the form which said it.

        Beside a decision that stands another may be made, by anybody: lifecycle.BESIDE. A report with links stands as
        its resources do, where its kind takes links: an act on its list is an act on each that allows it. Abuse is of
        the report alone, and so is taking it back: others have named its resources too.
        """
        on_resource = sort is CardSort.RESOURCE
        row = await driver.fetchrow(queries.RESOURCE_LOCKED if on_resource else queries.REPORT_LOCKED, subject)
        if row is None:
            raise NoSuchCard
        by_links = not on_resource and self._takes_links(row["kind"])
        also = await self.lacks(driver, sort, row, act)
        if row["claimed_by"] not in (None, officer.id) and act is not Act.REOPEN and not also:
            raise Taken(row["claimed_name"] or "")
        step = TRANSITIONS[act] if also else move(Status(row["status"]), act)
        if on_resource and act is Decision.ABUSE:
            raise IllegalMove
        making = self._making(act, officer, now, said, decision_id)
        made_id = await made.write(driver, self._ring, sort.value, subject, row, making) if making else None
        await self._end_forms(driver, [subject], act, decision_id, now)
        if row["reopened"]:
            await driver.execute(carrying.LEAVE_PAST, [subject])
        await driver.execute(
            queries.MOVE_RESOURCE if on_resource else queries.MOVE_REPORT, subject, *_standing(row, act, officer, now)
        )
        if act in _OPENS:
            await driver.execute(_OPENED[sort], subject, to_minute(now))
        await driver.execute(queries.JOURNAL, now, officer.id, officer.name, act.value, sort.value, subject)
        await self._outbox.refresh(driver, sort, [subject], now)
        pause = self._waits.undo if step.feedback else 0
        if on_resource:
            await jobs.enqueue(driver, SPREAD, subject, after=pause)
        elif act is Decision.ABUSE:
            await self.feedback.silence(driver, subject, now)
        elif act is Act.REOPEN and row["decision"] == Decision.ABUSE:
            await blocks.lift(driver, self._ring, subject, now)
            await jobs.enqueue(driver, SPREAD_LIST, subject)
        elif by_links and await self._act_on_links(driver, subject, act, officer, now, making, made_id):
            await jobs.enqueue(driver, SPREAD_LIST, subject, after=pause)
        elif isinstance(act, Decision):
            await self.feedback.tell(driver, subject, row["kind"], act, now, pause, made_id, also=also)
            if pause:
                await jobs.enqueue(driver, SETTLE, subject, after=pause)
        elif act is Act.REOPEN:
            await self.feedback.withdraw(driver, subject, now)
            if row["decision"] in BESIDE:
                await driver.execute(decision_queries.STALE_DAYS, subject)

    async def lacks(self, driver: Any, sort: CardSort, row: Any, act: Act | Decision) -> bool:
        """Tell whether an act can be done beside the decision that stands: lifecycle.BESIDE."""
        return sort is CardSort.REPORT and await made.lacks(
            driver, self._ring, row, act, takes_links=self._takes_links(row["kind"])
        )

    async def spread(
        self,
        driver: Any,
        report_id: UUID,
        resource_id: UUID,
        now: datetime,
        by: Made | None = None,
        *,
        progress: bool = True,
        by_list: bool = False,
    ) -> None:
        """Bring one report to where its resources stand: see Following.report."""
        await self._following.report(driver, report_id, resource_id, now, by, progress=progress, by_list=by_list)

    async def standing(self, driver: Any, subject: UUID) -> Made | None:
        """Give what the decision of a report or resource rests on."""
        return await made.standing(driver, self._ring, subject)

    async def settle(self, driver: Any, sort: CardSort, subject: UUID, now: datetime) -> None:
        """Have a card offer no more that its decision be taken back, if it did."""
        if self._waits.undo:
            await self._outbox.settle(driver, sort, subject, now)

    async def _end_forms(
        self, driver: Any, subjects: list[UUID], act: Act | Decision, finished: UUID | None, now: datetime
    ) -> None:
        """Close the open forms of decisions on cards that are decided now, or opened again."""
        if isinstance(act, Decision) or act is Act.REOPEN:
            ended = await driver.fetch(decision_queries.END_FORMS, subjects, _OF_DECISIONS, finished)
            await self._outbox.refresh(driver, CardSort.FORM, [row["id"] for row in ended], now)

    def _making(
        self, act: Act | Decision, officer: Officer, now: datetime, said: Said, decision_id: UUID | None
    ) -> Making | None:
        if not isinstance(act, Decision):
            return None
        return Making(act, officer.id, officer.name, now, self._waits.undo, said, decision_id)

    async def _act_on_links(
        self,
        driver: Any,
        report_id: UUID,
        act: Act | Decision,
        officer: Officer,
        now: datetime,
        making: Making | None,
        list_id: UUID | None,
    ) -> bool:
        """Act on each resource of a report that allows it; False when the report names none."""
        rows = await driver.fetch(queries.RESOURCES_LOCKED, report_id)
        allowed = [row for row in rows if _allowed(row, act, officer)]
        subjects = [row["id"] for row in allowed]
        # Each in one round trip, for there may be thousands of them.
        if making:
            await made.write_all(driver, self._ring, CardSort.RESOURCE.value, allowed, making, list_id)
        await self._end_forms(driver, subjects, act, None, now)
        await driver.execute(carrying.LEAVE_PAST, [row["id"] for row in allowed if row["reopened"]])
        await driver.execute(carrying.JOIN_AGAIN, report_id, subjects)
        if act is Act.REOPEN:
            await driver.execute(carrying.OPEN_LIST, report_id, [row["id"] for row in rows])
        moved = [(row["id"], *_standing(row, act, officer, now)) for row in allowed]
        await driver.executemany(queries.MOVE_RESOURCE, moved)
        if act in _OPENS:
            await driver.executemany(list_queries.RESOURCE_OPENED, [(subject, to_minute(now)) for subject in subjects])
        entry = now, officer.id, officer.name, act.value, CardSort.RESOURCE.value
        await driver.executemany(queries.JOURNAL, [(*entry, subject) for subject in subjects])
        await self._outbox.refresh(driver, CardSort.RESOURCE, [row["id"] for row in rows], now)
        return bool(rows)


def _allowed(row: Any, act: Act | Decision, officer: Officer) -> bool:
    """Tell whether an officer may do this to one resource of a list."""
    taken = row["claimed_by"] not in (None, officer.id) and act is not Act.REOPEN
    return not taken and Status(row["status"]) in TRANSITIONS[act].before


def _standing(row: Any, act: Act | Decision, officer: Officer, now: datetime) -> tuple[Any, ...]:
    """Give status, decision, holder's id and name, and the moment of the decision, as an act leaves them."""
    after = TRANSITIONS[act].after or Status(row["status"])
    decision = act.value if isinstance(act, Decision) else None if act is Act.REOPEN else row["decision"]
    holder = (None, None) if act is Act.RELEASE else (officer.id, officer.name)
    return after.value, decision, *holder, to_minute(now) if after is Status.DECIDED else None
